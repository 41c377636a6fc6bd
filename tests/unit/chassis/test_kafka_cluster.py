"""Questions to a cluster while its brokers come and go."""

from typing import Any

import kafka.errors
import pytest
from kafka.structs import OffsetAndMetadata, TopicPartition

from services.chassis.bus_kafka import cluster as module
from services.chassis.bus_kafka.cluster import Cluster
from services.chassis.bus_kafka.connection import Connection
from services.chassis.errors import BusUnavailable
from services.chassis.settings import Settings

PLACE = TopicPartition("topic", 0)


class Administrator:
    """A client that fails with `error`, or answers when there is none."""

    def __init__(self, error: Exception | None) -> None:
        self.error = error
        self.closed = False

    def list_group_offsets(self, groups: list[str]) -> dict[str, dict[TopicPartition, OffsetAndMetadata]]:
        if self.error is not None:
            raise self.error
        return {group: {PLACE: OffsetAndMetadata(7, "", -1)} for group in groups}

    def delete_topics(self, topics: list[str], **_: Any) -> dict[str, Any]:
        if self.error is not None:
            raise self.error
        code = kafka.errors.UnknownTopicOrPartitionError.errno
        return {"topics": [{"name": topic, "error_code": code} for topic in topics]}

    def describe_topics(self, topics: list[str]) -> list[dict[str, Any]]:
        del topics
        return [{"error_code": 0, "partitions": [0]} if self.error else {"error_code": 3, "partitions": []}]

    def close(self) -> None:
        self.closed = True


def cluster_with(monkeypatch: pytest.MonkeyPatch, *clients: Administrator | Exception) -> Cluster:
    """A cluster whose clients are these, one after the other; an exception is a client that cannot be made."""
    left = list(clients)

    def make(*_: Any, **__: Any) -> Administrator:
        made = left.pop(0)
        if isinstance(made, Exception):
            raise made
        return made

    monkeypatch.setattr(module, "make", make)
    return Cluster(Connection("127.0.0.1:9092", Settings()))


GONE = [
    kafka.errors.KafkaConnectionError("111 ECONNREFUSED"), kafka.errors.UnknownBrokerIdError(1),
    kafka.errors.Cancelled(), kafka.errors.NotCoordinatorError(),
]  # fmt: skip


@pytest.mark.parametrize("error", GONE, ids=lambda error: type(error).__name__)
def test_who_has_died_is_not_asked_twice(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    first, second = Administrator(error), Administrator(None)
    assert cluster_with(monkeypatch, first, second).committed("group") == {PLACE: 7}
    assert first.closed
    assert not second.closed


def test_where_no_broker_answers_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = kafka.errors.KafkaTimeoutError("Unable to bootstrap")
    cluster = cluster_with(monkeypatch, Administrator(GONE[0]), nobody)
    with pytest.raises(BusUnavailable, match=r"127\.0\.0\.1:9092: .*Unable to bootstrap"):
        cluster.committed("group")


def test_a_refusal_is_not_put_again(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = cluster_with(monkeypatch, Administrator(kafka.errors.GroupAuthorizationFailedError()))
    with pytest.raises(BusUnavailable, match="GroupAuthorizationFailed"):
        cluster.committed("group")


def test_a_topic_whose_removal_was_not_answered_is_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster_with(monkeypatch, Administrator(GONE[0]), Administrator(None)).remove(["topic"])
