"""The consumer: once in effect, retried, parked, skipped, and never in the way of the rest."""

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from sqlmodel import select

from contracts.envelope import Event, wrap
from contracts.events import DocumentRendered, ProposalWithdrawn
from services.chassis.bus import Bus, Outgoing
from services.chassis.consumer import Consumer, Outcome
from services.chassis.errors import BusUnavailable, DatabaseBusy
from services.chassis.groups import group_of, groups_of, topics_of
from services.chassis.relay import Relay
from services.chassis.service import Context, Service
from services.chassis.settings import Settings
from services.chassis.tracing import here, new_traceparent
from services.registry import COMPONENTS
from tests.conformance.helpers import eventually
from tests.faults.messages import message, routed, waiting
from tests.faults.parts import COUNTER, EffectRow, effects, on_withdrawn


def test_topics_come_from_the_routes() -> None:
    assert topics_of(COUNTER) == ["cami.projects"]


def test_a_service_has_a_group_for_each_topic() -> None:
    assert groups_of(COUNTER) == {"counter.projects": "cami.projects"}
    assert groups_of(COMPONENTS["matching"]) == {
        "matching.donors": "cami.donors", "matching.projects": "cami.projects",
    }  # fmt: skip
    groups = [group for component in COMPONENTS.values() for group in groups_of(component)]
    assert len(groups) == len(set(groups))
    assert group_of(COUNTER, "cami.donors") == "counter.donors"


def test_a_consumer_reads_one_topic(counter: Service, bus: Bus) -> None:
    assert Consumer(counter, bus).group == "counter.projects"
    both = replace(COUNTER, routes={**COUNTER.routes, DocumentRendered: on_withdrawn})
    with pytest.raises(ValueError, match="too many"):
        Consumer(Service(both, counter.settings, db=counter.db), bus)
    assert Consumer(Service(both, counter.settings, db=counter.db), bus, "cami.reports").group == "counter.reports"


def test_two_topics_are_handled_side_by_side(
    writer: Service, counter: Service, bus: Bus, write: Callable[..., None]
) -> None:  # fmt: skip
    """What cannot be handled yet in one topic, and is tried again and again, does not hold up the other."""
    tried, mended, stop = threading.Event(), threading.Event(), threading.Event()

    def busy(context: Context, event: Event[DocumentRendered]) -> None:
        tried.set()
        if not mended.is_set():
            raise DatabaseBusy("later")

    both = Service(replace(COUNTER, routes={**COUNTER.routes, DocumentRendered: busy}), counter.settings, db=counter.db)
    rendered = DocumentRendered(
        document_id=uuid4(), kind="briefing", subject="31.5", language="en", pages=1, sha256="0" * 64
    )
    event = wrap(rendered, source="reports", subject="d", time=counter.clock())
    bus.publish([Outgoing("cami.reports", "d", event.headers(), event.body())])
    consumers = [Consumer(both, bus, topic) for topic in groups_of(both.component).values()]
    threads = [threading.Thread(target=consumer.run, args=(stop,)) for consumer in consumers]
    for thread in threads:
        thread.start()
    assert tried.wait(30)
    write("a")
    Relay(writer, bus).publish_pending()
    eventually(lambda: effects(counter) == {"a": 1}, "the projects' event has its effect")
    assert bus.lag("counter.reports") == {"cami.reports": 1}
    mended.set()
    eventually(lambda: bus.lag("counter.reports") == {"cami.reports": 0}, "the reports' event is handled")
    stop.set()
    for thread in threads:
        thread.join(30)


def test_an_event_has_its_effect_once_however_often_it_comes(counter: Service, bus: Bus) -> None:
    consumer = Consumer(counter, bus)
    once = message("a", counter)
    assert [consumer.handle(once), consumer.handle(once)] == [Outcome.HANDLED, Outcome.REPEATED]
    assert effects(counter) == {"a": 1}


def test_two_consumers_at_once_have_the_effect_once(counter: Service, bus: Bus) -> None:
    same = message("a", counter)
    threads = [threading.Thread(target=Consumer(counter, bus).handle, args=(same,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert effects(counter) == {"a": 1}


def test_an_unknown_type_is_skipped(counter: Service, bus: Bus) -> None:
    later = message("a", counter, ce_type="cami.projects.proposal.sung.v1")
    assert Consumer(counter, bus).handle(later) is Outcome.UNKNOWN
    assert waiting(counter) == []


def test_an_event_without_a_handler_is_skipped_unread(counter: Service, bus: Bus) -> None:
    other = message("a", counter, ce_type="cami.donors.window.published.v1")
    assert Consumer(counter, bus).handle(replace(other, body=b"unreadable")) is Outcome.SKIPPED
    assert waiting(counter) == []


@pytest.mark.parametrize(
    ("headers", "body", "reason"),
    [
        ({}, b"{", "UnreadableEvent: cami.projects.proposal.withdrawn.v1"),
        ({"ce_time": "yesterday"}, None, "UnreadableEvent: cami.projects.proposal.withdrawn.v1"),
        ({"ce_id": "7"}, None, "UnreadableEvent: cami.projects.proposal.withdrawn.v1"),
        ({"ce_type": ""}, None, "UnreadableEvent: the message lacks ce_type or ce_id"),
    ],
)
def test_what_cannot_be_read_is_parked_as_it_is(
    counter: Service, bus: Bus, headers: dict[str, str], body: bytes | None, reason: str
) -> None:  # fmt: skip
    bad = message("a", counter, **headers)
    bad = bad if body is None else replace(bad, body=body)
    assert Consumer(counter, bus).handle(bad) is Outcome.PARKED
    (row,) = waiting(counter)
    assert row.reason.startswith(reason)
    assert (row.topic, row.partition, row.offset, row.key) == (bad.topic, bad.partition, bad.offset, bad.key)
    assert (row.headers, row.body) == (bad.headers, bad.body)


def test_a_failing_handler_is_tried_again_and_then_parked(counter: Service, bus: Bus) -> None:
    tries: list[str] = []

    def fail(context: Context, event: Event[ProposalWithdrawn]) -> None:
        on_withdrawn(context, event)
        tries.append(context.event_id)
        raise LookupError("no such window")

    bad = message("a", counter)
    assert Consumer(routed(counter, fail), bus).handle(bad) is Outcome.PARKED
    assert tries == [bad.headers["ce_id"]] * 3  # once, and consumer_retries=2 times again
    assert effects(counter) == {}
    (row,) = waiting(counter)
    assert row.reason == "LookupError: no such window"
    assert (row.consumer, row.type) == ("counter", "cami.projects.proposal.withdrawn.v1")


def test_a_handler_that_recovers_is_not_parked(counter: Service, bus: Bus) -> None:
    failures = [ValueError("first"), ValueError("second")]

    def recover(context: Context, event: Event[ProposalWithdrawn]) -> None:
        if failures:
            raise failures.pop()
        on_withdrawn(context, event)

    assert Consumer(routed(counter, recover), bus).handle(message("a", counter)) is Outcome.HANDLED
    assert effects(counter) == {"a": 1}
    assert waiting(counter) == []


@pytest.mark.parametrize("kind", [DatabaseBusy, BusUnavailable])
def test_what_passes_by_itself_is_waited_out_however_long(
    counter: Service, bus: Bus, kind: type[Exception]
) -> None:  # fmt: skip
    left = [1] * 8  # more than consumer_retries

    def busy(context: Context, event: Event[ProposalWithdrawn]) -> None:
        if left:
            left.pop()
            raise kind("locked")
        on_withdrawn(context, event)

    assert Consumer(routed(counter, busy), bus).handle(message("a", counter)) is Outcome.HANDLED
    assert effects(counter) == {"a": 1}


def test_a_message_that_fails_again_is_parked_once(counter: Service, bus: Bus) -> None:
    bad = message("bad", counter)
    consumer = Consumer(counter, bus)
    consumer.handle(bad)
    consumer.handle(replace(bad, offset=7))  # the relay published it twice
    assert len(waiting(counter)) == 1


def test_the_road_from_outbox_to_effect_goes_on_past_a_bad_event(
    writer: Service, counter: Service, bus: Bus, write: Callable[..., None]
) -> None:  # fmt: skip
    write("a", "bad", "b")
    Relay(writer, bus).publish_pending()
    stop = threading.Event()
    thread = threading.Thread(target=Consumer(counter, bus).run, args=(stop,))
    thread.start()
    eventually(lambda: bus.lag("counter.projects") == {"cami.projects": 0}, "everything is acknowledged")
    write("c")
    Relay(writer, bus).publish_pending()
    eventually(lambda: effects(counter) == {"a": 1, "b": 1, "c": 1}, "all good events have their effect")
    stop.set()
    thread.join(30)
    assert [row.reason for row in waiting(counter)] == ["ValueError: no good: bad"]


def test_stopping_in_the_middle_of_retries_acknowledges_nothing(
    writer: Service, counter: Service, bus: Bus, write: Callable[..., None]
) -> None:  # fmt: skip
    stop = threading.Event()

    def stop_and_fail(context: Context, event: Event[ProposalWithdrawn]) -> None:
        stop.set()
        raise ValueError

    write("a")
    Relay(writer, bus).publish_pending()
    Consumer(routed(counter, stop_and_fail), bus).run(stop)
    assert bus.lag("counter.projects") == {"cami.projects": 1}
    assert waiting(counter) == []
    assert effects(counter) == {}


def test_what_is_passed_over_is_acknowledged_too(counter: Service, bus: Bus) -> None:
    for number in range(5):
        other = message(f"{number}", counter, ce_type="cami.projects.proposal.sung.v1")
        bus.publish([Outgoing(other.topic, other.key, other.headers, other.body)])
    stop = threading.Event()
    thread = threading.Thread(target=Consumer(counter, bus).run, args=(stop,))
    thread.start()
    eventually(lambda: bus.lag("counter.projects") == {"cami.projects": 0}, "everything is acknowledged")
    stop.set()
    thread.join(30)


def test_a_handler_may_emit_and_knows_its_cause(counter: Service, bus: Bus, part_settings: Settings) -> None:
    def answer(context: Context, event: Event[ProposalWithdrawn]) -> None:
        context.emit(event.data.model_copy(update={"reference": "answer"}), subject=event.subject)

    cause = message("a", counter)
    service = routed(counter, answer)
    assert Consumer(service, bus).handle(cause) is Outcome.HANDLED
    with service.read() as session:
        (headers,) = session.connection().execute(select(COUNTER.messaging.outbox.c.headers)).scalars()
    assert headers["ce_causationid"] == cause.headers["ce_id"]


def test_the_effect_rows_are_where_they_should_be(counter: Service, tmp_path: Path, bus: Bus) -> None:
    Consumer(counter, bus).handle(message("a", counter))
    with counter.read() as session:
        assert [row.text for row in session.exec(select(EffectRow))] == ["a"]
    assert (tmp_path / "var" / "counter.sqlite3").exists() is counter.db.is_sqlite


def test_log_lines_of_events_that_come_together_carry_each_its_own_trace(counter: Service, bus: Bus) -> None:
    """Each message has a trace of its own, though all of them are handled in one transaction."""
    sent = {}
    for number in range(5):
        trace = new_traceparent(followed=True)
        each = message(f"{number}", counter, ce_traceparent=trace, ce_correlationid=f"request {number}")
        sent[each.headers["ce_id"]] = (trace[3:35], f"request {number}")
        bus.publish([Outgoing(each.topic, "key", each.headers, each.body)])
    seen: dict[str, tuple[str, str]] = {}

    class Watching(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if "handled" in record.getMessage():
                seen[here().event] = (here().trace, here().correlation)

    log, watching = logging.getLogger("cami.consumer"), Watching()
    level = log.level
    log.addHandler(watching)
    log.setLevel(logging.INFO)
    try:
        stop = threading.Event()
        thread = threading.Thread(target=Consumer(counter, bus).run, args=(stop,))
        thread.start()
        eventually(lambda: bus.lag("counter.projects") == {"cami.projects": 0}, "everything is acknowledged")
        stop.set()
        thread.join(30)
    finally:
        log.removeHandler(watching)
        log.setLevel(level)
    assert seen == sent
