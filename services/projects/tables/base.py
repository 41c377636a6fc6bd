"""The base of this service's tables, and the tables through which it speaks and listens."""

from typing import Final

from sqlalchemy.orm import registry
from sqlmodel import SQLModel

from services.chassis.db import named_metadata
from services.chassis.messaging import messaging_tables


class Table(SQLModel, registry=registry(metadata=named_metadata())):
    """Base of this service's tables: they live in a metadata, and a database, of their own."""


MESSAGING: Final = messaging_tables(Table.metadata)
"""Outbox, inbox and parked messages of this service."""
