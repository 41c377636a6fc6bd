"""The terms of every window with people's answers applied, made once per revision and set of answers.

Reading JSON takes longer than judging. Everybody reads terms here: what is stored of a window is the inventory's.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select as sa_select
from sqlalchemy.orm import object_session
from sqlmodel import Session, col, select

from contracts.values import Evidence
from contracts.windows import WindowTerms
from services.matching.rules import ProposalFacts
from services.matching.rules.questions import facts_told, settled
from services.matching.rules.settled import Question, Told
from services.matching.tables import NO_PROPOSAL, Answer, QuestionAnswer, WindowCopy

_LIMIT: Final = 1000
_published: dict[str, WindowTerms] = {}
"""By the id of the event that brought them, which no two revisions, or databases, share. Never changed once put in."""
_settled: dict[tuple[str, tuple[UUID, ...]], WindowTerms] = {}
"""By that id and the ids of the answers applied."""


def all_terms(session: Session) -> list[WindowTerms]:
    """The terms of all windows, by window id, as they are judged by."""
    windows = session.execute(sa_select(col(WindowCopy.window_id), col(WindowCopy.event_id)))
    event_ids = dict(sorted((row[0], row[1]) for row in windows))
    answers = answers_to_windows(session)
    return [
        _with_answers(terms, event_ids[terms.window_id], answers.get(terms.window_id, ()))
        for terms in published_terms(session, list(event_ids.values()))
    ]


def published_terms(session: Session, event_ids: Sequence[str]) -> list[WindowTerms]:
    """The terms as the inventory published them in the events of those ids, in that order."""
    known = {event_id: _published[event_id] for event_id in event_ids if event_id in _published}
    if missing := [event_id for event_id in event_ids if event_id not in known]:
        stored = select(WindowCopy.event_id, WindowCopy.terms)
        if known:
            stored = stored.where(col(WindowCopy.event_id).in_(missing))
        known |= {event_id: WindowTerms.model_validate(terms) for event_id, terms in session.exec(stored)}
        if len(_published) > _LIMIT:  # mostly revisions that others have followed
            _published.clear()
        _published.update(known)
    return [known[event_id] for event_id in event_ids]


def terms_of(session: Session, window_id: str) -> WindowTerms | None:
    """The terms of one window, or None where there is no such window."""
    return next(iter(terms_of_some(session, [window_id])), None)


def terms_of_some(session: Session, window_ids: Collection[str]) -> list[WindowTerms]:
    """The terms of those of the windows that are here, by window id."""
    wanted = set(window_ids)
    return [terms for terms in all_terms(session) if terms.window_id in wanted] if wanted else []


def keep_call(window: WindowCopy, terms: WindowTerms) -> None:
    """What lists and the calendar ask of a window, as its terms have it with people's answers."""
    window.status, window.opens, window.deadline = terms.status, terms.call.opens, terms.call.deadline
    window.deadline_certain = terms.call.deadline_certain


def answers_to_windows(session: Session) -> dict[str, list[Told]]:
    """The answers in force that are about a window alone, by window id."""
    return _grouped(session, col(Answer.proposal_id) == NO_PROPOSAL)


def answers_for(session: Session, proposal_id: UUID) -> dict[str, list[Told]]:
    """The answers in force that are about one proposal, by window id."""
    return _grouped(session, col(Answer.proposal_id) == proposal_id)


def answers_by_proposal(session: Session) -> dict[UUID, dict[str, list[Told]]]:
    """`answers_for` every proposal about which anybody has answered anything."""
    found: dict[UUID, dict[str, list[Told]]] = {}
    about_one = sa_select(Answer).where(col(Answer.proposal_id) != NO_PROPOSAL)
    for (row,) in session.execute(about_one.order_by(col(Answer.window_id), col(Answer.key))):
        found.setdefault(row.proposal_id, {}).setdefault(row.window_id, []).append(told_from(row))
    return found


def for_pair(
    facts: ProposalFacts, terms: WindowTerms, answers: Mapping[str, Sequence[Told]]
) -> tuple[ProposalFacts, WindowTerms]:
    """A proposal and a window as they are judged together: with what was answered for this pair (`answers_for`)."""
    told = answers.get(terms.window_id)
    if not told:
        return facts, terms
    return facts_told(facts, terms, told), settled(terms, told)


def said(told: Told) -> dict[str, Any]:
    """For storage."""
    return {
        "ask": told.question.ask, "about": told.question.about, "choice": told.choice,
        "number": None if told.number is None else f"{told.number.normalize():f}", "currency": told.currency,
        "day": told.day.isoformat() if told.day else None,
        "evidence": told.evidence.model_dump(mode="json"), "by": told.by,
    }  # fmt: skip


def told_from(row: Answer) -> Told:
    """Read back what `said` gave."""
    stored = row.said
    owner = None if row.proposal_id == NO_PROPOSAL else row.proposal_id
    return Told(
        Question(row.window_id, stored["ask"], stored["about"], owner), stored["choice"],
        None if stored["number"] is None else Decimal(stored["number"]),
        date.fromisoformat(stored["day"]) if stored["day"] else None,
        Evidence.model_validate(stored["evidence"]), stored["by"], row.answer_id, _currency(row),
    )  # fmt: skip


def _currency(row: Answer) -> str:
    """The currency of an amount. An older version kept it with what was done only."""
    stored = row.said
    if "currency" in stored or stored["choice"] != "amount":
        return str(stored.get("currency", ""))
    session = object_session(row)
    done = session.get(QuestionAnswer, row.answer_id) if session else None
    return done.currency if done else ""


def _grouped(session: Session, which: Any) -> dict[str, list[Told]]:
    found: dict[str, list[Told]] = {}
    for row in session.execute(sa_select(Answer).where(which).order_by(col(Answer.window_id), col(Answer.key))):
        found.setdefault(row[0].window_id, []).append(told_from(row[0]))
    return found


def _with_answers(terms: WindowTerms, event_id: str, answers: Sequence[Told]) -> WindowTerms:
    if not answers:
        return terms
    key = event_id, tuple(told.answer_id for told in answers if told.answer_id)
    known = _settled.get(key)
    if known is None:
        if len(_settled) > _LIMIT:
            _settled.clear()
        known = _settled[key] = settled(terms, answers)
    return known
