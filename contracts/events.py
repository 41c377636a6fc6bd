"""Every event: its payload, its stable name and its version. THE list of what services tell each other.

Names are literal strings (`cami.<service>.<aggregate>.<what happened>.v<n>`), never class paths: a class may be
renamed, a name on the bus may not. A payload may gain optional fields; anything else needs a new version.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal
from uuid import UUID

from pydantic import Field

from contracts.values import Code, Currency, Evidence, Language, LocalizedText, Money, StateCode, Tri, Value
from contracts.windows import WindowTerms


class Payload(Value):
    """Base of all payloads."""


# --- accounts -----------------------------------------------------------------------------------------------------


class OrganisationRegistered(Payload):
    """An organisation has registered, or its profile has changed: the whole profile, each time."""

    organisation_id: UUID
    revision: int = 1
    name: str
    legal_form: Code
    applicant_kind: Code
    """What it counts as when a donor asks who may apply."""
    country: StateCode
    year_founded: int
    yearly_income: Money
    registration_number: str


class PersonRegistered(Payload):
    """A person has an account. Carries no address: other services have no need of it."""

    person_id: UUID
    organisation_id: UUID | None
    name: str
    roles: list[Code]
    language: Language


# --- projects -----------------------------------------------------------------------------------------------------


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


# --- donors -------------------------------------------------------------------------------------------------------


class WindowPublished(Payload):
    """A funding window is in the inventory, or its terms have changed: all of its terms, each time."""

    terms: WindowTerms
    changed: list[str] = Field(default_factory=list)
    """Names of the rules that differ from the revision before; empty for the first."""
    changed_by: str = ""
    reason: str = ""


# --- matching -----------------------------------------------------------------------------------------------------


class PairSummary(Value):
    """Verdict and fit of one window for one proposal."""

    window_id: Code
    window_revision: int
    overall: Literal["eligible", "not_eligible", "unsure"]
    yes: int
    unknown: int
    no: int
    fit: int | None = Field(default=None, ge=0, le=100)
    """None when not eligible."""
    stage: Literal["none", "shortlisted", "dismissed"] = "none"


class ProposalJudged(Payload):
    """A proposal has been judged against every window, or again against those that changed: all its pairs."""

    proposal_id: UUID
    version: int
    pairs: list[PairSummary]
    because: str
    """Id of the event that caused the judgement."""


class ActionFit(Value):
    """How well a window serves one action of the Programme."""

    action_id: str
    overall: Tri
    fit: int = Field(ge=0, le=100)


class WindowPairedWithActions(Payload):
    """The actions that a window could pay for, best first (at most 25 are named)."""

    window_id: Code
    window_revision: int
    programme_id: Code
    count: int
    """How many actions it could pay for in all."""
    actions: list[ActionFit]


class PairDecided(Payload):
    """A coordinator has shortlisted or dismissed a pair, or taken that back."""

    proposal_id: UUID
    window_id: Code
    stage: Literal["none", "shortlisted", "dismissed"]
    reason: str = ""
    decided_by: str
    decided_at: datetime


class QuestionAnswered(Payload):
    """People have answered a question about a window, said that they still do not know, or taken an answer back.

    An answer counts where the inventory does not know. Of two about the same, the later one holds.
    """

    answer_id: UUID
    window_id: Code
    window_revision: int
    """Of the terms that left it open."""
    proposal_id: UUID | None = None
    """Set where it was answered for one proposal only."""
    ask: Code
    """What was asked: `state`, `kind`, `ceiling`, `deadline` and so on."""
    about: str = ""
    """The state, species, theme or kind of applicant; or the day after which was asked."""
    state: Literal["answered", "open", "taken_back"]
    choice: Code = "unknown"
    """`yes`, `no`, `amount`, `date` and so on; `unknown` where it stays open."""
    number: Decimal | None = None
    """An amount in `currency`, or a ratio."""
    currency: Currency | None = None
    day: date | None = None
    evidence: Evidence = Evidence()
    told_by: str = ""
    answered_by: str
    answered_at: datetime


class PursuitMoved(Payload):
    """A coordinator has moved the pursuit of a window's money for a proposal, or has undone the last move: where it
    stands now. Notes are not told."""

    proposal_id: UUID
    window_id: Code
    donor_id: Code
    stage: Literal["none", "identified", "contacted", "concept_note", "submitted", "awarded", "declined"]
    was_stage: Literal["none", "identified", "contacted", "concept_note", "submitted", "awarded", "declined"]
    undone: bool = False
    """Whether this takes back the move before."""
    amount: Money | None = None
    """Asked of the donor; once awarded, granted by it."""
    amount_usd: Decimal | None = None
    """At the planning rates of `rates_date`."""
    rates_date: date | None = None
    day: date | None = None
    """When it happened at the donor's, where that is known."""
    owner: str = ""
    reason: str = ""
    moved_by: str
    moved_at: datetime


# --- reports ------------------------------------------------------------------------------------------------------


class DocumentRendered(Payload):
    """A document has been printed and kept."""

    document_id: UUID
    kind: Literal["proposal", "briefing"]
    subject: str
    language: Language
    pages: int
    sha256: str


NAMES: Final[dict[str, type[Payload]]] = {
    "cami.accounts.organisation.registered.v1": OrganisationRegistered,
    "cami.accounts.person.registered.v1": PersonRegistered,
    "cami.projects.action.published.v1": ActionPublished,
    "cami.projects.programme.imported.v1": ProgrammeImported,
    "cami.projects.proposal.submitted.v1": ProposalSubmitted,
    "cami.projects.proposal.withdrawn.v1": ProposalWithdrawn,
    "cami.donors.window.published.v1": WindowPublished,
    "cami.matching.proposal.judged.v1": ProposalJudged,
    "cami.matching.window.paired.v1": WindowPairedWithActions,
    "cami.matching.pair.decided.v1": PairDecided,
    "cami.matching.question.answered.v1": QuestionAnswered,
    "cami.matching.pursuit.moved.v1": PursuitMoved,
    "cami.reports.document.rendered.v1": DocumentRendered,
}
"""Name and version -> payload. Checked for drift and for compatibility with what is already on the bus."""

NAME_OF: Final[dict[type[Payload], str]] = {payload: name for name, payload in NAMES.items()}


def topic_of(name: str) -> str:
    """The topic of an event: its producing service (`cami.projects.proposal.submitted.v1` -> `cami.projects`)."""
    return ".".join(name.split(".")[:2])
