"""How far matching has followed the other services: the event that a page is current to."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session

from services.matching.handlers.renewing import Renewing, renewing
from services.matching.tables import MESSAGING


@dataclass(frozen=True)
class Current:
    """The latest of what matching has taken in: an event, a decision or a turn of the calendar."""

    event_id: str
    at: datetime
    position: int
    """Its place in the order of handling."""
    renewing: Renewing | None = None
    """How far what older rules have judged is judged again; None when all of it is."""


def current_to(session: Session) -> Current | None:
    """What a page read in this session is current to; None before anything has happened."""
    inbox = MESSAGING.inbox
    newest = select(inbox.c.event_id, inbox.c.handled_at, inbox.c.position).order_by(
        inbox.c.position.desc(), inbox.c.handled_at.desc()
    )  # fmt: skip
    found = session.execute(newest.limit(1)).first()
    return Current(str(found[0]), found[1], int(found[2]), renewing(session)) if found else None
