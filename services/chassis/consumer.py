"""The consumer: hands each event to its service's handler, exactly once in effect.

The claim in the inbox and all that the handler does are one transaction; the bus is told afterwards. A crash before the
commit leaves nothing and the event comes again; a crash after it, and the second coming finds the claim. An event that
fails again and again is parked (see `parked`), and the ones behind it go on.
"""

import logging
import threading
import time
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final

from contracts.envelope import Event, UnknownEventType, UnreadableEvent, read
from contracts.events import NAME_OF, NAMES, topic_of
from services.chassis import inbox, metrics, parked
from services.chassis.bus import Bus, Message, Subscription
from services.chassis.errors import BusUnavailable, DatabaseBusy
from services.chassis.faults import fault_point
from services.chassis.service import Component, Service
from services.chassis.status import Doing, State
from services.chassis.tracing import following, here, step, trail_of

LOG = logging.getLogger("cami.consumer")
LONGEST_PAUSE_SECONDS: Final = 15.0


class Outcome(StrEnum):
    """What became of a message. All but the last are acknowledged."""

    HANDLED = "handled"
    REPEATED = "repeated"
    """It had been handled before."""
    SKIPPED = "skipped"
    """This service has no handler for it."""
    UNKNOWN = "unknown"
    """An event of a type that this program does not know."""
    PARKED = "parked"
    STOPPED = "stopped"
    """The program stops; the message comes again after the next start."""


def topics_of(component: Component) -> list[str]:
    """The topics of all events that `component` has handlers for."""
    return sorted({topic_of(NAME_OF[payload]) for payload in component.routes})


def group_of(component: Component, topic: str) -> str:
    """The consumer group that reads `topic` for `component`: `matching.projects` for the topic `cami.projects`.

    One group per service and topic: a topic that is held up does not hold up the others, and each has a lag of its own
    and can be read again alone. Within a topic the events of one subject stay in order; between topics there never was
    an order to rely on. In the inbox the consumer is the service, so no event has an effect through two groups.
    """
    return f"{component.name}.{topic.rpartition('.')[2]}"


def groups_of(component: Component) -> dict[str, str]:
    """Consumer group -> the topic that it reads, for all that `component` listens to."""
    return {group_of(component, topic): topic for topic in topics_of(component)}


def lag_of(bus: Bus, group: str, topic: str) -> int:
    """Messages of `topic` that `group` has not dealt with yet. Raises BusUnavailable."""
    lag = bus.lag(group)
    # Before its first acknowledgement a group has no lag to tell: everything is still before it.
    return lag[topic] if topic in lag else sum(bus.end_offsets(topic).values())


class Consumer:
    """Reads one topic for one service. Processes that do so for the same service are one group and share the work.

    `run` belongs to one thread; a service that listens to several topics has a consumer for each. The topic need not be
    named for a component that listens to one only; raises ValueError if it is needed.
    """

    def __init__(self, service: Service, bus: Bus, topic: str | None = None) -> None:
        self._service = service
        self._bus = bus
        if topic is None:
            (topic,) = topics_of(service.component)
        self.topic = topic
        self.group = group_of(service.component, topic)
        self.state = State(Doing.STARTING, service.clock())
        self._stop = threading.Event()

    def run(self, stop: threading.Event) -> None:
        """Handle messages until `stop` is set. Waits out an absent bus; other failures are bugs and are raised."""
        self._stop = stop
        pause = self._service.settings.retry_seconds
        while not stop.is_set():
            try:
                subscription = self._bus.subscribe(self.group, [self.topic])
                self._is(Doing.LISTENING)
                try:
                    while not stop.is_set():
                        self._handle_batch(subscription, subscription.poll(self._service.settings.poll_seconds))
                        pause = self._service.settings.retry_seconds
                finally:
                    subscription.close()
            except BusUnavailable as error:
                self._is(Doing.AWAY, reason=str(error))
                LOG.warning("%s: no events for %.1f s: %s", self.group, pause, error)
                stop.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
        self._is(Doing.STOPPED)

    def _is(self, doing: Doing, *, type: str = "", reason: str = "") -> None:
        self.state = State(doing, self._service.clock(), type, reason)

    def handle(self, message: Message) -> Outcome:
        """Deal with one message, retries and parking included; does not acknowledge it. Waits out a busy database."""
        with following(trail_of(message.headers, service=self._service.name, group=self.group)) as trail:
            started = time.perf_counter()
            self._is(Doing.HANDLING, type=trail.type)
            outcome = self._deal_with(message)
            self._is(Doing.LISTENING)
            # What began with a person's request can be followed in the log; loading shipped data is not told of.
            level = logging.INFO if trail.followed else logging.DEBUG
            if outcome is Outcome.HANDLED and LOG.isEnabledFor(level):
                figures = {
                    "topic": message.topic, "partition": message.partition, "offset": message.offset,
                    "outcome": outcome.value, "ms": round((time.perf_counter() - started) * 1000, 1),
                }  # fmt: skip
                LOG.log(level, "%s: handled %s %s", self.group, trail.type, trail.event, extra=figures)
            return outcome

    def _deal_with(self, message: Message) -> Outcome:
        name = message.headers.get("ce_type", "")
        known = NAMES.get(name)
        outcome = Outcome.SKIPPED
        if known is None or known in self._service.component.routes:
            try:
                outcome = self._handle_event(message, read(message.headers, message.body))
            except UnknownEventType:
                outcome = Outcome.UNKNOWN
                LOG.info("%s: skipped an event of the unknown type %s", self._service.name, name)
            except UnreadableEvent as error:
                outcome = self._park(message, error)
        metrics.EVENTS_HANDLED.labels(self._service.name, name if known else "unknown", outcome.value).inc()
        return outcome

    def _handle_batch(self, subscription: Subscription, messages: Sequence[Message]) -> None:
        """Handle messages one after another; acknowledge each that did something, the others together at the end."""
        passed: dict[tuple[str, int], Message] = {}
        for message in messages:
            outcome = Outcome.STOPPED if self._stop.is_set() else self.handle(message)
            if outcome is Outcome.STOPPED:
                break
            place = (message.topic, message.partition)
            if outcome in (Outcome.HANDLED, Outcome.PARKED):
                subscription.commit(message)
                fault_point("consumer.after_acknowledge")
                passed.pop(place, None)
            else:
                passed[place] = message
        for message in passed.values():
            subscription.commit(message)

    def _handle_event(self, message: Message, event: Event[Any]) -> Outcome:
        pause = self._service.settings.retry_seconds
        failures = 0
        while True:
            try:
                return self._try(event)
            except (DatabaseBusy, BusUnavailable) as error:  # it will pass, and is not the event's fault
                self._is(Doing.RETRYING, type=event.type, reason=str(error))
                LOG.warning("%s: %s %s waits for %.1f s: %s", self._service.name, event.type, event.id, pause, error)
            except Exception as error:
                failures += 1
                if failures > self._service.settings.consumer_retries:
                    return self._park(message, error)
                self._is(Doing.RETRYING, type=event.type, reason=parked.reason_of(error))
                LOG.warning(
                    "%s: %s %s failed, try %d: %s",
                    self._service.name, event.type, event.id, failures, parked.reason_of(error),
                )  # fmt: skip
            if self._stop.wait(pause):
                return Outcome.STOPPED
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    def _try(self, event: Event[Any]) -> Outcome:
        service = self._service
        fault_point("consumer.before_claim")
        started = time.perf_counter()
        with step(f"handle {event.type}", "consumer", here()) as work, service.work(event=event) as context:
            work.describe(None, {
                "messaging.system": "cami", "messaging.operation.type": "process",
                "messaging.destination.name": self.topic, "messaging.consumer.group.name": self.group,
                "messaging.message.id": str(event.id),
            })  # fmt: skip
            if not inbox.claim(context.session, service.component.messaging, service.name, event, context.now):
                return Outcome.REPEATED
            service.component.routes[type(event.data)](context, event)
            fault_point("consumer.after_handler")
        fault_point("consumer.after_commit")
        metrics.HANDLER_SECONDS.labels(service.name, event.type).observe(time.perf_counter() - started)
        return Outcome.HANDLED

    def _park(self, message: Message, error: Exception) -> Outcome:
        """Set the message aside, however long the database takes."""
        service = self._service
        pause = service.settings.retry_seconds
        while True:
            try:
                with service.work() as context:
                    parked.park(
                        context.session, service.component.messaging, service.name, message,
                        parked.reason_of(error), context.now,
                    )  # fmt: skip
            except DatabaseBusy as busy:
                self._is(Doing.RETRYING, type=message.headers.get("ce_type", ""), reason=str(busy))
                LOG.warning("%s: cannot park a message yet: %s", service.name, busy)
                if self._stop.wait(pause):
                    return Outcome.STOPPED
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
            else:
                LOG.error(
                    "%s: parked %s [%s %d:%d]: %s", service.name, message.headers.get("ce_type", "a message"),
                    message.topic, message.partition, message.offset, error, exc_info=error,
                )  # fmt: skip
                return Outcome.PARKED
