"""One database per service: SQLite in one process, PostgreSQL in a cluster, the same code.

A write transaction on SQLite begins with BEGIN IMMEDIATE: a lock is either had at the start or waited for, so no
transaction fails half-way for want of an upgrade. The writers of one process take turns by a lock of their own: whoever
waits for SQLite's sleeps and looks again, and a person's form would wait for seconds behind a consumer that is busy.
Driver exceptions become `DatabaseBusy` or `Conflict` here.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, Final

from sqlalchemy import Engine, MetaData, create_engine, event
from sqlalchemy.exc import ArgumentError, IntegrityError, OperationalError
from sqlmodel import Session

from services.chassis.errors import CamiError, Conflict, DatabaseBusy
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
_PASSING_SQL_STATES: Final = {"08", "40", "53", "55", "57"}
"""PostgreSQL classes: connection, rollback by the server, resources, object in use, operator intervention."""


def named_metadata() -> MetaData:
    """Metadata of one service's own tables."""
    return MetaData(naming_convention=NAMING)


class Database:
    """A service's database. Thread-safe: sessions come from a pool and are never shared between threads."""

    def __init__(self, url: str, *, pool_size: int = 5) -> None:
        """Connects to nothing yet. Raises CamiError for a URL that cannot be read, or a folder that cannot be made."""
        self.url = url
        self.commits = 0
        """How often this process has committed here: who keeps something it has read can tell whether to look again."""
        self.is_sqlite = url.startswith("sqlite")
        options: dict[str, Any] = {"pool_pre_ping": not self.is_sqlite}
        if self.is_sqlite:
            _make_folder_of(Path(url.removeprefix("sqlite:///")))
            options["connect_args"] = {"timeout": BUSY_SECONDS, "check_same_thread": False}
        options |= {"pool_size": pool_size, "max_overflow": 20}
        try:
            self.engine: Engine = create_engine(url, **options)
        except ArgumentError as error:
            raise CamiError(f"CAMI_DATABASE_URL: {error}") from error
        self._turn = Lock()
        if self.is_sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for reading; nothing done in it is kept. On SQLite all of it sees the database at one moment.

        Raises DatabaseBusy when the database could not be asked.
        """
        with _boundary(), Session(self.engine, expire_on_commit=False) as session:
            if self.is_sqlite:
                session.connection().exec_driver_sql("BEGIN")
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction: commits at the end of the block, rolls back on any exception.

        Raises DatabaseBusy when the lock could not be had, Conflict when a constraint refused the rows.
        """
        with self._my_turn(), _boundary(), Session(self.engine, expire_on_commit=False) as session:
            if self.is_sqlite:
                session.connection().exec_driver_sql("BEGIN IMMEDIATE")
            yield session
            session.commit()
            self.commits += 1

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
def _boundary() -> Iterator[None]:
    """Where driver exceptions become ours."""
    try:
        yield
    except OperationalError as error:
        if not _will_pass(error):
            raise  # a wrong statement stays wrong: repeating it would hide a bug for ever
        raise DatabaseBusy(str(error.orig)) from error
    except IntegrityError as error:
        raise Conflict(str(error.orig)) from error


def _will_pass(error: OperationalError) -> bool:
    """Whether the same statement may succeed later: a lock, a full disk, a connection that is gone."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in _PASSING_SQLITE_CODES
    state = getattr(error.orig, "sqlstate", None)
    return state is None or state[:2] in _PASSING_SQL_STATES


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """WAL lets readers read while one writes; FULL makes a commit survive a power cut, which an NGO's form must."""
    connection.isolation_level = None  # SQLAlchemy, not the driver, decides where transactions begin
    use_wal(connection)
    for pragma in ("synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")
