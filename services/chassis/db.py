"""One database per service: SQLite in one process, PostgreSQL in a cluster, the same code.

A write transaction on SQLite begins with BEGIN IMMEDIATE: a lock is either had at the start or waited for, so no
transaction fails half-way for want of an upgrade. The writers of one process take turns by a lock of their own: whoever
waits for SQLite's sleeps and looks again, and a person's form would wait for seconds behind a consumer that is busy.
On PostgreSQL writers write side by side; see `postgres`. Driver exceptions become `DatabaseBusy` or `Conflict` here.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Final, Self

from pydantic_core import from_json, to_json
from sqlalchemy import Engine, MetaData, create_engine, event
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, OperationalError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import QueuePool
from sqlmodel import Session

from services.chassis import postgres
from services.chassis.errors import AlreadyThere, CamiError, Conflict, DatabaseBusy, Undone
from services.chassis.settings import Settings
from services.chassis.wal import use_wal

BUSY_SECONDS: Final = 30.0
"""How long a writer waits for its turn."""
NAMING: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""Every constraint has a name, so that a migration can speak of it on any database."""

_PASSING_SQLITE_CODES: Final = {
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
}  # fmt: skip


_CONNECTION_LOST: Final = "8s2b"
"""SQLAlchemy's code of what it says when a transaction goes on whose connection is gone."""


def named_metadata() -> MetaData:
    """Metadata of one service's own tables."""
    return MetaData(naming_convention=NAMING)


@dataclass(frozen=True)
class Pool:
    """How many connections one service of one process keeps, how many more it opens at a rush, and how long one that
    wants another waits then, in seconds."""

    size: int = 5
    overflow: int = 20
    timeout_seconds: float = BUSY_SECONDS


@dataclass(frozen=True)
class Connections:
    """How the pool of connections stands."""

    in_use: int
    idle: int
    most: int


class Database:
    """A service's database. Thread-safe: sessions come from a pool and are never shared between threads."""

    def __init__(self, url: str, pool: Pool | None = None) -> None:
        """Connects to nothing yet. Raises CamiError for a URL that cannot be read, or a folder that cannot be made."""
        self.url = url
        self.commits = 0
        """How often this process has committed here: who keeps something it has read can tell whether to look again."""
        self.is_sqlite = url.startswith("sqlite")
        pool = pool or Pool()
        options: dict[str, Any] = {
            "pool_size": pool.size, "max_overflow": pool.overflow, "pool_timeout": pool.timeout_seconds,
            # Every event's headers go through JSON columns: pydantic's reader and writer take a third of the time.
            "json_serializer": lambda value: to_json(value).decode(), "json_deserializer": from_json,
        }  # fmt: skip
        if self.is_sqlite:
            _make_folder_of(Path(url.removeprefix("sqlite:///")))
            options["connect_args"] = {"timeout": BUSY_SECONDS, "check_same_thread": False}
        else:
            # The connection that was used last is taken first: at rest those beyond it are closed one by one.
            options |= {"connect_args": dict(postgres.CONNECT_ARGS), "pool_use_lifo": True, "hide_parameters": True}
        try:
            self.engine: Engine = create_engine(url, **options)
        except (ArgumentError, ImportError) as error:
            raise CamiError(f"CAMI_DATABASE_URL: {error}") from error
        if not self.is_sqlite and (self.engine.dialect.name, self.engine.driver) != ("postgresql", "psycopg"):
            raise CamiError("CAMI_DATABASE_URL: it must begin with sqlite:/// or postgresql+psycopg://")
        self._most_connections = pool.size + pool.overflow
        self._turn, self._counting = Lock(), Lock()
        if self.is_sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
        else:
            postgres.prepare(self.engine)

    @classmethod
    def of(cls, settings: Settings, service: str) -> Self:
        """The database of a service as the settings have it. Raises CamiError."""
        pool = Pool(
            settings.database_pool_size, settings.database_pool_overflow, settings.database_pool_timeout_seconds
        )
        return cls(settings.database_url_of(service), pool)

    def connections(self) -> Connections:
        """How the pool stands at this moment; asks no database."""
        pool = self.engine.pool
        assert isinstance(pool, QueuePool)
        return Connections(pool.checkedout(), pool.checkedin(), self._most_connections)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for reading, that sees the database at one moment. Nothing is kept of what is done in it.

        Raises DatabaseBusy when the database could not be asked.
        """
        with _boundary(reads=True), Session(self.engine, expire_on_commit=False) as session:
            if self.is_sqlite:
                session.connection().exec_driver_sql("BEGIN")
            else:
                session.connection(execution_options=postgres.READ_OPTIONS)
            yield session

    @contextmanager
    def write(self, *, durable: bool = True) -> Iterator[Session]:
        """A transaction: commits at the end of the block, rolls back on any exception.

        One that is not `durable` does not wait for the disk: a power cut, or a server that is killed, may undo it.

        Raises DatabaseBusy when the lock could not be had, Conflict when a constraint refused the rows. On PostgreSQL
        these are Undone and AlreadyThere where the same block, run again, may do better.
        """
        with self._my_turn(), _boundary(), Session(self.engine, expire_on_commit=False) as session:
            if self.is_sqlite:
                connection = session.connection()
                connection.exec_driver_sql(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            elif not durable:
                session.connection().exec_driver_sql("SET LOCAL synchronous_commit = off")
            yield session
            session.commit()
            with self._counting:
                self.commits += 1

    @contextmanager
    def alone(self, purpose: str, service: str) -> Iterator[None]:
        """For work in several transactions that no other process may do at the same time. Raises DatabaseBusy.

        On SQLite there is nothing to hold: such work looks, in each transaction, whether it is still to be done.
        """
        if self.is_sqlite:
            yield
            return
        with _boundary(), self.engine.connect() as connection:
            postgres.hold(connection, purpose, service)
            try:
                yield
            finally:
                connection.invalidate()  # the lock goes with the connection

    @contextmanager
    def _my_turn(self) -> Iterator[None]:
        """Wait for the other writers of this process. PostgreSQL lets them write side by side."""
        if not self.is_sqlite:
            yield
            return
        if not self._turn.acquire(timeout=BUSY_SECONDS):
            raise DatabaseBusy("another writer of this process holds the database")
        try:
            yield
        finally:
            self._turn.release()

    def close(self) -> None:
        """Give the connections back; the database may be opened again later."""
        self.engine.dispose()


def _make_folder_of(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CamiError(f"the folder {path.parent} cannot be made ({error.strerror}); see CAMI_DATA_DIR") from error


@contextmanager
def _boundary(*, reads: bool = False) -> Iterator[None]:
    """Where driver exceptions become ours."""
    try:
        yield
    except IntegrityError as error:
        kind = AlreadyThere if postgres.was_second(error) else Conflict
        raise kind(str(error.orig)) from error
    except DBAPIError as error:
        if not _will_pass(error, reads=reads):
            raise  # a wrong statement stays wrong: repeating it would hide a bug for ever
        kind_of_busy = Undone if postgres.was_undone(error) else DatabaseBusy
        raise kind_of_busy(str(error.orig).strip()) from error
    except PoolTimeout as error:
        raise DatabaseBusy(str(error)) from error
    except PendingRollbackError as error:
        if error.code != _CONNECTION_LOST:
            raise
        raise DatabaseBusy(str(error)) from error


def _will_pass(error: DBAPIError, *, reads: bool) -> bool:
    """Whether the same statement may succeed later: a lock, a full disk, a connection that is gone."""
    if isinstance(error.orig, sqlite3.Error):
        code = getattr(error.orig, "sqlite_errorcode", 0)
        return isinstance(error, OperationalError) and code & 0xFF in _PASSING_SQLITE_CODES
    return postgres.will_pass(error, reads=reads)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """WAL lets readers read while one writes; FULL makes a commit survive a power cut, which an NGO's form must."""
    connection.isolation_level = None  # SQLAlchemy, not the driver, decides where transactions begin
    use_wal(connection)
    for pragma in ("synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")
