"""Who reads what: the members of a group share the partitions of their topics by leases in the log itself.

Every member works out the same fair shares from the same table. It frees what is no longer its own when it polls (it
has dealt with its messages then), and takes what is its own once that is free. A member whose process is dead is
removed by the first that notices: at once on the same machine, else when its lease has expired.
"""

import json
import sqlite3
import uuid
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from services.chassis import clock
from services.chassis.bus_log.store import Store
from services.chassis.errors import BusUnavailable
from services.chassis.processes import Process, this_process

Place = tuple[int, int]
"""(topic id, partition)"""


def shares(readers: Mapping[str, Iterable[int]], places: Iterable[Place]) -> dict[Place, str]:
    """Place -> the member that it falls to. `readers` is member -> ids of the topics that it reads."""
    in_turn: dict[int, list[str]] = {}
    for member in sorted(readers):
        for topic in readers[member]:
            in_turn.setdefault(topic, []).append(member)
    # The topic's number is added so that the first member does not get the first partition of every topic.
    return {
        (topic, partition): in_turn[topic][(topic + partition) % len(in_turn[topic])]
        for topic, partition in places
        if topic in in_turn
    }


def living_members(connection: sqlite3.Connection, group: str) -> tuple[dict[str, list[int]], list[str]]:
    """(the living members of `group` with the ids of their topics, the dead ones)."""
    living: dict[str, list[int]] = {}
    dead: list[str] = []
    now = clock.seconds()
    rows = connection.execute(
        "SELECT id, topics, machine, pid, started, expires FROM member WHERE group_name = ?", (group,)
    )
    for member, topics, machine, pid, started, expires in rows:
        process = Process(machine, pid, started)
        if expires > now and (process == this_process() or not process.is_dead()):
            living[member] = json.loads(topics)
        else:
            dead.append(member)
    return living, dead


def remove_members(connection: sqlite3.Connection, members: Iterable[str]) -> None:
    """Remove `members`; their leases go with them."""
    connection.executemany("DELETE FROM member WHERE id = ?", [(member,) for member in members])


def renew_leases(store: Store, lease_seconds: float) -> None:
    """Sign of life for all members in this process. A log that cannot be written now is tried again in a while."""
    me = this_process()
    with suppress(BusUnavailable), store.write(durable=False) as connection:
        connection.execute(
            "UPDATE member SET expires = ? WHERE machine = ? AND pid = ? AND started = ?",
            (clock.seconds() + lease_seconds, me.machine, me.pid, me.started),
        )


@dataclass(frozen=True)
class _Changes:
    joins: bool
    dead: list[str]
    release: set[Place]
    take: set[Place]

    def __bool__(self) -> bool:
        return bool(self.joins or self.dead or self.release or self.take)


class Membership:
    """One subscription's part in its group. Not thread-safe."""

    def __init__(self, store: Store, group: str, topics: list[int], lease_seconds: float) -> None:
        self.id = ""
        """Empty until it has joined; a new one each time it joins."""
        self._store = store
        self._group = group
        self._topics = topics
        self._lease_seconds = lease_seconds

    def balance(self) -> bool:
        """Join if need be, free what falls to others, take what falls to us and is free. True if anything changed.

        Looks first without a lock, because mostly there is nothing to do. Raises BusUnavailable.
        """
        with self._store.read() as connection:
            if not self._due(connection):
                return False
        with self._store.write(durable=False) as connection:
            changes = self._due(connection)
            member = self._join(connection) if changes.joins else self.id
            remove_members(connection, changes.dead)
            for topic, partition in changes.release:
                connection.execute(
                    "DELETE FROM lease WHERE group_name = ? AND topic_id = ? AND partition = ? AND member_id = ?",
                    (self._group, topic, partition, member),
                )
            for topic, partition in changes.take if not changes.joins else ():
                connection.execute("INSERT INTO lease VALUES (?, ?, ?, ?)", (self._group, topic, partition, member))
        self.id = member
        return bool(changes)

    def leave(self) -> None:
        """Free everything. Raises BusUnavailable."""
        if self.id:
            with self._store.write(durable=False) as connection:
                remove_members(connection, [self.id])
            self.id = ""

    def _join(self, connection: sqlite3.Connection) -> str:
        member = f"{clock.micros():020d}-{uuid.uuid4().hex[:12]}"  # later ones sort last and disturb the others less
        me = this_process()
        connection.execute(
            "INSERT INTO member VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                member, self._group, json.dumps(self._topics), me.machine, me.pid, me.started,
                clock.seconds() + self._lease_seconds,
            ),
        )  # fmt: skip
        return member

    def _due(self, connection: sqlite3.Connection) -> _Changes:
        living, dead = living_members(connection, self._group)
        if self.id not in living:
            return _Changes(joins=True, dead=dead, release=set(), take=set())
        marks = ",".join("?" * len(self._topics))
        places = connection.execute(
            f"SELECT topic_id, partition FROM partition WHERE topic_id IN ({marks})",  # noqa: S608 - question marks
            self._topics,
        ).fetchall()
        ours = {place for place, member in shares(living, places).items() if member == self.id}
        held = {
            (topic, partition): member
            for topic, partition, member in connection.execute(
                "SELECT topic_id, partition, member_id FROM lease WHERE group_name = ?", (self._group,)
            )
            if member not in dead
        }
        return _Changes(
            joins=False,
            dead=dead,
            release={place for place, member in held.items() if member == self.id and place not in ours},
            take=ours - held.keys(),
        )
