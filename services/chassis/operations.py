"""How a service's messaging stands: what administrators look at. Reads only; asks the database and the bus."""

import json
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlmodel import Session

from contracts.events import NAME_OF, topic_of
from services.chassis import outbox, parked
from services.chassis.errors import BusUnavailable
from services.chassis.groups import groups_of, lags_of
from services.chassis.outbox import Depth
from services.chassis.paging import Page, page_number
from services.chassis.parked import Happening, ParkedMessage
from services.chassis.service import Service
from services.chassis.status import State

LOG = logging.getLogger("cami.operations")
PAGE_SIZE: Final = 20
MOST_SHOWN: Final = 20_000
"""Characters of a payload that a page shows."""
MOST_PRETTY: Final = 512 * 1024
"""Bytes of a payload that is laid out; a larger one is shown as it came."""
MOST_OF_A_HEADER: Final = 500


@dataclass(frozen=True)
class Last:
    """The event that was handled last."""

    type: str
    at: datetime


@dataclass(frozen=True)
class Group:
    """One consumer group of the service."""

    name: str
    topic: str
    types: tuple[str, ...]
    lag: int | None
    """Messages that are still before it; None if the bus cannot be asked."""
    state: State | None
    """Of the consumer in this process; None if it runs elsewhere."""
    handled: int
    last: Last | None
    parked: int


@dataclass(frozen=True)
class Overview:
    """All of a service's messaging at one moment."""

    outbox: Depth
    groups: Sequence[Group]
    waiting: Page[ParkedMessage]
    settled: Sequence[ParkedMessage]


@dataclass(frozen=True)
class Payload:
    """The body of a message as a page shows it."""

    text: str
    size: int
    """Of the whole, in bytes."""
    cut: bool
    """Whether only its beginning is shown."""


@dataclass(frozen=True)
class Dossier:
    """All that is known of one parked message."""

    message: ParkedMessage
    payload: Payload
    headers: Mapping[str, str]
    history: Sequence[Happening]
    obstacle: str
    """Why it cannot be replayed; empty if it can."""


def overview(service: Service, page: int) -> Overview:
    """How it stands. Asks the bus, so call it in a thread. Raises DatabaseBusy."""
    tables = service.component.messaging
    lags = _lags(service)
    states = {consumer.group: consumer.state for consumer in service.consumers}
    with service.read() as session:
        counts = _handled(session, service)
        parked_in = _parked_by_topic(session, service)
        groups = []
        for name, topic in groups_of(service.component).items():
            types = tuple(sorted(NAME_OF[p] for p in service.component.routes if topic_of(NAME_OF[p]) == topic))
            groups.append(
                Group(
                    name, topic, types, lags.get(name), states.get(name), sum(counts.get(each, 0) for each in types),
                    _last(session, service, types), parked_in.get(topic, 0),
                )
            )  # fmt: skip
        total = parked.count_waiting(session, tables)
        number = page_number(page, total, PAGE_SIZE)
        waiting = parked.waiting(session, tables, limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE)
        return Overview(
            outbox.depth_and_age(session, tables, service.clock()), groups,
            Page(waiting, number, PAGE_SIZE, total), parked.lately_settled(session, tables),
        )  # fmt: skip


def dossier(session: Session, service: Service, message: ParkedMessage) -> Dossier:
    """What a page tells of `message`."""
    headers = {name: _shortened(str(value), MOST_OF_A_HEADER) for name, value in sorted(message.headers.items())}
    return Dossier(
        message, payload_of(message.body), headers,
        parked.history(session, service.component.messaging, message.id), parked.obstacle(service, message),
    )  # fmt: skip


def payload_of(body: bytes) -> Payload:
    """`body` as text, laid out if it is JSON. What is no text is shown with its bytes in hexadecimal digits."""
    text = body[: MOST_PRETTY + 1].decode("utf-8", "backslashreplace")
    if len(body) <= MOST_PRETTY:
        with suppress(ValueError, RecursionError):  # no JSON, then
            text = json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    cut = len(body) > MOST_PRETTY or len(text) > MOST_SHOWN
    return Payload(text[:MOST_SHOWN], len(body), cut)


def _lags(service: Service) -> dict[str, int]:
    """Group -> its lag; nothing if the bus cannot be asked."""
    if service.bus is None:
        return {}
    try:
        return lags_of(service.component, service.bus)
    except BusUnavailable as error:
        LOG.warning("%s: the lag is not known: %s", service.name, error)
        return {}


def _handled(session: Session, service: Service) -> dict[str, int]:
    table = service.component.messaging.inbox
    query = select(table.c.type, func.count()).where(table.c.consumer == service.name).group_by(table.c.type)
    return {str(kind): int(count) for kind, count in session.connection().execute(query)}


def _last(session: Session, service: Service, types: Sequence[str]) -> Last | None:
    table = service.component.messaging.inbox
    query = (
        select(table.c.type, table.c.handled_at)
        .where(table.c.consumer == service.name, table.c.type.in_(types))
        .order_by(table.c.position.desc(), table.c.handled_at.desc())
        .limit(1)
    )
    row: Any = session.connection().execute(query).first()
    return Last(*row) if row else None


def _parked_by_topic(session: Session, service: Service) -> dict[str, int]:
    table = service.component.messaging.parked
    query = select(table.c.topic, func.count()).where(table.c.settled_at.is_(None)).group_by(table.c.topic)
    return {str(topic): int(count) for topic, count in session.connection().execute(query)}


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else text[:most] + "…"
