"""What matching tells: verdicts, fits, what people decide and answer, and pursuits."""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from pydantic import Field

from contracts.events.payload import Payload
from contracts.values import Code, Currency, Evidence, Money, Tri, Value


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
