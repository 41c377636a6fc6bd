"""Rows of donors. A window's terms are kept whole, as JSON; beside them stands what lists are filtered and sorted by.

The table is called `funding_window`: WINDOW is a reserved word of SQL.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column, Numeric, Text
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from services.chassis.columns import UtcDateTime
from services.chassis.db import named_metadata
from services.chassis.messaging import messaging_tables, tables_of


class Table(SQLModel, registry=registry(metadata=named_metadata())):
    """Base of this service's tables."""


class DonorRow(Table, table=True):
    """Who gives."""

    __tablename__ = "donor"

    id: str = Field(primary_key=True, max_length=80)
    name: str = Field(max_length=200)


class WindowRow(Table, table=True):
    """A funding window at its present revision."""

    __tablename__ = "funding_window"

    id: str = Field(primary_key=True, max_length=80)
    donor_id: str = Field(foreign_key="donor.id", index=True, max_length=80)
    revision: int
    name: str = Field(max_length=200)
    kind: str = Field(index=True, max_length=80)
    fund: str | None = Field(default=None, max_length=80)
    status: str = Field(index=True, max_length=80)
    cofinancing: str = Field(max_length=80)
    deadline: date | None = Field(default=None, index=True)
    maximum_usd: Decimal | None = Field(default=None, sa_column=Column(Numeric(18, 2), nullable=True))
    """The ceiling at planning rates, to sort by; None when there is none or it is not known at all."""
    check_again: date | None = Field(default=None, index=True)
    facets: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    """What filters ask for: `states` and `species` with the answer of the rule, `themes`."""
    words: str = Field(sa_column=Column(Text, nullable=False))
    """All that a search looks through, in three languages, case-folded."""
    terms: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    by_hand: bool = False
    """Whether a person made the present revision: what the program ships with does not overwrite it."""
    changed_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class WindowRevisionRow(Table, table=True):
    """One revision of a window's terms: what it said, what was new in it, who made it and why."""

    __tablename__ = "window_revision"

    window_id: str = Field(primary_key=True, foreign_key="funding_window.id", max_length=80)
    revision: int = Field(primary_key=True)
    terms: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    changed: list[str] = Field(sa_column=Column(JSON, nullable=False))
    person_id: UUID | None = Field(default=None)
    """None when the revision came with the program."""
    changed_by: str = Field(max_length=120)
    changed_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    reason: str = Field(sa_column=Column(Text, nullable=False))


MESSAGING = messaging_tables(Table.metadata)
FACTS = tables_of(DonorRow, WindowRow, WindowRevisionRow)
"""All of it is this service's own: it keeps no copies."""
