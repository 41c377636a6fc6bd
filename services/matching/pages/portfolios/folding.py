"""Long lists in a form: one page of lines is drawn, and what was entered in all others travels in a single field.

So the form is as small with ten thousand proposals as with ten, and nothing entered is lost on the way from page to
page. It needs no script: the buttons that turn the page send the form, and it comes back with the other lines.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from starlette.datastructures import FormData

from services.chassis.errors import FieldError, Invalid
from services.chassis.forms import STALE_FORM, FormState

EACH: Final = 10
"""Lines of a list on one page."""
FOLDED: Final = "folded"
LOOK: Final = "look"
"""The name of the buttons that show other lines; their value is a list's name, and after a colon a page."""
ENTRY: Final = re.compile(r"(closed|budget|largest|wish)-(.{1,200})", re.DOTALL)
Values = Mapping[str, str | list[str]]
Line = TypeVar("Line")


@dataclass(frozen=True)
class Part(Generic[Line]):
    """The lines of a list that are drawn now."""

    name: str
    lines: Sequence[Line]
    found: int
    """Lines that were looked for, on all pages."""
    of: int
    entered: int
    """Lines of the whole list with an entry."""
    page: int
    pages: int

    @property
    def first(self) -> int:
        """The number of the first line drawn, from 1."""
        return (self.page - 1) * EACH + 1


def unfolded(form: FormData | Values, label: str) -> dict[str, str | list[str]]:
    """Everything entered, in lines that are drawn and in all others. Raises Invalid, beside the field `name`, when what
    travelled along cannot be read: nothing must be lost unnoticed."""
    values = dict(FormState.of(form).values)
    text = values.pop(FOLDED, "")
    if not text:
        return values
    try:
        others = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        others = None
    if not isinstance(others, dict) or not all(_is_entry(name, value) for name, value in others.items()):
        raise Invalid([FieldError("name", STALE_FORM, (("label", label),))])
    return {**others, **values}


def folded(values: Values, drawn: set[str]) -> str:
    """What is entered in lines that are not drawn, for the one field. `drawn`: ids of windows and proposals."""
    others = {
        name: value
        for name, value in sorted(values.items())
        if value and isinstance(value, str) and (found := ENTRY.fullmatch(name)) and found[2] not in drawn
    }
    return json.dumps(others, ensure_ascii=False, separators=(",", ":")) if others else ""


def entered_of(values: Values) -> set[str]:
    """Ids of windows and proposals with an entry."""
    return {found[2] for name, value in values.items() if value and (found := ENTRY.fullmatch(name))}


def part_of(
    name: str, lines: Sequence[Line], key: Callable[[Line], str], found_by: Callable[[Line, Sequence[str]], bool],
    form: FormState, entered: set[str],
) -> Part[Line]:  # fmt: skip
    """The lines of a list to draw: those that were looked for, on the page that was asked for. One with a mistake in it
    stands first, whatever was looked for: its message must be seen."""
    words = form.value(f"{name}-find").casefold().split()
    only = form.value(f"{name}-only") == "entered"
    wrong = {found[2] for error in form.errors if (found := ENTRY.fullmatch(error.field))}
    found_lines = [
        line for line in lines
        if key(line) in wrong or ((not only or key(line) in entered) and (not words or found_by(line, words)))
    ]  # fmt: skip
    found_lines.sort(key=lambda line: key(line) not in wrong)
    pages = max(1, -(-len(found_lines) // EACH))
    page = 1 if wrong else min(_page_asked(name, form), pages)
    return Part(
        name, found_lines[(page - 1) * EACH : page * EACH], len(found_lines), len(lines),
        sum(1 for line in lines if key(line) in entered), page, pages,
    )  # fmt: skip


def looks(form: FormData | Values) -> bool:
    """Whether only other lines of a list are asked for; also when somebody presses Enter in a box that searches."""
    if form.get(LOOK):
        return True
    if form.get("save"):
        return False
    return any(form.get(f"{name}-find", "") != form.get(f"{name}-found", "") for name in ("windows", "proposals"))


def _page_asked(name: str, form: FormState) -> int:
    of, _, text = form.value(LOOK).partition(":")
    if of != name:
        searched = form.value(f"{name}-find") != form.value(f"{name}-found")
        text = "" if searched else form.value(f"{name}-page")
    return int(text) if re.fullmatch("[1-9][0-9]{0,5}", text) else 1


def _is_entry(name: object, value: object) -> bool:
    return isinstance(name, str) and isinstance(value, str) and ENTRY.fullmatch(name) is not None
