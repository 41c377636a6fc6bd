"""Reading as a member of a group.

The members share the partitions cooperatively: who keeps a partition reads on without a break. Partitions change hands
inside `poll` only, when the messages of the poll before are dealt with, and what is acknowledged is committed before.
So a handler may take as long as it likes; a group that is being shared out anew waits for it.

Acknowledgements are committed together: at once when the last commit is a moment ago, else with one of the next or at
the next poll. A process that is killed loses the last of them, and the inbox drops what comes twice.
"""

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from threading import Lock
from typing import Any, Final

import kafka.errors
from kafka import KafkaConsumer
from kafka.consumer.subscription_state import ConsumerRebalanceListener
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.structs import MemberState, OffsetAndMetadata, TopicPartition

from services.chassis.bus import Message
from services.chassis.bus_kafka.clients import is_dead, make, new_id, retire
from services.chassis.bus_kafka.cluster import Cluster
from services.chassis.bus_kafka.connection import FRAME_SLACK, Connection, to_message
from services.chassis.errors import BusUnavailable

LOG = logging.getLogger("cami.bus")
POLL_MESSAGES: Final = 500
"""Most messages of one poll."""
SLICE_SECONDS: Final = 1.0
"""How long one look into the client takes at most: somebody may want to close the subscription meanwhile."""
COMMIT_SECONDS: Final = 0.1
"""Acknowledgements are committed at most so often, and at every poll."""
COMMIT_TIMEOUT_SECONDS: Final = 5.0
CHECK_SECONDS: Final = 10.0
"""After so long without a message the member looks whether there is one that it should have got."""
FOR_EVER_MS: Final = 2**31 - 1
"""The longest time between two polls that the protocol can tell: 24 days."""


class KafkaSubscription:
    """See `services.chassis.bus.Subscription`."""

    def __init__(
        self, connection: Connection, cluster: Cluster, group: str, topics: Sequence[str], *,
        on_close: Callable[["KafkaSubscription"], None],
    ) -> None:  # fmt: skip
        self._connection = connection
        self._cluster = cluster
        self._group = group
        self._on_close = on_close
        self._turn = Lock()  # of the client, which is for one thread at a time
        self._closing = False
        self._closed = False
        self._changes = _Changes()
        self._acknowledged: dict[TopicPartition, int] = {}
        """What is to be committed: partition -> offset of the first message that is not acknowledged."""
        self._committed: dict[TopicPartition, int] = {}
        self._committed_at = 0.0
        self._looked_at = time.monotonic()
        self._behind: dict[TopicPartition, int] = {}
        """Where it stood at the last look, in partitions that had more."""
        self._silent = False
        session = connection.settings.kafka_session_seconds
        self._client_id = new_id(group)
        with ExitStack() as undo, connection.boundary():
            undo.callback(retire, self._client_id)
            cluster.remove_members(group, is_dead)
            self._consumer: Any = make(
                KafkaConsumer,
                **connection.options(self._client_id),
                group_id=group,
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                allow_auto_create_topics=False,
                partition_assignment_strategy=[CooperativeStickyAssignor],
                session_timeout_ms=int(1000 * session),
                heartbeat_interval_ms=int(1000 * min(session / 5, 1.0)),
                max_poll_interval_ms=FOR_EVER_MS,
                max_poll_records=POLL_MESSAGES,
                max_partition_fetch_bytes=connection.settings.max_message_bytes + FRAME_SLACK,
                metrics_enabled=False,
            )
            self._consumer.subscribe(topics=list(topics), listener=self._changes)
            undo.pop_all()

    def poll(self, timeout_seconds: float) -> Sequence[Message]:
        deadline = time.monotonic() + timeout_seconds
        while True:
            with self._turn:
                self._check_open()
                with self._connection.boundary():
                    if messages := self._poll(min(max(deadline - time.monotonic(), 0), SLICE_SECONDS)):
                        return messages
            if time.monotonic() >= deadline:
                return ()

    def commit(self, message: Message) -> None:
        place = TopicPartition(message.topic, message.partition)
        with self._turn:
            if self._closing or place not in self._consumer.assignment():
                return
            if message.offset + 1 > max(self._acknowledged.get(place, 0), self._committed.get(place, 0)):
                self._acknowledged[place] = message.offset + 1
            if time.monotonic() - self._committed_at > COMMIT_SECONDS:
                with self._connection.boundary():
                    self._flush()

    def close(self) -> None:
        self._closing = True
        with self._turn:
            if self._closed:
                return
            self._closed = True
            with suppress(kafka.errors.KafkaError, OSError, RuntimeError):
                self._flush()
            with suppress(kafka.errors.KafkaError, OSError, RuntimeError):  # the brokers will miss its sign of life
                self._consumer.close(timeout_ms=int(1000 * COMMIT_TIMEOUT_SECONDS))
            retire(self._client_id)
        self._on_close(self)

    def _check_open(self) -> None:
        if self._closing:
            raise BusUnavailable("the subscription is closed")

    def _poll(self, seconds: float) -> Sequence[Message]:
        self._flush()
        found = self._consumer.poll(timeout_ms=int(1000 * seconds))
        if self._changes.any():
            self._note_changes()
        if found:
            self._looked_at = time.monotonic()
        elif self._consumer.group_metadata().state is MemberState.REBALANCING:
            # A poll that ends while the group is being shared out may leave the client in the belief that all is done,
            # when it was a change of the topics that had begun it; it would wait for ever.
            self._consumer._coordinator.request_rejoin()
        elif time.monotonic() - self._looked_at > CHECK_SECONDS:
            self._look_for_what_waits()
        return [to_message(record) for records in found.values() for record in records]

    def _flush(self) -> None:
        """Commit what is acknowledged. What has passed to another member is left to it."""
        offsets, self._acknowledged = self._acknowledged, {}
        if not offsets:
            return
        try:
            self._consumer.commit(
                {place: OffsetAndMetadata(offset, "", -1) for place, offset in offsets.items()},
                timeout_ms=int(1000 * COMMIT_TIMEOUT_SECONDS),
            )
        except (
            kafka.errors.CommitFailedError, kafka.errors.RebalanceInProgressError, kafka.errors.IllegalGenerationError,
            kafka.errors.UnknownMemberIdError,
        ):  # fmt: skip
            return
        self._committed |= offsets
        self._committed_at = time.monotonic()

    def _note_changes(self) -> None:
        """After partitions have come or gone: forget the gone, and let a group that comes for the first time have a
        place in each, from which its lag counts."""
        gone, come = self._changes.take()
        for place in gone | come:
            self._committed.pop(place, None)
            self._acknowledged.pop(place, None)
        if come := come & self._consumer.assignment():
            known = self._cluster.committed(self._group)
            fresh = [place for place in come if place not in known]
            self._acknowledged |= self._cluster.beginnings(fresh)
            self._flush()

    def _look_for_what_waits(self) -> None:
        """Raises BusUnavailable when the brokers have messages that this member has not been given for a while: it
        is better to subscribe afresh than to wait for ever. Brokers that do not answer are waited for."""
        self._looked_at = time.monotonic()
        assignment = self._consumer.assignment()
        try:
            ends = self._cluster.ends(assignment)
        except BusUnavailable as error:
            if not self._silent:
                LOG.warning("%s: waiting for the brokers: %s", self._group, error)
            self._silent = True
            return
        self._silent = False
        behind = {
            place: position
            for place in assignment
            if (position := self._consumer.position(place, timeout_ms=1000)) is not None and position < ends[place]
        }
        stuck = [place for place, position in behind.items() if self._behind.get(place) == position]
        self._behind = behind
        if stuck:
            raise self._connection.unavailable(f"messages of {stuck[0].topic} are there, but do not come")


class _Changes(ConsumerRebalanceListener):  # type: ignore[misc]  # the package has no types
    """Notes which partitions came and went; called by the client's own thread, inside of `poll`."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._gone: set[TopicPartition] = set()
        self._come: set[TopicPartition] = set()

    def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        with self._lock:
            self._gone |= set(revoked)

    def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        with self._lock:
            self._come |= set(assigned)

    def any(self) -> bool:  # not __bool__: the client calls a listener only if it is true
        """Whether there have been changes since `take`."""
        return bool(self._gone or self._come)

    def take(self) -> tuple[set[TopicPartition], set[TopicPartition]]:
        """(gone, come) since the last call."""
        with self._lock:
            gone, come = self._gone, self._come
            self._gone, self._come = set(), set()
        return gone, come
