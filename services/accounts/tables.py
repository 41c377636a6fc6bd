"""Rows of accounts."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import JSON, Column, Numeric
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from services.chassis.columns import UtcDateTime
from services.chassis.db import named_metadata
from services.chassis.messaging import messaging_tables, tables_of


class Table(SQLModel, registry=registry(metadata=named_metadata())):
    """Base of this service's tables."""


class OrganisationRow(Table, table=True):
    """An organisation that applies for funds."""

    __tablename__ = "organisation"

    id: UUID = Field(primary_key=True)
    revision: int = 1
    name: str = Field(max_length=200)
    legal_form: str = Field(max_length=80)
    country: str = Field(max_length=3)
    year_founded: int
    income: Decimal = Field(sa_column=Column(Numeric(18, 2), nullable=False))
    income_currency: str = Field(max_length=3)
    registration_number: str = Field(max_length=80)
    registered_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class PersonRow(Table, table=True):
    """A person who can sign in. `email` is in lower case; `password_hash` is Argon2id, or None before one is set."""

    __tablename__ = "person"

    id: UUID = Field(primary_key=True)
    organisation_id: UUID | None = Field(default=None, foreign_key="organisation.id", index=True)
    name: str = Field(max_length=120)
    email: str = Field(max_length=254, unique=True)
    password_hash: str | None = Field(default=None, max_length=200)
    roles: list[str] = Field(sa_column=Column(JSON, nullable=False))
    language: str = Field(max_length=2)
    active: bool = True
    wrong_passwords: int = 0
    locked_until: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))
    joined_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    signed_in_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))


class SignInLinkRow(Table, table=True):
    """A link that signs one person in once. Only the hash of its token is kept."""

    __tablename__ = "sign_in_link"

    token_hash: str = Field(primary_key=True, max_length=64)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    expires_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    used_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))


MESSAGING = messaging_tables(Table.metadata)
FACTS = tables_of(OrganisationRow, PersonRow, SignInLinkRow)
"""All of it is this service's own: it keeps no copies."""
