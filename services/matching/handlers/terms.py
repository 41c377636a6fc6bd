"""The terms of every window, read once per revision: reading JSON takes longer than judging."""

from collections.abc import Collection
from typing import Final

from sqlmodel import Session, col, select

from contracts.windows import WindowTerms
from services.matching.tables import WindowCopy

_LIMIT: Final = 1000
_known: dict[str, WindowTerms] = {}
"""By the id of the event that brought them, which no two revisions, or databases, share. Never changed once put in."""


def all_terms(session: Session) -> list[WindowTerms]:
    """The terms of all windows, by window id."""
    query = select(WindowCopy.event_id).order_by(col(WindowCopy.window_id))
    event_ids = list(session.exec(query))
    known = {event_id: _known[event_id] for event_id in event_ids if event_id in _known}
    if missing := [event_id for event_id in event_ids if event_id not in known]:
        stored = select(WindowCopy.event_id, WindowCopy.terms)
        if known:
            stored = stored.where(col(WindowCopy.event_id).in_(missing))
        known |= {event_id: WindowTerms.model_validate(terms) for event_id, terms in session.exec(stored)}
        if len(_known) > _LIMIT:  # mostly revisions that others have followed
            _known.clear()
        _known.update(known)
    return [known[event_id] for event_id in event_ids]


def terms_of(session: Session, window_id: str) -> WindowTerms | None:
    """The terms of one window, or None where there is no such window."""
    return next(iter(terms_of_some(session, [window_id])), None)


def terms_of_some(session: Session, window_ids: Collection[str]) -> list[WindowTerms]:
    """The terms of those of the windows that are here, by window id."""
    wanted = set(window_ids)
    return [terms for terms in all_terms(session) if terms.window_id in wanted] if wanted else []
