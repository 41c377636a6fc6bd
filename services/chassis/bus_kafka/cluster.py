"""What the cluster knows: topics, where they end, how far groups have come. By the client for administrators."""

import math
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from threading import Lock
from typing import Any, Final, TypeVar

import kafka.errors
from kafka import KafkaAdminClient
from kafka.admin import MemberToRemove
from kafka.protocol.consumer import OffsetSpec, OffsetTimestamp
from kafka.structs import TopicPartition

from services.chassis.bus_kafka.clients import make, new_id
from services.chassis.bus_kafka.connection import FRAME_SLACK, Connection, millis_from
from services.chassis.errors import BusUnavailable, CamiError, Conflict, NotFound

TOPIC_SECONDS: Final = 20.0
"""How long a new topic may take until every partition has a leader."""
MOVING_SECONDS: Final = 20.0
"""How long a question is asked again while its answerer moves from broker to broker: Kafka misses a broker that has
died after 9 s (`broker.session.timeout.ms`), unless it is told otherwise."""
_MOVING: Final = (
    kafka.errors.CoordinatorNotAvailableError, kafka.errors.CoordinatorLoadInProgressError,
    kafka.errors.NotCoordinatorError, kafka.errors.NotControllerError, kafka.errors.NotLeaderForPartitionError,
    kafka.errors.LeaderNotAvailableError, kafka.errors.UnknownTopicOrPartitionError, kafka.errors.NodeNotReadyError,
    # A client asks whom it remembers as coordinator, also when that broker has died or left since.
    kafka.errors.KafkaConnectionError, kafka.errors.UnknownBrokerIdError, kafka.errors.Cancelled,
)  # fmt: skip
_MILLIS_A_DAY: Final = 24 * 60 * 60 * 1000
T = TypeVar("T")


class Cluster:
    """One administrator's client, made when it is needed and made anew after a failure. Thread-safe."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = Lock()  # of all below
        self._admin: Any = None
        self._users: Counter[Any] = Counter()
        """Client -> calls that are under way on it."""
        self._partitions: dict[str, int] = {}
        """Topic -> number of partitions, as far as known."""
        self._closed = False

    def ensure(self, topics: Iterable[str]) -> None:
        """Make those topics that do not exist; several processes may do so at once. Raises BusUnavailable."""
        missing = [topic for topic in topics if self.partitions(topic) == 0]
        if not missing:
            return

        def make(admin: Any) -> None:
            answer = admin.create_topics(dict.fromkeys(missing, self._plan()), raise_errors=False)
            for made in answer["topics"]:
                error = kafka.errors.for_code(made["error_code"])
                if error not in (kafka.errors.NoError, kafka.errors.TopicAlreadyExistsError):
                    raise error(
                        f"the topic {made['name']} could not be made: {made['error_message'] or error.__name__}"
                    )
            admin.wait_for_topics(missing, timeout_ms=1000 * TOPIC_SECONDS)

        self._ask(make)
        for topic in missing:
            self.partitions(topic)

    def topics(self) -> list[str]:
        """The names of all topics but the brokers' own, sorted."""
        names: list[str] = self._ask(lambda admin: admin.list_topics())
        return sorted(name for name in names if not name.startswith("__"))

    def partitions(self, topic: str) -> int:
        """How many partitions a topic has; 0 if it does not exist. Remembered: topics are never removed or split."""
        known = self._partitions.get(topic)
        if known is None:
            (found,) = self._ask(lambda admin: admin.describe_topics([topic]))
            known = 0 if found["error_code"] else len(found["partitions"])
            if known:
                self._partitions[topic] = known
        return known

    def places(self, topic: str) -> list[TopicPartition]:
        """Every partition of a topic; none if it does not exist."""
        return [TopicPartition(topic, number) for number in range(self.partitions(topic))]

    def ends(self, places: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """Partition -> offset that its next message will have."""
        return self._offsets(dict.fromkeys(places, OffsetSpec.LATEST))

    def beginnings(self, places: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """Partition -> the oldest offset that is still there."""
        return self._offsets(dict.fromkeys(places, OffsetSpec.EARLIEST))

    def since(self, places: Iterable[TopicPartition], moment: datetime) -> dict[TopicPartition, int]:
        """Partition -> offset of the first message published at `moment` or later; -1 if there is none."""
        return self._offsets(dict.fromkeys(places, OffsetTimestamp(max(0, millis_from(moment)))))

    def lag(self, group: str) -> Mapping[str, int]:
        """Topic -> messages that the group has not acknowledged, for the topics that it has ever read."""
        committed = self.committed(group)
        topics = sorted({place.topic for place in committed})
        places = [place for topic in topics for place in self.places(topic)]
        if not places:
            return {}
        ends = self.ends(places)
        positions = self.beginnings(place for place in places if place not in committed) | committed
        lags = dict.fromkeys(topics, 0)
        for place in places:
            lags[place.topic] += max(ends[place] - positions[place], 0)
        return lags

    def committed(self, group: str) -> dict[TopicPartition, int]:
        """Partition -> offset of the first message that `group` has not acknowledged, where it has any place."""
        found = self._ask(lambda admin: admin.list_group_offsets([group]))[group]
        return {place: each.offset for place, each in found.items() if each.offset >= 0}

    def seek(self, group: str, topic: str, to: int | datetime) -> None:
        """See `services.chassis.bus.Bus.seek`."""
        if not (places := self.places(topic)):
            raise NotFound(f"there is no topic {topic}")
        target = OffsetTimestamp(max(0, millis_from(to))) if isinstance(to, datetime) else min(max(to, 0), 2**62)
        answer = self._ask(lambda admin: admin.reset_group_offsets(group, dict.fromkeys(places, target)))
        for place, outcome in answer.items():
            error = outcome["error"]
            if error in (kafka.errors.UnknownMemberIdError, kafka.errors.NonEmptyGroupError,
                         kafka.errors.RebalanceInProgressError, kafka.errors.IllegalGenerationError):  # fmt: skip
                raise Conflict(f"the group {group} is being read; stop its readers first")
            if error is not kafka.errors.NoError:
                raise self._connection.unavailable(f"{group} could not be moved in {place.topic}: {error.__name__}")

    def remove(self, topics: Iterable[str]) -> None:
        """Delete topics; the brokers forget the places of groups in them. Raises BusUnavailable."""
        wanted = [topic for topic in topics if self.partitions(topic)]
        if not wanted:
            return

        def delete(admin: Any) -> None:
            answer = admin.delete_topics(wanted, timeout_ms=int(1000 * TOPIC_SECONDS), raise_errors=False)
            for gone in answer["topics"]:
                error = kafka.errors.for_code(gone["error_code"])
                # Unknown: deleted by somebody else, or by us, where the answer was lost with its broker.
                if error not in (kafka.errors.NoError, kafka.errors.UnknownTopicOrPartitionError):
                    raise error(f"the topic {gone['name']} could not be removed: {error.__name__}")

        self._ask(delete)
        deadline = time.monotonic() + TOPIC_SECONDS
        for topic in wanted:
            self._partitions.pop(topic, None)
            while self.partitions(topic):  # the brokers hear of it one after the other
                self._partitions.pop(topic, None)
                if time.monotonic() > deadline:
                    raise self._connection.unavailable(f"the topic {topic} could not be removed in time")
                time.sleep(0.1)

    def remove_members(self, group: str, is_dead: Callable[[str], bool]) -> None:
        """Remove the members of `group` whose client id `is_dead` knows to be of a process that has ended: the others
        need not wait until the brokers miss its sign of life."""

        def remove(admin: Any) -> None:
            members = admin.describe_groups([group])[group]["members"]
            dead = [MemberToRemove(member_id=each["member_id"]) for each in members if is_dead(each["client_id"])]
            if dead:
                admin.remove_group_members(group, dead)

        self._ask(remove)

    def close(self) -> None:
        """Let go of the brokers; what is called later raises BusUnavailable."""
        with self._lock:
            self._closed = True
            admin, self._admin = self._admin, None
            if admin is not None:
                admin.close()
                self._users.clear()

    def _offsets(self, wanted: Mapping[TopicPartition, Any]) -> dict[TopicPartition, int]:
        if not wanted:
            return {}
        found = self._ask(lambda admin: admin.list_partition_offsets(dict(wanted)))
        return {place: each.offset for place, each in found.items()}

    def _ask(self, question: Callable[[Any], T]) -> T:
        """The answer, by a new client where the one at hand asked a broker that is away: questions may be put twice.
        Where no broker answers, the new client finds that out."""
        deadline = time.monotonic() + MOVING_SECONDS
        with self._connection.boundary():
            while True:
                try:
                    with self._client() as admin:
                        return question(admin)
                except _MOVING:
                    if time.monotonic() > deadline:
                        raise
                time.sleep(0.1)

    @contextmanager
    def _client(self) -> Iterator[Any]:
        """The client, which is replaced after a failure: it remembers who coordinates what, and that may have changed.
        Who still uses it may finish."""
        with self._lock:
            if self._closed:
                raise BusUnavailable("the event bus is closed")
            if self._admin is None:
                # It is for all threads of the process; the client's own limit would turn some of them away.
                options = self._connection.options(new_id("admin"))
                self._admin = make(KafkaAdminClient, **options, max_in_flight_requests_per_connection=1000)
            admin = self._admin
            self._users[admin] += 1
        try:
            yield admin
        except (kafka.errors.KafkaError, OSError, RuntimeError):
            with self._lock:
                if admin is self._admin:
                    self._admin = None
            raise
        finally:
            with self._lock:
                self._users[admin] -= 1
                if not self._users[admin] and admin is not self._admin:
                    del self._users[admin]
                    admin.close()

    def _plan(self) -> dict[str, Any]:
        """What a new topic is like."""
        settings = self._connection.settings
        days = settings.kafka_retention_days
        return {
            "num_partitions": settings.kafka_partitions,
            "replication_factor": settings.kafka_replication,
            "configs": {
                "min.insync.replicas": str(settings.kafka_min_insync_replicas),
                "retention.ms": "-1" if days < 0 else str(math.ceil(days * _MILLIS_A_DAY)),
                "retention.bytes": "-1",
                "max.message.bytes": str(settings.max_message_bytes + FRAME_SLACK),
                # The publisher's clock, so that a log which is restored keeps its times; one that is wrong by hours is
                # no reason to refuse an event.
                "message.timestamp.type": "CreateTime",
                "message.timestamp.after.max.ms": str(2**63 - 1),
                "unclean.leader.election.enable": "false",
            },
        }


def check(settings: Any) -> None:
    """Raises CamiError for a minimum of replicas in sync that can never be reached."""
    if settings.kafka_min_insync_replicas > settings.kafka_replication:
        raise CamiError(
            "CAMI_KAFKA_MIN_INSYNC_REPLICAS is greater than CAMI_KAFKA_REPLICATION: nothing could be published"
        )
