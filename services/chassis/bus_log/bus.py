"""The bus itself: publishing, looking at what is there, and the lives of its subscriptions."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Final
from zlib import crc32

from pydantic_core import to_json

from services.chassis import clock
from services.chassis.bus import Message, Outgoing, refuse_too_large
from services.chassis.bus_log.members import living_members, remove_members, renew_leases
from services.chassis.bus_log.store import Store
from services.chassis.bus_log.subscription import EPOCH, LogSubscription, News, from_places, to_message
from services.chassis.errors import BusUnavailable, Conflict, NotFound

PARTITIONS: Final = 4
"""Partitions of a new topic. A topic keeps the number it was made with, because keys are spread by it."""
MAX_MESSAGE_BYTES: Final = 8 * 1024 * 1024
LEASE_SECONDS: Final = 15.0
"""A member that gave no sign of life for so long has lost its partitions; a dead one on this machine sooner."""


class LogBus:
    """See `services.chassis.bus.Bus`."""

    def __init__(
        self, path: Path, *, partitions: int = PARTITIONS, poll_seconds: float = 0.5,
        lease_seconds: float = LEASE_SECONDS, max_message_bytes: int = MAX_MESSAGE_BYTES,
    ) -> None:  # fmt: skip
        self._store = Store(path)
        self._news = News()
        self._partitions = partitions
        self._poll_seconds = poll_seconds
        self._lease_seconds = lease_seconds
        self._max_message_bytes = max_message_bytes
        self._topics: dict[str, tuple[int, int]] = {}
        """Name -> (id, number of partitions), as far as known. Topics are never removed, so it cannot go stale."""
        self._lock = Lock()  # of the three below
        self._subscriptions: set[LogSubscription] = set()
        self._heart: Thread | None = None
        self._closed = Event()

    def publish(self, messages: Sequence[Outgoing]) -> None:
        if not messages:
            return
        refuse_too_large(messages, self._max_message_bytes)
        topics = self._ensure({message.topic for message in messages})
        rows = [
            (*_place(topics, message), message.time, message.key, to_json(dict(message.headers)).decode(), message.body)
            for message in messages
        ]
        places = {(topic, partition) for topic, partition, *_ in rows}
        with self._store.write(durable=True) as connection:
            # The time is taken under the lock, so that it rises with the offsets while nobody sets the clock.
            micros = clock.micros()
            marks = ",".join(["(?, ?)"] * len(places))
            ends: defaultdict[tuple[int, int], int] = defaultdict(int)
            for topic, partition, end in connection.execute(
                f"SELECT * FROM partition WHERE (topic_id, partition) IN (VALUES {marks})",  # noqa: S608
                [value for place in places for value in place],
            ):
                ends[topic, partition] = end
            inserts = []
            for topic, partition, time_, key, headers, body in rows:
                at = _micros(time_) if time_ else micros
                inserts.append((topic, partition, ends[topic, partition], at, key, headers, body))
                ends[topic, partition] += 1
            connection.executemany(
                "INSERT INTO message (topic_id, partition, offset, time, key, headers, body)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                inserts,
            )
            connection.executemany(
                "UPDATE partition SET next_offset = ? WHERE topic_id = ? AND partition = ?",
                [(end, *place) for place, end in ends.items()],
            )
        self._news.tell()

    def subscribe(self, group: str, topics: Sequence[str]) -> LogSubscription:
        known = self._ensure(set(topics))
        with self._store.write(durable=False) as connection:  # from now on it has a lag
            connection.executemany(
                "INSERT INTO progress SELECT ?, topic_id, partition, 0 FROM partition WHERE topic_id = ?"
                " ON CONFLICT DO NOTHING",
                [(group, known[name][0]) for name in topics],
            )
        with self._lock:
            if self._closed.is_set():
                raise BusUnavailable("the event log is closed")
            subscription = LogSubscription(
                self._store, self._news, group, {known[name][0]: name for name in topics},
                poll_seconds=self._poll_seconds, lease_seconds=self._lease_seconds, on_close=self._forget,
            )  # fmt: skip
            self._subscriptions.add(subscription)
            if self._heart is None:
                self._heart = Thread(target=self._beat, name="event-log-leases", daemon=True)
                self._heart.start()
        return subscription

    def topics(self) -> Sequence[str]:
        with self._store.read() as connection:
            return [name for (name,) in connection.execute("SELECT name FROM topic ORDER BY name")]

    def read(
        self, topic: str, *, from_offset: int | Mapping[int, int] | None = None, since: datetime | None = None,
        limit: int = 100,
    ) -> Sequence[Message]:  # fmt: skip
        known = self._find({topic}).get(topic)
        if known is None:
            return ()
        number, partitions = known
        if not isinstance(from_offset, Mapping):
            from_offset = dict.fromkeys(range(partitions), from_offset or 0)
        starts = {(number, partition): from_offset.get(partition, 0) for partition in range(partitions)}
        with self._store.read() as connection:
            rows = from_places(connection, starts, _micros(since) if since else 0, limit)
            return [to_message(row, {number: topic}) for row in rows]

    def end_offsets(self, topic: str) -> Mapping[int, int]:
        with self._store.read() as connection:
            return dict(
                connection.execute(
                    "SELECT partition, next_offset FROM partition JOIN topic ON id = topic_id WHERE name = ?", (topic,)
                ).fetchall()
            )

    def lag(self, group: str) -> Mapping[str, int]:
        with self._store.read() as connection:
            return dict(
                connection.execute(
                    "SELECT name, sum(next_offset - offset) FROM progress JOIN partition USING (topic_id, partition)"
                    " JOIN topic ON id = topic_id WHERE group_name = ? GROUP BY name ORDER BY name",
                    (group,),
                ).fetchall()
            )

    def seek(self, group: str, topic: str, to: int | datetime) -> None:
        known = self._find({topic}).get(topic)
        if known is None:
            raise NotFound(f"there is no topic {topic}")
        number, partitions = known
        with self._store.write(durable=False) as connection:
            living, dead = living_members(connection, group)
            if living:
                raise Conflict(f"the group {group} is being read; stop its readers first")
            remove_members(connection, dead)
            for partition in range(partitions):
                column, value = ("time", _micros(to)) if isinstance(to, datetime) else ("offset", to)
                connection.execute(
                    "INSERT OR REPLACE INTO progress SELECT ?, topic_id, partition, coalesce("  # noqa: S608 - our columns
                    " (SELECT offset FROM message AS m WHERE m.topic_id = p.topic_id AND m.partition = p.partition"
                    f" AND m.{column} >= ? ORDER BY offset LIMIT 1), next_offset)"
                    " FROM partition AS p WHERE topic_id = ? AND partition = ?",
                    (group, value, number, partition),
                )

    def remove(self, topics: Sequence[str]) -> None:
        known = self._find(set(topics))
        numbers = [(known[topic][0],) for topic in topics if topic in known]
        with self._store.write(durable=True) as connection:
            connection.executemany("DELETE FROM message WHERE topic_id = ?", numbers)
            connection.executemany("DELETE FROM progress WHERE topic_id = ?", numbers)
            connection.executemany("UPDATE partition SET next_offset = 0 WHERE topic_id = ?", numbers)

    def close(self) -> None:
        with self._lock:
            self._closed.set()
            subscriptions, heart = list(self._subscriptions), self._heart
        for subscription in subscriptions:
            subscription.close()
        if heart is not None:
            heart.join()
        self._store.close()

    def _find(self, names: set[str]) -> Mapping[str, tuple[int, int]]:
        """Name -> (id, number of partitions) of those that exist."""
        if not names <= self._topics.keys():
            with self._store.read() as connection:
                rows = connection.execute(
                    "SELECT name, id, count(*) FROM topic JOIN partition ON id = topic_id GROUP BY id"
                )
                self._topics |= {name: (number, partitions) for name, number, partitions in rows}
        return self._topics

    def _ensure(self, names: set[str]) -> Mapping[str, tuple[int, int]]:
        """The same, after making those that do not exist."""
        if not names <= self._find(names).keys():
            with self._store.write(durable=True) as connection:
                for name in sorted(names):
                    made = connection.execute("INSERT INTO topic (name) VALUES (?) ON CONFLICT DO NOTHING", (name,))
                    if made.rowcount == 1:
                        connection.executemany(
                            "INSERT INTO partition (topic_id, partition) VALUES (?, ?)",
                            [(made.lastrowid, partition) for partition in range(self._partitions)],
                        )
        return self._find(names)

    def _forget(self, subscription: LogSubscription) -> None:
        with self._lock:
            self._subscriptions.discard(subscription)

    def _beat(self) -> None:
        while not self._closed.wait(self._lease_seconds / 3):
            renew_leases(self._store, self._lease_seconds)


def _place(topics: Mapping[str, tuple[int, int]], message: Outgoing) -> tuple[int, int]:
    number, partitions = topics[message.topic]
    return number, crc32(message.key.encode()) % partitions


def _micros(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)
