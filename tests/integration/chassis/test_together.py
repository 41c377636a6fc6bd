"""Events that come together share a transaction, and it makes no difference to what comes of them."""

import threading
from pathlib import Path

from sqlalchemy import update

from contracts.envelope import Event
from contracts.events import ProposalWithdrawn
from services.chassis.bus import Bus, Outgoing
from services.chassis.consumer import Consumer
from services.chassis.service import Context, Service
from tests.conformance.helpers import eventually
from tests.faults.messages import message, routed, waiting
from tests.faults.parts import COUNTER, EffectRow, effects, open_part
from tests.support import settings_in


def counter_in(folder: Path) -> Service:
    """The counter, which gives up at once."""
    return open_part(COUNTER, settings_in(folder, consumer_retries=0, poll_seconds=0.05))


def publish(bus: Bus, service: Service, *texts: str) -> None:
    """Events of one key."""
    made = [message(text, service) for text in texts]
    bus.publish([Outgoing("cami.projects", "key", each.headers, each.body) for each in made])


def consume(bus: Bus, service: Service) -> None:
    """Until everything is acknowledged."""
    stop = threading.Event()
    consumer = Consumer(service, bus)
    thread = threading.Thread(target=consumer.run, args=(stop,))
    thread.start()
    try:
        eventually(lambda: bus.lag(consumer.group) == {"cami.projects": 0}, "all is acknowledged")
    finally:
        stop.set()
        thread.join()


def test_many_events_take_few_commits(bus: Bus, tmp_path: Path) -> None:
    service = counter_in(tmp_path)
    texts = [f"note {number}" for number in range(120)]
    publish(bus, service, *texts)
    before = service.db.commits
    consume(bus, service)
    assert effects(service) == dict.fromkeys(texts, 1)
    assert service.db.commits - before < len(texts)
    service.close()


def test_one_that_fails_takes_nobody_with_it(bus: Bus, tmp_path: Path) -> None:
    service = counter_in(tmp_path)
    publish(bus, service, "a", "b", "bad one", "c", "bad two", "d")
    consume(bus, service)
    assert effects(service) == dict.fromkeys("abcd", 1)
    assert [each.offset for each in waiting(service)] == [2, 4]
    service.close()


def test_an_event_that_came_before_does_nothing_among_others(bus: Bus, tmp_path: Path) -> None:
    service = counter_in(tmp_path)
    once, again = message("twice", service), message("other", service)
    bus.publish([Outgoing("cami.projects", "key", each.headers, each.body) for each in (once, again, once, again)])
    consume(bus, service)
    assert effects(service) == {"twice": 1, "other": 1}
    service.close()


def test_each_sees_what_those_before_it_have_done(bus: Bus, tmp_path: Path) -> None:
    def append(context: Context, event: Event[ProposalWithdrawn]) -> None:
        row = context.session.get(EffectRow, 1)
        if row is None:
            context.session.add(EffectRow(id=1, text=event.data.reference))
            return
        longer = f"{row.text} {event.data.reference}"  # written past the session, which would not notice
        context.session.connection().execute(update(EffectRow).where(EffectRow.id == 1).values(text=longer))

    service = routed(counter_in(tmp_path), append)
    publish(bus, service, "one", "two", "three", "four")
    consume(bus, service)
    assert effects(service) == {"one two three four": 1}
    service.close()
