"""Looking at messages without a group."""

import heapq
import time
from collections.abc import Mapping, Sequence
from itertools import islice
from threading import Lock
from typing import Any, Final

from kafka import KafkaConsumer
from kafka.structs import TopicPartition

from services.chassis.bus import Message
from services.chassis.bus_kafka.clients import make, new_id
from services.chassis.bus_kafka.connection import FRAME_SLACK, Connection, to_message

SILENCE_SECONDS: Final = 10.0
"""How long a message that is there may take to come."""


class Reader:
    """One consumer without a group, made when it is needed and made anew after a failure. Thread-safe."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._turn = Lock()
        self._consumer: Any = None

    def read(
        self, starts: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int], limit: int
    ) -> Sequence[Message]:  # fmt: skip
        """The first `limit` messages from these offsets on and before these ends, in order of publication.

        Raises BusUnavailable.
        """
        wanted = {place: start for place, start in starts.items() if start < ends[place]}
        if not wanted or limit < 1:
            return ()
        with self._turn, self._connection.boundary():
            try:
                found = self._collect(wanted, ends, limit)
            except BaseException:
                self._drop()
                raise
        return list(islice(heapq.merge(*found.values(), key=lambda message: message.time), limit))

    def close(self) -> None:
        """Let go of the brokers."""
        with self._turn:
            self._drop()

    def _collect(
        self, wanted: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int], limit: int
    ) -> dict[TopicPartition, list[Message]]:  # fmt: skip
        if self._consumer is None:
            self._consumer = make(
                KafkaConsumer,
                **self._connection.options(new_id("reader")),
                group_id=None,
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                allow_auto_create_topics=False,
                max_partition_fetch_bytes=self._connection.settings.max_message_bytes + FRAME_SLACK,
                metrics_enabled=False,
            )
        consumer = self._consumer
        found: dict[TopicPartition, list[Message]] = {place: [] for place in wanted}
        consumer.assign(list(wanted))
        for place, start in wanted.items():
            consumer.seek(place, start)
        open_places = set(wanted)
        heard = time.monotonic()
        while open_places:
            for place, records in consumer.poll(timeout_ms=500, max_records=5000).items():
                heard = time.monotonic()
                if place not in open_places:
                    continue
                found[place] += [to_message(record) for record in records if record.offset < ends[place]]
                if len(found[place]) >= limit or records[-1].offset + 1 >= ends[place]:
                    open_places.discard(place)
                    consumer.pause(place)
            if time.monotonic() - heard > SILENCE_SECONDS:
                raise self._connection.unavailable("messages that are there were not given out in time")
        consumer.unsubscribe()  # forgets who was paused, and fetches nothing meanwhile
        return found

    def _drop(self) -> None:
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            consumer.close(timeout_ms=1000)
