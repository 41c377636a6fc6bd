"""A component as it is declared, a service as it runs, and one unit of its work."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from sqlalchemy import MetaData
from sqlmodel import Session

from contracts.envelope import Event, wrap
from contracts.events import Payload
from services.chassis import outbox
from services.chassis.clock import Clock, utc_now
from services.chassis.db import Database
from services.chassis.faults import fault_point
from services.chassis.messaging import MessagingTables
from services.chassis.settings import Settings

Routes = Mapping[type[Any], Callable[["Context", Any], None]]
"""Payload class -> what to do with such an event."""
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
    extras: Callable[[Service], Any] | None = None
    """Makes what the service needs beside its database (a PDF pool); it is closed with the service by `.close()`."""


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
    emitted: int = 0

    @property
    def event_id(self) -> str:
        """Id of the event that is being handled; empty for a person's request."""
        return str(self.event.id) if self.event else ""

    def emit(self, payload: Payload, *, subject: str) -> str:
        """Write an event to the outbox in this very transaction and answer its id.

        `subject` is the id of the aggregate; events of one subject stay in order.
        """
        cause = self.event
        event = wrap(
            payload, source=self.component.name, subject=subject, time=self.now,
            traceparent=(cause.traceparent if cause else self.traceparent) or new_traceparent(),
            correlationid=(cause.correlationid or str(cause.id)) if cause else self.correlation,
            causationid=self.event_id,
        )  # fmt: skip
        outbox.append(self.session, self.component.messaging, event, written_at=self.now)
        self.emitted += 1
        return str(event.id)


def new_traceparent() -> str:
    """A fresh W3C Trace Context header."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


class Service:
    """A component with its database, as it runs in this process. Thread-safe."""

    def __init__(
        self, component: Component, settings: Settings, *, db: Database | None = None, clock: Clock = utc_now,
    ) -> None:  # fmt: skip
        self.component = component
        self.settings = settings
        self.clock = clock
        self.db = db or Database(settings.database_url_of(component.name))
        self.wake_relay: Callable[[], None] = lambda: None
        """Called after a commit that left something in the outbox; the runner sets it."""
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

        Raises what `Database.write` raises.
        """
        with self.db.write() as session:
            context = Context(
                session, self.clock(), self.component, self.settings,
                event=event, traceparent=traceparent, correlation=correlation,
            )  # fmt: skip
            yield context
            if context.emitted:
                fault_point("outbox.before_commit")
        if context.emitted:
            fault_point("outbox.after_commit")
            self.wake_relay()

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
