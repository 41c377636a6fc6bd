"""What a consumer does with messages of another age, or of nobody's: on the embedded log and on Apache Kafka."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from uuid import uuid4

import pytest
from prometheus_client import REGISTRY

from services.chassis.bus import Bus, Message, Outgoing
from services.chassis.consumer import Consumer
from services.chassis.service import Service
from tests.conformance.conftest import BUSES
from tests.conformance.helpers import eventually, open_at
from tests.faults.messages import message, waiting
from tests.faults.parts import effects

SUNG = "cami.projects.proposal.sung.v1"


@pytest.fixture(params=BUSES)
def real_bus(request: pytest.FixtureRequest) -> Iterator[Bus]:
    """Each kind of bus."""
    opened = open_at(BUSES[request.param](request))
    yield opened
    opened.close()


@pytest.fixture
def hear(counter: Service, real_bus: Bus) -> Callable[..., None]:
    """Publishes messages to a topic of this test's own, and returns when the counter has dealt with them."""
    topic = f"test.{uuid4().hex}"

    def publish(*messages: Message) -> None:
        # One key, so that they come in this order.
        real_bus.publish([Outgoing(topic, "key", each.headers, each.body) for each in messages])
        consumer = Consumer(counter, real_bus, topic)
        with running(consumer):
            eventually(lambda: real_bus.lag(consumer.group).get(topic) == 0, "all of them are dealt with")

    return publish


@contextmanager
def running(consumer: Consumer) -> Iterator[None]:
    """The consumer at work, in a thread of its own."""
    stop = threading.Event()
    thread = threading.Thread(target=consumer.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(30)


def handled(kind: str, outcome: str) -> float:
    """The metric."""
    labels = {"service": "counter", "type": kind, "outcome": outcome}
    return REGISTRY.get_sample_value("cami_events_handled_total", labels) or 0


def test_fields_of_a_later_version_are_ignored(counter: Service, hear: Callable[..., None]) -> None:
    later = message("from the future", counter)
    body = json.loads(later.body) | {"mood": "new", "nested": {"deeply": [1]}}
    hear(replace(later, body=json.dumps(body).encode()))
    assert effects(counter) == {"from the future": 1}
    assert waiting(counter) == []


def test_a_type_that_nobody_knows_is_counted_and_skipped(counter: Service, hear: Callable[..., None]) -> None:
    before = handled("unknown", "unknown")
    hear(message("a", counter, ce_type=SUNG), message("after", counter))
    assert handled("unknown", "unknown") == before + 1
    assert effects(counter) == {"after": 1}
    assert waiting(counter) == []


def test_the_name_of_a_type_that_nobody_knows_is_no_label(counter: Service, hear: Callable[..., None]) -> None:
    """Whoever can write to the bus must not be able to fill the memory of the program with names."""
    hear(*(message("a", counter, ce_type=f"{SUNG}.{number}") for number in range(3)))
    assert handled(f"{SUNG}.0", "unknown") == 0


@pytest.mark.parametrize(
    ("body", "headers"),
    [(b"", {}), (b"\xff\xfe", {}), (b"[]", {}), (b'{"proposal_id": 7}', {}), (None, {"ce_id": "no id"}),
     (None, {"ce_time": "yesterday"}), (b"{}", {"ce_type": ""})],
    ids=["empty", "no text", "no object", "fields missing", "odd id", "odd time", "no type"],
)  # fmt: skip
def test_what_cannot_be_read_is_parked_and_the_rest_goes_on(
    counter: Service, hear: Callable[..., None], body: bytes | None, headers: dict[str, str]
) -> None:
    odd = message("odd", counter, **headers)
    hear(odd if body is None else replace(odd, body=body), message("after", counter))
    (parked,) = waiting(counter)
    assert parked.reason.startswith("UnreadableEvent: ")
    assert parked.body == (odd.body if body is None else body)
    assert effects(counter) == {"after": 1}


def test_a_message_without_a_single_header_is_parked(counter: Service, hear: Callable[..., None]) -> None:
    hear(replace(message("odd", counter), headers={}), message("after", counter))
    (parked,) = waiting(counter)
    assert (parked.type, parked.headers) == ("", {})
    assert effects(counter) == {"after": 1}
