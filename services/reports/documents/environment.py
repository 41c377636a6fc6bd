"""Templates of documents, and the words and figures in them. Everything a person typed is escaped on its way in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from contracts import vocabulary
from contracts.values import LocalizedText, Money
from services.chassis import formats
from services.chassis.i18n import N_, current_language, gettext, ngettext, use_language
from services.reports.documents.palette import colours
from services.reports.documents.typography import blocks, clip, polish

TEMPLATES: Final = Path(__file__).parent.parent / "templates"

_NOT_TRANSLATED: Final = {
    "en": N_("In English; not translated"),
    "ru": N_("In Russian; not translated"),
    "fr": N_("In French; not translated"),
}
_STALE: Final = N_("Translation older than its source text")
_MACHINE: Final = N_("Machine translation, not reviewed")


@dataclass(frozen=True)
class Said:
    """A text as it is printed: its words, the language they are in, and a mark where that needs one."""

    text: str
    language: str
    mark: str = ""

    def __bool__(self) -> bool:
        return bool(self.text)


def said(value: LocalizedText) -> Said:
    """`value` in the document's language, or in another with a mark that says so. The words are as typed."""
    wanted = current_language()
    text, language, version = value.best(wanted)
    if version is None:
        return Said("", wanted)
    marks = []
    if language != wanted:
        marks.append(gettext(_NOT_TRANSLATED[language]))
    if version.stale:
        marks.append(gettext(_STALE))
    if version.origin == "machine":
        marks.append(gettext(_MACHINE))
    return Said(text, language, "; ".join([marks[0], *(m[0].lower() + m[1:] for m in marks[1:])]) if marks else "")


@dataclass(frozen=True)
class Composed:
    """A document that is ready to be rendered: HTML with its style sheet."""

    html: str
    title: str
    language: str
    fallbacks: tuple[str, ...] = ()
    """Shorter versions to try in turn should the document take more than `most_pages`."""
    most_pages: int | None = None


def compose(template: str, style: str, language: str, title: str, context: Mapping[str, Any]) -> str:
    """The HTML of a document in `language`, its style sheet inside."""
    with use_language(language):
        return _environment().get_template(f"reports/documents/{template}").render(
            language=language, title=title, style=Markup(_style(style)), **context  # noqa: S704 - our own file
        )  # fmt: skip


def amount(value: Decimal, currency: str, decimals: int | None = None) -> str:
    """An amount with its currency in the document's language."""
    return formats.amount(value, currency, current_language(), decimals)


def figure(value: Decimal, decimals: int | None = None) -> str:
    """A bare number in the document's language."""
    return formats.number(value, current_language(), decimals)


def percent(value: Decimal | None, decimals: int = 1) -> str:
    """A share as a percentage; a dash where there is none."""
    return "\N{EN DASH}" if value is None else formats.percent(value, current_language(), decimals)


def day(value: date | datetime) -> str:
    """A date with its month in full."""
    return formats.long_day(value.date() if isinstance(value, datetime) else value, current_language())


def tag(language: str) -> str:
    """The language tag to hyphenate and to speak by: our English is British."""
    return "en-GB" if language == "en" else language


def short_day(value: date) -> str:
    """A date with its month in short."""
    return formats.day(value, current_language())


def folio() -> Markup:
    """CSS content of the foot of a page: page x of y, in the document's language."""
    words = gettext(N_("Page %(page)s of %(pages)s"), page="\0", pages="\1")
    pieces = re.split("([\0\1])", words)
    counters = {"\0": "counter(page)", "\1": "counter(pages)"}
    return Markup(" ".join(counters.get(piece) or f'"{piece}"' for piece in pieces if piece))  # noqa: S704


def moment(value: datetime) -> str:
    """A moment in UTC, to the minute."""
    return formats.moment(value, current_language())


def label(code: str, name: str) -> str:
    """The label of a vocabulary's code."""
    return vocabulary.label(name, code, current_language())


def _paragraphs(text: str, language: str) -> Markup:
    """Paragraphs and lists of a typed text, escaped."""
    html = Markup()
    for block in blocks(text, language):
        if block.kind == "paragraph":
            html += Markup("<p>{}</p>\n").format(Markup("<br>").join(line for _, line in block.lines))
        else:
            items = Markup().join(
                Markup('<li><span class="mark">{}</span>{}</li>').format(mark or "\N{EN DASH}", line)
                for mark, line in block.lines
            )
            html += Markup("<ul>{}</ul>\n").format(items)
    return html


def _money(value: Money, decimals: int | None = None) -> str:
    return amount(value.amount, value.currency, decimals)


@cache
def _style(name: str) -> str:
    """The style sheet of one kind of document, after the one that all share, with the colours filled in."""
    folder = files("services.reports") / "styles"
    text = "".join((folder / file).read_text(encoding="utf-8") for file in ("document.css", f"{name}.css"))
    tokens = "".join(f"--{key}:{value};" for key, value in colours().items())
    return f":root{{{tokens}}}\n{text}"


@cache
def _environment() -> Environment:
    env = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, auto_reload=False,
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.i18n"],
    )  # fmt: skip
    env.policies["ext.i18n.trimmed"] = True
    env.install_gettext_callables(gettext, ngettext, newstyle=False)  # type: ignore[attr-defined]
    env.globals |= {"_": gettext, "colours": colours()}
    env.filters.update(
        {
            "amount": amount, "figure": figure, "percent": percent, "day": day, "moment": moment, "label": label,
            "money": _money, "paragraphs": _paragraphs, "polish": polish, "tag": tag, "clip": clip,
        }
    )  # fmt: skip
    return env
