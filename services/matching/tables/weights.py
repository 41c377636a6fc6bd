"""Weights of the fit: every version that people have put in force, and the one that is."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column, Uuid
from sqlmodel import Field

from services.chassis.columns import UtcDateTime
from services.matching.tables.base import Table


class WeightsVersion(Table, table=True):
    """One version that a coordinator has put in force; never changed afterwards. The versions before the first of
    these are files that the program ships with."""

    __tablename__ = "weights_version"

    version_id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    number: int = Field(unique=True)
    based_on: int
    """The version that was in force until then."""
    same_as: int | None = None
    """The version that this one goes back to, if it does."""
    data: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    """All that a file of weights holds, with the reason for each."""
    put_by: str
    person_id: UUID = Field(sa_column=Column(Uuid, nullable=False))
    put_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    pairs: int
    """How many pairs had another fit afterwards."""


class WeightsInForce(Table, table=True):
    """What pairs are weighed by, one row; without it, what the program ships with."""

    __tablename__ = "weights_in_force"

    one: int = Field(default=1, primary_key=True)
    version_id: UUID = Field(sa_column=Column(Uuid, nullable=False))
    number: int
    data: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
