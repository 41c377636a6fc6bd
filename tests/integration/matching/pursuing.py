"""Moves as a coordinator makes them, for tests."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from contracts.envelope import new_id
from services.chassis.service import Service
from services.matching.commands.pursuits import MovePursuit, UndoMove
from services.matching.handlers.pursuits import move_pursuit, undo_move
from services.matching.rules.pursuits import PursuitStage, Standing, Wish
from services.matching.tables import Pursuit, PursuitMove

PERSON = UUID(int=7)
LAST: Any = object()
"""As the page shows it now."""


def pursuit(service: Service, proposal_id: UUID, window_id: str = "a") -> Pursuit | None:
    """Where the pursuit stands."""
    with service.read() as session:
        return session.get(Pursuit, (proposal_id, window_id))


def moves(service: Service) -> list[PursuitMove]:
    """All moves, oldest first."""
    with service.read() as session:
        return list(session.execute(select(PursuitMove).order_by(PursuitMove.moved_at)).scalars())  # type: ignore[arg-type]


def move(
    service: Service, proposal_id: UUID, stage: PursuitStage, amount: int | str | None = None, *,
    window_id: str = "a", currency: str = "USD", owner: str = "Aigul", day: date | None = None, reason: str = "",
    note: str = "", once: UUID | None = None, seen: UUID | None = LAST, by: str = "Coordinator",
) -> bool:  # fmt: skip
    """Move the pursuit of a window's money."""
    if seen is LAST:
        now = pursuit(service, proposal_id, window_id)
        seen = now.last_id if now else None
    standing = Standing(stage, None if amount is None else Decimal(amount), currency if amount else "", owner, day)
    command = MovePursuit(
        proposal_id, window_id, Wish(standing, reason, note), once or new_id(), seen, PERSON, by
    )  # fmt: skip
    return service.run(lambda context: move_pursuit(context, command))


def undo(service: Service, proposal_id: UUID, move_id: UUID, window_id: str = "a") -> bool:
    """Take a move back."""
    command = UndoMove(proposal_id, window_id, move_id, PERSON, "Coordinator")
    return service.run(lambda context: undo_move(context, command))
