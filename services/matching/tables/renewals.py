"""Judging anew by newer rules: what was judged again in each transaction of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column, Uuid
from sqlmodel import Field

from services.chassis.columns import UtcDateTime
from services.matching.tables.base import Table


class Renewal(Table, table=True):
    """Proposals and windows that were judged again together; never changed afterwards.

    Whoever does the events again with the newer rules would not know what pairs had been by the older ones. What their
    last change was is kept here therefore.
    """

    __tablename__ = "renewal"

    renewal_id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    rules: int
    """The version that they were judged by."""
    done_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    proposals: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    """Proposal id -> window id -> the last change of the pair, by column; none where there was none."""
    windows: list[str] = Field(sa_column=Column(JSON, nullable=False))
    """Windows that were paired with actions again."""
