"""What an event bus is to us: a contract that the embedded log and Apache Kafka both keep.

A topic is split into partitions. A message goes to the partition that its key names, so messages of one key are read
in the order in which they were published; between keys there is no order to rely on. A group of subscriptions shares
the partitions of its topics: each partition has one reader at a time. Delivery is at least once: what was not
acknowledged when its reader went away is given again, to it or to another. A group that has acknowledged nothing yet
starts at the beginning.

`tests/conformance` holds every implementation to what is written here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from services.chassis.errors import CamiError, MessageTooLarge
from services.chassis.settings import Settings


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message that is to be published. Headers travel as UTF-8."""

    topic: str
    key: str
    headers: Mapping[str, str]
    body: bytes
    time: datetime | None = None
    """When it was published first, for a log that is being restored; None for now."""


def size_of(message: Outgoing) -> int:
    """Bytes of the key, the headers and the body: what `CAMI_MAX_MESSAGE_BYTES` limits on every bus."""
    headers = sum(len(name.encode()) + len(value.encode()) for name, value in message.headers.items())
    return len(message.key.encode()) + headers + len(message.body)


def refuse_too_large(messages: Sequence[Outgoing], largest: int) -> None:
    """Raise MessageTooLarge if one of `messages` has more than `largest` bytes."""
    for message in messages:
        names, values = message.headers.keys(), message.headers.values()
        # A character is four bytes at most: what is small by that measure needs no exact one.
        if len(message.body) + 4 * (len(message.key) + sum(map(len, names)) + sum(map(len, values))) <= largest:
            continue
        if (size := size_of(message)) > largest:
            raise MessageTooLarge(
                f"an event of {size} bytes for {message.topic} is larger than {largest} bytes (CAMI_MAX_MESSAGE_BYTES)"
            )


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it stands on the bus. (topic, partition, offset) is its place, for ever."""

    topic: str
    partition: int
    offset: int
    """Position in the partition, from 0, rising; gaps are allowed."""
    key: str
    headers: dict[str, str]
    body: bytes
    time: datetime
    """When it was published: aware, UTC, exact to the millisecond at least."""


class Subscription(Protocol):
    """One member of a group. Used by one thread at a time; `close` may come from another.

    It takes part in the group from its first `poll` until `close`. Between two polls it may take as long as it likes:
    its partitions stay its own while its process lives. Members that come or go meanwhile may have to wait for it.
    """

    def poll(self, timeout_seconds: float) -> Sequence[Message]:
        """Wait up to `timeout_seconds` for messages and answer them, each partition's in order; () if there are none.

        A call tells the bus that the messages of the call before are dealt with: partitions may change hands now, and
        what was not committed of them is given again to their next owner. Raises BusUnavailable.
        """
        ...

    def commit(self, message: Message) -> None:
        """Acknowledge `message` and all before it in its partition.

        Does nothing if the partition has passed to another member: that one is given the message again. The next
        `poll`, and `close`, see to it that what was acknowledged is kept; after a crash the acknowledgements of the
        last moments may be missing, and messages come twice. Raises BusUnavailable.
        """
        ...

    def close(self) -> None:
        """Leave the group and free the partitions at once. May be called twice; never raises."""
        ...


class Bus(Protocol):
    """An event bus. All methods may be called from several threads, and several processes may use one bus at once.

    Open it with `open_bus`; share one per process, because a reader is woken at once by what its own bus publishes.
    A method raises BusUnavailable when the bus cannot be reached or written; the caller tries again later.
    """

    def publish(self, messages: Sequence[Outgoing]) -> None:
        """Publish `messages` and return when they are durable: neither a crash nor a power cut takes them back.

        Messages of one key keep their order, within a call and between calls of one caller. A topic that does not
        exist is made. After BusUnavailable some, all or none of them may be on the bus: publish all of them again, in
        the same order. Raises MessageTooLarge, and publishes nothing, if one of them is larger than the bus takes.
        """
        ...

    def subscribe(self, group: str, topics: Sequence[str]) -> Subscription:
        """A new member of `group`, which reads `topics`; topics that do not exist are made."""
        ...

    def topics(self) -> Sequence[str]:
        """The names of all topics, sorted."""
        ...

    def read(
        self, topic: str, *, from_offset: int | Mapping[int, int] | None = None, since: datetime | None = None,
        limit: int = 100,
    ) -> Sequence[Message]:  # fmt: skip
        """Look at up to `limit` messages without a group: the oldest that qualify, by time of publication.

        `from_offset` is the first offset in every partition, or in each by its number (0 where none is named), so
        that a reader can go on where it stopped; `since` is the earliest time. An unknown topic is empty.
        """
        ...

    def end_offsets(self, topic: str) -> Mapping[int, int]:
        """Partition -> offset that its next message will have. Empty for an unknown topic."""
        ...

    def lag(self, group: str) -> Mapping[str, int]:
        """Topic -> messages that `group` has not acknowledged yet, for the topics it has ever subscribed to."""
        ...

    def seek(self, group: str, topic: str, to: int | datetime) -> None:
        """Let `group` go on at offset `to` in every partition of `topic`, or at the first message published at `to`
        or later. Raises Conflict while the group has open subscriptions, NotFound for an unknown topic."""
        ...

    def remove(self, topics: Sequence[str]) -> None:
        """Throw away all messages of `topics` and the groups' places in them, before a backup is restored.

        Nobody may read or publish meanwhile.
        """
        ...

    def close(self) -> None:
        """Close all subscriptions and release everything. May be called twice; other calls then raise."""
        ...


def open_bus(settings: Settings) -> Bus:
    """Open the bus that `settings.bus_url` names.

    `log:PATH` is the embedded log in the file PATH, made if it is missing; `settings.poll_seconds` is the longest that
    a reader takes to notice what another process has published. `kafka:HOST:PORT[,HOST:PORT...]` is Apache Kafka,
    which is called when the bus is first used.

    Raises CamiError for a URL of no known kind or settings that cannot work, BusUnavailable if it cannot be opened.
    """
    scheme, _, rest = settings.bus.partition(":")
    if scheme == "log" and rest:
        from services.chassis.bus_log import LogBus  # here, because implementations import this contract

        return LogBus(
            Path(rest), poll_seconds=settings.poll_seconds, max_message_bytes=settings.max_message_bytes
        )  # fmt: skip
    if scheme == "kafka" and rest:
        from services.chassis.bus_kafka import KafkaBus  # and because its client is loaded only where it is used

        return KafkaBus(rest, settings)
    raise CamiError(
        f"{scheme or 'an empty scheme'!r} is no kind of event bus: CAMI_BUS_URL must be log:PATH or kafka:HOST:PORT"
    )
