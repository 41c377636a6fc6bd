"""Rows of proposals: the draft as it stands, its lines, and every version that was submitted."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column, Numeric, Text
from sqlmodel import Field

from services.chassis.columns import UtcDateTime
from services.projects.tables.base import Table


class ReferenceCounterRow(Table, table=True):
    """The last number that was given to a reference of one year."""

    __tablename__ = "reference_counter"

    year: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    last: int


class ProposalRow(Table, table=True):
    """A proposal as its organisation works on it. What others may see of it are its versions."""

    __tablename__ = "proposal"

    id: UUID = Field(primary_key=True)
    reference: str = Field(max_length=20, unique=True)
    """`CAMI-2026-0042`, given when the draft is started."""
    organisation_id: UUID = Field(index=True)
    status: str = Field(max_length=20)
    """draft, submitted, withdrawn or deleted."""
    version: int = 0
    """How often it was submitted."""
    programme_id: str = Field(default="", max_length=80)
    written_in: str = Field(max_length=2)
    texts: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    """Field -> LocalizedText as JSON."""
    species: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    states: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    starts: date | None = None
    ends: date | None = None
    currency: str = Field(default="USD", max_length=3)
    no_cofinancing: bool = False
    no_partners: bool = False
    saved: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    """Section -> {"revision": how often it was changed, "at": ISO 8601, "by": name}; absent before the first save."""
    created_at: datetime = Field(sa_type=UtcDateTime)
    created_by: str = Field(max_length=200)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class BudgetLineRow(Table, table=True):
    """One line of a budget, perhaps half filled in."""

    __tablename__ = "budget_line"

    id: UUID = Field(primary_key=True)
    proposal_id: UUID = Field(foreign_key="proposal.id", index=True)
    position: int
    description: str = Field(sa_column=Column(Text, nullable=False))
    category: str = Field(max_length=80)
    year: int | None = None
    amount: Decimal | None = Field(default=None, sa_column=Column(Numeric(18, 2), nullable=True))
    currency: str = Field(max_length=3)


class CofinancingLineRow(Table, table=True):
    """One source of co-financing, perhaps half filled in."""

    __tablename__ = "cofinancing_line"

    id: UUID = Field(primary_key=True)
    proposal_id: UUID = Field(foreign_key="proposal.id", index=True)
    position: int
    source_name: str = Field(sa_column=Column(Text, nullable=False))
    source: str = Field(max_length=80)
    kind: str = Field(max_length=20)
    status: str = Field(max_length=20)
    amount: Decimal | None = Field(default=None, sa_column=Column(Numeric(18, 2), nullable=True))
    currency: str = Field(max_length=3)


class PartnerRow(Table, table=True):
    """One organisation that takes part, perhaps half filled in."""

    __tablename__ = "partner"

    id: UUID = Field(primary_key=True)
    proposal_id: UUID = Field(foreign_key="proposal.id", index=True)
    position: int
    organisation_id: UUID | None = None
    """A registered organisation of that very name."""
    name: str = Field(max_length=300)
    kind: str = Field(max_length=80)
    country: str = Field(max_length=3)
    role: str = Field(max_length=300)
    lead: str = Field(max_length=20)
    """open, agreed or no."""


class ContactRow(Table, table=True):
    """One person to write to about a proposal."""

    __tablename__ = "contact"

    id: UUID = Field(primary_key=True)
    proposal_id: UUID = Field(foreign_key="proposal.id", index=True)
    position: int
    name: str = Field(max_length=300)
    role: str = Field(max_length=300)
    email: str = Field(max_length=254)


class ProposalActionRow(Table, table=True):
    """An action of the Programme of Work that a proposal addresses.

    No foreign key: a Programme may be read in again or replaced, and a choice that was made is not lost by that.
    """

    __tablename__ = "proposal_action"

    proposal_id: UUID = Field(primary_key=True, foreign_key="proposal.id")
    action_id: str = Field(primary_key=True, max_length=40)
    position: int


class ProposalVersionRow(Table, table=True):
    """A proposal as it was submitted: never changed again, except for the note that it was taken back."""

    __tablename__ = "proposal_version"

    proposal_id: UUID = Field(primary_key=True, foreign_key="proposal.id")
    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    payload: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    """ProposalSubmitted as JSON: the very thing that the event said."""
    rates: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    """Units for one US dollar of every currency in it, as used at its submission."""
    latest: bool = True
    """Whether it is the newest version of its proposal; lists show that one."""
    title: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    organisation_name: str = Field(max_length=300)
    requested: Decimal = Field(sa_column=Column(Numeric(18, 2), nullable=False))
    currency: str = Field(max_length=3)
    facets: str = Field(sa_column=Column(Text, nullable=False))
    """Codes of species and states, each between bars: `|saiga|KAZ|`."""
    words: str = Field(sa_column=Column(Text, nullable=False))
    """Reference, organisation, titles and summaries, case-folded, for searching."""
    submitted_at: datetime = Field(sa_type=UtcDateTime, index=True)
    submitted_by: str = Field(max_length=200)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    withdrawn_by: str = Field(default="", max_length=200)
    withdrawn_reason: str = Field(default="", sa_column=Column(Text, nullable=False))
