"""Pursuits: every move that a coordinator has made, and where each pursuit stands because of them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column, Index, Numeric, Uuid
from sqlmodel import Field

from services.chassis.columns import UtcDateTime
from services.matching.tables.base import Table


class PursuitMove(Table, table=True):
    """One move of a pursuit, or the undoing of one; never changed afterwards. The columns from `stage` to `day` say
    where the pursuit stands after it."""

    __tablename__ = "pursuit_move"
    __table_args__ = (Index(None, "proposal_id", "window_id"),)

    move_id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    once: UUID = Field(sa_column=Column(Uuid, nullable=False, unique=True))
    """Made with the page that it was sent from: pressed twice, it is one move."""
    proposal_id: UUID = Field(sa_column=Column(Uuid, nullable=False))
    window_id: str = Field(max_length=80)
    donor_id: str = Field(max_length=80)
    was_stage: str = Field(max_length=20)
    before: UUID | None = Field(default=None, sa_column=Column(Uuid, nullable=True))
    """The move that stood until then; where the pursuit goes back to, should this one be undone."""
    undoes: UUID | None = Field(default=None, sa_column=Column(Uuid, nullable=True))
    """The move that this one undoes, if it is no move of its own."""
    stage: str = Field(max_length=20)
    amount: Decimal | None = Field(default=None, sa_column=Column(Numeric(18, 2), nullable=True))
    currency: str = Field(default="", max_length=3)
    amount_usd: Decimal | None = Field(default=None, sa_column=Column(Numeric(18, 2), nullable=True))
    """At the planning rates of `rates_date`."""
    rates_date: date | None = None
    owner_name: str = ""
    reason: str = ""
    day: date | None = None
    note: str = ""
    """For the other coordinators alone."""
    moved_by: str
    person_id: UUID = Field(sa_column=Column(Uuid, nullable=False))
    moved_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    overall: str = Field(max_length=20)
    """The verdict at that moment, with its fit, and the answer of each rule and the points of each part."""
    fit: int | None = None
    verdicts: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    parts: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))


class Pursuit(Table, table=True):
    """Where the pursuit of a window's money for a proposal stands. Without a row it stands nowhere yet."""

    __tablename__ = "pursuit"

    proposal_id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    window_id: str = Field(primary_key=True, max_length=80, index=True)
    donor_id: str = Field(max_length=80, index=True)
    stage: str = Field(max_length=20)
    amount: Decimal | None = Field(default=None, sa_column=Column(Numeric(18, 2), nullable=True))
    currency: str = Field(default="", max_length=3)
    amount_usd: Decimal | None = Field(default=None, sa_column=Column(Numeric(18, 2), nullable=True))
    rates_date: date | None = None
    owner_name: str = ""
    reason: str = ""
    day: date | None = None
    moved_by: str
    moved_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    """When it was last moved, or a move was undone."""
    move_id: UUID | None = Field(default=None, sa_column=Column(Uuid, nullable=True))
    """The move that stands; None when all have been undone."""
    last_id: UUID = Field(sa_column=Column(Uuid, nullable=False))
    """The last that was done to it, a move or an undoing. A page that was drawn before is out of date."""
