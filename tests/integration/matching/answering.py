"""Hands that answer questions, and what is read of the outcome."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlmodel import select

from contracts.values import Tri
from services.chassis.service import Service
from services.matching.commands.questions import AnswerQuestion, TakeAnswerBack
from services.matching.handlers import answer_question, take_answer_back
from services.matching.handlers.answers import answer_in_force
from services.matching.rules.settled import Question
from services.matching.tables import Pair
from tests.integration.matching.events import NOW


def saying(question: Question, choice: str, **changed: Any) -> AnswerQuestion:
    """A command of a coordinator who was told on the phone."""
    fields: dict[str, Any] = {
        "number": None, "day": None, "sentence": "The programme officer told us so.",
        "url": "https://example.org/answer", "told_by": "Programme officer", "told_on": NOW.date(),
        "confidence": "high", "person_id": UUID(int=7), "person_name": "Coordinator Test",
    }  # fmt: skip
    if isinstance(changed.get("number"), int | str):
        changed["number"] = Decimal(changed["number"])
    if isinstance(changed.get("day"), str):
        changed["day"] = date.fromisoformat(changed["day"])
    return AnswerQuestion(question, choice, **{**fields, **changed})


def answer(service: Service, question: Question, choice: str, **changed: Any) -> int | None:
    """Answer a question; how many pairs it settles."""
    command = saying(question, choice, **changed)
    return service.run(lambda context: answer_question(context, command))


def take_back(service: Service, question: Question) -> bool:
    """Take the answer in force back."""
    with service.read() as session:
        row = answer_in_force(session, question)
        assert row is not None
        command = TakeAnswerBack(question, row.answer_id, UUID(int=7), "Coordinator Test")
    return service.run(lambda context: take_answer_back(context, command))


def findings(service: Service, proposal_id: UUID, window_id: str) -> dict[str, Tri]:
    """Rule -> its verdict, as stored."""
    with service.read() as session:
        pair = session.get(Pair, (proposal_id, window_id))
        assert pair is not None
        return {stored["rule"]: Tri(stored["verdict"]) for stored in pair.findings}


def pairs(service: Service, *names: str) -> dict[tuple[UUID, str], tuple[Any, ...]]:
    """Every pair with the columns named, or with its verdict in full."""
    wanted = names or ("overall", "yes", "unknown", "no", "fit", "findings", "parts")
    with service.read() as session:
        return {
            (pair.proposal_id, pair.window_id): tuple(getattr(pair, name) for name in wanted)
            for pair in session.exec(select(Pair)).all()
        }
