"""What a compositor does to plain text: quotation marks, dashes and spaces of its language, paragraphs and lists.

The words stay as they were typed; only signs that a keyboard lacks are put in the place of their substitutes.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal

NBSP: Final = "\N{NO-BREAK SPACE}"
NARROW: Final = "\N{NARROW NO-BREAK SPACE}"

_QUOTES: Final = {
    "en": ("\N{LEFT DOUBLE QUOTATION MARK}", "\N{RIGHT DOUBLE QUOTATION MARK}"),
    "ru": ("«", "»"),
    "fr": (f"«{NARROW}", f"{NARROW}»"),
}
_OPENING: Final = re.compile(r'(^|[\s(\[{\N{EM DASH}\N{EN DASH}])"(?=\S)')
_OPENING_SINGLE: Final = re.compile(r"(^|[\s(\[])'(?=\w[^']*\w'(?!\w))")
_APOSTROPHE: Final = re.compile(r"(?<=\w)'(?=\w)|(?<=\w)'(?=\s|$|[.,;:!?)])")
_SPACED_DASH: Final = re.compile(r"(?<=\S)[ \N{NO-BREAK SPACE}](?:--?|\N{EN DASH}|\N{EM DASH}) (?=\S)")
_RANGE: Final = re.compile(r"(?<![\w-])(\d{1,4})-(\d{1,4})(?![\w-])")
_FRENCH_HIGH: Final = re.compile(r"(?<=[\w)»%])[ \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]?([;!?])(?=\s|$|»|\))")
_FRENCH_COLON: Final = re.compile(r"(?<=[\w)»%])[ \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]?:(?=\s|$)")
_FRENCH_QUOTES: Final = re.compile(r"«\s*([^«»]*?)\s*»")
_RUSSIAN_SHORT: Final = re.compile(
    r"(?<![\w-])([вксуоиаяВКСУОИАЯ]|на|не|но|по|из|от|до|за|На|Не|Но|По|Из|От|До|За) (?=\w)"
)
_UNIT: Final = re.compile(r"(?<=\d) (?=(?:km²|km|ha|m|kg|t|км²|км|га|м|кг|т|г|%|‰|°C|USD|EUR|RUB|KZT|млн|тыс|млрд)\b)")
_BULLET: Final = re.compile(r"^\s*(?:[-*•·–—]|\d{1,2}[.)])\s+")
_NUMBERED: Final = re.compile(r"^\s*\d{1,2}[.)]\s+")


def polish(text: str, language: str) -> str:
    """`text` with the quotation marks, apostrophes, dashes and unbreakable spaces of `language`."""
    opening, closing = _QUOTES.get(language, _QUOTES["en"])
    text = _OPENING.sub(lambda match: match[1] + opening, text).replace('"', closing)
    if language == "en":
        text = _OPENING_SINGLE.sub("\\1\N{LEFT SINGLE QUOTATION MARK}", text)
    text = _APOSTROPHE.sub("\N{RIGHT SINGLE QUOTATION MARK}", text)
    text = text.replace("...", "\N{HORIZONTAL ELLIPSIS}")
    dash = "\N{EM DASH}" if language == "ru" else "\N{EN DASH}"
    text = _SPACED_DASH.sub(f"{NBSP}{dash} ", text)
    text = _RANGE.sub("\\1\N{EN DASH}\\2", text)
    text = _UNIT.sub(NBSP, text)
    if language == "fr":
        text = _FRENCH_QUOTES.sub(rf"«{NARROW}\1{NARROW}»", text)
        text = _FRENCH_HIGH.sub(rf"{NARROW}\1", text)
        text = _FRENCH_COLON.sub(f"{NBSP}:", text)
    if language == "ru":
        # Twice, for one short word after another: the first pass has eaten the space between them.
        text = _RUSSIAN_SHORT.sub(rf"\1{NBSP}", _RUSSIAN_SHORT.sub(rf"\1{NBSP}", text))
    return text


Kind = Literal["paragraph", "bullets", "numbers"]


@dataclass(frozen=True)
class Block:
    """A paragraph, or a list. Each line has the mark that stood before it: "" for none and for a bullet."""

    kind: Kind
    lines: tuple[tuple[str, str], ...]


def blocks(text: str, language: str) -> list[Block]:
    """The paragraphs and lists of a text as it was typed into a form.

    An empty line ends a paragraph; lines that begin with a dash, a bullet or a number are items of a list.
    """
    found: list[Block] = []
    for chunk in re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip()):
        kind: Kind = "paragraph"
        lines: list[tuple[str, str]] = []
        for raw in filter(str.strip, chunk.split("\n")):
            line, mark = raw.strip(), _BULLET.match(raw)
            if mark is None and lines and kind != "paragraph" and raw[:1] in " \t":
                lines[-1] = (lines[-1][0], f"{lines[-1][1]} {polish(line, language)}")  # goes on with the item above
                continue
            here: Kind = "paragraph" if mark is None else "numbers" if _NUMBERED.match(raw) else "bullets"
            if here != kind:
                if lines:
                    found.append(Block(kind, tuple(lines)))
                kind, lines = here, []
            body = raw[mark.end() :].strip() if mark else line
            lines.append((mark[0].strip() if mark and kind == "numbers" else "", polish(body, language)))
        if lines:
            found.append(Block(kind, tuple(lines)))
    return found


def clip(text: str, length: int) -> str:
    """`text` in at most `length` characters, ended at a word and marked with an ellipsis where it was cut."""
    if len(text) <= length:
        return text
    cut = text[: length - 1]
    at = cut.rfind(" ", length * 2 // 3)
    return (cut[:at] if at > 0 else cut).rstrip(" ,;:–—-") + "\N{HORIZONTAL ELLIPSIS}"
