"""What projects tells: Programmes of Work with their actions, and proposals."""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from pydantic import Field

from contracts.events.accounts import OrganisationRegistered
from contracts.events.payload import Payload
from contracts.values import Code, Currency, Language, LocalizedText, Money, StateCode, Value


class ActionPublished(Payload):
    """One prioritised action of a Programme of Work, with our texts."""

    programme_id: Code
    revision: int = 0
    """Of its programme, when the action became what it says here; 0 from an older writer."""
    action_id: str
    """`31.5`, or `31.3-2` for the second action of one number."""
    number: str
    section: int
    section_title: LocalizedText
    part: str
    priority: Code | None
    sub_item_priorities: dict[str, Code] = Field(default_factory=dict)
    responsible: list[Code] = Field(default_factory=list)
    sub_items: list[str] = Field(default_factory=list)
    see_also: list[str] = Field(default_factory=list)
    title: LocalizedText
    summary: LocalizedText
    themes: list[Code] = Field(default_factory=list)
    species: list[Code] = Field(default_factory=list)
    states: list[StateCode] = Field(default_factory=list)
    landscapes: list[Code] = Field(default_factory=list)


class ProgrammeImported(Payload):
    """A Programme of Work is complete: all of its actions have been published."""

    programme_id: Code
    revision: int = 0
    """Rises with every import that changes anything; 0 from an older writer."""
    start: int
    end: int
    actions: int
    sections: int
    action_ids: list[str] = Field(default_factory=list)
    """All of its actions in their order. An action that is not among them is no longer in the programme."""


class ActionRef(Value):
    """An action that a proposal addresses, as it stood at submission."""

    action_id: str
    priority: Code | None
    title: LocalizedText
    themes: list[Code] = Field(default_factory=list)


class BudgetLine(Value):
    """One line of a proposal's budget, with its worth in US dollars at the dated rate of the submission."""

    line_id: UUID
    description: str
    category: Code
    year: int
    """Project year, from 1."""
    money: Money
    usd: Decimal


class CofinancingLine(Value):
    """One source of co-financing of a proposal."""

    line_id: UUID
    source_name: str
    source: Code
    kind: Literal["cash", "in_kind"]
    status: Literal["indicative", "confirmed", "realised"]
    money: Money
    usd: Decimal


class Partner(Value):
    """An organisation that carries out a proposal together with its applicant."""

    line_id: UUID
    organisation_id: UUID | None = None
    """Of a registered organisation, where it is one."""
    name: str
    applicant_kind: Code
    """What it counts as when a donor asks who may apply."""
    country: StateCode
    role: str = ""
    lead: Literal["open", "agreed", "no"] = "open"
    """Whether it has agreed to lead if that is needed; `open`: nobody has asked it."""


class Contact(Value):
    """A person to write to about a proposal."""

    name: str
    role: str
    email: str


class ProposalSubmitted(Payload):
    """A lead has submitted a proposal to the secretariat: all of it, as it stood."""

    proposal_id: UUID
    reference: str
    """`CAMI-2026-0042`."""
    version: int
    organisation: OrganisationRegistered
    submitted_by: str
    submitted_at: datetime
    programme_id: Code
    written_in: Language
    title: LocalizedText
    summary: LocalizedText
    problem: LocalizedText = LocalizedText()
    approach: LocalizedText = LocalizedText()
    results: LocalizedText = LocalizedText()
    actions: list[ActionRef]
    species: list[Code]
    states: list[StateCode]
    themes: list[Code]
    starts: date
    ends: date
    duration_months: int
    budget: list[BudgetLine]
    cofinancing: list[CofinancingLine]
    contacts: list[Contact]
    partners: list[Partner] = Field(default_factory=list)
    """Organisations that take part beside the applicant; empty from an older writer."""
    currency: Currency
    """The currency in which the proposal's totals are stated."""
    total: Money
    cofinancing_total: Money
    requested: Money
    """Total less all co-financing: what funding windows are asked for."""
    total_usd: Decimal
    cofinancing_usd: Decimal
    requested_usd: Decimal
    rates_date: date
    rates_source: str
    rates: dict[Currency, Decimal] = Field(default_factory=dict)
    """Units of each currency for one US dollar, for every currency in the proposal; empty from an older writer."""


class ProposalWithdrawn(Payload):
    """A submitted proposal has been taken back for changes, or for good."""

    proposal_id: UUID
    reference: str
    version: int
    withdrawn_at: datetime
    reason: str = ""
