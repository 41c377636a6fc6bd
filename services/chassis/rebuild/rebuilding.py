"""The rebuild of a service's read copies: read the log, do the journal again in a shadow, put in place what differs.

The inbox is the journal of the copies: which events and steps changed them, in which order and at what moment. Done
again in that order and with those moments, they give the very same rows, whatever the calendar says today. The service
works on meanwhile, here or elsewhere: what it does stands in the journal too and is done in the shadow after it. Only
the last of it, and the replacing of rows that differ, is one transaction that handlers wait for.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, select
from sqlalchemy import Table as SqlTable

from contracts.envelope import UnreadableEvent, read
from contracts.events import NAME_OF
from services.chassis.bus import Bus, Message
from services.chassis.consumer import Consumer, Outcome
from services.chassis.errors import CamiError, DatabaseBusy
from services.chassis.groups import group_of, topics_of
from services.chassis.rebuild.differences import Difference, between, put
from services.chassis.rebuild.shadow import Entry, Shadow
from services.chassis.service import Progress, Service

PAGE: Final = 2000
FEW: Final = 100
"""So many lines of the journal may be done while a snapshot of the live database is kept open."""
LATE: Final = 5000
"""A transaction on PostgreSQL may commit its line of the journal after so many later ones, at the very most."""
PATIENCE_SECONDS: Final = 30.0


@dataclass
class Report:
    """What a rebuild found, and has done unless it was only a check."""

    service: str
    events: int = 0
    """Events and steps that were done again."""
    lost: list[str] = field(default_factory=list)
    """Ids of events that the service's consumers had passed without handling or parking them."""
    tables: dict[str, Difference] = field(default_factory=dict)
    seconds: float = 0.0
    waited_seconds: float = 0.0
    """How long handlers had to wait while rows were put in place."""

    @property
    def equal(self) -> bool:
        """Whether the live copies are what the log makes of them."""
        return not self.lost and not any(self.tables.values())


def rebuild(
    service: Service, bus: Bus, *, since: datetime | None = None, check: bool = False,
    progress: Progress = lambda _what, _done, _total: None,
) -> Report:  # fmt: skip
    """Make the copies of `service` anew from the beginning of the log, or do again on the live ones what was published
    at `since` or later; `check` changes nothing.

    Raises CamiError for a service without copies, for an event that cannot be handled again, and when events that the
    service has handled are on the log no longer.
    """
    if not service.component.copies:
        raise CamiError(f"{service.name} keeps no copies of what others say: there is nothing to rebuild")
    started = time.perf_counter()
    with TemporaryDirectory(prefix="cami-rebuild-") as folder:
        shadow = Shadow(service.component, service.settings, Path(folder))
        try:
            report = _Rebuild(service, bus, shadow, since, check, progress).run()
        finally:
            shadow.close()
    report.seconds = time.perf_counter() - started
    return report


class _Rebuild:
    def __init__(
        self, service: Service, bus: Bus, shadow: Shadow, since: datetime | None, check: bool, progress: Progress
    ) -> None:
        self._service = service
        self._bus = bus
        self._shadow = shadow
        self._since = since
        self._check = check
        self._progress = progress
        self._offsets: dict[str, dict[int, int]] = {topic: {} for topic in topics_of(service.component)}
        self._done: set[UUID] = set()
        self._last = 0
        self._report = Report(service.name)

    def run(self) -> Report:
        self._read_log(tell=True)
        lost = self._lost()
        if self._check:
            self._report.lost = [message.headers["ce_id"] for message in lost]
        else:
            self._hand_in(lost)
        self._redo(self._begin(), tell=True)
        while True:
            with self._snapshot() as live:
                late = self._journal(live)
                if len(late) <= FEW:
                    self._redo(late)
                    found = self._compare(live)
                    break
            self._redo(late)
        if any(found.values()) and not self._check:
            found = self._put(found)
        self._report.tables = found
        return self._report

    # --- the log

    def _read_log(self, *, tell: bool = False) -> None:
        """Lay ready what is on the log and has not been read yet."""
        total = sum(sum(self._bus.end_offsets(topic).values()) for topic in self._offsets) if tell else 0
        done = 0
        for topic, offsets in self._offsets.items():
            while messages := self._bus.read(topic, from_offset=dict(offsets), limit=PAGE):
                for message in messages:
                    offsets[message.partition] = message.offset + 1
                self._shadow.stage(messages)
                done += len(messages)
                if tell:
                    self._progress("Reading the log", min(done, total), total)

    def _lost(self) -> list[Message]:
        """Events that the consumers have passed and that were neither handled nor parked. There should be none.

        What a consumer has still before it is its own business: it is asked again until it has caught up.
        """
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            before_them = {topic for topic in self._offsets if self._lag(topic) != 0}  # asked before the inbox is
            inbox, parked = self._service.component.messaging.inbox, self._service.component.messaging.parked
            with self._snapshot() as live:
                known: set[UUID | None] = set(live.execute(select(inbox.c.event_id)).scalars())
                known |= {_id(headers) for headers in live.execute(select(parked.c.headers)).scalars()}
            unknown = [message for message in self._shadow.besides(known, self._since) if _is_readable(message)]
            waiting = sum(message.topic in before_them for message in unknown)
            if not waiting or time.monotonic() > deadline:
                return [message for message in unknown if message.topic not in before_them]
            self._progress("Waiting for the service to catch up", 0, waiting)
            time.sleep(0.2)

    def _lag(self, topic: str) -> int | None:
        """Messages of `topic` that the service has before it; None if it has never read it."""
        return self._bus.lag(group_of(self._service.component, topic)).get(topic)

    def _hand_in(self, lost: list[Message]) -> None:
        """Let the live handlers have what they have missed, as if it came from the bus."""
        consumers = {topic: Consumer(self._service, self._bus, topic) for topic in self._offsets}
        for number, message in enumerate(lost, start=1):
            outcome = consumers[message.topic].handle(message)
            if outcome is Outcome.HANDLED:
                self._report.lost.append(message.headers["ce_id"])
            self._progress("Handing in what was never handled", number, len(lost))

    # --- the journal

    def _begin(self) -> list[Entry]:
        """What is to be done again, on the state of things that it is to be done on."""
        with self._snapshot() as live:
            entries = self._journal(live)
            if self._since is None:
                return entries
            for table in self._service.component.copies:
                self._shadow.copy(table, live)
        again = self._shadow.since(self._since)
        return [entry for entry in entries if entry.key in again or (self._is_step(entry) and entry.at >= self._since)]

    def _journal(self, live: Connection) -> list[Entry]:
        """What has been added to the journal since this was last asked, in its order; facts go with it."""
        for table in self._service.component.consulted:
            self._shadow.copy(table, live)
        inbox = self._service.component.messaging.inbox.c
        rows = live.execute(
            select(inbox.position, inbox.event_id, inbox.type, inbox.handled_at)
            .where(inbox.consumer == self._service.name, inbox.position > self._last - LATE)
            .order_by(inbox.position, inbox.handled_at, inbox.event_id)
        )
        entries = [Entry(*row) for row in rows if row.event_id not in self._done]
        self._done |= {entry.key for entry in entries}
        self._last = max([self._last, *(entry.position for entry in entries)])
        return entries

    def _is_step(self, entry: Entry) -> bool:
        return entry.kind in self._service.component.steps

    def _redo(self, entries: list[Entry], *, tell: bool = False) -> None:
        """Do `entries` in the shadow. Raises CamiError when the log does not have one of them any more."""
        told = [entry.key for entry in entries if not self._is_step(entry)]
        missing = set(told) - self._shadow.has(told)
        if missing:
            self._read_log()
            missing -= self._shadow.has(missing)
        kinds = {NAME_OF[payload] for payload in self._service.component.routes}  # the program of today knows these
        gone = [entry for entry in entries if entry.key in missing and entry.kind in kinds]
        if gone:
            raise CamiError(
                f"{len(gone)} events that {self._service.name} has handled are no longer on the log (the first is"
                f" {gone[0].kind} {gone[0].key}): its copies cannot be made from it. With --from and a moment that the"
                " log reaches back to, what came later can be done again."
            )
        now = self._service.clock() if self._since is not None and tell else None
        for done in self._shadow.handle(entries, now):
            if tell:
                self._progress("Handling events again", done, len(entries))
        self._report.events += len(entries)

    # --- the rows

    def _compare(self, live: Connection) -> dict[str, Difference]:
        found: dict[str, Difference] = {}
        with self._shadow.db.engine.connect() as shadow:
            for table in self._tables():
                compared = 0

                def step(rows: int, what: str = f"Comparing {table.name}") -> None:
                    nonlocal compared
                    compared += rows
                    self._progress(what, compared, compared)

                found[table.name] = between(table, live, shadow, step)
        return found

    def _put(self, found: dict[str, Difference]) -> dict[str, Difference]:
        """Replace rows in one transaction; what was handled since they were compared is done in the shadow first."""
        self._shadow.watch()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return self._put_once(found)
            except DatabaseBusy:  # what the shadow has done meanwhile stays done
                if time.monotonic() > deadline:
                    raise

    def _put_once(self, found: dict[str, Difference]) -> dict[str, Difference]:
        done: dict[str, Difference] = {}
        with self._service.db.write() as session:
            started = time.perf_counter()
            live = session.connection()
            self._hold(live)
            self._redo(self._journal(live))
            with self._shadow.db.engine.connect() as shadow:
                for table in self._tables():
                    keys = found[table.name].keys | self._shadow.touched(table)
                    done[table.name] = put(table, keys, live, shadow)
        self._report.waited_seconds = time.perf_counter() - started
        return done

    def _hold(self, live: Connection) -> None:
        """Let whoever wants to write to the inbox or to copies wait; readers go on. SQLite does so of its own."""
        if live.dialect.name == "postgresql":
            quote = live.dialect.identifier_preparer.format_table
            tables = [self._service.component.messaging.inbox, *self._tables()]
            live.exec_driver_sql(f"LOCK TABLE {', '.join(map(quote, tables))} IN SHARE ROW EXCLUSIVE MODE")

    def _tables(self) -> list[SqlTable]:
        """The copies, those first that others refer to."""
        copies = set(self._service.component.copies)
        return [table for table in self._service.component.metadata.sorted_tables if table in copies]

    @contextmanager
    def _snapshot(self) -> Iterator[Connection]:
        """The live database as it is at one moment, for reading."""
        with self._service.db.read() as session:
            yield session.connection()


def _is_readable(message: Message) -> bool:
    try:
        read(message.headers, message.body)
    except UnreadableEvent:
        return False
    return True


def _id(headers: dict[str, str]) -> UUID | None:
    """The id of a message that was set aside, if it has one."""
    try:
        return UUID(headers.get("ce_id", ""))
    except ValueError:
        return None
