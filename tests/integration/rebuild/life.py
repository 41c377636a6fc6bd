"""A service with a life behind it: events came over a real bus, people decided, days went by."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from contracts.envelope import wrap
from contracts.events import Payload, ProposalSubmitted, WindowPublished
from contracts.windows import CallRule
from services.chassis.bus import Bus, Outgoing
from services.chassis.consumer import Consumer
from services.chassis.groups import group_of, topics_of
from services.chassis.service import Service
from services.matching.commands import DecidePair
from services.matching.handlers import catch_up, decide_pair
from services.matching.rules.decisions import Decision
from tests.conformance.helpers import eventually
from tests.integration.matching.events import NOW, SOURCES, action, imported, published, submitted, withdrawn
from tests.unit.matching.build import window

PROPOSALS = [UUID(int=number) for number in range(1, 4)]
WINDOWS = ("alpha", "beta", "gamma")


class Life:
    """A service on a bus, and a clock to turn."""

    def __init__(self, service: Service, bus: Bus) -> None:
        self.service, self.bus, self.now = service, bus, NOW
        service.clock = self._tick

    def _tick(self) -> Any:
        self.now += timedelta(milliseconds=1)
        return self.now

    def say(self, *payloads: Payload, subject: str = "") -> None:
        """Put events on the bus."""
        for payload in payloads:
            event = wrap(
                payload, source=SOURCES.get(type(payload), "projects"), subject=subject or _subject(payload),
                time=self.now,
            )  # fmt: skip
            topic = ".".join(event.type.split(".")[:2])
            self.bus.publish([Outgoing(topic, event.subject, event.headers(), event.body())])

    def hear(self) -> None:
        """Let the service handle all that is on the bus."""
        with self.listening():
            eventually(self.has_heard, "that the service has caught up")

    def has_heard(self) -> bool:
        """Whether nothing is before the service any more."""
        component = self.service.component
        return all(self.bus.lag(group_of(component, t)).get(t) == 0 for t in topics_of(component))

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Consumers at work, as in a running program."""
        stop = threading.Event()
        consumers = [Consumer(self.service, self.bus, topic) for topic in topics_of(self.service.component)]
        threads = [threading.Thread(target=consumer.run, args=(stop,)) for consumer in consumers]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stop.set()
            for thread in threads:
                thread.join()

    def decide(self, proposal: UUID, window_id: str, stage: Any, reason: str = "") -> None:
        """A coordinator decides."""
        with self.service.work() as context:
            decide_pair(context, DecidePair(proposal, window_id, Decision(stage, reason), UUID(int=9), "Bolot"))

    def sleep(self, days: float) -> None:
        """Days go by (or back), and somebody opens a page."""
        self.now += timedelta(days=days)
        with self.service.work() as context:
            catch_up(context)

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        """All rows of all copies."""
        with self.service.read() as session:
            return {
                table.name: [dict(r) for r in session.execute(select(table).order_by(*table.primary_key)).mappings()]
                for table in self.service.component.copies
            }


def edited(window_id: str, revision: int, **changed: Any) -> WindowPublished:
    """The window at a revision; its deadline is ten days away unless told otherwise."""
    deadline = changed.pop("deadline", NOW.date() + timedelta(days=10))
    return published(window(window_id=window_id, revision=revision, call=CallRule(deadline=deadline), **changed))


def lived(service: Service, bus: Bus) -> Life:
    """Three windows and proposals in several versions, decisions, a deadline that passed, a clock that was set back."""
    life = Life(service, bus)
    life.say(*(edited(name, 1) for name in WINDOWS), action("3.1"), action("9.2", "low"), imported(2))
    life.hear()
    life.say(*(submitted(one) for one in PROPOSALS))
    life.hear()
    life.decide(PROPOSALS[0], "alpha", "shortlisted")
    life.decide(PROPOSALS[0], "beta", "dismissed", "too late")
    life.say(edited("alpha", 2, deadline=date(2027, 3, 1)), submitted(PROPOSALS[1], version=2, states=["KAZ"]))
    life.hear()
    life.sleep(12)
    life.decide(PROPOSALS[0], "beta", "none")
    life.sleep(-11)
    life.decide(PROPOSALS[0], "beta", "shortlisted")
    life.say(withdrawn(submitted(PROPOSALS[2])), edited("gamma", 2))
    life.hear()
    life.say(submitted(PROPOSALS[2], version=2))
    life.hear()
    return life


def _subject(payload: Payload) -> str:
    if isinstance(payload, WindowPublished):
        return payload.terms.window_id
    if isinstance(payload, ProposalSubmitted):
        return str(payload.proposal_id)
    return str(getattr(payload, "proposal_id", getattr(payload, "action_id", "programme")))


def keys(rows: Sequence[dict[str, Any]], *names: str) -> set[tuple[Any, ...]]:
    """The keys of rows."""
    return {tuple(row[name] for name in names) for row in rows}
