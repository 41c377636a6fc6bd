"""Rows of matching: read copies of other services' facts, verdicts on pairs, and coordinators' decisions.

Copies are written by event handlers alone. A pair's verdict is written by judging, its stage by decisions; neither
touches the other's columns, so what a coordinator has decided outlives every new judgement.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column, Index, Numeric, Uuid
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from services.chassis.columns import UtcDateTime
from services.chassis.db import named_metadata
from services.chassis.messaging import messaging_tables, tables_of


class Table(SQLModel, registry=registry(metadata=named_metadata())):
    """Base of this service's tables."""


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
    """When the others were last told of the actions that it could pay for."""


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

    @property
    def live(self) -> bool:
        """Whether the proposal stands."""
        return self.version > self.withdrawn_version


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


class Pair(Table, table=True):
    """The verdict on a proposal and a window, what it was before it last changed, and its stage."""

    __tablename__ = "pair"

    proposal_id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    window_id: str = Field(primary_key=True, max_length=80, index=True)
    window_revision: int
    proposal_version: int
    overall: str = Field(max_length=20)
    yes: int
    unknown: int
    no: int
    fit: int | None = None
    findings: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    parts: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    judged_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    because: str = Field(max_length=40)
    """Id of the event that caused the judgement; empty when it was the calendar."""

    was_overall: str | None = Field(default=None, max_length=20)
    was_fit: int | None = None
    was_place: int | None = None
    """Place in the proposal's ranking just before the change, from 1."""
    changed_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))
    changed_cause: str = Field(default="", max_length=20)
    """`window`, `proposal` or `day`."""
    changed_findings: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    """The findings, as they are now, whose verdict differs."""

    stage: str = Field(default="none", max_length=20)
    stage_reason: str = ""
    stage_by: str = ""
    stage_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))
    stage_overall: str | None = Field(default=None, max_length=20)
    """The verdict when the stage was decided: the page says if it has changed since."""


class PairDecision(Table, table=True):
    """One decision of a coordinator; never changed afterwards."""

    __tablename__ = "pair_decision"
    __table_args__ = (Index(None, "proposal_id", "window_id"),)

    decision_id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    proposal_id: UUID = Field(sa_column=Column(Uuid, nullable=False))
    window_id: str = Field(max_length=80)
    stage: str = Field(max_length=20)
    reason: str = ""
    decided_by: str
    person_id: UUID = Field(sa_column=Column(Uuid, nullable=False))
    decided_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    overall: str = Field(max_length=20)
    """The verdict at that moment, with its fit."""
    fit: int | None = None


class ActionPair(Table, table=True):
    """A window that could pay for an action. Pairs that could not are not kept: four rules tell why at any time."""

    __tablename__ = "action_pair"
    __table_args__ = (Index(None, "programme_id", "action_id"),)

    window_id: str = Field(primary_key=True, max_length=80)
    programme_id: str = Field(primary_key=True, max_length=80)
    action_id: str = Field(primary_key=True, max_length=40)
    overall: str = Field(max_length=20)
    """`yes` or `unknown`."""
    fit: int
    part_priority: int
    part_themes: int
    part_species: int
    part_states: int


MESSAGING = messaging_tables(Table.metadata)
FACTS = tables_of(PairDecision)
"""What coordinators have decided. All other tables are copies: they follow from events, the calendar and decisions."""
COPIES = tables_of(WindowCopy, ProposalCopy, ProgrammeCopy, ActionCopy, Pair, ActionPair)
