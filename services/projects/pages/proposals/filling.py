"""From what a section says to the values of its form, and the handling of its lines without scripts."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final, cast

from services.chassis.forms import Values
from services.projects.values.proposals import (
    LANGUAGES,
    MAX_BUDGET_LINES,
    MAX_COFINANCING_LINES,
    MAX_CONTACTS,
    MAX_PARTNERS,
    TEXT_FIELDS,
    Proposal,
    Section,
    Summary,
)

LINE_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "budget": ("description", "category", "year", "amount", "currency"),
    "cofinancing": ("source_name", "source", "kind", "status", "amount", "currency"),
    "partners": ("name", "kind", "country", "role", "lead"),
    "contacts": ("name", "role", "email"),
}
MOST_LINES: Final[Mapping[str, int]] = {
    "budget": MAX_BUDGET_LINES,
    "cofinancing": MAX_COFINANCING_LINES,
    "partners": MAX_PARTNERS,
    "contacts": MAX_CONTACTS,
}
BLANK_AT_FIRST: Final[Mapping[str, int]] = {"budget": 3, "cofinancing": 1, "partners": 1, "contacts": 1}
"""Empty lines that a section shows before anything is filled in."""
_INDEX: Final = re.compile(r"lines-([0-9]{1,4})-")


def form_values(proposal: Proposal, section: Section) -> dict[str, str | list[str]]:
    """The values of the form of `section`, as a browser would send them."""
    if section == "summary":
        return _summary_values(proposal.summary)
    if section == "actions":
        return {"actions": list(proposal.actions.ids)}
    if section == "species":
        return {"species": list(proposal.species.species), "states": list(proposal.species.states)}
    if section == "dates":
        return {"starts": _plain(proposal.dates.starts), "ends": _plain(proposal.dates.ends)}
    values: dict[str, str | list[str]] = {}
    if section == "budget":
        values["currency"] = proposal.budget.currency
    if section == "cofinancing":
        values["none"] = "1" if proposal.cofinancing.none else ""
    if section == "partners":
        values["none"] = "1" if proposal.partners.none else ""
    lines = cast(Any, proposal.section(section)).lines
    for index, line in enumerate(lines):
        values[f"lines-{index}-id"] = _plain(line.line_id)
        for name in LINE_FIELDS[section]:
            values[f"lines-{index}-{name}"] = _plain(getattr(line, name))
    return values


def with_defaults(values: dict[str, str | list[str]], section: Section, count: int, currency: str) -> None:
    """Fill in what a blank line comes with: the proposal's currency."""
    if "currency" in LINE_FIELDS.get(section, ()):
        for index in range(count):
            values.setdefault(f"lines-{index}-currency", currency)


def add_suggestions(values: dict[str, str | list[str]], suggested: Mapping[str, Iterable[str]]) -> None:
    """Tick what is suggested, beside what is ticked already."""
    for name, codes in suggested.items():
        ticked = values.get(name) or []
        values[name] = list(dict.fromkeys(([ticked] if isinstance(ticked, str) else ticked) + list(codes)))


def lines_shown(values: Values) -> int:
    """How many lines a form has: one more than the highest number among its fields."""
    return 1 + max((int(found[1]) for name in values if (found := _INDEX.match(name))), default=-1)


def without_line(values: Values, removed: str) -> dict[str, str | list[str]]:
    """A form's values without the line that its button "remove" named (`lines-3`); the others move up."""
    gone = _INDEX.match(f"{removed}-")
    kept: dict[str, str | list[str]] = {}
    for name, value in values.items():
        found = _INDEX.match(name)
        if not gone or not found or int(found[1]) < int(gone[1]):
            kept[name] = value
        elif int(found[1]) > int(gone[1]):
            kept[f"lines-{int(found[1]) - 1}-{name[found.end() :]}"] = value
    return kept


def closed_up(values: Values) -> dict[str, str | list[str]]:
    """The same values with their lines numbered one after the other: whoever names a line 9999 is shown one line, not
    ten thousand, and an error names a line by the number that stands beside it."""
    numbers = {int(found[1]) for name in values if (found := _INDEX.match(name))}
    place = {number: at for at, number in enumerate(sorted(numbers))}
    return {
        f"lines-{place[int(found[1])]}-{name[found.end() :]}" if (found := _INDEX.match(name)) else name: value
        for name, value in values.items()
    }


def _summary_values(summary: Summary) -> dict[str, str | list[str]]:
    values: dict[str, str | list[str]] = {"written_in": summary.written_in}
    for name in TEXT_FIELDS:
        versions = summary.text(name).versions
        for language in LANGUAGES:
            if language in versions:
                values[f"{name}-{language}"] = versions[language].text
                values[f"{name}-{language}-origin"] = versions[language].origin
    return values


def _plain(value: object) -> str:
    """A value as one types it: no trailing zeros behind an amount."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}".removesuffix(".00")
    return str(value)
