"""A consumer on either bus: what cannot be handled is set aside, and what comes behind it goes on."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.chassis.bus import Bus, Outgoing
from services.chassis.consumer import Consumer
from services.chassis.groups import group_of
from services.chassis.service import Service
from tests import support
from tests.conformance.helpers import eventually
from tests.faults.messages import message, waiting
from tests.faults.parts import COUNTER, effects, open_part


@contextmanager
def consuming(service: Service, bus: Bus, topic: str) -> Iterator[None]:
    """The service reads `topic` meanwhile."""
    stop = threading.Event()
    thread = threading.Thread(target=Consumer(service, bus, topic).run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(30)


def outgoing(topic: str, text: str, service: Service, body: bytes | None = None, **headers: str) -> Outgoing:
    """An event about the note `text`, all of one key."""
    made = message(text, service, **headers)
    return Outgoing(topic, "key", made.headers, made.body if body is None else body)


def test_what_cannot_be_handled_is_parked_and_the_rest_goes_on(bus: Bus, topic: str, tmp_path: Path) -> None:
    service = open_part(COUNTER, support.settings_in(tmp_path, consumer_retries=1, poll_seconds=0.05))
    group = group_of(COUNTER, topic)
    bus.publish(
        [
            outgoing(topic, "first", service),
            outgoing(topic, "bad: the handler fails", service),
            outgoing(topic, "unreadable", service, body=b"\xff no JSON"),
            outgoing(topic, "of another world", service, ce_type="cami.unknown.thing.v1"),
            outgoing(topic, "last", service),
        ]
    )
    with consuming(service, bus, topic):
        eventually(lambda: bus.lag(group) == {topic: 0}, "everything is acknowledged")
    assert effects(service) == {"first": 1, "last": 1}
    parked = waiting(service)
    assert [(each.topic, each.key) for each in parked] == [(topic, "key")] * 2
    assert "no good" in parked[0].reason
    assert parked[1].body == b"\xff no JSON"
    assert [each.offset for each in parked] == [1, 2]

    bus.publish([outgoing(topic, "after", service)])
    with consuming(service, bus, topic):
        eventually(lambda: "after" in effects(service), "the next one reads on")
    assert len(waiting(service)) == 2
    service.close()
