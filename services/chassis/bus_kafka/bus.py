"""The bus itself: what `services.chassis.bus` promises, on Apache Kafka."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from threading import Lock

from services.chassis.bus import Message, Outgoing, refuse_too_large
from services.chassis.bus_kafka.cluster import Cluster, check
from services.chassis.bus_kafka.connection import Connection
from services.chassis.bus_kafka.publisher import Publisher
from services.chassis.bus_kafka.reader import Reader
from services.chassis.bus_kafka.subscription import KafkaSubscription
from services.chassis.errors import BusUnavailable
from services.chassis.settings import Settings


class KafkaBus:
    """See `services.chassis.bus.Bus`. Connects when first used: a program starts while the brokers are away."""

    def __init__(self, servers: str, settings: Settings) -> None:
        """`servers` is HOST:PORT[,HOST:PORT...]. Raises CamiError for settings that cannot work."""
        check(settings)
        self._settings = settings
        self._connection = Connection(servers, settings)
        self._cluster = Cluster(self._connection)
        self._publisher = Publisher(self._connection, self._cluster.partitions)
        self._reader = Reader(self._connection)
        self._lock = Lock()  # of the two below
        self._subscriptions: set[KafkaSubscription] = set()
        self._closed = False

    def publish(self, messages: Sequence[Outgoing]) -> None:
        if not messages:
            return
        self._check_open()
        refuse_too_large(messages, self._settings.max_message_bytes)
        self._cluster.ensure({message.topic for message in messages})
        self._publisher.publish(messages)

    def subscribe(self, group: str, topics: Sequence[str]) -> KafkaSubscription:
        self._check_open()
        self._cluster.ensure(topics)
        subscription = KafkaSubscription(self._connection, self._cluster, group, topics, on_close=self._forget)
        with self._lock:
            if not self._closed:
                self._subscriptions.add(subscription)
                return subscription
        subscription.close()
        raise BusUnavailable("the event bus is closed")

    def topics(self) -> Sequence[str]:
        return self._cluster.topics()

    def read(
        self, topic: str, *, from_offset: int | Mapping[int, int] | None = None, since: datetime | None = None,
        limit: int = 100,
    ) -> Sequence[Message]:  # fmt: skip
        places = self._cluster.places(topic)
        if not places:
            return ()
        ends = self._cluster.ends(places)
        starts = self._cluster.beginnings(places)
        for place in places:
            wanted = from_offset.get(place.partition, 0) if isinstance(from_offset, Mapping) else from_offset or 0
            starts[place] = max(starts[place], wanted)
        if since is not None:
            for place, offset in self._cluster.since(places, since).items():
                starts[place] = max(starts[place], offset) if offset >= 0 else ends[place]
        return self._reader.read(starts, ends, limit)

    def end_offsets(self, topic: str) -> Mapping[int, int]:
        return {place.partition: end for place, end in self._cluster.ends(self._cluster.places(topic)).items()}

    def lag(self, group: str) -> Mapping[str, int]:
        return self._cluster.lag(group)

    def seek(self, group: str, topic: str, to: int | datetime) -> None:
        self._cluster.seek(group, topic, to)

    def remove(self, topics: Sequence[str]) -> None:
        self._check_open()
        self._cluster.remove(topics)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            subscriptions = list(self._subscriptions)
        for subscription in subscriptions:
            subscription.close()
        self._publisher.close()
        self._reader.close()
        self._cluster.close()

    def _check_open(self) -> None:
        if self._closed:
            raise BusUnavailable("the event bus is closed")

    def _forget(self, subscription: KafkaSubscription) -> None:
        with self._lock:
            self._subscriptions.discard(subscription)
