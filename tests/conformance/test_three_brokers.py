"""A cluster of three brokers, one of them killed in the middle: nothing is lost, and each key keeps its order."""

import shutil
import tempfile
import threading
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.chassis.bus import Bus, Message, Outgoing, open_bus
from services.chassis.errors import BusUnavailable
from services.chassis.settings import Settings
from tests.conformance.helpers import eventually
from tests.engines.kafka import HeldBroker, fetch_jars, free_ports
from tests.needs import require

KEYS = 12
ASKED = 30
"""Groups whose coordinators are remembered: of so many, some are the broker's that is killed."""
BEFORE, AFTER = 20, 40
"""Portions that are published before a broker is killed, and after."""


@pytest.fixture(scope="module")
def brokers() -> Iterator[list[HeldBroker]]:
    """Three brokers of one cluster."""
    require("kafka")
    if shutil.which("java") is None:
        pytest.skip("the Kafka of this machine is a container; this needs three of its own")
    folder = Path(tempfile.mkdtemp(prefix="cami-kafka-three-"))
    ports, controllers = free_ports(3), free_ports(3)
    voters = ",".join(f"{number}@127.0.0.1:{port}" for number, port in enumerate(controllers, 1))
    made = [
        HeldBroker(
            folder / str(number), port, "--node", str(number), "--controller-port", str(controller),
            "--voters", voters, "--heap", "256m", "--set", "broker.session.timeout.ms=3000",
            "--set", "broker.heartbeat.interval.ms=500",
        )
        for number, (port, controller) in enumerate(zip(ports, controllers, strict=True), 1)
    ]  # fmt: skip
    fetch_jars()
    for broker in made:
        broker.start(wait=False)
    for broker in made:
        broker.wait()
    yield made
    for broker in made:
        broker.kill()
    shutil.rmtree(folder, ignore_errors=True)


def settings_of(brokers: list[HeldBroker]) -> Settings:
    """Three copies, two of which must have an event."""
    addresses = ",".join(f"127.0.0.1:{broker.port}" for broker in brokers)
    return Settings(
        bus_url=f"kafka:{addresses}", kafka_partitions=3, kafka_replication=3, kafka_min_insync_replicas=2,
        kafka_delivery_seconds=6, kafka_session_seconds=3, poll_seconds=0.05,
    )  # fmt: skip


class Listener(threading.Thread):
    """Reads on whatever happens, as the consumer does."""

    def __init__(self, bus: Bus, group: str, topic: str) -> None:
        super().__init__(daemon=True)
        self.stop = threading.Event()
        self.heard: list[Message] = []
        self._bus, self._group, self._topic = bus, group, topic

    def run(self) -> None:
        while not self.stop.is_set():
            try:
                subscription = self._bus.subscribe(self._group, [self._topic])
                try:
                    while not self.stop.is_set():
                        for message in subscription.poll(0.2):
                            self.heard.append(message)
                            subscription.commit(message)
                finally:
                    subscription.close()
            except BusUnavailable:
                self.stop.wait(0.2)


def publish(bus: Bus, topic: str, number: int) -> None:
    """One message for each key; all of them again until they are acknowledged, as the relay does."""

    def published() -> bool:
        try:
            bus.publish([Outgoing(topic, f"key {key}", {}, f"{number}".encode()) for key in range(KEYS)])
        except BusUnavailable:
            return False
        return True

    eventually(published, "two of three brokers take messages")


def test_one_of_three_is_killed_and_nothing_is_lost(brokers: list[HeldBroker], topic: str, group: str) -> None:
    bus = open_bus(settings_of(brokers))
    listener = Listener(bus, group, topic)
    listener.start()
    for number in range(BEFORE):
        publish(bus, topic, number)
    eventually(lambda: len(listener.heard) > KEYS, "the listener has begun")
    others = [f"{group}-{number}" for number in range(ASKED)]
    assert [bus.lag(other) for other in others] == [{}] * ASKED
    brokers[0].kill()
    assert [bus.lag(other) for other in others] == [{}] * ASKED
    for number in range(BEFORE, BEFORE + AFTER):
        publish(bus, topic, number)
    eventually(lambda: {m.key for m in listener.heard if m.body == b"59"} == {f"key {key}" for key in range(KEYS)},
               "the last of each key is heard")  # fmt: skip
    listener.stop.set()
    listener.join(30)
    by_key: defaultdict[str, list[str]] = defaultdict(list)
    for message in listener.heard:
        by_key[message.key].append(message.body.decode())
    wanted = [str(number) for number in range(BEFORE + AFTER)]
    assert {key: list(dict.fromkeys(bodies)) for key, bodies in by_key.items()} == {
        f"key {key}": wanted for key in range(KEYS)
    }
    eventually(lambda: bus.lag(group) == {topic: 0}, "everything is acknowledged")
    bus.close()


def test_one_alone_takes_nothing_and_says_so(brokers: list[HeldBroker], topic: str) -> None:
    bus = open_bus(settings_of(brokers))
    publish(bus, topic, 1)  # two are enough, also to make a topic that wants three
    brokers[1].kill()
    with pytest.raises(BusUnavailable):
        bus.publish([Outgoing(topic, "key", {}, b"2")])
    bus.close()
