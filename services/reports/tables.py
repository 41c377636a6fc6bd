"""Rows of this service: read copies of what others published, and the documents that were asked for.

Every read copy keeps the id and the time of the event it came from, so that a document can name them.
"""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import JSON, Index, LargeBinary, Text, text
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from services.chassis.columns import UtcDateTime
from services.chassis.db import named_metadata
from services.chassis.messaging import messaging_tables, tables_of


class Table(SQLModel, registry=registry(metadata=named_metadata())):
    """Base of this service's tables."""


class ProposalRow(Table, table=True):
    """The newest submitted version of a proposal. `payload` is None while only its withdrawal is known."""

    __tablename__ = "proposal"

    id: UUID = Field(primary_key=True)
    version: int = 0
    reference: str = Field(default="", max_length=40)
    organisation_id: UUID | None = Field(default=None, index=True)
    payload: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    event_id: UUID | None = None
    event_time: datetime | None = Field(default=None, sa_type=UtcDateTime)
    withdrawn_version: int = 0
    """The newest version that has been taken back; 0 for none."""
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    withdrawn_event_id: UUID | None = None


class WindowRow(Table, table=True):
    """The newest terms of a funding window."""

    __tablename__ = "funding_window"

    id: str = Field(primary_key=True, max_length=80)
    revision: int
    name: str
    donor_name: str
    payload: dict[str, Any] = Field(sa_type=JSON)
    event_id: UUID
    event_time: datetime = Field(sa_type=UtcDateTime)


class ActionRow(Table, table=True):
    """One action of a Programme of Work."""

    __tablename__ = "action"

    programme_id: str = Field(primary_key=True, max_length=80)
    action_id: str = Field(primary_key=True, max_length=20)
    payload: dict[str, Any] = Field(sa_type=JSON)
    event_id: UUID
    event_time: datetime = Field(sa_type=UtcDateTime)


class JudgementRow(Table, table=True):
    """The newest judgement of a proposal; its verdicts are in `VerdictRow`."""

    __tablename__ = "judgement"

    proposal_id: UUID = Field(primary_key=True)
    version: int
    event_id: UUID
    event_time: datetime = Field(sa_type=UtcDateTime)


class VerdictRow(Table, table=True):
    """Verdict and fit of one window for one proposal, out of the proposal's newest judgement."""

    __tablename__ = "verdict"

    proposal_id: UUID = Field(primary_key=True)
    window_id: str = Field(primary_key=True, max_length=80, index=True)
    window_revision: int
    overall: str = Field(max_length=20)
    yes: int
    unknown: int
    no: int
    fit: int | None = None
    stage: str = Field(max_length=20)


class PairingRow(Table, table=True):
    """The actions of one programme that a window could pay for, best first."""

    __tablename__ = "pairing"

    window_id: str = Field(primary_key=True, max_length=80)
    programme_id: str = Field(primary_key=True, max_length=80)
    window_revision: int
    count: int
    actions: list[dict[str, Any]] = Field(sa_type=JSON)
    event_id: UUID
    event_time: datetime = Field(sa_type=UtcDateTime)


class DecisionRow(Table, table=True):
    """What a coordinator has last decided of one proposal and one window."""

    __tablename__ = "decision"

    proposal_id: UUID = Field(primary_key=True)
    window_id: str = Field(primary_key=True, max_length=80)
    stage: str = Field(max_length=20)
    decided_at: datetime = Field(sa_type=UtcDateTime)
    event_id: UUID
    event_time: datetime = Field(sa_type=UtcDateTime)


QUEUED: Final = "queued"
RENDERING: Final = "rendering"
READY: Final = "ready"
FAILED: Final = "failed"


class DocumentRow(Table, table=True):
    """A document that somebody asked for, from the wish to the kept file. One row per content."""

    __tablename__ = "document"
    __table_args__ = (
        # The printer asks for unfinished work over and over: a partial index keeps that cheap for ever.
        Index(
            "ix_document_unfinished", "asked_at",
            sqlite_where=text("state IN ('queued', 'rendering')"),
            postgresql_where=text("state IN ('queued', 'rendering')"),
        ),
    )  # fmt: skip

    id: UUID = Field(primary_key=True)
    kind: str = Field(max_length=20)
    """`proposal` or `briefing`."""
    subject: str = Field(max_length=80, index=True)
    """Id of the proposal or the window."""
    subject_name: str
    """What the document is about, in words."""
    reference: str = Field(default="", max_length=80)
    organisation_id: UUID | None = None
    """The organisation whose own document it is; None for documents of the secretariat."""
    language: str = Field(max_length=2)
    input_hash: str = Field(max_length=64, unique=True)
    html: str = Field(sa_type=Text)
    """The whole document with its style sheet: rendering it again gives the same bytes."""
    title: str
    fallbacks: list[str] = Field(default_factory=list, sa_type=JSON)
    """Shorter HTML to use in turn should the document run over the pages it may have."""
    most_pages: int | None = None

    state: str = Field(default=QUEUED, max_length=20)
    attempts: int = 0
    leased_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """Somebody renders it and says so again before this moment; when it has passed, that somebody is gone."""
    error: str = ""
    asked_by: str
    asked_at: datetime = Field(sa_type=UtcDateTime, index=True)
    """When it was last asked for."""
    traceparent: str = Field(default="", max_length=55, sa_column_kwargs={"server_default": ""})
    correlation: str = Field(default="", max_length=120, sa_column_kwargs={"server_default": ""})
    """Of the request that it is being made for."""
    rendered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    pages: int | None = None
    size: int | None = None
    sha256: str = Field(default="", max_length=64)


class KeptFileRow(Table, table=True):
    """The bytes of a printed document, under the hash of its content: the same content is kept once."""

    __tablename__ = "kept_file"

    sha256: str = Field(primary_key=True, max_length=64)
    content: bytes = Field(sa_type=LargeBinary)
    size: int
    """In bytes."""
    kept_at: datetime = Field(sa_type=UtcDateTime)


MESSAGING: Final = messaging_tables(Table.metadata)
"""Outbox, inbox and parked messages of this service."""

COPIES: Final = tables_of(ProposalRow, WindowRow, ActionRow, JudgementRow, VerdictRow, PairingRow, DecisionRow)
"""What the other services have told."""
FACTS: Final = tables_of(DocumentRow, KeptFileRow)
"""What this service has made itself."""
