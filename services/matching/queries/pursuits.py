"""What is being pursued: of every proposal, the windows whose money somebody is after."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import Select, and_, select, union
from sqlmodel import Session, col

from contracts.values import LocalizedText, Money
from services.matching.handlers.judging import day_at
from services.matching.rules.pursuits import PursuitStage, stage_of
from services.matching.tables import Pair, ProposalCopy, Pursuit, WindowCopy


@dataclass(frozen=True)
class Pursued:
    """One pursuit. A pair that is shortlisted and not pursued otherwise counts as identified."""

    proposal_id: UUID
    reference: str
    window_id: str
    donor_id: str
    stage: PursuitStage
    """Never `none`."""
    amount_usd: Decimal | None
    """Asked of the donor, or granted by it once awarded; None where nobody has said."""
    requested_usd: Decimal
    """What the proposal asks for in all."""
    owner: str
    moved_at: datetime | None
    live: bool
    """False when the proposal has been withdrawn."""


def pursuits(session: Session) -> list[Pursued]:
    """Every pursuit, by reference of its proposal, then by window."""
    query = pursued(
        select(
            col(ProposalCopy.proposal_id), col(ProposalCopy.reference), col(WindowCopy.window_id),
            col(WindowCopy.donor_id), col(Pursuit.stage), col(Pair.stage), col(Pursuit.amount_usd),
            col(ProposalCopy.payload)["requested_usd"].as_string(), col(Pursuit.owner_name),
            col(Pursuit.moved_at), col(Pair.stage_at), col(ProposalCopy.version), col(ProposalCopy.withdrawn_version),
        )
    )  # fmt: skip
    found = []
    for (
        proposal_id, reference, window_id, donor_id, stored, decision, amount_usd, requested_usd, owner, moved_at,
        decided_at, version, withdrawn,
    ) in session.execute(query):  # fmt: skip
        stage = stage_of(cast(PursuitStage, stored or "none"), decision)
        if stage != "none":
            found.append(
                Pursued(
                    proposal_id, reference, window_id, donor_id, stage, amount_usd, Decimal(str(requested_usd)),
                    owner or "", moved_at or decided_at, version > withdrawn,
                )
            )  # fmt: skip
    return found


def pursued(columns: Any) -> Select[Any]:
    """Choose `columns` from the pairs that are, or may be, pursued: with their proposal, window and pursuit, if any."""
    keys = union(
        select(col(Pursuit.proposal_id), col(Pursuit.window_id)).where(col(Pursuit.stage) != "none"),
        select(col(Pair.proposal_id), col(Pair.window_id)).where(col(Pair.stage) == "shortlisted"),
    ).subquery()  # few, and found by an index: of every proposal there is a pair for each window
    chosen: Select[Any] = columns.select_from(keys)
    return (
        chosen.join(Pair, and_(col(Pair.proposal_id) == keys.c.proposal_id, col(Pair.window_id) == keys.c.window_id))
        .join(ProposalCopy, col(ProposalCopy.proposal_id) == col(Pair.proposal_id))
        .join(WindowCopy, col(WindowCopy.window_id) == col(Pair.window_id))
        .outerjoin(
            Pursuit,
            and_(col(Pursuit.proposal_id) == col(Pair.proposal_id), col(Pursuit.window_id) == col(Pair.window_id)),
        )
        .where(col(ProposalCopy.version) > 0)
        .order_by(col(ProposalCopy.reference), col(ProposalCopy.proposal_id), col(WindowCopy.window_id))
    )


UNSENT: Final = frozenset({"identified", "contacted", "concept_note"})
"""Stages in which a deadline can still be missed."""


@dataclass(frozen=True)
class Card:
    """One pursuit as the board shows it."""

    proposal_id: UUID
    reference: str
    title: LocalizedText
    organisation: str
    window_id: str
    window_name: str
    donor_id: str
    donor_name: str
    stage: PursuitStage
    amount: Money | None
    amount_usd: Decimal | None
    asked: Money
    requested_usd: Decimal
    granted_usd: Decimal
    """What all awards to the proposal come to."""
    owner: str
    deadline: date | None
    deadline_certain: bool
    zone: str
    """The funder's: its deadline is a day there."""
    states: frozenset[str]
    species: frozenset[str]
    day: date | None
    reason: str
    moved_at: datetime | None
    moved_by: str
    overall: str
    live: bool

    def passed(self, now: datetime) -> bool:
        """Whether the deadline has passed where the funder is."""
        return self.deadline is not None and self.deadline < day_at(self.zone, now)

    def overdue(self, now: datetime) -> bool:
        """Whether the deadline has passed before anything was submitted."""
        return self.stage in UNSENT and self.passed(now)

    @property
    def beyond(self) -> bool:
        """Whether more has been granted for the proposal than it asks for."""
        return self.stage == "awarded" and self.granted_usd > self.requested_usd

    @property
    def initials(self) -> str:
        """Of the person who sees to it."""
        names = self.owner.split()
        return "".join(name[0] for name in (names[:1] + names[1:][-1:])).upper()

    @property
    def words(self) -> str:
        """What a search looks at, in small letters."""
        titles = " ".join(version.text for version in self.title.versions.values())
        names = f"{self.organisation} {self.window_name} {self.donor_name} {self.owner}"
        return f"{self.reference} {titles} {names}".casefold()


def cards(session: Session) -> list[Card]:
    """Every pursuit with what the board needs of it, as ordered by `pursuits`."""
    query = pursued(
        select(
            col(ProposalCopy.proposal_id), col(ProposalCopy.reference), col(ProposalCopy.title),
            col(ProposalCopy.organisation_name), col(ProposalCopy.requested),
            col(ProposalCopy.currency).label("asked_currency"),
            col(ProposalCopy.payload)["requested_usd"].as_string().label("requested_usd"),
            col(ProposalCopy.states), col(ProposalCopy.species), col(ProposalCopy.version),
            col(ProposalCopy.withdrawn_version), col(WindowCopy.window_id),
            col(WindowCopy.name).label("window_name"), col(WindowCopy.donor_id), col(WindowCopy.donor_name),
            col(WindowCopy.deadline), col(WindowCopy.deadline_certain), col(WindowCopy.zone), col(Pair.overall),
            col(Pair.stage).label("decision"), col(Pair.stage_at), col(Pair.stage_by),
            col(Pursuit.stage).label("stored"), col(Pursuit.amount), col(Pursuit.currency), col(Pursuit.amount_usd),
            col(Pursuit.owner_name), col(Pursuit.day), col(Pursuit.reason), col(Pursuit.moved_at),
            col(Pursuit.moved_by),
        )
    )  # fmt: skip
    rows = list(session.execute(query))
    granted: defaultdict[UUID, Decimal] = defaultdict(Decimal)
    for row in rows:
        if row.stored == "awarded":
            granted[row.proposal_id] += row.amount_usd or 0
    found = []
    for row in rows:
        stage = stage_of(cast(PursuitStage, row.stored or "none"), row.decision)
        if stage == "none":
            continue
        found.append(
            Card(
                row.proposal_id, row.reference, LocalizedText.model_validate(row.title), row.organisation_name,
                row.window_id, row.window_name, row.donor_id, row.donor_name, stage,
                None if row.amount is None else Money(amount=row.amount, currency=row.currency), row.amount_usd,
                Money(amount=row.requested, currency=row.asked_currency), Decimal(str(row.requested_usd)),
                granted[row.proposal_id], row.owner_name or "", row.deadline, row.deadline_certain,
                row.zone, frozenset(row.states), frozenset(row.species), row.day, row.reason or "",
                row.moved_at or row.stage_at, row.moved_by or row.stage_by or "", row.overall,
                row.version > row.withdrawn_version,
            )
        )  # fmt: skip
    return found


@dataclass(frozen=True)
class Place:
    """The stage of one pursuit of a proposal."""

    stage: PursuitStage
    amount: Money | None
    amount_usd: Decimal | None
    moved_at: datetime | None

    @property
    def granted_usd(self) -> Decimal:
        """What the donor has granted; nothing until it is awarded."""
        return (self.amount_usd or Decimal(0)) if self.stage == "awarded" else Decimal(0)


def places(session: Session, proposal_id: UUID) -> dict[str, Place]:
    """Window id -> where its pursuit for a proposal stands; windows that are not pursued are left out."""
    query = pursued(
        select(
            col(Pair.window_id), col(Pair.stage).label("decision"), col(Pair.stage_at),
            col(Pursuit.stage).label("stored"), col(Pursuit.amount), col(Pursuit.currency), col(Pursuit.amount_usd),
            col(Pursuit.moved_at),
        )
    ).where(col(Pair.proposal_id) == proposal_id)  # fmt: skip
    found = {}
    for row in session.execute(query):
        stage = stage_of(cast(PursuitStage, row.stored or "none"), row.decision)
        if stage != "none":
            money = None if row.amount is None else Money(amount=row.amount, currency=row.currency)
            found[row.window_id] = Place(stage, money, row.amount_usd, row.moved_at or row.stage_at)
    return found
