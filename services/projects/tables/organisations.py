"""What this service keeps of organisations: a copy of their profiles, learned from events of `accounts`."""

from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column
from sqlmodel import Field

from services.projects.tables.base import Table


class OrganisationRow(Table, table=True):
    """The newest profile of an organisation that has reached us. `profile` is OrganisationRegistered as JSON."""

    __tablename__ = "organisation"

    id: UUID = Field(primary_key=True)
    revision: int
    name: str = Field(max_length=300)
    profile: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
