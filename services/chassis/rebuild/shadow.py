"""A shadow of a service's database: a file of its own in which the read copies are made anew.

It is always SQLite, whatever the live database is, with the service's own tables. The handlers are the service's own
too; what they emit goes nowhere, for all of it has been told already.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Table, event, select, tuple_
from sqlmodel import Session

from contracts.envelope import Event, new_id, read
from contracts.events import NAMES, Payload
from services.chassis.bus import Message
from services.chassis.db import Database
from services.chassis.errors import CamiError
from services.chassis.migrations import upgrade
from services.chassis.parked import reason_of
from services.chassis.service import Component, Context
from services.chassis.settings import Settings

T = TypeVar("T")
BATCH: Final = 500
"""Events of one transaction: nobody else reads the shadow, and a crash only means to begin again."""
Key = tuple[Any, ...]
"""Primary key of a row."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the journal: what changed copies (an event's id and type, or a step's), and when."""

    position: int
    key: UUID
    kind: str
    at: datetime


class Unheard(Context):
    """The context of a handler in the shadow: it says nothing, and notes nothing."""

    def emit(self, payload: Payload, *, subject: str, time: datetime | None = None) -> str:  # noqa: ARG002 - as `Context`
        """Answer an id as if it had been written."""
        return str(new_id())

    def note_step(self, kind: str, key: UUID | None = None) -> None:
        """It stands in the journal already."""


class Shadow:
    """The shadow of `component` in `folder`. Used by one thread."""

    def __init__(self, component: Component, settings: Settings, folder: Path) -> None:
        self._component = component
        self._settings = settings
        self.db = Database(f"sqlite:///{folder}/shadow.sqlite3")
        event.listen(self.db.engine, "connect", _without_waiting_for_the_disk)
        upgrade(component, self.db)
        with self.db.write() as session:
            for statement in (
                "CREATE TABLE _message (id TEXT PRIMARY KEY, topic TEXT, partition INT, offset INT, key TEXT,"
                " time INT, headers TEXT, body BLOB) WITHOUT ROWID",
                "CREATE INDEX _ix_message_time ON _message (time)",
                "CREATE TABLE _touched (name TEXT, key TEXT, PRIMARY KEY (name, key)) WITHOUT ROWID",
            ):
                session.connection().exec_driver_sql(statement)

    def close(self) -> None:
        """Give the file back."""
        self.db.close()

    def stage(self, messages: Sequence[Message]) -> None:
        """Lay the messages ready that the component has handlers for. One that comes again changes nothing."""
        rows = [
            (
                UUID(message.headers["ce_id"]).hex, message.topic, message.partition, message.offset, message.key,
                _micros(message.time), json.dumps(message.headers), message.body,
            )
            for message in messages
            if self.routes(message)
        ]  # fmt: skip
        if rows:
            with self.db.write() as session:
                session.connection().exec_driver_sql(
                    "INSERT INTO _message VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", rows
                )

    def routes(self, message: Message) -> bool:
        """Whether it says that it is an event which the component has a handler for."""
        if NAMES.get(message.headers.get("ce_type", "")) not in self._component.routes:
            return False
        try:
            UUID(message.headers.get("ce_id", ""))
        except ValueError:
            return False
        return True

    def besides(self, known: AbstractSet[UUID | None], since: datetime | None = None) -> list[Message]:
        """The messages that lie ready and are not among `known`, in order of publication."""
        with self.db.engine.connect() as connection:
            rows = connection.exec_driver_sql(
                "SELECT id FROM _message WHERE time >= ? ORDER BY time, topic, partition, offset",
                (_micros(since) if since else 0,),
            )
            unknown = [key for row in rows if (key := UUID(row[0])) not in known]
            found: list[Message] = []
            for some in chunks(unknown, BATCH):
                messages = self._messages(connection, some)
                found += [messages[key] for key in some]
        return found

    def has(self, keys: Iterable[UUID]) -> set[UUID]:
        """Those of `keys` whose messages lie ready."""
        found: set[UUID] = set()
        with self.db.engine.connect() as connection:
            for some in chunks(list(keys), BATCH):
                query = f"SELECT id FROM _message WHERE id IN ({', '.join('?' * len(some))})"  # noqa: S608 - marks alone
                found |= {UUID(row[0]) for row in connection.exec_driver_sql(query, tuple(key.hex for key in some))}
        return found

    def since(self, moment: datetime) -> set[UUID]:
        """The ids of all messages that were published at `moment` or later."""
        with self.db.engine.connect() as connection:
            rows = connection.exec_driver_sql("SELECT id FROM _message WHERE time >= ?", (_micros(moment),))
            return {UUID(row[0]) for row in rows}

    def copy(self, table: Table, live: Connection) -> None:
        """Take over the rows of a live table that are not here yet."""
        columns = list(table.primary_key)
        with self.db.write() as session:
            connection = session.connection()
            here = {tuple(row) for row in connection.execute(select(*columns))}
            missing = [key for row in live.execute(select(*columns)) if (key := tuple(row)) not in here]
            for some in chunks(missing, BATCH):
                connection.execute(table.insert(), list(rows_of(live, table, some).values()))

    def handle(self, entries: Sequence[Entry], now: datetime | None = None) -> Iterator[int]:
        """Do `entries` again in their order, at the moments they were done at (or at `now`); answers how many are
        done, from time to time. Raises CamiError, naming what cannot be done again."""
        for number, some in enumerate(chunks(entries, BATCH)):
            with self.db.write() as session:
                messages = self._messages(session.connection(), [entry.key for entry in some])
                for entry in some:
                    self._handle(session, entry, messages.get(entry.key), now or entry.at)
                session.flush()
            yield number * BATCH + len(some)

    def watch(self) -> None:
        """From now on, keep note of the rows of copies that are written."""
        with self.db.write() as session:
            connection = session.connection()
            for table in self._component.copies:
                for verb, row in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
                    key = ", ".join(f'{row}."{column.name}"' for column in table.primary_key)
                    connection.exec_driver_sql(
                        f'CREATE TRIGGER "_{verb}_{table.name}" AFTER {verb} ON "{table.name}" BEGIN'  # noqa: S608 - our own names
                        f" INSERT OR IGNORE INTO _touched VALUES ('{table.name}', json_array({key})); END"
                    )

    def touched(self, table: Table) -> set[Key]:
        """The keys of rows that were written since `watch`."""
        with self.db.engine.connect() as connection:
            rows = connection.exec_driver_sql("SELECT key FROM _touched WHERE name = ?", (table.name,)).scalars().all()
            dialect = connection.dialect
            read_back = [
                column.type.dialect_impl(dialect).result_processor(dialect, None) for column in table.primary_key
            ]
            return {
                tuple(
                    process(value) if process else value
                    for process, value in zip(read_back, json.loads(row), strict=True)
                )
                for row in rows
            }

    def _handle(self, session: Session, entry: Entry, message: Message | None, now: datetime) -> None:
        context = Unheard(session, now, self._component, self._settings)
        try:
            if (step := self._component.steps.get(entry.kind)) is not None:
                step(context, entry.key)
            elif message is not None:
                context.event = told = _event(message)
                self._component.routes[type(told.data)](context, told)
            if self._component.one_at_a_time:  # whatever the next one reads, and how, it sees what this one has written
                session.flush()
                session.expunge_all()
        except Exception as error:
            raise CamiError(f"{entry.kind} {entry.key} cannot be handled again: {reason_of(error)}") from error

    @staticmethod
    def _messages(connection: Connection, keys: Sequence[UUID]) -> dict[UUID, Message]:
        marks = ", ".join("?" * len(keys))
        query = f"SELECT topic, partition, offset, key, time, headers, body, id FROM _message WHERE id IN ({marks})"  # noqa: S608 - marks alone
        rows = connection.exec_driver_sql(query, tuple(key.hex for key in keys))
        return {UUID(row[7]): _message(row) for row in rows}


def chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """`items`, `size` at a time."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def rows_of(connection: Connection, table: Table, keys: Sequence[Key]) -> dict[Key, Mapping[str, Any]]:
    """Key -> row, of those of `keys` that are there."""
    names = [column.name for column in table.primary_key]
    found = connection.execute(select(table).where(one_of(table, keys))).mappings()
    return {tuple(row[name] for name in names): dict(row) for row in found}


def one_of(table: Table, keys: Sequence[Key]) -> ColumnElement[bool]:
    """The condition that a row has one of `keys`."""
    columns = list(table.primary_key)
    if len(columns) == 1:
        return columns[0].in_([key[0] for key in keys])
    return tuple_(*columns).in_(keys)


def _event(message: Message) -> Event[Any]:
    return read(message.headers, message.body)


def _message(row: Any) -> Message:
    topic, partition, offset, key, time, headers, body = row[:7]
    return Message(topic, partition, offset, key, json.loads(headers), body, datetime.fromtimestamp(time / 1e6, UTC))


def _micros(moment: datetime) -> int:
    return round(moment.timestamp() * 1e6)


def _without_waiting_for_the_disk(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF")
