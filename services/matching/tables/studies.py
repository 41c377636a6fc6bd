"""Studies: questions about a donor's money that take several plans to answer. No handler of events reads them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column, Index, Uuid
from sqlmodel import Field

from services.chassis.columns import UtcDateTime
from services.matching.tables.base import Table
from services.matching.tables.portfolios import QUEUED


class Study(Table, table=True):
    """One study: what was asked, how far it is, and what came of it."""

    __tablename__ = "study"
    __table_args__ = (Index(None, "state"), Index(None, "kind", "asked_at"))

    study_id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    once: UUID = Field(sa_column=Column(Uuid, nullable=False, unique=True))
    """Made with the form that it was sent from: pressed twice, it is one study."""
    kind: str = Field(max_length=20)
    """`unlock` or `steering`."""
    asked: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    """The answers of the form."""
    asked_by: str
    asked_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))

    state: str = Field(default=QUEUED, max_length=20)
    """As of a plan's run."""
    done: int = 0
    """Plans that are made, of `steps`."""
    steps: int = 0
    attempts: int = 0
    taken: UUID | None = Field(default=None, sa_column=Column(Uuid, nullable=True))
    """Who works at it: another one than that must leave it alone."""
    leased_until: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))
    ended_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))
    error: str = Field(default="", max_length=40)
    """A code that the page puts into words."""
    detail: str = ""
    """In English, for the log and for whoever asks."""

    current_event: str = Field(default="", max_length=40)
    current_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))
    job: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    """What the process was given: today's instance, and the donor's."""
    record: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    """What every number in it stands for."""
    result: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    """What the process found."""
