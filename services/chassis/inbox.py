"""The inbox: which events a consumer has dealt with. A claim stands or falls with the handler's transaction."""

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import CursorResult, Insert, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from contracts.envelope import Event
from services.chassis.messaging import MessagingTables


def claim(session: Session, tables: MessagingTables, consumer: str, event: Event[Any], at: datetime) -> bool:
    """Claim `event` for `consumer` within the caller's transaction; False if it has been dealt with already.

    On PostgreSQL it waits for another transaction that is claiming the same event, and answers by how that ended.
    """
    connection = session.connection()
    row = {"consumer": consumer, "event_id": event.id, "type": event.type, "handled_at": at}
    result = connection.execute(_insert(tables.inbox, connection.dialect.name), row)
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


@cache
def _insert(inbox: Table, dialect: str) -> Insert:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return insert(inbox).on_conflict_do_nothing()
