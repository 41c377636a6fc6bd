"""Answering a question, and taking an answer back."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Literal
from uuid import UUID

from services.matching.rules.settled import Question

SENTENCE_LIMIT: Final = 2000
"""Characters of what was said."""
LINK_LIMIT: Final = 500
TOLD_BY_LIMIT: Final = 200
CONFIDENCES: Final = ("high", "medium", "low")
Confidence = Literal["high", "medium", "low", "unknown"]


@dataclass(frozen=True)
class AnswerQuestion:
    """Answer a question with its evidence; or say that it was asked and is still not known (`settled.OPEN`)."""

    question: Question
    choice: str
    number: Decimal | None
    day: date | None
    sentence: str
    url: str
    told_by: str
    told_on: date
    confidence: Confidence
    person_id: UUID
    person_name: str


@dataclass(frozen=True)
class TakeAnswerBack:
    """Take back the answer of that id, if it is the one in force."""

    question: Question
    answer_id: UUID
    person_id: UUID
    person_name: str
