"""Readable references of proposals: CAMI-2026-0042, counted anew each year. A number may stay unused."""

from typing import Any, cast

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from services.projects.tables.proposals import ReferenceCounterRow


def next_reference(session: Session, year: int) -> str:
    """The next reference of `year`. Raises nothing of its own; unique also when several processes ask at once."""
    number = _counted(session, year)
    if number is None:
        try:
            with session.begin_nested():
                session.add(ReferenceCounterRow(year=year, last=1))
            number = 1
        except IntegrityError:  # another process has opened the year in this very moment
            number = _counted(session, year)
    return f"CAMI-{year}-{number:04d}"


def _counted(session: Session, year: int) -> int | None:
    """Raise the year's counter by one and answer it; None when the year has none yet. The row stays locked."""
    columns = cast(Any, ReferenceCounterRow)
    counted = (
        update(ReferenceCounterRow)
        .where(columns.year == year)
        .values(last=columns.last + 1)
        .returning(columns.last)
        .execution_options(synchronize_session=False)
    )
    number: int | None = session.connection().execute(counted).scalar()
    return number
