"""Reading as a member of a group."""

import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from threading import Condition, Lock
from typing import Any, Final

from pydantic_core import from_json

from services.chassis.bus import Message
from services.chassis.bus_log.members import Membership, Place
from services.chassis.bus_log.store import Store
from services.chassis.errors import BusUnavailable

POLL_MESSAGES: Final = 200
"""Most messages of one poll."""
POLL_BYTES: Final = 8 * 1024 * 1024
"""A poll ends with the message that reaches this size in all."""
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MESSAGE_COLUMNS: Final = "topic_id, partition, offset, key, headers, body, time"


def to_message(row: Sequence[Any], names: Mapping[int, str]) -> Message:
    """A row of MESSAGE_COLUMNS as a message. `names` is topic id -> name."""
    topic, partition, offset, key, headers, body, micros = row
    moment = EPOCH + timedelta(microseconds=micros)
    return Message(names[topic], partition, offset, key, from_json(headers), body, moment)


def from_places(connection: sqlite3.Connection, starts: Mapping[Place, int], since: int, limit: int) -> sqlite3.Cursor:
    """The first `limit` messages, in order of publication, from these offsets of these partitions on, and published
    at `since` (microseconds) or later."""
    by_time = "AND time >= ?" if since else "AND ? = 0"  # no time is asked for: the index alone answers
    each = (
        "SELECT * FROM (SELECT sequence FROM message WHERE topic_id = ? AND partition = ? AND offset >= ?"  # noqa: S608
        f" {by_time} ORDER BY offset LIMIT ?)"
    )
    return connection.execute(
        f"SELECT {MESSAGE_COLUMNS} FROM message"  # noqa: S608 - the columns are ours, the values are bound
        f" WHERE sequence IN ({' UNION ALL '.join([each] * len(starts))}) ORDER BY sequence LIMIT ?",
        [value for place, offset in starts.items() for value in (*place, offset, since, limit)] + [limit],
    )


class News:
    """Wakes the readers of this process when something was published, or when a member came or went."""

    def __init__(self) -> None:
        self._changed = Condition()
        self.published = 0
        self.shifts = 0
        """How often a member came, went, took or freed a partition."""

    def tell(self, *, shift: bool = False) -> None:
        """Wake them all."""
        with self._changed:
            self.published += 1
            self.shifts += shift
            self._changed.notify_all()

    def wait(self, seen: int, timeout_seconds: float) -> None:
        """Return when `published` is no longer `seen`, or after the timeout."""
        with self._changed:
            self._changed.wait_for(lambda: self.published != seen, timeout_seconds)


class LogSubscription:
    """See `services.chassis.bus.Subscription`."""

    def __init__(
        self, store: Store, news: News, group: str, topics: Mapping[int, str], *,
        poll_seconds: float, lease_seconds: float, on_close: Callable[["LogSubscription"], None],
    ) -> None:  # fmt: skip
        self._store = store
        self._news = news
        self._group = group
        self._names = dict(topics)
        self._ids = {name: number for number, name in topics.items()}
        self._poll_seconds = poll_seconds
        self._on_close = on_close
        self._membership = Membership(store, group, sorted(topics), lease_seconds)
        self._lock = Lock()  # of the membership and `_closed`: `close` may come from another thread
        self._closed = False
        self._positions: dict[Place, int] = {}
        """The partitions that are ours -> offset of the next message to give out."""
        self._shifts_seen = -1
        self._balanced_at = 0.0

    def poll(self, timeout_seconds: float) -> Sequence[Message]:
        deadline = time.monotonic() + timeout_seconds
        while True:
            seen = self._news.published
            self._balance()
            if messages := self._fetch():
                return messages
            left = deadline - time.monotonic()
            if left <= 0:
                return ()
            self._news.wait(seen, min(left, self._poll_seconds))

    def commit(self, message: Message) -> None:
        place = (self._ids[message.topic], message.partition)
        with self._store.write(durable=False) as connection:
            connection.execute(
                "INSERT INTO progress SELECT group_name, topic_id, partition, ? FROM lease"
                " WHERE group_name = ? AND topic_id = ? AND partition = ? AND member_id = ?"
                " ON CONFLICT DO UPDATE SET offset = max(offset, excluded.offset)",
                (message.offset + 1, self._group, *place, self._membership.id),
            )

    def close(self) -> None:
        with self._lock:
            if self._closed:
                return
            self._closed = True
            with suppress(BusUnavailable):  # the leases expire by themselves
                self._membership.leave()
        self._news.tell(shift=True)
        self._on_close(self)

    def _balance(self) -> None:
        """See to our share: when this process knows of a change, else every `poll_seconds`."""
        with self._lock:
            if self._closed:
                raise BusUnavailable("the subscription is closed")
            shifts = self._news.shifts
            now = time.monotonic()
            if shifts == self._shifts_seen and now - self._balanced_at < self._poll_seconds:
                return
            member, changed = self._membership.id, False
            while self._membership.balance():  # to join, then to take
                changed = True
            if member != self._membership.id:
                self._positions.clear()  # others may have read on since we were taken for dead
            self._shifts_seen, self._balanced_at = shifts, now
        if changed:
            self._news.tell(shift=True)

    def _fetch(self) -> Sequence[Message]:
        with self._store.read() as connection:
            held = connection.execute(
                "SELECT topic_id, partition, next_offset, coalesce(progress.offset, 0)"
                " FROM lease JOIN partition USING (topic_id, partition)"
                " LEFT JOIN progress USING (group_name, topic_id, partition) WHERE member_id = ?",
                (self._membership.id,),
            ).fetchall()
            ends = {(topic, partition): end for topic, partition, end, _ in held}
            self._positions = {
                (topic, partition): self._positions.get((topic, partition), acknowledged)
                for topic, partition, _, acknowledged in held
            }
            starts = {place: offset for place, offset in self._positions.items() if offset < ends[place]}
            messages: list[Message] = []
            size = 0
            for row in from_places(connection, starts, 0, POLL_MESSAGES) if starts else ():
                messages.append(to_message(row, self._names))
                self._positions[row[0], row[1]] = row[2] + 1
                size += len(row[5])
                if size >= POLL_BYTES:
                    break
        return messages
