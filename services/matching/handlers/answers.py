"""People answer questions: what is said is kept, the answer in force is put in its place, its window judged again."""

from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from contracts.envelope import new_id
from contracts.events import QuestionAnswered
from contracts.values import Evidence
from contracts.windows import WindowTerms
from services.chassis.errors import Conflict, NotFound
from services.chassis.service import Context
from services.matching.commands.questions import AnswerQuestion, Confidence, TakeAnswerBack
from services.matching.handlers.judging import facts_from, judge_live, judge_proposal
from services.matching.handlers.pairing import complete_programmes, pair
from services.matching.handlers.terms import (
    answers_for,
    answers_to_windows,
    keep_call,
    published_terms,
    said,
    terms_of,
)
from services.matching.rules import Finding
from services.matching.rules.questions import ASKS, asked, is_open, options, settled
from services.matching.rules.settled import OPEN, Question, Told
from services.matching.tables import LIVE, NO_PROPOSAL, Answer, Pair, ProposalCopy, QuestionAnswer, WindowCopy

ANSWER: Final = "step.answer"
"""Kind of the step: the answer of that id was given, or taken back."""
_OF_ACTIONS: Final = frozenset({"opening", "state", "species", "theme"})
"""What is asked on behalf of actions too."""


class Known(Conflict):
    """The inventory knows by now what was asked."""


def answer_question(context: Context, command: AnswerQuestion) -> int | None:
    """Keep an answer and judge again what it can have changed; answers how many live pairs it settles, None when just
    this had been answered already (a button pressed twice).

    Raises NotFound without such a window, pair or question, Known when the inventory leaves nothing open, Conflict
    when the proposal has been withdrawn.
    """
    context.take_turn()
    session, question = context.session, command.question
    window = _window(session, question)
    base = terms_without(session, question)
    if not is_open(question, base):
        raise Known("the inventory knows this by now")
    if command.choice != OPEN and command.choice not in options(question, base):
        raise Conflict("this answer does not fit what the window's terms say by now")
    currency = base.amount.currency if command.choice == "amount" else ""
    told = _told(command, question, currency)
    before = answer_in_force(session, question)
    if before is not None and before.said == said(told):
        return None
    row = QuestionAnswer(
        answer_id=new_id(), **_subject(question), state="open" if command.choice == OPEN else "answered",
        choice=command.choice, number=command.number, currency=currency, day=command.day,
        sentence=command.sentence, url=command.url, told_by=command.told_by,
        told_on=command.told_on, confidence=command.confidence, answered_by=command.person_name,
        person_id=command.person_id, answered_at=context.now, window_revision=window.revision,
    )  # fmt: skip
    return _keep(context, question, row)


def take_answer_back(context: Context, command: TakeAnswerBack) -> bool:
    """Take an answer back: the question is open again. False when it is in force no longer (a button pressed twice).

    Raises NotFound without such a window or pair.
    """
    context.take_turn()
    session, question = context.session, command.question
    window = _window(session, question, live=False)
    before = answer_in_force(session, question)
    if before is None or before.answer_id != command.answer_id:
        return False
    row = QuestionAnswer(
        answer_id=new_id(), **_subject(question), state="taken_back", answered_by=command.person_name,
        person_id=command.person_id, answered_at=context.now, window_revision=window.revision,
    )  # fmt: skip
    _keep(context, question, row)
    return True


def redo_answer(context: Context, answer_id: UUID) -> None:
    """Put an answer in force once more, or take it back once more."""
    row = context.session.get(QuestionAnswer, answer_id)
    if row is not None:
        _put(context, question_of(row), row)


def question_of(row: QuestionAnswer) -> Question:
    """What a row answers."""
    ask, _, about = row.key.partition(":")
    return Question(row.window_id, ask, about, None if row.proposal_id == NO_PROPOSAL else row.proposal_id)


def answer_in_force(session: Session, question: Question) -> Answer | None:
    """The answer in force, or None."""
    return session.get(Answer, (question.window_id, question.proposal_id or NO_PROPOSAL, question.key))


def terms_without(session: Session, question: Question) -> WindowTerms:
    """The terms with every answer applied but the one to `question`: what it is asked of. Raises NotFound."""
    window = session.get(WindowCopy, question.window_id)
    if window is None:
        raise NotFound(question.window_id)
    answers = answers_to_windows(session).get(question.window_id, [])
    if question.proposal_id is not None:
        answers = answers + answers_for(session, question.proposal_id).get(question.window_id, [])
    terms = published_terms(session, [window.event_id])[0]
    return settled(terms, [told for told in answers if told.question != question])


def asking(session: Session, question: Question) -> set[UUID]:
    """The live proposals whose pair with the window asks this."""
    terms = terms_of(session, question.window_id)
    query = (
        select(col(Pair.proposal_id), col(Pair.findings))
        .join(ProposalCopy, col(ProposalCopy.proposal_id) == col(Pair.proposal_id))
        .where(LIVE, col(Pair.window_id) == question.window_id)
    )
    if question.proposal_id is not None:
        query = query.where(col(Pair.proposal_id) == question.proposal_id)
    if terms is None:
        return set()
    rules = ASKS[question.ask].rules
    return {
        proposal_id
        for proposal_id, findings in session.connection().execute(query)
        for stored in findings
        if stored["rule"] in rules and question in asked(Finding.from_json(stored), terms, proposal_id)
    }


def _window(session: Session, question: Question, *, live: bool = True) -> WindowCopy:
    window, ask = session.get(WindowCopy, question.window_id), ASKS.get(question.ask)
    if window is None or ask is None or (ask.side == "pair") != (question.proposal_id is not None):
        raise NotFound(question.key)
    if question.proposal_id is not None:
        proposal = session.get(ProposalCopy, question.proposal_id)
        if proposal is None or session.get(Pair, (question.proposal_id, question.window_id)) is None:
            raise NotFound(question.key)
        if live and not proposal.live:
            raise Conflict("the proposal has been withdrawn")
    return window


def _subject(question: Question) -> dict[str, Any]:
    return {
        "window_id": question.window_id, "proposal_id": question.proposal_id or NO_PROPOSAL, "key": question.key,
    }  # fmt: skip


def _told(given: AnswerQuestion | QuestionAnswer, question: Question, currency: str) -> Told:
    evidence = Evidence(
        sentence=given.sentence, url=given.url, year=given.told_on.year if given.told_on else None,
        checked=given.told_on, confidence=cast(Confidence, given.confidence),
    )  # fmt: skip
    return Told(question, given.choice, given.number, given.day, evidence, given.told_by, currency=currency)


def _keep(context: Context, question: Question, row: QuestionAnswer) -> int:
    context.note_step(ANSWER, row.answer_id)
    row.settled = _put(context, question, row)
    context.session.add(row)
    context.emit(
        QuestionAnswered(
            answer_id=row.answer_id, window_id=row.window_id, window_revision=row.window_revision,
            proposal_id=question.proposal_id, ask=question.ask, about=question.about, state=cast(Any, row.state),
            choice=row.choice or OPEN, number=row.number, currency=row.currency or None, day=row.day,
            evidence=_told(row, question, row.currency).evidence, told_by=row.told_by, answered_by=row.answered_by,
            answered_at=row.answered_at,
        ),
        subject=row.window_id,
    )  # fmt: skip
    return row.settled


def _put(context: Context, question: Question, row: QuestionAnswer) -> int:
    """Put the answer in its place, judge again, and answer how many pairs ask no more."""
    session = context.session
    before, asked_before = terms_of(session, question.window_id), asking(session, question)
    known = answer_in_force(session, question)
    was = OPEN if known is None else known.said["choice"]
    if row.state == "taken_back":
        if known is not None:
            session.delete(known)
    else:
        told = _told(row, question, row.currency)
        session.merge(Answer(**_subject(question), answer_id=row.answer_id, said=said(told)))
    session.flush()
    if question.proposal_id is None:
        terms = terms_of(session, question.window_id)
        if terms is not None and terms != before:
            _judge_window(context, question, terms)
    elif {row.choice, was} - {OPEN, ""}:
        _judge_pair(context, question)
    return len(asked_before - asking(session, question))


def _judge_window(context: Context, question: Question, terms: WindowTerms) -> None:
    session = context.session
    window = session.get(WindowCopy, terms.window_id)
    if window is not None:
        keep_call(window, terms)
        session.add(window)
    judge_live(context, [terms], "answer")
    if question.ask in _OF_ACTIONS:
        for programme_id in complete_programmes(context):
            pair(context, [terms], programme_id)


def _judge_pair(context: Context, question: Question) -> None:
    proposal = context.session.get(ProposalCopy, question.proposal_id)
    terms = terms_of(context.session, question.window_id)
    if proposal is not None and proposal.live and terms is not None:
        judge_proposal(context, proposal, facts_from(proposal), [terms], "answer")
