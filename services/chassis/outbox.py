"""The outbox: events wait here, in the service's own database, until the relay has handed them to the bus.

`write` runs in the very transaction that makes the events true, so they exist exactly if their cause does. What is
still to be published is always asked for by `published_at IS NULL`, never by remembering the last position that was
seen: on PostgreSQL positions are given out before they are committed, and a cursor would step over a slow writer.

Positions of one key rise in the order of commits: on PostgreSQL a transaction waits, at its end, for others that have
written events of the same key and are not committed yet. So whoever reads an event has all earlier ones of its key.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    CursorResult,
    Integer,
    any_,
    delete,
    func,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Session

from contracts.envelope import Event
from contracts.events import topic_of
from services.chassis import postgres
from services.chassis.bus import Outgoing, refuse_too_large
from services.chassis.messaging import MessagingTables


class Unpublished(NamedTuple):
    """One row of the outbox as the relay needs it."""

    position: int
    topic: str
    key: str
    headers: dict[str, str]
    body: bytes


class Depth(NamedTuple):
    """How much waits to be published, and how long the oldest of it has been waiting."""

    events: int
    oldest: timedelta


Row = dict[str, Any]
"""An event as it will stand in the outbox."""


def row_of(event: Event[Any], *, written_at: datetime, largest: int) -> Row:
    """The row of `event`; its key is its subject.

    Raises MessageTooLarge for an event of more than `largest` bytes: here the cause fails with it, while the relay
    could never get past it.
    """
    message = Outgoing(topic_of(event.type), event.subject, event.headers(), event.body())
    refuse_too_large([message], largest)
    return {
        "event_id": event.id, "topic": message.topic, "key": message.key, "type": event.type,
        "headers": message.headers, "body": message.body, "written_at": written_at, "published_at": None,
    }  # fmt: skip


def write(session: Session, tables: MessagingTables, service: str, rows: Sequence[Row]) -> None:
    """Put events into the outbox of `service`, at the very end of the caller's transaction.

    All other locks of the transaction must be held already: on PostgreSQL this takes those of the keys, and whoever
    took others afterwards could wait in a circle.
    """
    session.flush()
    connection = session.connection()
    postgres.lock_all(connection, "outbox", service, {str(row["key"]) for row in rows})
    connection.execute(tables.outbox.insert(), list(rows))


def unpublished(
    session: Session, tables: MessagingTables, limit: int, besides: Sequence[int] = ()
) -> Sequence[Unpublished]:  # fmt: skip
    """Up to `limit` events that are not published yet, in the order they were written.

    `besides`: positions of what is published and has not been marked yet.
    """
    box = tables.outbox.c
    connection = session.connection()
    query = select(box.position, box.topic, box.key, box.headers, box.body).where(box.published_at.is_(None))
    if besides:
        query = query.where(~_among(connection, box.position, besides))
    return [Unpublished(*row) for row in connection.execute(query.order_by(box.position).limit(limit)).all()]


def mark_published(session: Session, tables: MessagingTables, positions: Sequence[int], at: datetime) -> None:
    """Note that the bus has acknowledged the events at `positions`."""
    connection = session.connection()
    marked = _among(connection, tables.outbox.c.position, positions)
    connection.execute(update(tables.outbox).where(marked).values(published_at=at))


def depth_and_age(session: Session, tables: MessagingTables, now: datetime) -> Depth:
    """How many events wait, and the age of the oldest of them (zero when none does)."""
    box = tables.outbox.c
    waiting = box.published_at.is_(None)
    connection = session.connection()
    events = connection.execute(select(func.count()).select_from(tables.outbox).where(waiting)).scalar_one()
    oldest = connection.execute(select(box.written_at).where(waiting).order_by(box.position).limit(1)).scalar()
    return Depth(events, max(now - oldest, timedelta()) if oldest else timedelta())


def prune(session: Session, tables: MessagingTables, before: datetime, *, limit: int = 1000) -> int:
    """Delete up to `limit` events published before `before`, oldest first; answers how many.

    What is not published is never deleted.
    """
    box = tables.outbox.c
    oldest = select(box.position).where(box.published_at < before).order_by(box.position).limit(limit)
    result = session.connection().execute(delete(tables.outbox).where(box.position.in_(oldest)))
    assert isinstance(result, CursorResult)
    return result.rowcount


def _among(connection: Connection, column: Column[int], positions: Sequence[int]) -> ColumnElement[bool]:
    """Whether `column` is one of `positions`: one parameter, however many there are."""
    if connection.dialect.name == "postgresql":
        return column == any_(literal(list(positions), ARRAY(Integer)))
    return column.in_(text("SELECT value FROM json_each(:positions)").bindparams(positions=json.dumps(list(positions))))
