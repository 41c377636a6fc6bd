"""The coordinator's desk: submitted proposals with what their rankings come to."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import case, func, select
from sqlmodel import Session, col

from contracts.values import LocalizedText, Money
from services.matching.tables import LIVE, Pair, ProposalCopy, WindowCopy


@dataclass(frozen=True)
class DeskRow:
    """One proposal."""

    proposal_id: UUID
    reference: str
    title: LocalizedText
    organisation: str
    requested: Money
    submitted_at: datetime | None
    states: frozenset[str]
    species: frozenset[str]
    eligible: int
    unsure: int
    shortlisted: int
    best_fit: int | None
    next_deadline: date | None
    deadline_certain: bool


@dataclass(frozen=True)
class DeskFilter:
    """What is looked for. Within one filter any value will do; of different ones all must hold."""

    words: str = ""
    states: frozenset[str] = frozenset()
    species: frozenset[str] = frozenset()
    sort: str = "newest"

    def keeps(self, row: DeskRow) -> bool:
        """Whether `row` is shown."""
        if self.states and not self.states & row.states:
            return False
        if self.species and not self.species & row.species:
            return False
        titles = " ".join(version.text for version in row.title.versions.values())
        haystack = f"{row.reference} {row.organisation} {titles}".casefold()
        return all(word in haystack for word in self.words.casefold().split())


SORTS = {
    "newest": lambda row: (-(row.submitted_at.timestamp() if row.submitted_at else 0), row.reference),
    "deadline": lambda row: (row.next_deadline or date.max, row.reference),
    "fit": lambda row: (-(row.best_fit or 0), row.reference),
}


def desk(session: Session, today: date) -> list[DeskRow]:
    """Every live proposal."""
    open_ = col(Pair.overall) != "not_eligible"
    wanted = open_ & (col(Pair.stage) != "dismissed")
    query = (
        select(
            col(ProposalCopy.proposal_id), col(ProposalCopy.reference), col(ProposalCopy.title),
            col(ProposalCopy.organisation_name), col(ProposalCopy.requested), col(ProposalCopy.currency),
            col(ProposalCopy.submitted_at), col(ProposalCopy.states), col(ProposalCopy.species),
        ).where(LIVE)
    )  # fmt: skip
    sums_query = (
        select(
            col(Pair.proposal_id),
            func.sum(case((col(Pair.overall) == "eligible", 1), else_=0)),
            func.sum(case((col(Pair.overall) == "unsure", 1), else_=0)),
            func.sum(case((col(Pair.stage) == "shortlisted", 1), else_=0)),
            func.max(case((wanted, col(Pair.fit)))),
        )
        .join(ProposalCopy, col(ProposalCopy.proposal_id) == col(Pair.proposal_id))
        .where(LIVE)
        .group_by(col(Pair.proposal_id))
    )  # fmt: skip
    sums = {row[0]: row[1:] for row in session.execute(sums_query)}
    dated = (
        select(col(Pair.proposal_id), col(WindowCopy.deadline), col(WindowCopy.deadline_certain))
        .join(WindowCopy, col(WindowCopy.window_id) == col(Pair.window_id))
        .where(wanted, col(WindowCopy.deadline) >= today)
        .order_by(col(WindowCopy.deadline).desc(), col(WindowCopy.deadline_certain))
    )
    deadlines = {row[0]: (row[1], row[2]) for row in session.execute(dated)}  # the earliest comes last, and stays
    rows = []
    for proposal_id, reference, title, organisation, requested, currency, at, states, species in session.execute(query):
        eligible, unsure, shortlisted, best = sums.get(proposal_id, (0, 0, 0, None))
        rows.append(
            DeskRow(
                proposal_id, reference, LocalizedText.model_validate(title), organisation,
                Money(amount=requested, currency=currency), at, frozenset(states), frozenset(species),
                int(eligible), int(unsure), int(shortlisted), best, *deadlines.get(proposal_id, (None, True)),
            )
        )  # fmt: skip
    return rows


def counted(values: Collection[frozenset[str]]) -> dict[str, int]:
    """How many of the sets hold each code."""
    counts: dict[str, int] = {}
    for codes in values:
        for code in codes:
            counts[code] = counts.get(code, 0) + 1
    return counts
