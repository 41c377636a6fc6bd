"""Copies of other services' facts, written by event handlers alone."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import JSON, Column, Numeric, Uuid
from sqlmodel import Field, col

from services.chassis.columns import UtcDateTime
from services.matching.tables.base import Table


class WindowCopy(Table, table=True):
    """A funding window at its newest revision."""

    __tablename__ = "window"

    window_id: str = Field(primary_key=True, max_length=80)
    revision: int
    donor_id: str = Field(max_length=80)
    donor_name: str
    name: str
    kind: str = Field(max_length=80)
    fund: str | None = Field(default=None, max_length=80)
    status: str = Field(max_length=80)
    opens: date | None = None
    deadline: date | None = None
    deadline_certain: bool = True
    """False when the date follows from the donor's usual cycle and is not announced."""
    zone: str = "UTC"
    terms: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    """contracts.windows.WindowTerms as JSON."""
    published_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    event_id: str = Field(max_length=40)
    paired_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))
    """When it was last paired with actions."""
    rules: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """The oldest version of the rules by which any of its pairs with actions was made; 0 where a program made them that
    knew of no versions."""


class ProposalCopy(Table, table=True):
    """A submitted proposal at its newest version. Live while that version has not been withdrawn."""

    __tablename__ = "proposal"

    proposal_id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    reference: str = Field(max_length=40)
    version: int = 0
    """0: only the withdrawal has arrived so far."""
    withdrawn_version: int = 0
    organisation_id: UUID | None = Field(default=None, sa_column=Column(Uuid, nullable=True, index=True))
    organisation_name: str = ""
    title: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    states: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    species: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    requested: Decimal = Field(default=Decimal(0), sa_column=Column(Numeric(18, 2), nullable=False))
    currency: str = Field(default="USD", max_length=3)
    submitted_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))
    payload: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    """contracts.events.ProposalSubmitted as JSON."""
    judged_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))
    """The last judgement of any of its pairs, and what brought it about."""
    judged_because: str = Field(default="", max_length=40)
    judged_cause: str = Field(default="", max_length=20)
    judged_window: str = Field(default="", max_length=80)
    rules: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """The oldest version of the rules by which any of its pairs was judged, or came to its last change."""

    @property
    def live(self) -> bool:
        """Whether the proposal stands."""
        return self.version > self.withdrawn_version


LIVE: Final = col(ProposalCopy.version) > col(ProposalCopy.withdrawn_version)
"""Whether a proposal is live, as a condition of queries."""


class ProgrammeCopy(Table, table=True):
    """A Programme of Work that has been imported."""

    __tablename__ = "programme"

    programme_id: str = Field(primary_key=True, max_length=80)
    revision: int = 0
    actions: int
    """How many actions it has; until as many are here, it is not paired with windows."""
    action_ids: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    """Which ones; empty where the writer did not say."""
    first_year: int
    last_year: int


class ActionCopy(Table, table=True):
    """An action of a Programme."""

    __tablename__ = "action"

    programme_id: str = Field(primary_key=True, max_length=80)
    action_id: str = Field(primary_key=True, max_length=40)
    revision: int = 0
    """Of the programme, when the action became what it is here."""
    section: int
    priority: str | None = Field(default=None, max_length=40)
    priority_rank: int = 0
    """From 5 (high) to 1 (low), 0 without a priority; for sorting."""
    sort_key: str = Field(max_length=40)
    """The action's number with its figures padded, so that 9.1 stands before 10.1."""
    payload: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    """contracts.events.ActionPublished as JSON."""
