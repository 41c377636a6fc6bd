"""People's answers to questions about windows and pairs: everything that was said, and what is in force of it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import JSON, Column, Index, Numeric, Uuid
from sqlmodel import Field

from services.chassis.columns import UtcDateTime
from services.matching.tables.base import Table

NO_PROPOSAL: Final = UUID(int=0)
"""Stands where a question is about the window alone."""


class QuestionAnswer(Table, table=True):
    """One answer, or one answer taken back; never changed afterwards."""

    __tablename__ = "question_answer"
    __table_args__ = (Index(None, "window_id", "proposal_id", "key"),)

    answer_id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    window_id: str = Field(max_length=80)
    proposal_id: UUID = Field(sa_column=Column(Uuid, nullable=False))
    """`NO_PROPOSAL` where it is about the window alone."""
    key: str = Field(max_length=120)
    """What was asked: `rules.questions.Question.key`."""
    state: str = Field(max_length=20)
    """`answered`, `open` (asked, and still not known) or `taken_back`."""
    choice: str = Field(default="", max_length=20)
    number: Decimal | None = Field(default=None, sa_column=Column(Numeric(18, 4), nullable=True))
    """Of an amount, in `currency`, or a ratio."""
    currency: str = Field(default="", max_length=3)
    day: date | None = None
    sentence: str = ""
    """What was said, in the words of who answers."""
    url: str = ""
    told_by: str = ""
    """Who said it: a person at the donor's, an agency, a page."""
    told_on: date | None = None
    confidence: str = Field(default="unknown", max_length=20)
    answered_by: str
    person_id: UUID = Field(sa_column=Column(Uuid, nullable=False))
    answered_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    window_revision: int
    """Of the inventory's terms, as they then were."""
    settled: int = 0
    """How many live pairs asked it before and did not afterwards."""


class Answer(Table, table=True):
    """The answer in force to a question: what judging reads. Without one, nobody has answered or it was taken back."""

    __tablename__ = "answer"

    window_id: str = Field(primary_key=True, max_length=80)
    proposal_id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    key: str = Field(primary_key=True, max_length=120)
    answer_id: UUID = Field(sa_column=Column(Uuid, nullable=False))
    said: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    """All that was said, as JSON: `handlers.terms.told_from`."""
