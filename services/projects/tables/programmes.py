"""Rows of the Programmes of Work. Several programmes stand side by side, each row names its own."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKeyConstraint, Text
from sqlmodel import Field

from services.chassis.columns import UtcDateTime
from services.projects.tables.base import Table


class ProgrammeRow(Table, table=True):
    """A Programme of Work. `id` is `cami-2021-2026`; `start` and `end` are years, both inclusive.

    `edition` is the hash of the shipped files it was last loaded from, empty for one that came only from an import.
    `imported` is true when its facts come from a file that somebody imported: shipped facts then no longer replace
    them. `revision` grows with every change of anything in the programme; readers keep copies by it.
    """

    __tablename__ = "programme"

    id: str = Field(primary_key=True, max_length=80)
    start: int
    end: int
    title: dict[str, Any] = Field(sa_type=JSON)
    reference: str = Field(default="", max_length=200)
    reference_url: str = Field(default="", max_length=400)
    source_name: str = Field(default="", max_length=400)
    edition: str = Field(default="", max_length=64)
    imported: bool = False
    revision: int = 1
    content_hash: str = Field(max_length=64)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class ProgrammePartRow(Table, table=True):
    """A part. `number` is its Roman numeral, `position` counts from 1, `heading` is the heading in the source."""

    __tablename__ = "programme_part"

    programme_id: str = Field(primary_key=True, foreign_key="programme.id", max_length=80)
    number: str = Field(primary_key=True, max_length=8)
    position: int
    heading: str = Field(sa_type=Text)
    title: dict[str, Any] = Field(sa_type=JSON)


class ProgrammeSectionRow(Table, table=True):
    """A section, with the species and states that it is confined to, if any."""

    __tablename__ = "programme_section"
    __table_args__ = (
        ForeignKeyConstraint(["programme_id", "part"], ["programme_part.programme_id", "programme_part.number"]),
    )

    programme_id: str = Field(primary_key=True, max_length=80)
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    part: str = Field(max_length=8)
    heading: str = Field(sa_type=Text)
    title: dict[str, Any] = Field(sa_type=JSON)
    scientific_name: str | None = Field(default=None, max_length=120)
    species: list[str] = Field(sa_type=JSON)
    states: list[str] = Field(sa_type=JSON)


class ProgrammeSpeciesRow(Table, table=True):
    """A species of a programme. `cms_appendix` is null for one that the Convention does not list."""

    __tablename__ = "programme_species"

    programme_id: str = Field(primary_key=True, foreign_key="programme.id", max_length=80)
    code: str = Field(primary_key=True, max_length=80)
    position: int
    scientific_name: str = Field(max_length=120)
    cms_appendix: str | None = Field(default=None, max_length=20)


class ProgrammeStateRow(Table, table=True):
    """A range state of a programme; `code` is ISO 3166-1 alpha-3."""

    __tablename__ = "programme_state"

    programme_id: str = Field(primary_key=True, foreign_key="programme.id", max_length=80)
    code: str = Field(primary_key=True, max_length=3)
    position: int
    iso2: str = Field(max_length=2)
    party: bool


class ActionRow(Table, table=True):
    """An action: facts of the source, texts of ours, and the words by which it is found.

    `position` is its place in the programme, from 1. `own_texts` is false where nobody has written a title yet.
    `search` is what `rules.search` makes of its texts in all languages. `content_hash` tells whether it has changed.
    """

    __tablename__ = "action"
    __table_args__ = (
        ForeignKeyConstraint(
            ["programme_id", "section"], ["programme_section.programme_id", "programme_section.number"]
        ),
    )

    programme_id: str = Field(primary_key=True, max_length=80)
    id: str = Field(primary_key=True, max_length=20)
    position: int
    number: str = Field(max_length=20)
    section: int
    priority: str | None = Field(default=None, max_length=20)
    sub_item_priorities: dict[str, str] = Field(sa_type=JSON)
    responsible: list[str] = Field(sa_type=JSON)
    unconfirmed: list[str] = Field(sa_type=JSON)
    sub_items: list[str] = Field(sa_type=JSON)
    see_also: list[str] = Field(sa_type=JSON)
    title: dict[str, Any] = Field(sa_type=JSON)
    summary: dict[str, Any] = Field(sa_type=JSON)
    own_texts: bool
    themes: list[str] = Field(sa_type=JSON)
    species: list[str] = Field(sa_type=JSON)
    states: list[str] = Field(sa_type=JSON)
    landscapes: list[str] = Field(sa_type=JSON)
    search: str = Field(sa_type=Text)
    content_hash: str = Field(max_length=64)
