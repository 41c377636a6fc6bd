"""Messages that could not be handled, set aside where people can see them, hand them in again or let them go.

Only the message itself is parked: later events of the same key are handled all the same, for otherwise one bad message
would hold up everything about its subject until somebody looks. That is safe because our events carry whole states:
a handler ignores a revision older than the one it has, so a late replay does no harm. An event id is parked once.

Whatever happens to a parked message is noted for good: when, by whom, why.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import Row, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from contracts.envelope import Event, UnknownEventType, UnreadableEvent, new_id, read
from services.chassis import inbox
from services.chassis.bus import Message
from services.chassis.errors import BusUnavailable, Conflict, DatabaseBusy, NotFound
from services.chassis.messaging import MessagingTables
from services.chassis.service import Context, Service
from services.chassis.tracing import step, trail_of

LOG = logging.getLogger("cami.parked")
REASON_LENGTH: Final = 4000


@dataclass(frozen=True)
class ParkedMessage:
    """A message as it was set aside. `settled_how` is "replayed" or "discarded", or None while it waits."""

    id: UUID
    consumer: str
    topic: str
    partition: int
    offset: int
    key: str
    type: str
    headers: dict[str, str]
    body: bytes
    reason: str
    parked_at: datetime
    settled_at: datetime | None
    settled_how: str | None
    settled_note: str | None


@dataclass(frozen=True)
class Happening:
    """What has happened to a parked message: "parked", "failed" (replayed in vain), "replayed" or "discarded"."""

    at: datetime
    what: str
    who: str
    """A person's name; empty for the program itself."""
    text: str
    """The reason of a failure, the note of a person."""


class Settled(Conflict):
    """Somebody has replayed or discarded the message already."""


def reason_of(error: BaseException) -> str:
    """The exception's class and text."""
    return f"{type(error).__name__}: {error}"[:REASON_LENGTH]


def park(session: Session, tables: MessagingTables, consumer: str, message: Message, reason: str, at: datetime) -> UUID:
    """Set `message` aside. A message that stands here already is the same row: it waits again, with the new reason,
    unless somebody has discarded it: that stands, however often the bus gives the message again.
    """
    place = message.headers.get("ce_id") or f"{message.topic}/{message.partition}/{message.offset}"
    parked_id = uuid5(NAMESPACE_URL, f"{consumer}/{place}")
    row = {
        "id": parked_id, "consumer": consumer,
        "topic": message.topic[:120], "partition": message.partition, "offset": message.offset,
        "key": message.key[:120], "type": message.headers.get("ce_type", "")[:120],
        "headers": message.headers, "body": message.body, "reason": reason[:REASON_LENGTH], "parked_at": at,
        "settled_at": None, "settled_how": None, "settled_note": None,
    }  # fmt: skip
    connection = session.connection()
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    written = connection.execute(
        insert(tables.parked)
        .values(row)
        .on_conflict_do_update(
            index_elements=["id"], set_=row, where=tables.parked.c.settled_how.is_distinct_from("discarded")
        )
        .returning(tables.parked.c.id)  # rows of an INSERT are not counted on every database
    )
    if written.first() is not None:
        _note(session, tables, parked_id, "parked", "", reason[:REASON_LENGTH], at)
    return parked_id


def waiting(
    session: Session, tables: MessagingTables, *, limit: int = 100, offset: int = 0
) -> Sequence[ParkedMessage]:  # fmt: skip
    """Messages that nobody has settled yet, oldest first."""
    table = tables.parked
    query = select(table).where(table.c.settled_at.is_(None)).order_by(table.c.parked_at, table.c.id)
    return [_to_message(row) for row in session.connection().execute(query.limit(limit).offset(offset))]


def lately_settled(session: Session, tables: MessagingTables, *, limit: int = 10) -> Sequence[ParkedMessage]:
    """Messages that somebody has settled, the last first."""
    table = tables.parked
    query = select(table).where(table.c.settled_at.is_not(None)).order_by(table.c.settled_at.desc(), table.c.id)
    return [_to_message(row) for row in session.connection().execute(query.limit(limit))]


def history(session: Session, tables: MessagingTables, parked_id: UUID) -> Sequence[Happening]:
    """All that has happened to the message, oldest first."""
    table = tables.parked_history
    query = (
        select(table.c.at, table.c.what, table.c.who, table.c.text)
        .where(table.c.parked_id == parked_id)
        .order_by(table.c.at, table.c.id)
    )
    return [Happening(**row._mapping) for row in session.connection().execute(query)]


def count_waiting(session: Session, tables: MessagingTables) -> int:
    """How many messages nobody has settled yet."""
    query = select(func.count()).select_from(tables.parked).where(tables.parked.c.settled_at.is_(None))
    return session.connection().execute(query).scalar_one()


def find(session: Session, tables: MessagingTables, parked_id: UUID, *, lock: bool = False) -> ParkedMessage:
    """The message, settled or not; `lock` keeps it from being settled by anybody else meanwhile. Raises NotFound."""
    query = select(tables.parked).where(tables.parked.c.id == parked_id)
    if lock:  # SQLite, whose writers take turns, leaves it out
        query = query.with_for_update()
    row = session.connection().execute(query).first()
    if row is None:
        raise NotFound(f"there is no parked message {parked_id}")
    return _to_message(row)


def replay(service: Service, parked_id: UUID, *, who: str = "", note: str = "") -> None:
    """Hand the message to its handler again; what it does and its being settled are one transaction.

    Raises NotFound, Settled, Conflict if it cannot be read, and whatever the handler raises: then it stays parked,
    with the new reason.
    """
    tables = service.component.messaging
    with service.read() as session:
        message = _unsettled(session, tables, parked_id, lock=False)
    event = _event_of(service, message)
    try:
        trail = trail_of(message.headers, service=service.name)
        with step(f"handle {event.type} again", "consumer", trail), service.work(event=event) as context:
            _unsettled(context.session, tables, parked_id)  # nobody else was faster
            if inbox.claim(context.session, tables, service.name, event, at=context.now):
                service.component.routes[type(event.data)](context, event)
            else:
                note = "; ".join(part for part in (note, "it had been handled already") if part)
            _settle(context, parked_id, "replayed", who, note)
    except (DatabaseBusy, BusUnavailable, Settled):
        raise
    except Exception as error:
        table, reason = tables.parked, reason_of(error)
        with service.work() as context:
            failed = context.session.connection().execute(
                update(table).where(table.c.id == parked_id, table.c.settled_at.is_(None)).values(reason=reason)
            )
            if failed.rowcount:
                _note(context.session, tables, parked_id, "failed", who, reason, context.now)
        raise


def discard(service: Service, parked_id: UUID, note: str, *, who: str = "") -> None:
    """Let the message go unhandled; `note` says why. Raises NotFound, or Settled."""
    with service.work() as context:
        _unsettled(context.session, service.component.messaging, parked_id)
        _settle(context, parked_id, "discarded", who, note)


def obstacle(service: Service, message: ParkedMessage) -> str:
    """Why `message` cannot be handed in again, in English; empty if it can."""
    try:
        _event_of(service, message)
    except Conflict as error:
        return str(error)
    return ""


def _to_message(row: Row[Any]) -> ParkedMessage:
    return ParkedMessage(**row._mapping)


def _unsettled(session: Session, tables: MessagingTables, parked_id: UUID, *, lock: bool = True) -> ParkedMessage:
    message = find(session, tables, parked_id, lock=lock)
    if message.settled_at is not None:
        raise Settled(f"the message {parked_id} is settled already: {message.settled_how}")
    return message


def _event_of(service: Service, message: ParkedMessage) -> Event[Any]:
    try:
        event = read(message.headers, message.body)
    except UnreadableEvent as error:
        raise Conflict(f"the message cannot be read: {error}") from error
    except UnknownEventType as error:
        raise Conflict(f"nobody knows events of the type {error}") from error
    if type(event.data) not in service.component.routes:
        raise Conflict(f"{service.name} does not handle events of the type {event.type}")
    return event


def _settle(context: Context, parked_id: UUID, how: str, who: str, note: str) -> None:
    table = context.component.messaging.parked
    context.session.connection().execute(
        update(table)
        .where(table.c.id == parked_id)
        .values(settled_at=context.now, settled_how=how, settled_note=note or None)
    )
    _note(context.session, context.component.messaging, parked_id, how, who, note, context.now)
    LOG.info("%s: %s was %s by %s: %s", context.component.name, parked_id, how, who or "a command", note or "no note")


def _note(
    session: Session, tables: MessagingTables, parked_id: UUID, what: str, who: str, text: str, at: datetime
) -> None:  # fmt: skip
    row = {"id": new_id(), "parked_id": parked_id, "at": at, "what": what, "who": who[:200], "text": text}
    session.connection().execute(tables.parked_history.insert(), row)
