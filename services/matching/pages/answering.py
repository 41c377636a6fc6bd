"""Answering a question: its page, the answer with its evidence, and taking it back."""

from typing import Final
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from services.chassis.errors import Conflict, Invalid, NotFound
from services.chassis.forms import FormState, Reader
from services.chassis.i18n import N_
from services.chassis.web import Visit
from services.matching.commands.questions import TakeAnswerBack
from services.matching.handlers.answers import Known, answer_question, take_answer_back
from services.matching.pages.access import STAFF_ONLY, WITH_OWNERS, V, follow_the_calendar, visible_proposal
from services.matching.pages.answer_form import ANSWER, command_from
from services.matching.pages.question_page import OVERTAKEN, back_from, may_answer, show
from services.matching.pages.questions import counted, place_of
from services.matching.rules.questions import ASKS, well_put
from services.matching.rules.settled import OPEN, Question

ROUTER: Final = APIRouter()
KEY_LIMIT: Final = 120
"""Characters that the key of a question has at most: as many as `tables.QuestionAnswer` holds."""
SETTLED: Final = N_("Answered. Pairs settled: %(count)s.")
SAME: Final = N_("This had been answered already.")
NOTED: Final = N_("Noted. The question stays open.")
TAKEN: Final = N_("Taken back. The question is open again.")
ALREADY: Final = N_("This answer is in force no longer.")


@ROUTER.get("/questions/{window_id}/{key}", dependencies=[STAFF_ONLY])
async def question(visit: V, window_id: str, key: str) -> Response:
    """A question about a window, which one answer settles for every pair that asks it."""
    await follow_the_calendar(visit)
    await counted(visit)
    return show(visit, _question(window_id, key), FormState())


@ROUTER.post("/questions/{window_id}/{key}", dependencies=[STAFF_ONLY])
async def answer(visit: V, window_id: str, key: str) -> Response:
    """Answer it. Sent twice, it is one answer."""
    return await _answer(visit, _question(window_id, key))


@ROUTER.post("/questions/{window_id}/{key}/take-back", dependencies=[STAFF_ONLY])
async def take_back(visit: V, window_id: str, key: str) -> Response:
    """Take the answer back."""
    return await _take_back(visit, _question(window_id, key))


@ROUTER.get("/proposals/{proposal_id}/windows/{window_id}/questions/{key}", dependencies=[WITH_OWNERS])
async def question_of_pair(visit: V, proposal_id: str, window_id: str, key: str) -> Response:
    """A question about one proposal at one window."""
    await follow_the_calendar(visit)
    await counted(visit)
    return show(visit, _of_pair(visit, proposal_id, window_id, key), FormState())


@ROUTER.post("/proposals/{proposal_id}/windows/{window_id}/questions/{key}", dependencies=[WITH_OWNERS])
async def answer_of_pair(visit: V, proposal_id: str, window_id: str, key: str) -> Response:
    """Answer it, as staff or as the lead of the proposal."""
    return await _answer(visit, _of_pair(visit, proposal_id, window_id, key))


@ROUTER.post("/proposals/{proposal_id}/windows/{window_id}/questions/{key}/take-back", dependencies=[WITH_OWNERS])
async def take_back_of_pair(visit: V, proposal_id: str, window_id: str, key: str) -> Response:
    """Take the answer back."""
    return await _take_back(visit, _of_pair(visit, proposal_id, window_id, key))


def _question(window_id: str, key: str, proposal_id: UUID | None = None) -> Question:
    ask, _, about = key.partition(":")
    kind = ASKS.get(ask)
    if len(key) > KEY_LIMIT or kind is None or (kind.side == "pair") != (proposal_id is not None):
        raise NotFound(key)
    return Question(window_id, ask, about, proposal_id)


def _of_pair(visit: Visit, proposal_id: str, window_id: str, key: str) -> Question:
    with visit.service.read() as session:
        copy = visible_proposal(visit, session, proposal_id)
    return _question(window_id, key, copy.proposal_id)


async def _answer(visit: Visit, question: Question) -> Response:
    if not may_answer(visit, question) or not well_put(question):
        raise NotFound(question.key)
    form = await visit.form()
    try:
        command = command_from(visit, question, Reader(form))
    except Invalid as invalid:
        await counted(visit)
        return show(visit, question, FormState.of(form, invalid.errors), 400)
    try:
        count = await visit.work(lambda context: answer_question(context, command))
    except Known:
        return _overtaken(visit, question, Reader(form), FormState.of(form))
    except Conflict as conflict:
        if question.proposal_id is not None:
            raise
        del conflict
        return _overtaken(visit, question, Reader(form), FormState.of(form))
    with visit.service.read() as session:
        where = back_from(visit, session, FormState.of(form).value("pair"), question) or "/matching/questions"
    if count is None:
        return visit.redirect(where, SAME)
    if command.choice == OPEN:
        return visit.redirect(where, NOTED)
    return visit.redirect(where, SETTLED, count=count)


def _overtaken(visit: Visit, question: Question, reader: Reader, form: FormState) -> Response:
    reader.fail("choice", OVERTAKEN)
    return show(visit, question, FormState(form.values, reader.errors), 409)


async def _take_back(visit: Visit, question: Question) -> Response:
    if not may_answer(visit, question):
        raise NotFound(question.key)
    form = await visit.form()
    reader = Reader(form)
    answer_id = reader.identifier("answer_id", label=ANSWER, required=True)
    person = visit.person
    done = False
    if answer_id is not None:
        command = TakeAnswerBack(question, answer_id, person.person_id, person.name)
        done = await visit.work(lambda context: take_answer_back(context, command))
    return visit.redirect(place_of(question), TAKEN if done else ALREADY)
