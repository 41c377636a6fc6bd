"""What has become of pairs: decisions and moves read together, each with the verdict as it was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from contracts.values import LocalizedText
from services.matching.rules.outcomes import Case, Outcome, Snapshot
from services.matching.tables import PairDecision, ProposalCopy, Pursuit, PursuitMove, WindowCopy

Key = tuple[UUID, str]
_OF_STAGE: Mapping[str, Outcome] = {
    "identified": "shortlisted", "contacted": "approached", "concept_note": "approached", "submitted": "submitted",
    "awarded": "awarded", "declined": "declined",
}  # fmt: skip


@dataclass(frozen=True)
class Known:
    """A case with what a person needs to read of it."""

    case: Case
    proposal_id: UUID
    reference: str
    title: LocalizedText
    window_id: str
    window_name: str
    donor_name: str
    reason: str
    """Of the dismissal, or of the beginning of the pursuit."""
    by: str
    at: datetime
    kept: bool
    """False when it was decided before verdicts were kept with decisions."""


def outcomes(session: Session) -> list[Known]:
    """Every pair of which something came, the latest first."""
    decisions = {
        (row.proposal_id, row.window_id): row
        for row in session.execute(select(PairDecision).order_by(col(PairDecision.decided_at))).scalars()
    }  # the last one of a pair comes last, and stays
    moves = {row.move_id: row for row in session.execute(select(PursuitMove)).scalars()}
    chains = {
        (row.proposal_id, row.window_id): _chain(moves, row.move_id)
        for row in session.execute(select(Pursuit).where(col(Pursuit.stage) != "none")).scalars()
    }
    names = _Names(session)
    found = [
        known
        for key in decisions.keys() | chains.keys()
        if (known := _known(key, decisions.get(key), chains.get(key, []), names)) is not None
    ]
    return sorted(found, key=lambda one: (one.at, one.reference, one.window_id), reverse=True)


class _Names:
    """What proposals and windows are called."""

    def __init__(self, session: Session) -> None:
        proposals = select(col(ProposalCopy.proposal_id), col(ProposalCopy.reference), col(ProposalCopy.title))
        windows = select(col(WindowCopy.window_id), col(WindowCopy.name), col(WindowCopy.donor_name))
        self.proposals = {row[0]: (row[1], LocalizedText.model_validate(row[2])) for row in session.execute(proposals)}
        self.windows = {row[0]: (row[1], row[2]) for row in session.execute(windows)}


def _chain(moves: Mapping[UUID, PursuitMove], last: UUID | None) -> list[PursuitMove]:
    """The moves that stand, the first one first; what was undone is left out."""
    chain: list[PursuitMove] = []
    while last is not None and (move := moves.get(last)) is not None:
        chain.append(move)
        last = move.before
    return chain[::-1]


def _known(key: Key, decision: PairDecision | None, chain: Sequence[PursuitMove], names: _Names) -> Known | None:
    outcome = _outcome(decision, chain)
    if outcome is None or key[0] not in names.proposals or key[1] not in names.windows:
        return None
    begun = next((move for move in chain if move.stage != "identified"), None)
    rests_on: PairDecision | PursuitMove | None
    if outcome == "dismissed" or (outcome == "shortlisted" and not chain):
        rests_on = decision
    else:
        rests_on = _committed(chain)
    if rests_on is None:
        return None
    told: PairDecision | PursuitMove = rests_on
    if begun is not None and outcome != "dismissed":
        told = next((move for move in chain if move.reason), begun) if begun.overall == "not_eligible" else chain[-1]
    case = Case(outcome, _snapshot(rests_on), None if begun is None else _snapshot(begun))
    reference, title = names.proposals[key[0]]
    window_name, donor_name = names.windows[key[1]]
    return Known(
        case, key[0], reference, title, key[1], window_name, donor_name, told.reason,
        told.moved_by if isinstance(told, PursuitMove) else told.decided_by,
        told.moved_at if isinstance(told, PursuitMove) else told.decided_at, rests_on.verdicts is not None,
    )  # fmt: skip


def _outcome(decision: PairDecision | None, chain: Sequence[PursuitMove]) -> Outcome | None:
    stage = chain[-1].stage if chain else "none"
    if stage in ("awarded", "declined"):
        return _OF_STAGE[stage]
    if decision is not None and decision.stage == "dismissed":
        return "dismissed"
    if stage == "none":
        return "shortlisted" if decision is not None and decision.stage == "shortlisted" else None
    return _OF_STAGE[stage]


def _committed(chain: Sequence[PursuitMove]) -> PursuitMove | None:
    """The move by which the pair went to the donor; short of that, the one by which somebody began to pursue it.

    Not the donor's answer: by then the window has closed, and rules say no that said yes when it mattered.
    """
    sent = [move for move in chain if move.stage == "submitted" and move.was_stage != "submitted"]
    begun = [move for move in chain if move.stage != "identified"]
    return next(iter(sent[-1:] or begun[:1] or chain[-1:]), None)


def _snapshot(row: PairDecision | PursuitMove) -> Snapshot:
    parts = {part: (int(points), int(most)) for part, (points, most) in (row.parts or {}).items()}
    return Snapshot(row.overall, row.fit, cast(Mapping[str, str], row.verdicts or {}), parts)
