"""A coordinator decides on a pair."""

from typing import Final, cast
from uuid import UUID

from contracts.envelope import new_id
from contracts.events import PairDecided
from services.chassis.errors import Conflict, NotFound
from services.chassis.service import Context
from services.matching.commands import DecidePair
from services.matching.handlers.pursuits import snapshot
from services.matching.rules.decisions import Decision, Stage, decide
from services.matching.tables import Pair, PairDecision, ProposalCopy, Pursuit

DECISION: Final = "step.decision"
"""Kind of the step: the decision of that id was taken."""


class MoneyGranted(Conflict):
    """A window that has granted money for a proposal cannot be dismissed for it."""


def decide_pair(context: Context, command: DecidePair) -> bool:
    """Record the decision and tell of it; False when it had been taken already (a button pressed twice).

    Raises NotFound without such a pair, Conflict when the proposal has been withdrawn meanwhile,
    MoneyGranted, ReasonNeeded.
    """
    context.take_turn()
    session = context.session
    proposal = session.get(ProposalCopy, command.proposal_id)
    pair = session.get(Pair, (command.proposal_id, command.window_id))
    if proposal is None or pair is None:
        raise NotFound("no such pair")
    decision = decide(Decision(cast(Stage, pair.stage), pair.stage_reason), command.wanted)
    if decision is None:
        return False
    if not proposal.live:
        raise Conflict("the proposal has been withdrawn")
    if decision.stage == "dismissed":
        pursuit = session.get(Pursuit, (command.proposal_id, command.window_id))
        if pursuit is not None and pursuit.stage == "awarded":
            raise MoneyGranted("its pursuit has been awarded")
    at = context.later_than(pair.stage_at)  # of two decisions, readers keep the later one
    row = PairDecision(
        decision_id=new_id(), proposal_id=pair.proposal_id, window_id=pair.window_id, stage=decision.stage,
        reason=decision.reason, decided_by=command.person_name, person_id=command.person_id,
        decided_at=at, **snapshot(pair),
    )  # fmt: skip
    context.note_step(DECISION, row.decision_id)
    session.add(row)
    _mark(pair, row)
    session.add(pair)
    context.emit(
        PairDecided(
            proposal_id=pair.proposal_id, window_id=pair.window_id, stage=decision.stage, reason=decision.reason,
            decided_by=command.person_name, decided_at=at,
        ),
        subject=str(pair.proposal_id), time=at,
    )  # fmt: skip
    return True


def redo_decision(context: Context, decision_id: UUID) -> None:
    """Mark the pair once more with a decision that was taken of it."""
    row = context.session.get(PairDecision, decision_id)
    pair = context.session.get(Pair, (row.proposal_id, row.window_id)) if row is not None else None
    if row is not None and pair is not None:
        _mark(pair, row)
        context.session.add(pair)


def _mark(pair: Pair, decision: PairDecision) -> None:
    pair.stage, pair.stage_reason, pair.stage_by = decision.stage, decision.reason, decision.decided_by
    pair.stage_at, pair.stage_overall = decision.decided_at, decision.overall
