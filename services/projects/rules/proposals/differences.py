"""What two states of a proposal differ in, field by field and line by line."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from services.projects.rules.proposals.texts import same_words
from services.projects.values.proposals import (
    LANGUAGES,
    SECTIONS,
    TEXT_FIELDS,
    Budget,
    BudgetLine,
    Cofinancing,
    CofinancingLine,
    Contact,
    Contacts,
    Partner,
    Partners,
    Proposal,
    Section,
)

Line = BudgetLine | CofinancingLine | Partner | Contact
Kind = Literal["text", "code", "codes", "date", "flag", "line"]


@dataclass(frozen=True)
class Difference:
    """One field that differs. `before` and `after` are as `kind` says: a text, a code, a tuple of codes, a date, a
    flag, or a line; None where there is nothing. `language` is set for a text, `number` for a line (from 1)."""

    section: Section
    field: str
    kind: Kind
    before: Any
    after: Any
    language: str = ""
    number: int = 0


def differences(before: Proposal, after: Proposal, only: Section | None = None) -> list[Difference]:
    """All fields in which `after` differs from `before`, in the order of the form; `only` names one section."""
    found = []
    for section in SECTIONS:
        if only in (None, section) and before.section(section) != after.section(section):
            found += list(_FINDERS[section](before, after))
    if only is None:  # a version that was submitted names its partners, and says nothing of having none
        found = [one for one in found if (one.section, one.field) != ("partners", "none")]
    return found


def _summary(before: Proposal, after: Proposal) -> Iterator[Difference]:
    if before.summary.written_in != after.summary.written_in:
        yield Difference("summary", "written_in", "code", before.summary.written_in, after.summary.written_in)
    for name in TEXT_FIELDS:
        old, new = before.summary.text(name).versions, after.summary.text(name).versions
        for language in LANGUAGES:
            one = old[language].text if language in old else ""
            other = new[language].text if language in new else ""
            if not same_words(one, other):
                yield Difference("summary", name, "text", one or None, other or None, language)


def _actions(before: Proposal, after: Proposal) -> Iterator[Difference]:
    if before.actions != after.actions:
        yield Difference("actions", "actions", "codes", before.actions.ids, after.actions.ids)


def _species(before: Proposal, after: Proposal) -> Iterator[Difference]:
    for name in ("species", "states"):
        old, new = getattr(before.species, name), getattr(after.species, name)
        if old != new:
            yield Difference("species", name, "codes", old, new)


def _dates(before: Proposal, after: Proposal) -> Iterator[Difference]:
    for name in ("starts", "ends"):
        old, new = getattr(before.dates, name), getattr(after.dates, name)
        if old != new:
            yield Difference("dates", name, "date", old, new)


def _budget(before: Proposal, after: Proposal) -> Iterator[Difference]:
    if before.budget.currency != after.budget.currency:
        yield Difference("budget", "currency", "code", before.budget.currency, after.budget.currency)
    yield from _lines("budget", before.budget.lines, after.budget.lines)


def _cofinancing(before: Proposal, after: Proposal) -> Iterator[Difference]:
    if before.cofinancing.none != after.cofinancing.none:
        yield Difference("cofinancing", "none", "flag", before.cofinancing.none, after.cofinancing.none)
    yield from _lines("cofinancing", before.cofinancing.lines, after.cofinancing.lines)


def _partners(before: Proposal, after: Proposal) -> Iterator[Difference]:
    if before.partners.none != after.partners.none:
        yield Difference("partners", "none", "flag", before.partners.none, after.partners.none)
    yield from _lines("partners", before.partners.lines, after.partners.lines)


def _contacts(before: Proposal, after: Proposal) -> Iterator[Difference]:
    yield from _lines("contacts", before.contacts.lines, after.contacts.lines)


def _lines(section: Section, before: Sequence[Line], after: Sequence[Line]) -> Iterator[Difference]:
    """Lines pair by their id; one whose id is not known pairs with one that says the same, else it is new."""
    gone = list(enumerate(before, start=1))
    fresh: list[tuple[int, Line]] = []
    for number, line in enumerate(after, start=1):
        match = next((one for one in gone if line.line_id and one[1].line_id == line.line_id), None)
        if match is None:
            fresh.append((number, line))
            continue
        gone.remove(match)
        if match[1] != line:
            yield Difference(section, "line", "line", match[1], line, number=number)
    for number, line in fresh:
        twin = next((one for one in gone if replace(one[1], line_id=line.line_id) == line), None)
        if twin is None:
            yield Difference(section, "line", "line", None, line, number=number)
        else:
            gone.remove(twin)
    for number, line in gone:
        yield Difference(section, "line", "line", line, None, number=number)


_FINDERS = {
    "summary": _summary, "actions": _actions, "species": _species, "dates": _dates, "budget": _budget,
    "cofinancing": _cofinancing, "partners": _partners, "contacts": _contacts,
}  # fmt: skip


def same_answers(one: Proposal, other: Proposal, section: Section) -> bool:
    """Whether a section says the same in both, whatever the ids of its lines are."""
    return without_ids(one, section) == without_ids(other, section)


def without_ids(proposal: Proposal, section: Section) -> object:
    """The value of a section with the ids of its lines taken off."""
    value = proposal.section(section)
    if isinstance(value, Budget):
        return replace(value, lines=tuple(replace(line, line_id=None) for line in value.lines))
    if isinstance(value, Cofinancing):
        return replace(value, lines=tuple(replace(line, line_id=None) for line in value.lines))
    if isinstance(value, Partners):
        return replace(value, lines=tuple(replace(line, line_id=None) for line in value.lines))
    if isinstance(value, Contacts):
        return replace(value, lines=tuple(replace(line, line_id=None) for line in value.lines))
    return value
