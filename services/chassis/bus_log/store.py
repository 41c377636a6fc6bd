"""The file of the embedded log: its schema, its connections, its transactions."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Final

from services.chassis.errors import BusUnavailable, CamiError
from services.chassis.wal import use_wal

VERSION: Final = 2
BUSY_SECONDS: Final = 30.0
SCHEMA: Final = """
CREATE TABLE topic (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);
CREATE TABLE partition (
    topic_id INTEGER NOT NULL,
    partition INTEGER NOT NULL,
    next_offset INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (topic_id, partition)
) WITHOUT ROWID;
CREATE TABLE message (
    sequence INTEGER PRIMARY KEY,  -- order of publication over the whole log
    topic_id INTEGER NOT NULL,
    partition INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    time INTEGER NOT NULL,         -- microseconds since 1970, UTC
    key TEXT NOT NULL,
    headers TEXT NOT NULL,         -- JSON object
    body BLOB NOT NULL,
    UNIQUE (topic_id, partition, offset)
);
CREATE TABLE progress (
    group_name TEXT NOT NULL,
    topic_id INTEGER NOT NULL,
    partition INTEGER NOT NULL,
    offset INTEGER NOT NULL,       -- the first that is not acknowledged
    PRIMARY KEY (group_name, topic_id, partition)
) WITHOUT ROWID;
CREATE TABLE member (
    id TEXT PRIMARY KEY,
    group_name TEXT NOT NULL,
    topics TEXT NOT NULL,          -- JSON list of topic ids
    machine TEXT NOT NULL,
    pid INTEGER NOT NULL,
    started REAL NOT NULL,         -- of the process: a number may be given to another one later
    expires REAL NOT NULL          -- seconds since 1970
) WITHOUT ROWID;
CREATE TABLE lease (
    group_name TEXT NOT NULL,
    topic_id INTEGER NOT NULL,
    partition INTEGER NOT NULL,
    member_id TEXT NOT NULL REFERENCES member (id) ON DELETE CASCADE,
    PRIMARY KEY (group_name, topic_id, partition)
) WITHOUT ROWID;
CREATE INDEX ix_lease_member_id ON lease (member_id);
"""


class Store:
    """Three connections to the file, each behind a lock: for reading, for durable and for lesser writing.

    Only what is published must survive a power cut (synchronous=FULL). Acknowledgements and leases are written with
    synchronous=NORMAL, without waiting for the disk: they survive the end of any process, and the worst that a power
    cut does to them is that messages come twice.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._reading = Lock()
        # One lock for both writers: a thread that waits for it is woken at once, while one that waits for SQLite's
        # own lock (as processes must) sleeps for a while and looks again.
        self._writing = Lock()
        self._open: list[sqlite3.Connection] = []
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._durable = self._connect("FULL")
            self._prepare(self._durable)
            self._lesser = self._connect("NORMAL")
            self._reader = self._connect("NORMAL")
        except BaseException as error:
            self.close()
            if isinstance(error, sqlite3.Error | OSError):
                raise BusUnavailable(f"the event log {path} cannot be opened: {error}") from error
            raise

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """The connection for reading. Each statement sees what is committed at its start. Raises BusUnavailable."""
        with self._reading:
            try:
                yield self._reader
            except sqlite3.Error as error:
                raise BusUnavailable(f"the event log {self.path} cannot be read: {error}") from error

    @contextmanager
    def write(self, *, durable: bool) -> Iterator[sqlite3.Connection]:
        """A write transaction: all of it is kept, or nothing. Raises BusUnavailable (disk full, read-only, locked)."""
        connection = self._durable if durable else self._lesser
        with self._writing:
            try:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
            except BaseException as error:
                with suppress(sqlite3.Error):  # SQLite has rolled back by itself after the worst of errors
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
                if isinstance(error, sqlite3.Error):
                    raise BusUnavailable(f"the event log {self.path} cannot be written: {error}") from error
                raise

    def close(self) -> None:
        """Close the file. May be called twice; what is called later raises BusUnavailable."""
        with self._writing, self._reading:
            for connection in self._open:
                with suppress(sqlite3.Error):
                    connection.close()

    def _connect(self, synchronous: str) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        self._open.append(connection)
        connection.execute(f"PRAGMA synchronous={synchronous}")
        connection.execute("PRAGMA foreign_keys=ON")
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        """Switch to WAL and make the tables, if this process is the first to come."""
        use_wal(connection)
        if connection.execute("PRAGMA user_version").fetchone()[0] != VERSION:
            with self.write(durable=True):
                found = connection.execute("PRAGMA user_version").fetchone()[0]
                if found == 0:
                    for statement in SCHEMA.split(";\n"):
                        connection.execute(statement)
                    connection.execute(f"PRAGMA user_version={VERSION}")
                elif found == 1:
                    _split_groups(connection)
                    connection.execute(f"PRAGMA user_version={VERSION}")
                elif found != VERSION:
                    raise CamiError(f"the event log {self.path} is of version {found}; this program knows {VERSION}")


def _split_groups(connection: sqlite3.Connection) -> None:
    """From version 1, where a service was one group over all its topics: `matching` becomes `matching.projects`, ...

    The new groups go on where the old one was. A service that began anew would do no harm (its inbox knows what has
    been handled), but it would try once more what people have discarded.
    """
    old = connection.execute(
        "SELECT group_name, name, topic_id, partition, offset FROM progress JOIN topic ON id = topic_id"
    ).fetchall()
    connection.execute("DELETE FROM member")  # of processes that knew the old groups; leases go with them
    connection.execute("DELETE FROM progress")
    connection.executemany(
        "INSERT INTO progress VALUES (?, ?, ?, ?)",
        [(f"{group}.{topic.rpartition('.')[2]}", *place) for group, topic, *place in old],
    )
