"""The inbox: which events a consumer has dealt with. A claim stands or falls with the handler's transaction.

It is the journal of the read copies too: the position tells the order in which they were changed, `handled_at` the
moment that each change was made at. What changes them and is no event of another service (the calendar, a coordinator's
decision) is noted here as a step. `rebuild` does all of it again.
"""

from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Table, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert
from sqlmodel import Session

from contracts.envelope import Event
from services.chassis.messaging import MessagingTables


def claim(session: Session, tables: MessagingTables, consumer: str, event: Event[Any], at: datetime) -> bool:
    """Claim `event` for `consumer` within the caller's transaction; False if it has been dealt with already.

    On PostgreSQL it waits for another transaction that is claiming the same event, and answers by how that ended.
    """
    return note(session, tables, consumer, event.type, event.id, at)


def note(session: Session, tables: MessagingTables, consumer: str, kind: str, key: UUID, at: datetime) -> bool:
    """Note within the caller's transaction that `consumer` does what `key` names, at `at`; False if it was done before.

    Transactions that run side by side on PostgreSQL may get the same position: then their order does not matter, or
    else their component says that it works `one_at_a_time`.
    """
    connection = session.connection()
    row = {"consumer": consumer, "event_id": key, "type": kind, "handled_at": at}
    return connection.execute(_insert(tables.inbox, connection.dialect.name), row).first() is not None


@cache
def _insert(inbox: Table, dialect: str) -> ReturningInsert[Any]:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    before = inbox.alias()
    last = select(func.coalesce(func.max(before.c.position), 0)).scalar_subquery()
    # What comes back tells whether it was new: rows of such an INSERT are not counted on every database.
    return insert(inbox).values(position=last + 1).on_conflict_do_nothing().returning(inbox.c.position)
