"""Parked messages: seen, handed in again, or let go."""

import math
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from prometheus_client import REGISTRY

from contracts.envelope import Event
from contracts.events import ProposalWithdrawn
from services.chassis import gauges, operations, parked
from services.chassis.bus import Bus, Message
from services.chassis.consumer import Consumer, Outcome
from services.chassis.errors import BusUnavailable, Conflict, NotFound
from services.chassis.service import Context, Service
from tests.faults.messages import message, routed, waiting
from tests.faults.parts import COUNTER, EffectRow, effects

TABLES = COUNTER.messaging


def park(service: Service, bus: Bus, text: str = "bad") -> tuple[UUID, Message]:
    """A message that is parked, and its id."""
    bad = message(text, service)
    assert Consumer(service, bus).handle(bad) is Outcome.PARKED
    return next(row.id for row in waiting(service) if row.headers == bad.headers), bad


def mended(context: Context, event: Event[ProposalWithdrawn]) -> None:
    """A handler without the fault."""
    context.session.add(EffectRow(text=event.data.reference))


def found(service: Service, parked_id: UUID) -> parked.ParkedMessage:
    """The parked message as it stands."""
    with service.read() as session:
        return parked.find(session, TABLES, parked_id)


def test_the_oldest_comes_first_and_the_limit_holds(counter: Service, bus: Bus) -> None:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    for minutes, text in ((2, "bad late"), (1, "bad early")):
        counter.clock = lambda minutes=minutes: start + timedelta(minutes=minutes)  # type: ignore[misc]
        park(counter, bus, text)
    assert [row.reason for row in waiting(counter)] == [
        "ValueError: no good: bad early",
        "ValueError: no good: bad late",
    ]
    with counter.read() as session:
        assert len(parked.waiting(session, TABLES, limit=1)) == 1
        assert parked.count_waiting(session, TABLES) == 2


def test_replay_has_the_effect_and_settles(counter: Service, bus: Bus) -> None:
    parked_id, bad = park(counter, bus)
    service = routed(counter, mended)
    parked.replay(service, parked_id)
    assert effects(counter) == {"bad": 1}
    settled = found(counter, parked_id)
    assert settled.settled_how == "replayed"
    assert settled.settled_at is not None
    assert waiting(counter) == []
    assert Consumer(service, bus).handle(bad) is Outcome.REPEATED


def test_a_replay_that_fails_leaves_it_parked_with_the_new_reason(counter: Service, bus: Bus) -> None:
    def other_fault(context: Context, event: Event[ProposalWithdrawn]) -> None:
        mended(context, event)
        raise KeyError("something else")

    parked_id, _ = park(counter, bus)
    with pytest.raises(KeyError):
        parked.replay(routed(counter, other_fault), parked_id)
    assert effects(counter) == {}
    assert [row.reason for row in waiting(counter)] == ["KeyError: 'something else'"]


def test_a_replay_of_what_was_handled_meanwhile_has_no_second_effect(counter: Service, bus: Bus) -> None:
    parked_id, bad = park(counter, bus)
    service = routed(counter, mended)
    assert Consumer(service, bus).handle(bad) is Outcome.HANDLED
    parked.replay(service, parked_id)
    assert effects(counter) == {"bad": 1}
    assert found(counter, parked_id).settled_note == "it had been handled already"


def test_discard_keeps_the_note(counter: Service, bus: Bus) -> None:
    parked_id, _ = park(counter, bus)
    parked.discard(counter, parked_id, "a test of the donor's; Aigul agreed")
    settled = found(counter, parked_id)
    assert (settled.settled_how, settled.settled_note) == ("discarded", "a test of the donor's; Aigul agreed")
    assert waiting(counter) == []


def test_what_is_settled_stays_settled(counter: Service, bus: Bus) -> None:
    parked_id, _ = park(counter, bus)
    parked.discard(counter, parked_id, "no")
    with pytest.raises(Conflict, match="discarded"):
        parked.replay(routed(counter, mended), parked_id)
    with pytest.raises(Conflict, match="discarded"):
        parked.discard(counter, parked_id, "again")
    assert effects(counter) == {}
    assert found(counter, parked_id).settled_note == "no"


def test_what_has_happened_is_kept(counter: Service, bus: Bus) -> None:
    parked_id, _ = park(counter, bus)
    with pytest.raises(ValueError, match="no good"):
        parked.replay(counter, parked_id, who="Aigul Test")
    parked.replay(routed(counter, mended), parked_id, who="Camille Test", note="mended in release 7")
    with pytest.raises(parked.Settled):
        parked.replay(counter, parked_id, who="Camille Test")
    with counter.read() as session:
        told = [(each.what, each.who, each.text) for each in parked.history(session, TABLES, parked_id)]
        (settled,) = parked.lately_settled(session, TABLES)
    reason = "ValueError: no good: bad"
    assert told == [
        ("parked", "", reason), ("failed", "Aigul Test", reason), ("replayed", "Camille Test", "mended in release 7"),
    ]  # fmt: skip
    assert settled.id == parked_id


def test_what_is_discarded_stays_so_when_the_bus_gives_it_again(counter: Service, bus: Bus) -> None:
    parked_id, bad = park(counter, bus)
    parked.discard(counter, parked_id, "not ours", who="Aigul Test")
    assert Consumer(counter, bus).handle(bad) is Outcome.PARKED
    assert waiting(counter) == []
    assert found(counter, parked_id).settled_note == "not ours"
    with counter.read() as session:
        assert [each.what for each in parked.history(session, TABLES, parked_id)] == ["parked", "discarded"]


def test_two_people_who_replay_at_once_have_one_effect(counter: Service, bus: Bus) -> None:
    parked_id, _ = park(counter, bus)
    service = routed(counter, mended)

    def replay(who: str) -> bool:
        try:
            parked.replay(service, parked_id, who=who)
        except parked.Settled:
            return False
        return True

    with ThreadPoolExecutor(4) as people:
        assert sum(people.map(replay, "abcd")) == 1
    assert effects(counter) == {"bad": 1}


def test_an_unknown_id(counter: Service) -> None:
    with pytest.raises(NotFound):
        parked.replay(counter, uuid4())
    with pytest.raises(NotFound):
        parked.discard(counter, uuid4(), "")


def test_an_unreadable_message_can_only_be_discarded(counter: Service, bus: Bus) -> None:
    bad = replace(message("a", counter), body=b"{")
    Consumer(counter, bus).handle(bad)
    (row,) = waiting(counter)
    with pytest.raises(Conflict, match="cannot be read"):
        parked.replay(counter, row.id)
    parked.discard(counter, row.id, "sent by mistake")


def test_a_message_without_a_handler_today_waits_on(counter: Service, bus: Bus) -> None:
    parked_id, _ = park(counter, bus)
    deaf = Service(replace(COUNTER, routes={}), counter.settings, db=counter.db)
    with pytest.raises(Conflict, match="does not handle"):
        parked.replay(deaf, parked_id)
    assert len(waiting(counter)) == 1


def test_the_gauges_show_what_waits(counter: Service, bus: Bus) -> None:
    park(counter, bus)
    gauges.refresh(counter, bus)
    assert REGISTRY.get_sample_value("cami_parked_messages", {"service": "counter"}) == 1
    assert REGISTRY.get_sample_value("cami_outbox_depth", {"service": "counter"}) == 0
    assert REGISTRY.get_sample_value("cami_outbox_oldest_seconds", {"service": "counter"}) == 0


def test_a_bus_that_does_not_answer_holds_up_nobody_who_looks(
    counter: Service, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    lag = {"service": "counter", "group": "counter.projects", "topic": "cami.projects"}
    gauges.refresh(counter, bus)
    assert REGISTRY.get_sample_value("cami_consumer_lag", lag) == 0
    released = threading.Event()
    monkeypatch.setattr(bus, "lag", lambda group: released.wait(60) and {})
    monkeypatch.setattr("services.chassis.groups.PATIENCE_SECONDS", 0.05)
    park(counter, bus)
    try:
        with pytest.raises(BusUnavailable, match="not answered in time"):
            gauges.refresh(counter, bus)
        counter.bus = bus
        assert operations.overview(counter, 1).groups[0].lag is None
    finally:
        released.set()
    assert math.isnan(REGISTRY.get_sample_value("cami_consumer_lag", lag) or 0)
    assert REGISTRY.get_sample_value("cami_parked_messages", {"service": "counter"}) == 1
