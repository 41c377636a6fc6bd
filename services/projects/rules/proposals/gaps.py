"""What still stands between a draft and its submission: every gap with the field it is at."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from services.projects.rules.proposals.partners import folded
from services.projects.rules.proposals.periods import duration, project_years
from services.projects.rules.proposals.texts import stale_languages
from services.projects.rules.proposals.totals import Totals
from services.projects.values import N_
from services.projects.values.proposals import (
    MAX_PROJECT_YEARS,
    MAX_TOTAL,
    TEXT_FIELDS,
    TEXT_LIMITS,
    BudgetLine,
    CofinancingLine,
    Contact,
    Dates,
    Partners,
    Proposal,
    Section,
)

Kind = Literal["missing", "wrong", "advice"]
"""missing: not filled in yet. wrong: contradicts something. advice: worth a look, and no obstacle."""


@dataclass(frozen=True)
class Gap:
    """One gap. `field` is the name of the form's field; `message` a msgid with `params` (numbers stay numbers)."""

    section: Section | Literal["organisation"]
    field: str
    message: str
    params: tuple[tuple[str, str | int], ...] = ()
    kind: Kind = "missing"

    @property
    def blocks(self) -> bool:
        """Whether the proposal cannot be submitted while this gap is there."""
        return self.kind != "advice"


_WRITE: Final[Mapping[str, str]] = {
    "title": N_("Give the proposal a title."),
    "summary": N_("Write the summary."),
    "problem": N_("Describe the problem."),
    "approach": N_("Describe your approach."),
    "results": N_("Say what results you expect."),
}
_STALE: Final[Mapping[str, str]] = {
    "en": N_("The English translation is older than the text: bring it up to date, or say that it still matches."),
    "ru": N_("The Russian translation is older than the text: bring it up to date, or say that it still matches."),
    "fr": N_("The French translation is older than the text: bring it up to date, or say that it still matches."),
}


def gaps(proposal: Proposal, figures: Totals, known_actions: Iterable[str], *, organisation_known: bool) -> list[Gap]:
    """Every gap of `proposal` in the order of its form.

    `figures` are its totals, `known_actions` the ids that its Programme of Work has; `organisation_known` says whether
    the organisation's profile has reached this service.
    """
    found = [
        *_summary(proposal), *_actions(proposal, frozenset(known_actions)), *_species(proposal),
        *_dates(proposal.dates), *_budget(proposal, figures), *_cofinancing(proposal, figures),
        *_partners(proposal.partners), *_contacts(proposal),
    ]  # fmt: skip
    if not organisation_known:
        found.append(Gap("organisation", "", N_(
            "Your organisation’s profile has not arrived here yet. It usually takes a few seconds, and you need do"
            " nothing: look at this page again in a minute."
        )))  # fmt: skip
    return found


def _summary(proposal: Proposal) -> Iterator[Gap]:
    summary = proposal.summary
    for name in TEXT_FIELDS:
        field = f"{name}-{summary.written_in}"
        if not summary.written(name):
            yield Gap("summary", field, _WRITE[name])
        for language, version in summary.text(name).versions.items():
            if len(version.text) > TEXT_LIMITS[name]:
                yield Gap("summary", f"{name}-{language}", N_(
                    "This text has %(length)s characters; shorten it to %(limit)s at most."
                ), (("length", len(version.text)), ("limit", TEXT_LIMITS[name])), "wrong")  # fmt: skip
        for stale in stale_languages(summary.text(name)):
            yield Gap("summary", f"{name}-{stale}", _STALE[stale], (), "advice")


def _actions(proposal: Proposal, known: frozenset[str]) -> Iterator[Gap]:
    if not proposal.actions.ids:
        yield Gap("actions", "actions", N_("Tick at least one action of the Programme of Work."))
    for action_id in proposal.actions.ids:
        if action_id not in known:
            yield Gap("actions", "actions", N_(
                "Action %(action)s is not in the Programme of Work any more: choose another in its place."
            ), (("action", action_id),), "wrong")  # fmt: skip


def _species(proposal: Proposal) -> Iterator[Gap]:
    if not proposal.species.species:
        yield Gap("species", "species", N_("Tick at least one species."))
    if not proposal.species.states:
        yield Gap("species", "states", N_("Tick at least one range state."))


def _dates(dates: Dates) -> Iterator[Gap]:
    if dates.starts is None:
        yield Gap("dates", "starts", N_("Give the day on which the project starts."))
    if dates.ends is None:
        yield Gap("dates", "ends", N_("Give the day on which the project ends."))
    months = duration(dates)
    if dates.starts is None or dates.ends is None or months is None:
        return
    if dates.ends < dates.starts:
        yield Gap("dates", "ends", N_("The project ends before it starts: change one of the two dates."), (), "wrong")
    elif months == 0:
        yield Gap("dates", "ends", N_("The project must last one month or more."), (), "wrong")
    elif months > MAX_PROJECT_YEARS * 12:
        yield Gap("dates", "ends", N_("The project may last %(years)s years at most."),
                  (("years", MAX_PROJECT_YEARS),), "wrong")  # fmt: skip


def _budget(proposal: Proposal, figures: Totals) -> Iterator[Gap]:
    if not proposal.budget.lines:
        yield Gap("budget", "lines-0-description", N_("Add at least one line to the budget."))
    years = project_years(proposal.dates)
    for index, line in enumerate(proposal.budget.lines):
        yield from _budget_line(index, line, years)
    if max(figures.total, figures.total_usd) > MAX_TOTAL:
        yield Gap("budget", "lines-0-amount", N_(
            "The budget comes to more than can be stated: check the amounts and their currencies."
        ), (), "wrong")  # fmt: skip


def _budget_line(index: int, line: BudgetLine, years: int) -> Iterator[Gap]:
    row, number = f"lines-{index}", (("line", index + 1),)
    if not line.description:
        yield Gap("budget", f"{row}-description", N_("Line %(line)s: say what the money is for."), number)
    if not line.category:
        yield Gap("budget", f"{row}-category", N_("Line %(line)s: choose a category."), number)
    if line.year is None:
        yield Gap("budget", f"{row}-year", N_("Line %(line)s: choose the project year."), number)
    elif line.year > years:
        yield Gap("budget", f"{row}-year", N_(
            "Line %(line)s: year %(year)s lies after the end of the project."
        ), (*number, ("year", line.year)), "wrong")  # fmt: skip
    yield from _amount("budget", row, number, line)


def _cofinancing(proposal: Proposal, figures: Totals) -> Iterator[Gap]:
    section = proposal.cofinancing
    if section.none and section.lines:
        yield Gap("cofinancing", "none", N_(
            "You say that there is no co-financing, and yet there are lines: clear the mark or remove the lines."
        ), (), "wrong")  # fmt: skip
    if not section.none and not section.lines:
        yield Gap("cofinancing", "none", N_("Add a line of co-financing, or say that there is none."))
    for index, line in enumerate(section.lines):
        row, number = f"lines-{index}", (("line", index + 1),)
        if not line.source_name:
            yield Gap("cofinancing", f"{row}-source_name", N_("Line %(line)s: name the source."), number)
        if not line.source:
            yield Gap("cofinancing", f"{row}-source", N_("Line %(line)s: choose the type of source."), number)
        if not line.kind:
            yield Gap("cofinancing", f"{row}-kind", N_("Line %(line)s: choose cash or in kind."), number)
        if not line.status:
            yield Gap("cofinancing", f"{row}-status", N_("Line %(line)s: choose how certain it is."), number)
        yield from _amount("cofinancing", row, number, line)
    if figures.cofinancing > figures.total > 0:
        yield Gap("cofinancing", "lines-0-amount", N_(
            "The co-financing is larger than the budget: check the amounts, or add to the budget what it pays for."
        ), (), "wrong")  # fmt: skip
    elif figures.cofinancing == figures.total > 0:
        yield Gap("cofinancing", "lines-0-amount", N_(
            "The co-financing pays for the whole budget, so there is nothing left to ask for: check the amounts."
        ), (), "wrong")  # fmt: skip


def _amount(
    section: Section, row: str, number: tuple[tuple[str, str | int], ...], line: BudgetLine | CofinancingLine,
) -> Iterator[Gap]:  # fmt: skip
    if line.amount is None:
        yield Gap(section, f"{row}-amount", N_("Line %(line)s: enter the amount."), number)
    elif line.amount <= 0:
        yield Gap(section, f"{row}-amount", N_("Line %(line)s: the amount must be more than zero."), number, "wrong")


def _partners(partners: Partners) -> Iterator[Gap]:
    if partners.none and partners.lines:
        yield Gap("partners", "none", N_(
            "You say that there are no partners, and yet some are named: clear the mark or remove them."
        ), (), "wrong")  # fmt: skip
    if not partners.none and not partners.lines:
        yield Gap("partners", "none", N_(
            "Name the organisations that take part, or say that there are none: some donors are open only if a"
            " partner leads."
        ), (), "advice")  # fmt: skip
    seen: set[str] = set()
    for index, line in enumerate(partners.lines):
        row, number = f"lines-{index}", (("line", index + 1),)
        if not line.name:
            yield Gap("partners", f"{row}-name", N_("Partner %(line)s: give the name."), number)
        elif (name := folded(line.name)) in seen:
            yield Gap("partners", f"{row}-name", N_("Partner %(line)s is named twice: remove one."), number, "wrong")
        else:
            seen.add(name)
        if not line.kind:
            yield Gap("partners", f"{row}-kind", N_("Partner %(line)s: choose the kind of organisation."), number)
        if not line.country:
            yield Gap("partners", f"{row}-country", N_("Partner %(line)s: choose the country."), number)
        if not line.role:
            yield Gap("partners", f"{row}-role", N_("Partner %(line)s: say what it does in the project."), number)


def _contacts(proposal: Proposal) -> Iterator[Gap]:
    if not proposal.contacts.lines:
        yield Gap("contacts", "lines-0-name", N_("Name at least one person to write to."))
    for index, contact in enumerate(proposal.contacts.lines):
        yield from _contact(index, contact)


def _contact(index: int, contact: Contact) -> Iterator[Gap]:
    row, number = f"lines-{index}", (("line", index + 1),)
    if not contact.name:
        yield Gap("contacts", f"{row}-name", N_("Person %(line)s: give the name."), number)
    if not contact.role:
        yield Gap("contacts", f"{row}-role", N_("Person %(line)s: say what they do in the project."), number)
    if not contact.email:
        yield Gap("contacts", f"{row}-email", N_("Person %(line)s: give the e-mail address."), number)
