"""What only Apache Kafka has to show: its settings, its ways to fail and to come back, other clients."""

import json
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType

from contracts.envelope import read, wrap
from contracts.events import ProposalWithdrawn
from services.chassis.bus import Bus, Outgoing, open_bus
from services.chassis.clock import utc_now
from services.chassis.errors import BusUnavailable, CamiError
from services.chassis.settings import Settings
from tests.conformance.helpers import eventually, open_at, send, start, take, texts
from tests.engines.kafka import HeldBroker, free_ports
from tests.needs import require

GIVEN_UP_SECONDS = 120
"""Seconds after which nobody gives up any more: the patience that is set is 4."""
USER, PASSWORD = "cami", "not-so-secret"


@pytest.fixture
def bus(kafka: str) -> Iterator[Bus]:
    opened = open_at(f"kafka:{kafka}")
    yield opened
    opened.close()


@pytest.mark.parametrize("url", ["kafka:", "kafka:here", "kafka:host:port", "kafka:host:9092,"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(CamiError, match="kafka:HOST:PORT"):
        open_bus(Settings(bus_url=url))


def test_more_replicas_in_sync_than_there_are_is_refused() -> None:
    with pytest.raises(CamiError, match="CAMI_KAFKA_MIN_INSYNC_REPLICAS"):
        open_bus(Settings(bus_url="kafka:127.0.0.1:9092", kafka_replication=2, kafka_min_insync_replicas=3))


def test_where_nobody_listens_the_program_starts_and_each_call_names_the_address() -> None:
    (port,) = free_ports(1)
    bus = open_bus(Settings(bus_url=f"kafka:127.0.0.1:{port}", kafka_connect_seconds=1))
    for call in (bus.topics, lambda: bus.publish([Outgoing("topic", "key", {}, b"")]), lambda: bus.lag("group")):
        with pytest.raises(BusUnavailable, match=f"127.0.0.1:{port}"):
            call()
    bus.close()


def test_failures_leave_neither_sockets_nor_threads_behind() -> None:
    (port,) = free_ports(1)
    with start("tests.conformance.refused", str(port)) as process:
        first, _, last = process.communicate()[0].splitlines()
    assert first == last


def test_a_topic_is_made_as_the_settings_say(kafka: str, topic: str) -> None:
    settings = Settings(
        bus_url=f"kafka:{kafka}", kafka_partitions=3, kafka_retention_days=1.5, max_message_bytes=1_000_000
    )
    bus = open_bus(settings)
    send(bus, topic, ["1"])
    assert set(bus.end_offsets(topic)) == {0, 1, 2}
    bus.close()
    admin = KafkaAdminClient(bootstrap_servers=kafka)
    found: Any = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    admin.close()
    text = json.dumps(found, default=str)
    for value in ("129600000", "CreateTime"):  # a day and a half in milliseconds
        assert value in text


def test_another_client_reads_events_and_writes_them(bus: Bus, kafka: str, topic: str) -> None:
    require("kcat")
    data = ProposalWithdrawn(proposal_id="01a2034c-8981-7199-8fbf-8bc9b902e2f6", reference="Снежный барс 🐆", version=3,
                             withdrawn_at=utc_now())  # fmt: skip
    event = wrap(data, source="projects", subject="ключ", time=utc_now(), traceparent="00-aa-bb-01")
    bus.publish([Outgoing(topic, event.subject, event.headers(), event.body())])
    listed = subprocess.run(
        ["kcat", "-b", kafka, "-C", "-t", topic, "-e", "-q", "-J"], check=True, capture_output=True, text=True
    ).stdout
    (message,) = [json.loads(line) for line in listed.splitlines()]
    names, values = message["headers"][::2], message["headers"][1::2]
    assert dict(zip(names, values, strict=True)) == event.headers()
    assert {"ce_id", "ce_source", "ce_specversion", "ce_type", "content-type"} <= set(names)
    assert message["key"] == "ключ"
    assert json.loads(message["payload"]) == json.loads(event.body())

    headers = [word for name, value in event.headers().items() for word in ("-H", f"{name}={value}")]
    subprocess.run(["kcat", "-b", kafka, "-P", "-t", topic, "-k", "kcat", *headers], input=event.body(), check=True)
    (theirs,) = [each for each in bus.read(topic) if each.key == "kcat"]
    assert read(theirs.headers, theirs.body) == event


@pytest.fixture(scope="module")
def own_broker() -> Iterator[HeldBroker]:
    """A broker for the tests that are rough with it; it has a listener with TLS and SASL too, one port further on."""
    require("kafka")
    if shutil.which("java") is None:
        pytest.skip("the Kafka of this machine is a container; this needs one of its own")
    folder = Path(tempfile.mkdtemp(prefix="cami-kafka-own-"))
    port, secure, controller = free_ports(3)
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    (folder / "both.pem").write_text((folder / "key.pem").read_text() + (folder / "cert.pem").read_text())
    listeners = f"PLAINTEXT://127.0.0.1:{port},SASL_SSL://127.0.0.1:{secure}"
    more = {
        "listeners": f"{listeners},CONTROLLER://127.0.0.1:{controller}",
        "advertised.listeners": listeners,
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": folder / "both.pem",
        "sasl.enabled.mechanisms": "SCRAM-SHA-256",
        "listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config":
            "org.apache.kafka.common.security.scram.ScramLoginModule required;",
    }  # fmt: skip
    options = [word for key, value in more.items() for word in ("--set", f"{key}={value}")]
    broker = HeldBroker(
        folder / "data", port, "--controller-port", str(controller), "--scram", f"{USER}={PASSWORD}", *options
    )
    broker.secure_port = secure
    broker.certificate = folder / "cert.pem"
    assert broker.start()
    yield broker
    broker.kill()
    shutil.rmtree(folder, ignore_errors=True)


def secured(broker: HeldBroker, **others: Any) -> Settings:
    """Settings for the listener with TLS and SASL."""
    return Settings(
        **{
            "bus_url": f"kafka:127.0.0.1:{broker.secure_port}", "kafka_security_protocol": "SASL_SSL",
            "kafka_sasl_mechanism": "SCRAM-SHA-256", "kafka_sasl_username": USER, "kafka_sasl_password": PASSWORD,
            "kafka_ssl_cafile": str(broker.certificate), "kafka_connect_seconds": 3, "poll_seconds": 0.05,
        } | others
    )  # fmt: skip


def test_tls_and_sasl(own_broker: HeldBroker, topic: str, group: str) -> None:
    bus = open_bus(secured(own_broker))
    send(bus, topic, ["secret"])
    assert texts(take(bus.subscribe(group, [topic]), 1)) == ["secret"]
    assert texts(bus.read(topic)) == ["secret"]
    bus.close()


@pytest.mark.parametrize("wrong", [{"kafka_sasl_password": "wrong"}, {"kafka_ssl_cafile": ""}])
def test_who_is_not_let_in_is_told_so(own_broker: HeldBroker, topic: str, wrong: dict[str, str]) -> None:
    bus = open_bus(secured(own_broker, **wrong))
    with pytest.raises(BusUnavailable, match=r"(?i)authentication|certificate|ssl") as caught:
        send(bus, topic, ["1"])
    assert PASSWORD not in str(caught.value)
    bus.close()


def rough(broker: HeldBroker) -> Bus:
    """The bus, with little patience."""
    return open_bus(
        Settings(
            bus_url=f"kafka:127.0.0.1:{broker.port}", poll_seconds=0.05, kafka_delivery_seconds=4,
            kafka_session_seconds=6, kafka_connect_seconds=2,
        )
    )  # fmt: skip


def insist(bus: Bus, topic: str, bodies: list[str]) -> None:
    """Publish as the relay does: all of it again until it is acknowledged."""

    def published() -> bool:
        try:
            send(bus, topic, bodies, key="key")
        except BusUnavailable:
            return False
        return True

    eventually(published, "the broker takes messages again")


class Listener:
    """A member of a group that subscribes again when the bus fails, as the consumer does."""

    def __init__(self, bus: Bus, group: str, topic: str) -> None:
        self._bus, self._group, self._topic = bus, group, topic
        self._subscription = bus.subscribe(group, [topic])
        self.heard: list[str] = []

    def hear_until(self, body: str) -> list[str]:
        """Read on until `body` has come; answers everything that came, without what came again."""

        def heard() -> bool:
            try:
                for message in self._subscription.poll(0.1):
                    self.heard.append(message.body.decode())
                    self._subscription.commit(message)
            except BusUnavailable:
                self._subscription.close()
                with suppress(BusUnavailable):
                    self._subscription = self._bus.subscribe(self._group, [self._topic])
            return body in self.heard

        eventually(heard, f"{body} is heard")
        return list(dict.fromkeys(self.heard))


def test_a_broker_that_hangs_is_given_up_in_time_and_taken_up_again(
    own_broker: HeldBroker, topic: str, group: str
) -> None:  # fmt: skip
    bus = rough(own_broker)
    listener = Listener(bus, group, topic)
    send(bus, topic, ["1", "2"], key="key")
    listener.hear_until("2")
    own_broker.suspend()
    threads = ThreadPoolExecutor(1)
    try:
        attempt = threads.submit(send, bus, topic, ["3", "4"], key="key")
        with pytest.raises(BusUnavailable, match=f"127.0.0.1:{own_broker.port}"):
            attempt.result(GIVEN_UP_SECONDS)  # it raises TimeoutError if the broker is never given up
    finally:
        own_broker.resume()
        threads.shutdown()
    insist(bus, topic, ["3", "4"])
    insist(bus, topic, ["5"])
    assert listener.hear_until("5") == ["1", "2", "3", "4", "5"]
    bus.close()


def test_a_broker_that_was_killed_comes_back_and_nothing_is_lost(
    own_broker: HeldBroker, topic: str, group: str
) -> None:  # fmt: skip
    bus = rough(own_broker)
    listener = Listener(bus, group, topic)
    send(bus, topic, ["1", "2"], key="key")
    listener.hear_until("2")
    own_broker.kill()
    restart = threading.Thread(target=own_broker.start)
    restart.start()
    insist(bus, topic, ["3", "4"])
    restart.join()
    insist(bus, topic, ["5"])
    assert listener.hear_until("5") == ["1", "2", "3", "4", "5"]
    bus.close()
