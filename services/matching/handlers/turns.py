"""One event at a time: what a window's handler writes, a proposal's handler must see, and the other way round."""

from typing import Final

import sqlalchemy as sa

from services.chassis.service import Context

_KEY: Final = 0x4D415443


def take_turn(context: Context) -> None:
    """Wait until no other handler of ours is at work. Held until the transaction ends.

    SQLite lets one write at a time anyway. On PostgreSQL, two processes could else handle a new window and a new
    proposal at the same moment, neither seeing the other, and their pair would never be judged.
    """
    connection = context.session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _KEY})
