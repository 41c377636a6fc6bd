"""Taking turns: what one transaction of a service has written, the next one sees."""

from typing import Final
from zlib import crc32

import sqlalchemy as sa
from sqlmodel import Session

_KEY: Final = 0x5455524E
"""First half of the advisory lock's key; the second is the service, since several may share a database."""


def take(session: Session, service: str) -> None:
    """Wait until no other transaction of `service` has the turn. Held until this transaction ends.

    SQLite lets one write at a time anyway. On PostgreSQL, two processes could else handle a new window and a new
    proposal at the same moment, neither seeing the other, and their pair would never be judged.
    """
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        half = crc32(service.encode()) & 0x7FFFFFFF
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key, :service)"), {"key": _KEY, "service": half})
