"""Verdicts on pairs, and coordinators' decisions on them.

A pair's verdict is written by judging, its stage by decisions; neither touches the other's columns, so what a
coordinator has decided outlives every new judgement.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column, Index, Uuid
from sqlmodel import Field

from services.chassis.columns import UtcDateTime
from services.matching.tables.base import Table


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
    weights: int
    """The version of the weights that the fit was made with."""

    was_overall: str | None = Field(default=None, max_length=20)
    was_fit: int | None = None
    was_place: int | None = None
    """Place in the proposal's ranking just before the change, from 1."""
    changed_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))
    changed_cause: str = Field(default="", max_length=20)
    """`window`, `proposal`, `day`, `weights`, `history`, `answer` or `rules`."""
    changed_findings: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    """The findings, as they are now, whose verdict differs."""

    stage: str = Field(default="none", max_length=20, index=True)
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
    """The verdict at that moment, with its fit, and (unless it is older than they are) the answer of each rule and the
    points of each part: pairs are judged again, and what a decision rested on is not to be guessed later."""
    fit: int | None = None
    verdicts: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    parts: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))


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
