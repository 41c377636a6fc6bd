"""What PostgreSQL needs of us: how a connection begins, which failures pass, and locks by name.

Decision 0013 says why. Isolation: writers READ COMMITTED, with locks where a decision rests on what was read; readers
REPEATABLE READ READ ONLY, so that a page shows one moment, as it does on SQLite.
"""

import hashlib
import time
from collections.abc import Iterable
from typing import Any, Final

import psycopg
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError, DisconnectionError, IntegrityError

from services.chassis.errors import CamiError

STATEMENT_SECONDS: Final = 60
"""Longest time of one statement; one that takes longer hangs."""
LOCK_SECONDS: Final = 15
"""How long a statement waits for somebody else's lock: a person still waits for an answer, a consumer tries again."""
IDLE_SECONDS: Final = 60
"""How long a transaction may do nothing: a process that was stopped in the middle must not hold its locks for ever."""
CONNECT_ARGS: Final = {
    "connect_timeout": 5, "keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}  # fmt: skip
"""A server that is gone without a word is noticed within half a minute."""
READ_OPTIONS: Final = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
FRESH_SECONDS: Final = 1.0
"""A pooled connection that was used this recently is not asked whether it is still alive."""

SHARED_LOCKS: Final = 256

_SESSION: Final = "SELECT " + ", ".join(
    f"set_config('{name}', '{value}', false)"
    for name, value in {
        "application_name": "cami", "timezone": "UTC",
        "statement_timeout": f"{STATEMENT_SECONDS}s", "lock_timeout": f"{LOCK_SECONDS}s",
        "idle_in_transaction_session_timeout": f"{IDLE_SECONDS}s",
        # The server notices as soon that one of us is gone, and gives its locks to the others.
        "tcp_keepalives_idle": 15, "tcp_keepalives_interval": 5, "tcp_keepalives_count": 3,
    }.items()
)  # fmt: skip
_PASSING: Final = {"08", "40", "53", "55", "57"}
"""Classes of SQLSTATE: connection, rollback by the server, resources, object in use, operator intervention."""
_SERIALIZATION: Final = {"40001", "40P01"}
_UNIQUE: Final = "23505"
_READ_ONLY: Final = "25006"
_IDLE_TOO_LONG: Final = "25P03"


def prepare(engine: Engine) -> None:
    """Have every connection begin with our limits, and none be given out that has died in the pool."""
    event.listen(engine, "connect", _begin_session)
    event.listen(engine, "checkin", _note_time)
    event.listen(engine, "checkout", _check_alive)


def state_of(error: DBAPIError) -> str:
    """The error's SQLSTATE; "" when the server said nothing."""
    return getattr(error.orig, "sqlstate", None) or ""


def will_pass(error: DBAPIError, *, reads: bool) -> bool:
    """Whether the same statement may succeed later: a lock, a full disk, a connection that is gone."""
    state = state_of(error)
    if not state:
        return error.connection_invalidated or isinstance(error.orig, psycopg.OperationalError)
    # To a writer, a server says that it only reads when another one has taken its place.
    return state[:2] in _PASSING or state == _IDLE_TOO_LONG or (state == _READ_ONLY and not reads)


def was_undone(error: DBAPIError) -> bool:
    """Whether the server undid the transaction for the sake of another one: the very same may go through at once."""
    return state_of(error) in _SERIALIZATION


def was_second(error: IntegrityError) -> bool:
    """Whether a row is there already: a transaction that looked before it was there would now do something else."""
    return state_of(error) == _UNIQUE


def lock(connection: Connection, purpose: str, *parts: str) -> None:
    """Wait for a lock that has no row, and hold it until the transaction ends. Does nothing on SQLite."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": lock_key(purpose, *parts)})


def hold(connection: Connection, purpose: str, service: str) -> None:
    """Wait for a lock, however long, and keep it for as long as the connection lives."""
    connection.execution_options(isolation_level="AUTOCOMMIT")
    connection.execute(sa.text("SET statement_timeout = 0; SET lock_timeout = 0"))
    schema = connection.execute(sa.text("SELECT current_schema()")).scalar_one()
    connection.execute(sa.text("SELECT pg_advisory_lock(:key)"), {"key": lock_key(purpose, schema, service)})


def lock_all(
    connection: Connection, purpose: str, service: str, names: Iterable[str], number: int = SHARED_LOCKS
) -> None:  # fmt: skip
    """Wait for the locks of all `names` of a service, in the one order that everybody takes them in.

    Names share a bounded `number` of locks: the server's table of them must not overflow for one large transaction.
    """
    if connection.dialect.name == "postgresql":
        keys = sorted({lock_key(purpose, service, str(lock_key(name) % number)) for name in names})
        # The keys come out of the array in its order, and each lock is had before the next one is asked for.
        connection.execute(
            sa.text("SELECT pg_advisory_xact_lock(key) FROM unnest(CAST(:keys AS bigint[])) AS key"), {"keys": keys}
        )


def lock_key(purpose: str, *parts: str) -> int:
    """A signed number of 64 bits for an advisory lock. Different names have different numbers, as good as always."""
    name = "\0".join(("cami", purpose, *parts)).encode()
    return int.from_bytes(hashlib.blake2b(name, digest_size=8).digest(), signed=True)


def _begin_session(connection: Any, record: Any) -> None:
    before = connection.autocommit
    connection.autocommit = True  # what is set in a transaction would be lost when that is rolled back
    connection.execute(_SESSION)
    connection.autocommit = before
    record.info["used"] = time.monotonic()


def _note_time(_connection: Any, record: Any) -> None:
    record.info["used"] = time.monotonic()


def _check_alive(connection: Any, record: Any, _proxy: Any) -> None:
    """Ask a connection that has rested for a while; SQLAlchemy then opens another one, and drops all the old ones."""
    if time.monotonic() - record.info.get("used", 0.0) < FRESH_SECONDS:
        return
    try:
        connection.autocommit = True
        connection.execute("SELECT 1")
        connection.autocommit = False
    except psycopg.Error as error:
        raise DisconnectionError from error


def create_database(url: str) -> bool:
    """Make the database that `url` names; False when it is there already.

    It sorts text by code point (collation C), as SQLite does: lists have the same order everywhere. Raises CamiError
    when the server does not answer, or does not let us.
    """
    wanted = sa.make_url(url)
    name = wanted.database or ""
    server = wanted.set(drivername="postgresql", database="postgres").difference_update_query(["options"])
    try:
        with psycopg.connect(server.render_as_string(hide_password=False), autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                return False
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'").format(
                    sql.Identifier(name)
                )
            )
    except psycopg.errors.DuplicateDatabase:
        return False
    except psycopg.Error as error:
        reason = str(error).strip().splitlines()[-1]
        raise CamiError(f"the database {name} cannot be made ({reason}); see CAMI_DATABASE_URL") from error
    return True
