"""The consumer: hands each event to its service's handler, exactly once in effect.

The claim in the inbox and all that the handler does are one transaction; the bus is told afterwards. A crash before the
commit leaves nothing and the event comes again; a crash after it, and the second coming finds the claim. Events that
come together share a transaction, for a moment at most; if one of them fails, nothing is done and each is handled by
itself. An event that fails again and again is parked (see `parked`), and the ones behind it go on.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from enum import StrEnum
from functools import partial
from itertools import islice, takewhile
from typing import Any, Final, NamedTuple

from contracts.envelope import Event, UnknownEventType, UnreadableEvent, read
from contracts.events import NAMES
from services.chassis import inbox, metrics, parked
from services.chassis.bus import Bus, Message, Subscription
from services.chassis.errors import BusUnavailable, DatabaseBusy
from services.chassis.faults import fault_point
from services.chassis.groups import group_of, topics_of
from services.chassis.service import Context, Service
from services.chassis.status import Doing, State
from services.chassis.tracing import Trail, following, here, step, trail_of

LOG = logging.getLogger("cami.consumer")
LONGEST_PAUSE_SECONDS: Final = 15.0
TOGETHER: Final = 50
"""Most messages of one transaction."""
TOGETHER_SECONDS: Final = 0.05
"""A transaction takes in no further message after so long: a person's form may be waiting for its turn."""


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


class _DealtWith(NamedTuple):
    """A message, where it comes from, what became of it, and in how many seconds."""

    message: Message
    trail: Trail
    outcome: Outcome
    seconds: float


def _readable(
    event_of: Callable[[Message], Event[Any] | Outcome], messages: Sequence[Message]
) -> list[Event[Any] | Outcome]:  # fmt: skip
    """What `event_of` says of the messages, up to the first that cannot be read."""
    found: list[Event[Any] | Outcome] = []
    with suppress(UnreadableEvent):
        for message in messages:
            found.append(event_of(message))
    return found


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
        with following(self._trail(message)) as trail:
            started = time.perf_counter()
            self._is(Doing.HANDLING, type=trail.type)
            outcome = self._deal_with(message)
            self._is(Doing.LISTENING)
            self._tell(message, trail, outcome, time.perf_counter() - started)
            return outcome

    def _tell(self, message: Message, trail: Trail, outcome: Outcome, seconds: float) -> None:
        """Count what became of a message. What began with a person's request can be followed in the log too; loading
        shipped data is not told of."""
        name = message.headers.get("ce_type", "")
        metrics.EVENTS_HANDLED.labels(self._service.name, name if name in NAMES else "unknown", outcome.value).inc()
        level = logging.INFO if trail.followed else logging.DEBUG
        if outcome is Outcome.HANDLED and LOG.isEnabledFor(level):
            figures = {
                "topic": message.topic, "partition": message.partition, "offset": message.offset,
                "outcome": outcome.value, "ms": round(seconds * 1000, 1),
            }  # fmt: skip
            with following(trail):
                LOG.log(level, "%s: handled %s %s", self.group, trail.type, trail.event, extra=figures)
        elif outcome is Outcome.UNKNOWN:
            with following(trail):
                LOG.info("%s: skipped an event of the unknown type %s", self._service.name, name)

    def _deal_with(self, message: Message) -> Outcome:
        try:
            found = self._event_of(message)
        except UnreadableEvent as error:
            return self._park(message, error)
        return found if isinstance(found, Outcome) else self._handle_event(message, found)

    def _event_once(self, known: dict[int, Event[Any] | Outcome], message: Message) -> Event[Any] | Outcome:
        if id(message) not in known:
            known[id(message)] = self._event_of(message)
        return known[id(message)]

    def _event_of(self, message: Message) -> Event[Any] | Outcome:
        """The event that is to be handled, or what becomes of the message without. Raises UnreadableEvent."""
        known = NAMES.get(message.headers.get("ce_type", ""))
        if known is not None and known not in self._service.component.routes:
            return Outcome.SKIPPED
        try:
            return read(message.headers, message.body)
        except UnknownEventType:
            return Outcome.UNKNOWN

    def _handle_batch(self, subscription: Subscription, messages: Sequence[Message]) -> None:
        """Handle messages in their order, together where they allow it, and acknowledge what is dealt with."""
        waiting, alone = deque(messages), 0
        known: dict[int, Event[Any] | Outcome] = {}
        while waiting and not self._stop.is_set():
            portion = list(islice(waiting, TOGETHER))
            outcomes = None if alone else self._handle_together(portion, known)
            if outcomes is None:
                alone = alone or len(portion)  # one of them is why; by itself each is retried, parked, waited for
            if not outcomes:
                outcomes = [self.handle(portion[0])]
                alone = max(alone - 1, 0)
            last: dict[tuple[str, int], Message] = {}
            for outcome in outcomes:
                if outcome is Outcome.STOPPED:
                    return
                message = waiting.popleft()
                last[message.topic, message.partition] = message
            for message in last.values():
                subscription.commit(message)
            fault_point("consumer.after_acknowledge")

    def _handle_together(
        self, messages: Sequence[Message], known: dict[int, Event[Any] | Outcome]
    ) -> list[Outcome] | None:  # fmt: skip
        """Handle the first of `messages` in one transaction: as many as a moment is enough for.

        `known` is what has been read of them already, by their `id`, for they may be looked at again. Answers their
        outcomes: empty if there is nothing to be gained; None, and nothing is done, if one of them fails.
        """
        found = _readable(partial(self._event_once, known), messages)
        if sum(isinstance(each, Event) for each in found) < 2:
            found = list(takewhile(lambda each: isinstance(each, Outcome), found))
        dealt_with: list[_DealtWith] = []
        try:
            if any(isinstance(each, Event) for each in found):
                said = self._in_one_transaction(messages, found, dealt_with)
                fault_point("consumer.after_commit")
                if said:
                    self._service.told()
            else:
                for message, each in zip(messages, found, strict=False):
                    assert isinstance(each, Outcome)
                    dealt_with.append(_DealtWith(message, self._trail(message), each, 0.0))
        except Exception as error:
            LOG.debug("%s: %d messages one by one: %s", self.group, len(messages), error)
            return None
        finally:
            self._is(Doing.LISTENING)
        for message, trail, outcome, seconds in dealt_with:
            if outcome is Outcome.HANDLED:
                metrics.HANDLER_SECONDS.labels(self._service.name, trail.type).observe(seconds)
            self._tell(message, trail, outcome, seconds)
        return [done.outcome for done in dealt_with]

    def _in_one_transaction(
        self, messages: Sequence[Message], found: Sequence[Event[Any] | Outcome], dealt_with: list[_DealtWith]
    ) -> bool:
        """Adds what is done to `dealt_with`; answers whether anything was emitted."""
        service, said = self._service, False
        until = time.monotonic() + TOGETHER_SECONDS
        with service.db.write() as session:
            service.take_turns(session, [each for each in found if isinstance(each, Event)])
            for message, event in zip(messages, found, strict=False):
                started = time.perf_counter()
                with following(self._trail(message)) as trail:
                    outcome = event if isinstance(event, Outcome) else Outcome.REPEATED
                    if isinstance(event, Event):
                        self._is(Doing.HANDLING, type=trail.type)
                        with self._step(event), service.work_within(session, event) as context:
                            outcome = self._apply(context, event)
                        said = said or bool(context.said)
                        session.flush()
                        session.expunge_all()  # the next one sees rows as they are, as in a session of its own
                dealt_with.append(_DealtWith(message, trail, outcome, time.perf_counter() - started))
                if time.monotonic() > until:
                    break
        return said

    def _trail(self, message: Message) -> Trail:
        return trail_of(message.headers, service=self._service.name, group=self.group)

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
        started = time.perf_counter()
        with self._step(event), self._service.work(event=event) as context:
            outcome = self._apply(context, event)
        if outcome is Outcome.HANDLED:
            fault_point("consumer.after_commit")
            metrics.HANDLER_SECONDS.labels(self._service.name, event.type).observe(time.perf_counter() - started)
        return outcome

    def _apply(self, context: Context, event: Event[Any]) -> Outcome:
        """Claim the event and run its handler, in the transaction of `context`."""
        component = self._service.component
        fault_point("consumer.before_claim")
        if not inbox.claim(context.session, component.messaging, self._service.name, event, context.now):
            return Outcome.REPEATED
        component.routes[type(event.data)](context, event)
        fault_point("consumer.after_handler")
        return Outcome.HANDLED

    @contextmanager
    def _step(self, event: Event[Any]) -> Iterator[None]:
        """The step of its trace that handles `event`."""
        with step(f"handle {event.type}", "consumer", here()) as work:
            work.describe(None, {
                "messaging.system": "cami", "messaging.operation.type": "process",
                "messaging.destination.name": self.topic, "messaging.consumer.group.name": self.group,
                "messaging.message.id": str(event.id),
            })  # fmt: skip
            yield

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
