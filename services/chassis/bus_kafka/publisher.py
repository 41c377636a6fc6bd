"""Publishing: whole or told so, in order, within a bounded time.

A batch of the client that could not be delivered in time is given up while a later one of the same partition may still
go out, and then the order would be lost. So there is never a later one: a call hands over as much as one batch holds,
waits for the acknowledgement, then goes on; and the calls of one process take turns.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from threading import Lock, Thread
from typing import Any, Final

from kafka import KafkaProducer
from kafka.errors import KafkaError
from kafka.partitioner.default import murmur2

from services.chassis.bus import Outgoing, size_of
from services.chassis.bus_kafka.clients import make, new_id
from services.chassis.bus_kafka.connection import FRAME_SLACK, Connection, millis_from, to_headers

BATCH_BYTES: Final = 1024 * 1024
"""What is handed to the client at a time, roughly; a larger message goes alone."""
RECORD_BYTES: Final = 100
"""What a record takes beside its key, headers and body, generously."""
GRACE_SECONDS: Final = 5.0
"""How much longer than its own time limit the client may take to give up."""


class Publisher:
    """One producer, made when it is needed and made anew after a failure. Thread-safe."""

    def __init__(self, connection: Connection, partitions: Callable[[str], int]) -> None:
        """`partitions` answers how many a topic has."""
        self._connection = connection
        self._partitions = partitions
        # A batch counts as one message for the brokers.
        self._portion_bytes = min(BATCH_BYTES, connection.settings.max_message_bytes)
        self._seconds = connection.settings.kafka_delivery_seconds
        self._turn = Lock()
        self._producer: Any = None

    def publish(self, messages: Sequence[Outgoing]) -> None:
        """Publish and wait until the brokers have acknowledged all of them. Raises BusUnavailable."""
        if not self._turn.acquire(timeout=self._seconds + GRACE_SECONDS):
            raise self._connection.unavailable("another publication has not come through yet")
        try:
            with self._connection.boundary():
                for portion in _portions(messages, self._portion_bytes):
                    self._publish(portion)
        except BaseException:
            self._give_up()
            raise
        finally:
            self._turn.release()

    def close(self) -> None:
        """Let go of the brokers. A publication that is under way is not waited for: it was not acknowledged."""
        if self._turn.acquire(timeout=1.0):
            self._give_up()
            self._turn.release()

    def _publish(self, messages: Sequence[Outgoing]) -> None:
        if self._producer is None:
            self._producer = self._make()
        deadline = time.monotonic() + self._seconds + GRACE_SECONDS
        futures = [
            self._producer.send(
                message.topic,
                value=message.body,
                key=message.key.encode(),
                headers=to_headers(message.headers),
                partition=_hash(message.key) % self._partitions(message.topic),
                timestamp_ms=millis_from(message.time) if message.time else None,
            )
            for message in messages
        ]
        self._producer.flush(timeout=max(deadline - time.monotonic(), 0.1))
        for future in futures:
            future.get(timeout=0.1)  # it is done; this raises what became of it

    def _make(self) -> Any:
        return make(
            KafkaProducer,
            **self._connection.options(new_id("publisher")),
            acks="all",
            enable_idempotence=True,
            linger_ms=1000,  # it is told when to go, by `flush`
            batch_size=self._portion_bytes + FRAME_SLACK // 2,
            max_request_size=max(self._connection.settings.max_message_bytes, BATCH_BYTES) + 2 * FRAME_SLACK,
            delivery_timeout_ms=int(1000 * self._seconds),
            max_block_ms=int(1000 * self._seconds),
            allow_auto_create_topics=False,
            metrics_enabled=False,
        )

    def _give_up(self) -> None:
        """Drop the producer. What it still holds has been given up by now, or will be before its time limit."""
        producer, self._producer = self._producer, None
        if producer is not None:
            with suppress(KafkaError):
                producer.close(timeout=0)
                return
            Thread(target=_close_when_empty, args=(producer,), name="kafka-producer-end", daemon=True).start()


@lru_cache(maxsize=10_000)
def _hash(key: str) -> int:
    """What the client hashes a key to, as the one in Java does; it takes its time for each byte."""
    value: int = murmur2(key.encode())
    return value & 0x7FFFFFFF


def _portions(messages: Sequence[Outgoing], most: int) -> Iterator[Sequence[Outgoing]]:
    """The messages in order, cut so that each portion fits into one batch of the client."""
    portion: list[Outgoing] = []
    size = 0
    for message in messages:
        length = size_of(message) + RECORD_BYTES + 10 * len(message.headers)
        if portion and size + length > most:
            yield portion
            portion, size = [], 0
        portion.append(message)
        size += length
    if portion:
        yield portion


def _close_when_empty(producer: Any) -> None:
    """Close a producer that still waits for an answer, as soon as it has it or has given up."""
    for _ in range(100):
        with suppress(KafkaError):
            producer.close(timeout=GRACE_SECONDS)
            return
