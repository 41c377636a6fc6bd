"""Scenarios, every state that they were in, and the runs that made plans of them. No handler of events reads them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Column, Index, Uuid
from sqlmodel import Field

from services.chassis.columns import UtcDateTime
from services.matching.tables.base import Table

QUEUED, RUNNING, DONE, FAILED, CANCELLED = "queued", "running", "done", "failed", "cancelled"
UNFINISHED = (QUEUED, RUNNING)


class Scenario(Table, table=True):
    """A scenario as it is now."""

    __tablename__ = "scenario"

    scenario_id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    once: UUID = Field(sa_column=Column(Uuid, nullable=False, unique=True))
    """Made with the page that it was sent from: pressed twice, it is one scenario."""
    revision: int = 1
    name: str = Field(max_length=200)
    description: str = ""
    changes: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    """rules.portfolios.Changes as JSON."""
    archived: bool = False
    copied_from: UUID | None = Field(default=None, sa_column=Column(Uuid, nullable=True))
    created_by: str
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    changed_by: str
    changed_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class ScenarioVersion(Table, table=True):
    """A state of a scenario; never changed afterwards."""

    __tablename__ = "scenario_version"

    scenario_id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    revision: int = Field(primary_key=True)
    name: str = Field(max_length=200)
    description: str = ""
    changes: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    archived: bool = False
    changed_by: str
    person_id: UUID = Field(sa_column=Column(Uuid, nullable=False))
    changed_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class PlanRun(Table, table=True):
    """One computation of a plan: asked for, taken up, and what came of it."""

    __tablename__ = "plan_run"
    __table_args__ = (Index(None, "scenario_id", "asked_at"), Index(None, "state"))

    run_id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    once: UUID = Field(sa_column=Column(Uuid, nullable=False, unique=True))
    scenario_id: UUID = Field(sa_column=Column(Uuid, nullable=False))
    scenario_revision: int
    scenario_name: str = Field(max_length=200)
    """As it was then."""
    changes: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    time_limit: int
    """Seconds for the plan itself."""
    seed: int = 0
    asked_by: str
    asked_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))

    state: str = Field(default=QUEUED, max_length=20)
    phase: str = Field(default="", max_length=20)
    """While it runs: `plan`, then `margins`."""
    done: int = 0
    """Steps of the phase that are behind it, of `steps`; for the plan itself, seconds."""
    steps: int = 0
    attempts: int = 0
    taken: UUID | None = Field(default=None, sa_column=Column(Uuid, nullable=True))
    """Who runs it: another one than that must leave it alone."""
    leased_until: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))
    started_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))
    ended_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))
    error: str = Field(default="", max_length=40)
    """A code that the page puts into words."""
    detail: str = ""
    """What the solver said of it, in English."""

    digest: str = Field(default="", max_length=64)
    """SHA-256 of the instance with the wishes."""
    current_event: str = Field(default="", max_length=40)
    """The event that the data was current to, its time and its place in the order of handling."""
    current_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))
    current_position: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default="0"))
    request: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    """The instance with the wishes, as `cami match optimise` reads it."""
    record: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    """What every number in it stands for."""
    answer: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    """What `cami match optimise` prints."""
    others: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    """Plans to measure it by: `greedy`, and `pursuits`, the best that today's pursuits could become."""
    margins: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    """What each proposal and each window adds, as far as it has been worked out."""
    summary: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    """The few figures that lists show."""
