"""When each version of a proposal stood: what the funding-gap map of a past month is computed from."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import JSON, Column, Numeric, Uuid
from sqlmodel import Field

from services.chassis.columns import UtcDateTime
from services.matching.tables.base import Table


class ProposalLife(Table, table=True):
    """One version of a proposal: from when until when it stood, and as much of it as the map counts.

    A version is over when a later one is submitted, or when it, or a later one, is withdrawn.
    """

    __tablename__ = "proposal_life"

    proposal_id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    version: int = Field(primary_key=True)
    submitted_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))
    """None while only the withdrawal has arrived."""
    withdrawn_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))
    programme_id: str = Field(default="", max_length=80)
    action_ids: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    states: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    species: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    requested_usd: Decimal = Field(default=Decimal(0), sa_column=Column(Numeric(18, 2), nullable=False))
