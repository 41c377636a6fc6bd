"""A proposal as it is told to others when it is submitted, and back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from contracts import events
from contracts.events import OrganisationRegistered, ProposalSubmitted
from contracts.values import Money
from services.projects.rules.proposals.periods import months_between
from services.projects.rules.proposals.states import themes_of
from services.projects.rules.proposals.totals import BASE, Convert, Totals
from services.projects.values.proposals import (
    TEXT_FIELDS,
    AddressedAction,
    Budget,
    BudgetLine,
    ChosenActions,
    Cofinancing,
    CofinancingLine,
    Contact,
    Contacts,
    Dates,
    Partner,
    Partners,
    Places,
    Proposal,
    Summary,
)


@dataclass(frozen=True)
class Submission:
    """What is known of an act of submission beside the proposal itself."""

    proposal_id: UUID
    reference: str
    version: int
    organisation: OrganisationRegistered
    submitted_by: str
    submitted_at: datetime
    rates_date: date
    rates_source: str
    units_per_usd: Callable[[str], Decimal]
    """Answers how many units of a currency one US dollar is worth at these rates."""


def submitted(
    proposal: Proposal, actions: Sequence[AddressedAction], figures: Totals, convert: Convert, about: Submission,
) -> ProposalSubmitted:  # fmt: skip
    """The event of a submission. `proposal` has no gaps and its lines have ids; raises ValueError where it has not."""
    starts, ends = proposal.dates.starts, proposal.dates.ends
    if starts is None or ends is None:
        raise ValueError("a proposal without dates cannot be submitted")
    texts = {name: proposal.summary.text(name) for name in TEXT_FIELDS}
    budget = [_budget_line(line, convert) for line in proposal.budget.lines]
    cofinancing = [_cofinancing_line(line, convert) for line in proposal.cofinancing.lines]

    currencies = [one.money.currency for one in budget] + [one.money.currency for one in cofinancing]

    def money(amount: Decimal) -> Money:
        return Money(amount=amount, currency=figures.currency)

    return ProposalSubmitted(
        proposal_id=about.proposal_id, reference=about.reference, version=about.version,
        organisation=about.organisation, submitted_by=about.submitted_by, submitted_at=about.submitted_at,
        programme_id=proposal.actions.programme_id, written_in=proposal.summary.written_in,
        title=texts["title"], summary=texts["summary"], problem=texts["problem"], approach=texts["approach"],
        results=texts["results"],
        actions=[
            events.ActionRef(action_id=one.action_id, priority=one.priority, title=one.title, themes=list(one.themes))
            for one in actions
        ],
        species=list(proposal.species.species), states=list(proposal.species.states), themes=themes_of(actions),
        starts=starts, ends=ends, duration_months=months_between(starts, ends), budget=budget, cofinancing=cofinancing,
        partners=[_partner(line) for line in proposal.partners.lines],
        contacts=[events.Contact(name=one.name, role=one.role, email=one.email) for one in proposal.contacts.lines],
        currency=figures.currency, total=money(figures.total), cofinancing_total=money(figures.cofinancing),
        requested=money(figures.requested), total_usd=figures.total_usd, cofinancing_usd=figures.cofinancing_usd,
        requested_usd=figures.requested_usd, rates_date=about.rates_date, rates_source=about.rates_source,
        rates={code: about.units_per_usd(code) for code in sorted({BASE, figures.currency, *currencies})},
    )  # fmt: skip


def as_proposal(said: ProposalSubmitted) -> Proposal:
    """What a submitted version said, in the form of a draft, so that the two can be compared."""
    return Proposal(
        summary=Summary(said.written_in, {
            name: text for name in TEXT_FIELDS if (text := getattr(said, name)).versions
        }),
        actions=ChosenActions(said.programme_id, tuple(one.action_id for one in said.actions)),
        species=Places(tuple(said.species), tuple(said.states)),
        dates=Dates(said.starts, said.ends),
        budget=Budget(said.currency, tuple(
            BudgetLine(one.line_id, one.description, one.category, one.year, one.money.amount, one.money.currency)
            for one in said.budget
        )),
        cofinancing=Cofinancing(not said.cofinancing, tuple(
            CofinancingLine(
                one.line_id, one.source_name, one.source, one.kind, one.status, one.money.amount, one.money.currency,
            )
            for one in said.cofinancing
        )),
        partners=Partners(False, tuple(
            Partner(one.line_id, one.name, one.applicant_kind, one.country, one.role, one.lead, one.organisation_id)
            for one in said.partners
        )),
        contacts=Contacts(tuple(Contact(None, one.name, one.role, one.email) for one in said.contacts)),
    )  # fmt: skip


def _budget_line(line: BudgetLine, convert: Convert) -> events.BudgetLine:
    if line.line_id is None or line.amount is None or line.year is None:
        raise ValueError("a budget line that is not complete cannot be submitted")
    return events.BudgetLine(
        line_id=line.line_id, description=line.description, category=line.category, year=line.year,
        money=Money(amount=line.amount, currency=line.currency), usd=convert(line.amount, line.currency, BASE),
    )  # fmt: skip


def _partner(line: Partner) -> events.Partner:
    if line.line_id is None:
        raise ValueError("a partner that is not stored cannot be submitted")
    return events.Partner.model_validate({
        "line_id": line.line_id, "organisation_id": line.organisation_id, "name": line.name,
        "applicant_kind": line.kind, "country": line.country, "role": line.role, "lead": line.lead,
    })  # fmt: skip


def _cofinancing_line(line: CofinancingLine, convert: Convert) -> events.CofinancingLine:
    if line.line_id is None or line.amount is None:
        raise ValueError("a line of co-financing that is not complete cannot be submitted")
    return events.CofinancingLine.model_validate({
        "line_id": line.line_id, "source_name": line.source_name, "source": line.source, "kind": line.kind,
        "status": line.status, "money": Money(amount=line.amount, currency=line.currency),
        "usd": convert(line.amount, line.currency, BASE),
    })  # fmt: skip
