"""The permissions in the Kubernetes files, on a real broker that enforces them: enough for each service, no more."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaAdminClient
from kafka.admin import (
    ACL,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ResourcePattern,
    ResourceType,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from contracts.events import NAMES, topic_of
from services.chassis.bus import Bus, Message, Outgoing, open_bus
from services.chassis.errors import BusUnavailable
from services.chassis.groups import groups_of
from services.chassis.settings import Settings
from services.registry import COMPONENTS
from tests.deploy.files import of_kind, overlay
from tests.engines.kafka import HeldBroker, free_ports
from tests.needs import require

PASSWORD = "only-for-this-test"
OPERATIONS = {"DescribeConfigs": ACLOperation.DESCRIBE_CONFIGS}
PATTERNS = {"prefix": ACLResourcePatternType.PREFIXED, "literal": ACLResourcePatternType.LITERAL}


@pytest.fixture(scope="module")
def guarded() -> Iterator[str]:
    """Address of a broker that lets nobody do what production's KafkaUsers do not name."""
    require("kafka")
    if shutil.which("java") is None:
        pytest.skip("the Kafka of this machine is a container; this needs one of its own")
    folder = Path(tempfile.mkdtemp(prefix="cami-kafka-guarded-"))
    port, secure, controller = free_ports(3)
    listeners = f"PLAINTEXT://127.0.0.1:{port},SASL_PLAINTEXT://127.0.0.1:{secure}"
    more = {
        "listeners": f"{listeners},CONTROLLER://127.0.0.1:{controller}",
        "advertised.listeners": listeners,
        "sasl.enabled.mechanisms": "SCRAM-SHA-512",
        "listener.name.sasl_plaintext.scram-sha-512.sasl.jaas.config":
            "org.apache.kafka.common.security.scram.ScramLoginModule required;",
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS",
    }  # fmt: skip
    options = [word for key, value in more.items() for word in ("--set", f"{key}={value}")]
    broker = HeldBroker(folder / "data", port, "--controller-port", str(controller), *options)
    assert broker.start()
    try:
        users = of_kind(overlay("production"), "KafkaUser")
        with closing(KafkaAdminClient(bootstrap_servers=f"127.0.0.1:{port}")) as admin:
            mechanism = ScramMechanism.SCRAM_SHA_512
            admin.alter_user_scram_credentials([UserScramCredentialUpsertion(n, mechanism, PASSWORD) for n in users])
            admin.create_acls([acl for name, user in users.items() for acl in acls_of(name, user)])
        yield f"127.0.0.1:{secure}"
    finally:
        broker.kill()
        shutil.rmtree(folder, ignore_errors=True)


def acls_of(name: str, user: dict[str, Any]) -> Iterator[ACL]:
    """What Strimzi's user operator tells the broker."""
    for acl in user["spec"]["authorization"]["acls"]:
        what = acl["resource"]
        pattern = ResourcePattern(ResourceType[what["type"].upper()], what["name"], PATTERNS[what["patternType"]])
        for operation in acl["operations"]:
            named = OPERATIONS.get(operation) or ACLOperation[operation.upper()]
            yield ACL(f"User:{name}", "*", named, ACLPermissionType.ALLOW, pattern)


def bus_of(address: str, user: str) -> Bus:
    return open_bus(Settings.model_validate({
        "bus_url": f"kafka:{address}", "kafka_security_protocol": "SASL_PLAINTEXT", "kafka_partitions": 2,
        "kafka_sasl_mechanism": "SCRAM-SHA-512", "kafka_sasl_username": user, "kafka_sasl_password": PASSWORD,
        "kafka_delivery_seconds": 5, "poll_seconds": 0.05,
    }))  # fmt: skip


def test_each_service_can_do_its_work(guarded: str) -> None:
    """Listeners come first and find no topics: they make them. Then everybody speaks, and everybody hears."""
    buses = {name: bus_of(guarded, f"cami-{name}") for name in COMPONENTS}
    heard: dict[str, list[Message]] = {}
    subscriptions = {
        group: buses[name].subscribe(group, [topic])
        for name, component in COMPONENTS.items()
        for group, topic in groups_of(component).items()
    }
    own = {topic_of(event) for event in NAMES}
    for topic in own:
        buses[topic.rpartition(".")[2]].publish([Outgoing(topic, "key", {}, b"body")])

    deadline = time.monotonic() + 90
    while set(heard) < set(subscriptions):
        assert time.monotonic() < deadline, f"only {sorted(heard)} have heard"
        for group, subscription in subscriptions.items():
            for message in subscription.poll(0.2):
                subscription.commit(message)
                heard.setdefault(group, []).append(message)
    for subscription in subscriptions.values():
        subscription.close()
    for name, component in COMPONENTS.items():
        bus = buses[name]
        for group, topic in groups_of(component).items():
            assert bus.lag(group) == {topic: 0}
            assert [message.body for message in bus.read(topic)] == [b"body"]
            bus.seek(group, topic, 0)
            assert bus.lag(group) == {topic: 1}
        bus.close()


def test_nobody_speaks_for_another(guarded: str) -> None:
    with closing(bus_of(guarded, "cami-matching")) as bus, pytest.raises(BusUnavailable, match=r"(?i)authoriz"):
        bus.publish([Outgoing("cami.donors", "key", {}, b"forged")])


def test_nobody_moves_anothers_group(guarded: str) -> None:
    with closing(bus_of(guarded, "cami-donors")) as bus, pytest.raises(BusUnavailable, match=r"(?i)authoriz"):
        bus.seek("matching.projects", "cami.projects", 0)


def test_the_autoscaler_sees_the_lag_and_touches_nothing(guarded: str) -> None:
    with closing(bus_of(guarded, "cami-keda")) as bus:
        for group, topic in groups_of(COMPONENTS["matching"]).items():
            assert set(bus.lag(group)) == {topic}
            with pytest.raises(BusUnavailable, match=r"(?i)authoriz"):
                bus.seek(group, topic, 0)
        with pytest.raises(BusUnavailable, match=r"(?i)authoriz"):
            bus.publish([Outgoing("cami.projects", "key", {}, b"forged")])


def test_a_backup_may_be_made_and_restored(guarded: str) -> None:
    with closing(bus_of(guarded, "cami-maintenance")) as bus:
        topics = sorted({topic_of(event) for event in NAMES})
        assert list(bus.topics()) == topics
        assert all(bus.read(topic) for topic in topics)
        for component in COMPONENTS.values():
            for group, topic in groups_of(component).items():
                bus.seek(group, topic, 0)
        bus.remove(topics)
        for topic in topics:
            bus.publish([Outgoing(topic, "key", {}, b"restored")])
            assert [message.body for message in bus.read(topic)] == [b"restored"]
