"""A coordinator moves a pursuit, or takes the last move back."""

from decimal import Decimal
from typing import Any, Final, cast
from uuid import UUID

from sqlmodel import Session, col, select

from contracts.envelope import new_id
from contracts.events import PursuitMoved
from contracts.values import Money
from contracts.windows import WindowTerms
from services.chassis.errors import Conflict, NotFound
from services.chassis.service import Context
from services.matching.commands.pursuits import MovePursuit, UndoMove
from services.matching.handlers.history import rejudge_donor
from services.matching.handlers.terms import terms_of
from services.matching.rules.pursuits import (
    CONCLUDED,
    PursuitStage,
    Refused,
    Standing,
    Surroundings,
    problems,
    stage_of,
    usd_of,
)
from services.matching.shipped import rates
from services.matching.tables import Pair, ProposalCopy, Pursuit, PursuitMove, WindowCopy

PURSUIT: Final = "step.pursuit"
"""Kind of the step: the move of that id was made."""
STANDING: Final = ("stage", "amount", "currency", "amount_usd", "rates_date", "owner_name", "reason", "day")
"""What a move says of where the pursuit stands after it."""


class Overtaken(Conflict):
    """Somebody else has moved the pursuit since the page was drawn."""

    def __init__(self, pursuit: Pursuit) -> None:
        super().__init__("somebody else has moved this pursuit meanwhile")
        self.stage, self.by, self.at = pursuit.stage, pursuit.moved_by, pursuit.moved_at


def move_pursuit(context: Context, command: MovePursuit) -> bool:
    """Record the move and tell of it; False when it has been made already, or would change nothing.

    Raises NotFound without such a pair, Overtaken when the page was out of date, Refused.
    """
    context.take_turn()
    session = context.session
    if was_made(session, command.once):
        return False
    proposal, pair, window = whereabouts(session, command.proposal_id, command.window_id)
    pursuit = session.get(Pursuit, (command.proposal_id, command.window_id))
    if pursuit is not None and pursuit.last_id != command.seen:
        raise Overtaken(pursuit)
    now, wish = standing_of(pursuit, pair), command.wish
    if found := problems(now, wish, surroundings(session, proposal, pair, window)):
        raise Refused(found)
    wanted = wish.standing
    reason = wish.reason or (pursuit.reason if pursuit is not None and wanted.stage == now.stage else "")
    if pursuit is not None and wanted == now and not wish.note and reason == pursuit.reason:
        return False
    move = PursuitMove(
        move_id=new_id(), once=command.once, proposal_id=command.proposal_id, window_id=command.window_id,
        donor_id=window.donor_id, was_stage=now.stage, before=pursuit.move_id if pursuit else None,
        stage=wanted.stage, amount=wanted.amount, currency=wanted.currency if wanted.amount is not None else "",
        owner_name=wanted.owner, reason=reason, day=wanted.day, note=wish.note, moved_by=command.person_name,
        person_id=command.person_id, moved_at=context.later_than(pursuit.moved_at if pursuit else None),
        **snapshot(pair),
    )  # fmt: skip
    if wanted.amount is not None:
        move.amount_usd, move.rates_date = usd_of(wanted.amount, wanted.currency, rates()), rates().day
    _record(context, move)
    return True


def undo_move(context: Context, command: UndoMove) -> bool:
    """Put the pursuit back to where it stood before the last move; False when that has been done already.

    Raises NotFound without such a move, Overtaken when it is not the last one any more.
    """
    context.take_turn()
    session = context.session
    undone = session.get(PursuitMove, command.move_id)
    this = (command.proposal_id, command.window_id)
    if undone is None or (undone.proposal_id, undone.window_id) != this or undone.undoes is not None:
        raise NotFound("no such move")  # an undoing is not undone; the move is made again
    if session.exec(select(PursuitMove.move_id).where(PursuitMove.undoes == command.move_id)).first() is not None:
        return False
    _proposal, pair, _window = whereabouts(session, command.proposal_id, command.window_id)
    pursuit = session.get(Pursuit, (command.proposal_id, command.window_id))
    if pursuit is None or pursuit.move_id != command.move_id:
        raise Overtaken(pursuit) if pursuit else NotFound("no such pursuit")
    base = session.get(PursuitMove, undone.before) if undone.before is not None else None
    move = PursuitMove(
        move_id=new_id(), once=new_id(), proposal_id=undone.proposal_id, window_id=undone.window_id,
        donor_id=undone.donor_id, was_stage=undone.stage, before=undone.before, undoes=undone.move_id,
        moved_by=command.person_name, person_id=command.person_id, moved_at=context.later_than(pursuit.moved_at),
        **(_standing_columns(base) if base else {"stage": "none"}), **snapshot(pair),
    )  # fmt: skip
    _record(context, move)
    return True


def was_made(session: Session, once: UUID) -> bool:
    """Whether the form of this id has been a move already."""
    return session.exec(select(PursuitMove.move_id).where(PursuitMove.once == once)).first() is not None


def redo_pursuit(context: Context, move_id: UUID) -> None:
    """Let a move have once more the effect that it had."""
    move = context.session.get(PursuitMove, move_id)
    if move is not None:
        _apply(context, move)


def whereabouts(session: Session, proposal_id: UUID, window_id: str) -> tuple[ProposalCopy, Pair, WindowCopy]:
    """The pair with its proposal and its window. Raises NotFound."""
    proposal, pair = session.get(ProposalCopy, proposal_id), session.get(Pair, (proposal_id, window_id))
    window = session.get(WindowCopy, window_id)
    if proposal is None or pair is None or window is None:
        raise NotFound("no such pair")
    return proposal, pair, window


def standing_of(pursuit: Pursuit | None, pair: Pair) -> Standing:
    """Where a pursuit stands, its amount as it was entered."""
    stage = stage_of(cast(PursuitStage, pursuit.stage if pursuit else "none"), pair.stage)
    if pursuit is None:
        return Standing(stage)
    return Standing(stage, pursuit.amount, pursuit.currency, pursuit.owner_name, pursuit.day)


def surroundings(session: Session, proposal: ProposalCopy, pair: Pair, window: WindowCopy) -> Surroundings:
    """What the rules of pursuits need to know of a pair: the window's largest grant as people's answers have it."""
    amount = (terms_of(session, window.window_id) or WindowTerms.model_validate(window.terms)).amount
    return Surroundings(
        rates(), Money(amount=proposal.requested, currency=proposal.currency),
        Money(amount=amount.maximum, currency=amount.currency) if amount.maximum else None,
        pair.overall, pair.stage == "dismissed", proposal.live,
    )  # fmt: skip


def snapshot(pair: Pair) -> dict[str, Any]:
    """The verdict as it is now, with the answer of each rule and the points of each part (`[earned, possible]`)."""
    return {
        "overall": pair.overall, "fit": pair.fit,
        "verdicts": {finding["rule"]: finding["verdict"] for finding in pair.findings},
        "parts": {part["part"]: [part["points"], part["most"]] for part in pair.parts},
    }  # fmt: skip


def _record(context: Context, move: PursuitMove) -> None:
    context.note_step(PURSUIT, move.move_id)
    context.session.add(move)
    _apply(context, move)
    amount = None if move.amount is None else Money(amount=Decimal(move.amount), currency=move.currency)
    context.emit(
        PursuitMoved(
            proposal_id=move.proposal_id, window_id=move.window_id, donor_id=move.donor_id,
            stage=cast(PursuitStage, move.stage), was_stage=cast(PursuitStage, move.was_stage),
            undone=move.undoes is not None, amount=amount, amount_usd=move.amount_usd, rates_date=move.rates_date,
            day=move.day, owner=move.owner_name, reason=move.reason, moved_by=move.moved_by, moved_at=move.moved_at,
        ),
        subject=str(move.proposal_id), time=move.moved_at,
    )  # fmt: skip


def _apply(context: Context, move: PursuitMove) -> None:
    """Write where the pursuit stands now."""
    session = context.session
    pursuit = session.get(Pursuit, (move.proposal_id, move.window_id))
    pursuit = pursuit or Pursuit(
        proposal_id=move.proposal_id, window_id=move.window_id, donor_id=move.donor_id, stage="none",
        moved_by=move.moved_by, moved_at=move.moved_at, last_id=move.move_id,
    )  # fmt: skip
    concluded = CONCLUDED & {pursuit.stage, move.stage}
    for name, value in _standing_columns(move).items():
        setattr(pursuit, name, value)
    pursuit.donor_id, pursuit.moved_by, pursuit.moved_at = move.donor_id, move.moved_by, move.moved_at
    pursuit.move_id = move.before if move.undoes is not None else move.move_id
    pursuit.last_id = move.move_id
    session.add(pursuit)
    session.flush()
    if concluded:  # what the donor answers, or no longer has, is part of the fit of all its windows
        rejudge_donor(context, move.donor_id)


def _standing_columns(move: PursuitMove) -> dict[str, Any]:
    return {name: getattr(move, name) for name in STANDING}


def last_moves(session: Session, proposal_id: UUID, window_id: str) -> list[PursuitMove]:
    """Every move of a pursuit, newest first."""
    query = (
        select(PursuitMove)
        .where(col(PursuitMove.proposal_id) == proposal_id, col(PursuitMove.window_id) == window_id)
        .order_by(col(PursuitMove.moved_at).desc(), col(PursuitMove.move_id).desc())
    )
    return list(session.exec(query))
