"""The relay: nothing is lost, order is kept, whatever the bus does."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import cast

import pytest
from sqlalchemy import func, select

from contracts.envelope import read
from services.chassis.bus import Bus
from services.chassis.db import Database
from services.chassis.errors import BusUnavailable
from services.chassis.outbox import depth_and_age
from services.chassis.relay import Relay
from services.chassis.service import Service
from tests.conformance.helpers import eventually
from tests.faults.parts import WRITER, write_note
from tests.integration.chassis.conftest import FlakyBus


def on_the_bus(bus: Bus) -> list[str]:
    """References of the events on the bus, in order of publication."""
    return [read(message.headers, message.body).data.reference for message in bus.read("cami.projects", limit=5000)]


def depth(service: Service) -> int:
    """How many events wait."""
    with service.read() as session:
        return depth_and_age(session, WRITER.messaging, service.clock()).events


def test_what_waits_is_published_once(writer: Service, bus: Bus, write: Callable[..., None]) -> None:
    write("a", "b", "c")
    relay = Relay(writer, bus)
    assert relay.publish_pending() == 3
    assert relay.publish_pending() == 0
    assert on_the_bus(bus) == ["a", "b", "c"]
    assert depth(writer) == 0


def test_more_than_one_batch(writer: Service, bus: Bus) -> None:
    with writer.work() as context:
        for number in range(1100):
            write_note(context, f"{number}")
    assert Relay(writer, bus).publish_pending() == 1100
    assert on_the_bus(bus) == [f"{number}" for number in range(1100)]


def test_a_bus_that_cannot_be_reached_leaves_everything_in_the_outbox(
    writer: Service, bus: Bus, flaky: FlakyBus, write: Callable[..., None]
) -> None:  # fmt: skip
    write("a", "b")
    flaky.fail_before = 1
    relay = Relay(writer, cast(Bus, flaky))
    with pytest.raises(BusUnavailable):
        relay.publish_pending()
    assert (on_the_bus(bus), depth(writer)) == ([], 2)
    assert relay.publish_pending() == 2
    assert (on_the_bus(bus), depth(writer)) == (["a", "b"], 0)


def test_a_lost_answer_means_twice_and_in_order(
    writer: Service, bus: Bus, flaky: FlakyBus, write: Callable[..., None]
) -> None:  # fmt: skip
    write("a", "b")
    flaky.fail_after = 1
    relay = Relay(writer, cast(Bus, flaky))
    with pytest.raises(BusUnavailable):
        relay.publish_pending()
    write("c")
    relay.publish_pending()
    assert on_the_bus(bus) == ["a", "b", "a", "b", "c"]


def test_it_runs_on_through_failures_and_is_woken_by_a_commit(
    writer: Service, bus: Bus, flaky: FlakyBus, write: Callable[..., None]
) -> None:  # fmt: skip
    flaky.fail_before, flaky.fail_after = 3, 1
    relay = Relay(writer, cast(Bus, flaky))
    writer.wake_relay = relay.wake
    stop = threading.Event()
    thread = threading.Thread(target=relay.run, args=(stop,))
    thread.start()
    write("a")
    eventually(lambda: depth(writer) == 0, "the first event is published")
    write("b")
    eventually(lambda: depth(writer) == 0, "the second event is published")
    stop.set()
    relay.wake()
    thread.join(30)
    assert on_the_bus(bus) == ["a", "a", "b"]
    assert flaky.publish_calls == 6


def test_what_a_process_before_us_left_is_found_without_being_woken(
    writer: Service, bus: Bus, write: Callable[..., None]
) -> None:  # fmt: skip
    stop = threading.Event()
    thread = threading.Thread(target=Relay(writer, bus).run, args=(stop,))
    thread.start()
    write("a")
    eventually(lambda: on_the_bus(bus) == ["a"], "the event is found by looking")
    stop.set()
    thread.join(30)


def test_two_relays_of_one_database_do_not_interleave(writer: Service, bus: Bus) -> None:
    with writer.work() as context:
        for number in range(1500):
            write_note(context, f"{number:04}")
    threads = [threading.Thread(target=Relay(writer, bus).publish_pending) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert on_the_bus(bus) == [f"{number:04}" for number in range(1500)]


def test_relays_of_several_processes_may_repeat_events_and_keep_their_order(writer: Service, bus: Bus) -> None:
    written = [f"{number:04}" for number in range(2500)]
    with writer.work() as context:
        for note in written:
            write_note(context, note)
    # Another address of the same database: to the relays these are of different processes.
    address = f"sqlite:///{writer.settings.data_dir}/./{WRITER.name}.sqlite3"
    if not writer.db.is_sqlite:
        address = f"{writer.db.url}?application_name=another"
    others = [Service(WRITER, writer.settings, db=Database(address)), writer]
    with ThreadPoolExecutor(len(others)) as threads:
        list(threads.map(lambda service: Relay(service, bus).publish_pending(), others))
    assert list(dict.fromkeys(on_the_bus(bus))) == written
    others[0].close()


def kept(service: Service) -> int:
    """How many events the outbox still holds, published or not."""
    with service.read() as session:
        table = WRITER.messaging.outbox
        return session.connection().execute(select(func.count()).select_from(table)).scalar_one()


def test_what_was_published_long_ago_is_deleted_while_it_runs(
    writer: Service, bus: Bus, write: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(*(f"old {number}" for number in range(30)))
    Relay(writer, bus).publish_pending()
    monkeypatch.setattr("services.chassis.relay.BATCH", 7)
    later = writer.clock() + timedelta(days=writer.settings.outbox_keep_days, minutes=1)
    monkeypatch.setattr(writer, "clock", lambda: later)
    write("new")
    assert kept(writer) == 31
    stop = threading.Event()
    thread = threading.Thread(target=Relay(writer, bus).run, args=(stop,))
    thread.start()
    eventually(lambda: kept(writer) == 1, "only what is new is left")
    stop.set()
    thread.join(30)
    assert on_the_bus(bus)[-1] == "new"


def test_nothing_recent_and_nothing_unpublished_is_deleted(
    writer: Service, bus: Bus, write: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    relay = Relay(writer, bus)
    write("published")
    relay.publish_pending()
    write("waiting")
    assert relay.prune() == 0
    later = writer.clock() + timedelta(days=400)
    monkeypatch.setattr(writer, "clock", lambda: later)
    assert relay.prune() == 1
    assert (kept(writer), depth(writer)) == (1, 1)


def test_published_events_may_be_kept_for_ever(
    writer: Service, bus: Bus, write: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    writer.settings = writer.settings.model_copy(update={"outbox_keep_days": 0})
    write("old")
    relay = Relay(writer, bus)
    relay.publish_pending()
    later = writer.clock() + timedelta(days=4000)
    monkeypatch.setattr(writer, "clock", lambda: later)
    relay._prune_from_time_to_time(threading.Event())
    assert kept(writer) == 1
