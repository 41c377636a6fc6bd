"""The tables through which a service speaks and listens, kept in its own database beside its own rows."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, LargeBinary, MetaData, String, Table, Text, Uuid

from services.chassis.columns import UtcDateTime


@dataclass(frozen=True)
class MessagingTables:
    """The four tables of one service."""

    outbox: Table
    inbox: Table
    parked: Table
    parked_history: Table


def messaging_tables(metadata: MetaData) -> MessagingTables:
    """Define outbox, inbox, parked and the history of what was parked in `metadata`."""
    outbox = Table(
        "outbox", metadata,
        Column("position", Integer, primary_key=True, autoincrement=True),
        Column("event_id", Uuid, nullable=False, unique=True),
        Column("topic", String(120), nullable=False),
        Column("key", String(120), nullable=False),
        Column("type", String(120), nullable=False),
        Column("headers", JSON, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Column("written_at", UtcDateTime, nullable=False),
        Column("published_at", UtcDateTime, nullable=True),
    )  # fmt: skip
    # The relay asks for what is not published yet, over and over: a partial index keeps that cheap for ever.
    Index(
        "ix_outbox_unpublished", outbox.c.position,
        sqlite_where=outbox.c.published_at.is_(None), postgresql_where=outbox.c.published_at.is_(None),
    )  # fmt: skip
    inbox = Table(
        "inbox", metadata,
        Column("consumer", String(120), primary_key=True),
        Column("event_id", Uuid, primary_key=True),
        Column("type", String(120), nullable=False),
        Column("handled_at", UtcDateTime, nullable=False),
        # The order in which things were done, whatever the clock said: a rebuild does them again in this order.
        Column("position", BigInteger, nullable=False, server_default="0"),
    )  # fmt: skip
    Index("ix_inbox_position", inbox.c.position)
    parked = Table(
        "parked", metadata,
        Column("id", Uuid, primary_key=True),
        Column("consumer", String(120), nullable=False),
        Column("topic", String(120), nullable=False),
        Column("partition", Integer, nullable=False),
        Column("offset", Integer, nullable=False),
        Column("key", String(120), nullable=False),
        Column("type", String(120), nullable=False),
        Column("headers", JSON, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Column("reason", Text, nullable=False),
        Column("parked_at", UtcDateTime, nullable=False),
        Column("settled_at", UtcDateTime, nullable=True),
        Column("settled_how", String(20), nullable=True),
        Column("settled_note", Text, nullable=True),
    )  # fmt: skip
    # Who did what with a parked message is kept for good, also when the message is parked once more.
    history = Table(
        "parked_history", metadata,
        Column("id", Uuid, primary_key=True),
        Column("parked_id", Uuid, nullable=False),
        Column("at", UtcDateTime, nullable=False),
        Column("what", String(20), nullable=False),
        Column("who", String(200), nullable=False),
        Column("text", Text, nullable=False),
    )  # fmt: skip
    Index("ix_parked_history_parked_id", history.c.parked_id)
    return MessagingTables(outbox, inbox, parked, history)


def tables_of(*models: type[Any]) -> tuple[Table, ...]:
    """The tables of SQLModel classes, for a component to name them."""
    return tuple(model.__table__ for model in models)
