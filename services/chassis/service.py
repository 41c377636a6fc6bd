"""A component as it is declared, a service as it runs, and one unit of its work."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeVar
from uuid import UUID

from fastapi import APIRouter
from sqlalchemy import MetaData, Table
from sqlmodel import Session

from contracts.envelope import Event, new_id, wrap
from contracts.events import Payload
from services.chassis import inbox, outbox, postgres, turns
from services.chassis.bus import Bus
from services.chassis.clock import Clock, utc_now
from services.chassis.db import Database
from services.chassis.errors import AlreadyThere, Undone
from services.chassis.faults import fault_point
from services.chassis.messaging import MessagingTables
from services.chassis.settings import Settings
from services.chassis.status import Reading
from services.chassis.tracing import here, new_traceparent

Routes = Mapping[type[Any], Callable[["Context", Any], None]]
"""Payload class -> what to do with such an event."""
Result = TypeVar("Result")
TRIES: Final = 4
"""How often a transaction is begun that the database undoes for another's sake."""
HANDLED: Final = 1 << 16
"""How many locks subjects of events share: few, at most, belong to one transaction."""
REST_SECONDS: Final = (0.01, 0.05)
Progress = Callable[[str, int, int], None]
"""Told (what is being loaded, how many are done, how many there are)."""


@dataclass(frozen=True)
class Component:
    """What a service gives and needs. Declared once, in its `component.py`; the registry lists them all."""

    name: str
    metadata: MetaData
    messaging: MessagingTables
    migrations: Path
    router: APIRouter
    templates: Path
    locale: Path
    routes: Routes = field(default_factory=dict)
    precedence: int = 0
    """Routes are tried one after the other; those of a component with a smaller number come first."""
    needs: tuple[str, ...] = ()
    """Components whose events it lives on; they are started before it."""
    static: Path | None = None
    load: Callable[[Service, Progress], None] | None = None
    """Loads the data that the program ships with. Called at every start; must do nothing the second time."""
    copies: tuple[Table, ...] = ()
    """Tables that follow from events and steps alone: a rebuild makes them anew."""
    facts: tuple[Table, ...] = ()
    """Tables that people and the shipped data write: the service owns them, and nothing can bring them back."""
    consulted: tuple[Table, ...] = ()
    """Those of `facts` that handlers and steps read. Their rows are only ever added."""
    steps: Mapping[str, Callable[[Context, UUID], None]] = field(default_factory=dict)
    """Kind -> how to do again what changed copies and was no event (see `Context.note_step`)."""
    one_at_a_time: bool = False
    """Whether a handler must see all that those before it have written: on PostgreSQL they take turns then."""
    extras: Callable[[Service], Any] | None = None
    """Makes what the service needs beside its database (a PDF pool); it is closed with the service by `.close()`."""
    measure: Callable[[Service], None] | None = None
    """Brings gauges of its own up to date, before `/metrics` is read."""


@dataclass
class Context:
    """One unit of work: a transaction, the moment it happens at, and what caused it."""

    session: Session
    now: datetime
    component: Component
    settings: Settings
    event: Event[Any] | None = None
    traceparent: str = ""
    correlation: str = ""
    """Id of the request that this began with; empty for what the program does of its own accord."""
    said: list[outbox.Row] = field(default_factory=list)
    """What has been emitted so far."""

    @property
    def event_id(self) -> str:
        """Id of the event that is being handled; empty for a person's request."""
        return str(self.event.id) if self.event else ""

    def emit(self, payload: Payload, *, subject: str, time: datetime | None = None) -> str:
        """Write an event to the outbox at the end of this very transaction and answer its id.

        `subject` is the id of the aggregate; events of one subject stay in order. `time` is now, unless readers go by
        it and it must be later than what was told before (see `later_than`). Raises MessageTooLarge.
        """
        cause = self.event
        event = wrap(
            payload, source=self.component.name, subject=subject, time=time or self.now,
            traceparent=self.traceparent or (cause.traceparent if cause else "") or new_traceparent(),
            correlationid=(cause.correlationid or str(cause.id)) if cause else self.correlation,
            causationid=self.event_id or self.correlation,
        )  # fmt: skip
        self.said.append(outbox.row_of(event, written_at=self.now, largest=self.settings.max_message_bytes))
        return str(event.id)

    def later_than(self, before: datetime | None) -> datetime:
        """Now; or the moment after `before`, should the clock have been set back since."""
        return self.now if before is None else max(self.now, before + timedelta(microseconds=1))

    def take_turn(self) -> None:
        """Wait until no other transaction of this component has the turn; held until this one ends.

        Handlers of a component that works `one_at_a_time` have it from the start. Ask before reading anything.
        """
        turns.take(self.session, self.component.name)

    def note_step(self, kind: str, key: UUID | None = None) -> None:
        """Say that this transaction changes read copies without an event of another service, for a rebuild to do again.

        `key` is what the step is told from in the component's `steps`, a fresh id if there is nothing to tell. Call it
        before the first change: on PostgreSQL it waits while rebuilt rows are put in place.
        """
        inbox.note(
            self.session, self.component.messaging, self.component.name, kind, new_id() if key is None else key,
            self.now,
        )  # fmt: skip


class Service:
    """A component with its database, as it runs in this process. Thread-safe."""

    def __init__(
        self, component: Component, settings: Settings, *, db: Database | None = None, clock: Clock = utc_now,
    ) -> None:  # fmt: skip
        self.component = component
        self.settings = settings
        self.clock = clock
        self.db = db or Database.of(settings, component.name)
        self.wake_relay: Callable[[], None] = lambda: None
        """Called after a commit that left something in the outbox; the runner sets it."""
        self.bus: Bus | None = None
        """What its consumers read; the runner sets it, and `consumers` with it."""
        self.consumers: Sequence[Reading] = ()
        """Those of this process."""
        self.extras: Any = component.extras(self) if component.extras else None

    @property
    def name(self) -> str:
        """The component's name."""
        return self.component.name

    @contextmanager
    def work(
        self, *, event: Event[Any] | None = None, traceparent: str = "", correlation: str = "",
    ) -> Iterator[Context]:  # fmt: skip
        """A write transaction with the means to emit events: both are committed together, or neither.

        What is not given of its trace is that of the work at hand. Raises what `Database.write` raises.
        """
        with self.db.write() as session:
            if event is not None:  # before the clock is read, so that the times rise as the turns do
                self.take_turns(session, [event])
            with self._unit(session, event, traceparent, correlation) as context:
                yield context
        if context.said:
            self.told()

    @contextmanager
    def work_within(self, session: Session, event: Event[Any]) -> Iterator[Context]:
        """The same in a transaction that is under way and has taken the event's turn (`take_turns`): what is emitted
        is in the outbox at the end of the block. Who commits calls `told` then, if anything was `said`, so that it is
        published at once."""
        with self._unit(session, event, "", "") as context:
            yield context

    def told(self) -> None:
        """A commit has left something in the outbox."""
        fault_point("outbox.after_commit")
        self.wake_relay()

    @contextmanager
    def _unit(
        self, session: Session, event: Event[Any] | None, traceparent: str, correlation: str
    ) -> Iterator[Context]:  # fmt: skip
        trail = here()
        context = Context(
            session, self.clock(), self.component, self.settings,
            event=event, traceparent=traceparent or trail.traceparent,
            correlation=correlation or trail.correlation,
        )  # fmt: skip
        yield context
        if context.said:
            outbox.write(session, self.component.messaging, self.name, context.said)
            fault_point("outbox.before_commit")

    def run(self, function: Callable[[Context], Result], *, traceparent: str = "", correlation: str = "") -> Result:
        """Call `function` in one write transaction, and answer its result after the commit.

        Where PostgreSQL undid the transaction for the sake of another one, or found a row that came to be in between,
        it is called again, in a new transaction: it must do nothing else that lasts. Raises what `function` raises, and
        what `Database.write` raises.
        """
        for tried in range(1, TRIES + 1):
            try:
                with self.work(traceparent=traceparent, correlation=correlation) as context:
                    return function(context)
            except (Undone, AlreadyThere) as error:
                if tried == TRIES:
                    raise
                if isinstance(error, Undone):  # let the other one have what it waits for
                    time.sleep(tried * random.uniform(*REST_SECONDS))  # noqa: S311 - no secret
        raise AssertionError("the last try answers or raises")

    def load(self, progress: Progress) -> None:
        """Load the data that the component ships with, if it does. On PostgreSQL one process at a time does so."""
        if self.component.load is not None:
            with self.db.alone("load", self.name):
                self.component.load(self, progress)

    def take_turns(self, session: Session, events: Sequence[Event[Any]]) -> None:
        """Wait for the turns of `events`, all of which this transaction may handle.

        What comes of an event must see what came of those before it: of all, or of those about the same subject. A
        partition that changes hands has two readers for a moment, who may hold two events of one subject.
        """
        if self.component.one_at_a_time:
            turns.take(session, self.name)
        else:
            postgres.lock_all(session.connection(), "handle", self.name, {each.subject for each in events}, HANDLED)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for reading."""
        with self.db.read() as session:
            yield session

    def close(self) -> None:
        """Release what the service holds."""
        if self.extras is not None:
            self.extras.close()
        self.db.close()
