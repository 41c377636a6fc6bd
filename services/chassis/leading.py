"""Which of several processes carries a service's events to the bus, and how the others wake it.

On PostgreSQL it is whoever holds an advisory lock on a connection of its own. The lock goes with the connection: when
that process dies, the next one that asks has it. The others pass on what wakes them by NOTIFY, outside of anybody's
transaction: in one, notifications would have all commits of the database wait for each other.
On SQLite every process publishes for itself; the bus and the inbox bear that (see `relay`).
"""

import select
import socket
import threading
from typing import Any, Final, Protocol

import psycopg
from psycopg import sql
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from services.chassis.db import Database
from services.chassis.errors import DatabaseBusy
from services.chassis.postgres import lock_key

_EMPTY: Final = 4096


class Leadership(Protocol):
    """A process's part in it. `wake` may be called from any thread, the rest belongs to the relay's own."""

    def leads(self) -> bool:
        """Whether this process may publish now. Raises DatabaseBusy when that cannot be found out."""

    def resign(self) -> None:
        """Let another process try: this one does not get through to the bus."""

    def wake(self) -> None:
        """Say that there is something to publish."""

    def wait(self, seconds: float) -> None:
        """Return at the first `wake`, here or of another process, since the last `wait`; or after `seconds`."""

    def close(self) -> None:
        """Give everything back."""


def leadership(db: Database, service: str) -> Leadership:
    """How the processes of `service` that share `db` agree."""
    return Everybody() if db.is_sqlite else FirstCome(db, service)


class Everybody:
    """Each process for itself."""

    def __init__(self) -> None:
        self._awake = threading.Event()

    def leads(self) -> bool:
        """Always."""
        return True

    def resign(self) -> None:
        """There is nobody to resign to."""

    def wake(self) -> None:
        """End the wait at hand or the next one."""
        self._awake.set()

    def wait(self, seconds: float) -> None:
        """Wait for `wake`."""
        self._awake.wait(seconds)
        self._awake.clear()

    def close(self) -> None:
        """There is nothing to give back."""


class FirstCome:
    """Whoever has the lock leads."""

    def __init__(self, db: Database, service: str) -> None:
        self._db = db
        self._service = service
        self._connection: psycopg.Connection[Any] | None = None
        self._held = False
        self._key = 0
        self._channel = ""
        self._bell, self._ringer = socket.socketpair()
        self._bell.setblocking(False)
        self._ringer.setblocking(False)

    def leads(self) -> bool:
        """Hold the lock, or try to get it."""
        try:
            connection = self._connected()
            if self._held:
                connection.execute("SELECT 1")  # the lock is there as long as the connection is
            else:
                found = connection.execute("SELECT pg_try_advisory_lock(%s)", [self._key]).fetchone()
                self._held = bool(found and found[0])
                if self._held:
                    connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(self._channel)))
        except (psycopg.Error, DBAPIError, PoolTimeout) as error:
            self._drop()
            raise DatabaseBusy(str(error).strip()) from error
        return self._held

    def resign(self) -> None:
        """The lock goes with the connection."""
        self._drop()

    def wake(self) -> None:
        """Ring, unless it rings already or nobody is there any more."""
        try:
            self._ringer.send(b"!")
        except OSError:
            return

    def wait(self, seconds: float) -> None:
        """Wait for a ring of our own, or for one of another process if we lead."""
        ears = select.poll()  # not `select`, which knows no more than a thousand files
        ears.register(self._bell, select.POLLIN)
        try:
            if self._held and self._connection is not None:
                ears.register(self._connection.fileno(), select.POLLIN)
            heard = {file for file, _ in ears.poll(seconds * 1000)}
            rung = self._bell.fileno() in heard and bool(self._bell.recv(_EMPTY))
            if self._connection is not None and self._held:
                for _ in self._connection.notifies(timeout=0):
                    pass
            elif self._connection is not None and rung:
                self._connection.execute("SELECT pg_notify(%s, '')", [self._channel])
        except psycopg.Error:
            self._drop()  # `leads` opens another one, or says what is wrong

    def close(self) -> None:
        """Let go of the lock."""
        self._drop()
        self._bell.close()
        self._ringer.close()

    def _connected(self) -> psycopg.Connection[Any]:
        if self._connection is None:
            pooled = self._db.engine.raw_connection()
            connection = pooled.driver_connection  # once it is detached, the pool does not know it any more
            pooled.detach()
            assert isinstance(connection, psycopg.Connection)
            connection.autocommit = True
            self._connection = connection
            found = connection.execute("SELECT current_schema()").fetchone()
            # Advisory locks and channels belong to the whole database, which several services may share.
            self._key = lock_key("relay", str(found and found[0]), self._service)
            self._channel = f"cami_relay_{self._key & 0xFFFFFFFFFFFFFFFF:x}"
        return self._connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection, self._held = None, False
