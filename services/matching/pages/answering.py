"""The page of one question: what hangs on it, what was answered before, and the form to answer it with evidence."""

import re
from dataclasses import replace
from decimal import Decimal
from typing import Final, cast
from uuid import UUID

from fastapi import APIRouter
from sqlmodel import Session
from starlette.responses import Response

from contracts.values import Money
from contracts.windows import WindowTerms
from services.chassis import formats
from services.chassis.errors import Conflict, FieldError, Invalid, NotFound
from services.chassis.forms import FormState, Reader
from services.chassis.i18n import N_
from services.chassis.web import Visit
from services.matching import words
from services.matching.commands.questions import (
    CONFIDENCES,
    LINK_LIMIT,
    SENTENCE_LIMIT,
    TOLD_BY_LIMIT,
    AnswerQuestion,
    Confidence,
    TakeAnswerBack,
)
from services.matching.handlers.actions import sort_key
from services.matching.handlers.answers import Known, answer_question, take_answer_back, terms_without
from services.matching.handlers.judging import facts_from
from services.matching.handlers.terms import terms_of
from services.matching.pages.access import (
    STAFF_ONLY,
    WITH_OWNERS,
    V,
    follow_the_calendar,
    is_staff,
    visible_proposal,
)
from services.matching.pages.questions import counted, place_of
from services.matching.queries.actions import programmes
from services.matching.queries.current import current_to
from services.matching.queries.questions import answered, questions
from services.matching.queries.ranking import whole_pair
from services.matching.rules import evidence_by_rule
from services.matching.rules.questions import ASKS, NUMBERS, is_open, options, well_put
from services.matching.rules.settled import OPEN, Question, Told
from services.matching.rules.worth import Worth
from services.matching.shipped import rates
from services.matching.tables import ProposalCopy
from services.matching.words.questions import CHOICES

ROUTER: Final = APIRouter()
_RATIO: Final = re.compile(r"[0-9]{1,3}([.,][0-9]{1,4})?")
"""As many decimals as are stored. A ratio is no money: three of them do not make thousands."""
KEY_LIMIT: Final = 120
"""Characters that the key of a question has at most: as many as `tables.QuestionAnswer` holds."""
LEADS_MAY: Final = frozenset({"agency", "endorsed", "amount"})
"""What the lead of a proposal knows best: whether an agency has agreed, whether the endorsement is had, the amount."""
ANSWER: Final = N_("Answer")
NUMBER: Final = N_("Amount or ratio")
DAY: Final = N_("Day")
SENTENCE: Final = N_("What was said")
LINK: Final = N_("Link")
TOLD_BY: Final = N_("Who told")
TOLD_ON: Final = N_("On which day")
CONFIDENCE: Final = N_("How sure this is")
NO_NUMBER: Final = N_("Amount or ratio: please give the figure that belongs to this answer.")
NO_RATIO: Final = N_("Amount or ratio: please give one ratio in digits, for example 0.5 or 1.125.")
NOT_ZERO: Final = N_("Amount or ratio: please give a figure above zero.")
NOT_NEAR: Final = N_(
    "Amount or ratio: at planning rates the proposal asks for about %(amount)s. Please give what comes close to that, "
    "or have the proposal changed."
)
NO_RATE: Final = N_(
    "Amount or ratio: no planning rate is known for %(currency)s, so the figure cannot be compared. "
    "Please leave the question open."
)
NO_DAY: Final = N_("Day: please give the day that belongs to this answer.")
NOT_LATER: Final = N_("Day: please give a day after the one that has passed.")
PASSED: Final = N_("Day: please give a day that had not passed when you were told.")
NO_SOURCE: Final = N_("Who told: please say who told, or give a link.")
NO_LINK: Final = N_("Link: please give an address that begins with https:// or http://, or leave this empty.")
OVERTAKEN: Final = N_("Answer: the inventory knows this by now, or its terms have changed. Please look at them again.")
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
    return _page(visit, _question(window_id, key), FormState())


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
    return _page(visit, _of_pair(visit, proposal_id, window_id, key), FormState())


@ROUTER.post("/proposals/{proposal_id}/windows/{window_id}/questions/{key}", dependencies=[WITH_OWNERS])
async def answer_of_pair(visit: V, proposal_id: str, window_id: str, key: str) -> Response:
    """Answer it, as staff or as the lead of the proposal."""
    return await _answer(visit, _of_pair(visit, proposal_id, window_id, key))


@ROUTER.post("/proposals/{proposal_id}/windows/{window_id}/questions/{key}/take-back", dependencies=[WITH_OWNERS])
async def take_back_of_pair(visit: V, proposal_id: str, window_id: str, key: str) -> Response:
    """Take the answer back."""
    return await _take_back(visit, _of_pair(visit, proposal_id, window_id, key))


def may_answer(visit: Visit, question: Question) -> bool:
    """Staff answer everything; the lead of a proposal what is about it and known best to its people."""
    if is_staff(visit):
        return True
    return question.proposal_id is not None and visit.person.has("lead") and question.ask in LEADS_MAY


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


def _back(visit: Visit, session: Session, wanted: str, question: Question) -> str:
    """The pair page that the person came from, if it is one that they may see; else nothing."""
    if question.proposal_id is not None:
        return f"/matching/proposals/{question.proposal_id}/windows/{question.window_id}"
    try:
        copy = visible_proposal(visit, session, wanted)
    except NotFound:
        return ""
    return f"/matching/proposals/{copy.proposal_id}/windows/{question.window_id}"


def _page(visit: Visit, question: Question, form: FormState, status: int = 200) -> Response:
    wanted = form.value("pair") or visit.request.query_params.get("pair", "")
    with visit.service.read() as session:
        base = terms_without(session, question)
        terms = terms_of(session, question.window_id)
        history = next(iter(answered(session, question=question)), None)
        whole = None
        if question.proposal_id is not None:
            whole = whole_pair(session, question.proposal_id, question.window_id)
            if whole is None:
                raise NotFound(question.key)
        known = programmes(session)
        found = questions(session, visit.now, known[0].programme_id if known else None)
        outdated = history is not None and history.told is not None and _outdated(session, history.told, base)
        back = _back(visit, session, wanted, question)
        current = current_to(session)
    worth = next((one for one in found.open if one.question == question), Worth(question))
    open_ = is_open(question, base)
    lost = bool(form.values) and not open_ and well_put(question)
    """Whether somebody has answered what is known by now. What they typed is shown once more."""
    if lost:
        form, status = FormState(form.values, [FieldError("choice", OVERTAKEN)]), 409
    elif not open_ and history is None:
        raise NotFound(question.key)  # nobody asks what is known
    offered = [*options(question, base), OPEN]
    if not form.values and not form.errors:
        form = _filled(visit, history.told if history else None, wanted, outdated)
    return visit.render(
        "matching/question.html", status, question=question, base=base, terms=terms, history=history, whole=whole,
        worth=worth, proposals=found.proposals, windows=found.windows, open=open_, form=form, back=back, say=words,
        choices=offered, outdated=outdated, typed=_typed(question, form) if lost else [],
        numbers=bool(NUMBERS & set(offered)), days="date" in offered, confidences=CONFIDENCES,
        evidence=evidence_by_rule(base)[ASKS[question.ask].rules[0]], current=current, place_of=place_of,
        mine=may_answer(visit, question), staff=is_staff(visit), sentence_limit=SENTENCE_LIMIT,
        actions=sorted(worth.actions, key=sort_key),
    )  # fmt: skip


def _typed(question: Question, form: FormState) -> list[tuple[str, str]]:
    """What stands in a form that is shown no more: labels (msgids) and what was typed."""
    choice = form.value("choice")
    fields = {"number": NUMBER, "day": DAY, "sentence": SENTENCE, "told_by": TOLD_BY, "url": LINK, "told_on": TOLD_ON}
    known = {choice, f"{question.ask}:{choice}"} & set(CHOICES)
    chosen = [(ANSWER, choice)] if known else []
    return chosen + [(label, form.value(name)) for name, label in fields.items() if form.value(name)]


def _outdated(session: Session, told: Told, base: WindowTerms) -> bool:
    """Whether an amount that was told counts no more, though nothing else is known: it was told of another currency,
    or of another sum."""
    if told.choice != "amount" or told.number is None:
        return False
    if told.currency != base.amount.currency:
        return True
    return told.question.ask == "amount" and not _told_of(session, told.question, told.number)[0]


def _told_of(session: Session, question: Question, number: Decimal) -> tuple[bool, Decimal | None]:
    """(whether a figure can be what the proposal asks for in that currency, what it comes to at planning rates)."""
    copy, currency = session.get(ProposalCopy, question.proposal_id), question.about
    if copy is None:
        raise NotFound(question.key)
    facts = facts_from(copy)
    told = replace(facts, asked_exactly=Money(amount=number, currency=currency))
    return told.asked_in(currency, rates()) == (number, True), facts.asked_in(currency, rates())[0]


def _filled(visit: Visit, told: Told | None, pair: str, outdated: bool) -> FormState:
    """The form as it is first shown: with the answer in force, to be corrected, or with today's day."""
    if told is None:
        return FormState({"told_on": visit.now.date().isoformat(), "confidence": "medium", "pair": pair})
    number = "" if told.number is None or outdated else f"{told.number:f}"
    return FormState({
        "choice": told.choice, "number": number, "day": told.day.isoformat() if told.day else "",
        "sentence": told.evidence.sentence, "url": told.evidence.url, "told_by": told.by,
        "told_on": told.evidence.checked.isoformat() if told.evidence.checked else "",
        "confidence": told.evidence.confidence, "pair": pair,
    })  # fmt: skip


async def _answer(visit: Visit, question: Question) -> Response:
    if not may_answer(visit, question) or not well_put(question):
        raise NotFound(question.key)
    form = await visit.form()
    try:
        command = _command(visit, question, Reader(form))
    except Invalid as invalid:
        await counted(visit)
        return _page(visit, question, FormState.of(form, invalid.errors), 400)
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
        where = _back(visit, session, FormState.of(form).value("pair"), question) or "/matching/questions"
    if count is None:
        return visit.redirect(where, SAME)
    if command.choice == OPEN:
        return visit.redirect(where, NOTED)
    return visit.redirect(where, SETTLED, count=count)


def _overtaken(visit: Visit, question: Question, reader: Reader, form: FormState) -> Response:
    reader.fail("choice", OVERTAKEN)
    return _page(visit, question, FormState(form.values, reader.errors), 409)


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


def _command(visit: Visit, question: Question, reader: Reader) -> AnswerQuestion:
    """Raises Invalid."""
    with visit.service.read() as session:
        offered = [*options(question, terms_without(session, question)), OPEN]
    choice = reader.choice("choice", offered, label=ANSWER, required=True)
    number = _number(visit, question, reader, choice) if choice in NUMBERS else None
    day = reader.date("day", label=DAY) if choice == "date" else None
    if choice == "date" and day is None and not _failed(reader, "day"):
        reader.fail("day", NO_DAY)
    if day is not None and question.about and day.isoformat() <= question.about:
        reader.fail("day", NOT_LATER)
    sentence = reader.text(
        "sentence", label=SENTENCE, required=bool(choice) and choice != OPEN, max_length=SENTENCE_LIMIT, multiline=True
    )
    url = reader.text("url", label=LINK, max_length=LINK_LIMIT)
    if url and not url.startswith(("https://", "http://")):
        reader.fail("url", NO_LINK)
    told_by = reader.text("told_by", label=TOLD_BY, max_length=TOLD_BY_LIMIT)
    if choice and choice != OPEN and not url and not told_by:
        reader.fail("told_by", NO_SOURCE)
    told_on = reader.date("told_on", label=TOLD_ON, required=True, latest=visit.now.date())
    if day is not None and told_on is not None and day < told_on and not _failed(reader, "day"):
        reader.fail("day", PASSED)
    confidence = reader.choice("confidence", CONFIDENCES, label=CONFIDENCE, required=choice != OPEN) or "unknown"
    reader.check()
    person = visit.person
    return AnswerQuestion(
        question, choice, number, day, sentence, url, told_by, told_on or visit.now.date(),
        cast(Confidence, confidence), person.person_id, person.name,
    )  # fmt: skip


def _number(visit: Visit, question: Question, reader: Reader, choice: str) -> Decimal | None:
    number = _ratio(reader) if choice == "ratio" else reader.money("number", label=NUMBER)
    if _failed(reader, "number"):
        return None
    if number is None:
        reader.fail("number", NO_NUMBER)
    elif number <= 0 and (choice == "ratio" or question.ask == "ceiling"):
        reader.fail("number", NOT_ZERO)
    elif question.ask == "amount":
        with visit.service.read() as session:
            fits, about = _told_of(session, question, number)
        if about is None:
            reader.fail("number", NO_RATE, currency=question.about)
        elif not fits:
            reader.fail("number", NOT_NEAR, amount=formats.amount(about, question.about, visit.lang))
    return number


def _ratio(reader: Reader) -> Decimal | None:
    typed = reader.text("number", label=NUMBER)
    if not typed:
        return None
    if not _RATIO.fullmatch(typed):
        reader.fail("number", NO_RATIO)
        return None
    return Decimal(typed.replace(",", "."))


def _failed(reader: Reader, name: str) -> bool:
    return any(error.field == name for error in reader.errors)
