"""Rows that are jobs: whoever works at one holds a lease, and what a crash leaves behind is taken up by another.

A table of jobs has a state and the moment until which the holder's lease runs.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, CursorResult, Update, and_, or_
from sqlmodel import Session

MOST_ATTEMPTS: Final = 3
"""How often a job is taken up before it is given up: it may be what kills its worker."""
INTERRUPTED: Final = "interrupted"
"""Error of a job that was given up so."""
FARTHEST: Final = 3
"""No sound clock has written a lease longer than so many: whoever did had one that jumped, and may be gone."""


def free(state: Any, until: Any, now: datetime, lease: timedelta, *, waits: str, works: str) -> ColumnElement[bool]:
    """Whether a job may be taken up: it waits, or its lease is over. `state` and `until` are columns."""
    over = or_(until < now, until > now + FARTHEST * lease)
    return or_(state == waits, and_(state == works, over))


def written(session: Session, change: Update) -> bool:
    """Make a change to one row; False when the row was not as the change's condition says."""
    done = session.connection().execute(change)
    assert isinstance(done, CursorResult)
    return done.rowcount == 1
