"""Questions that are open, by what their answers would settle; and what has been answered."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from contracts.events import ActionPublished
from contracts.values import LocalizedText, Tri
from contracts.windows import WindowTerms
from services.matching.handlers.answers import question_of
from services.matching.handlers.judging import setting_for
from services.matching.handlers.terms import all_terms, terms_of_some, told_from
from services.matching.queries.current import current_to
from services.matching.queries.windows import group_of
from services.matching.rules import Finding, facts_of_action
from services.matching.rules.action_findings import action_answers
from services.matching.rules.questions import asked
from services.matching.rules.settled import Question, Told
from services.matching.rules.worth import Asking, Worth, worth
from services.matching.tables import (
    LIVE,
    NO_PROPOSAL,
    ActionCopy,
    ActionPair,
    Answer,
    Pair,
    ProposalCopy,
    QuestionAnswer,
    WindowCopy,
)

FOREMOST: Final = "high"
"""Actions of this priority are counted apart."""


@dataclass(frozen=True)
class AskedWindow:
    """As much of a window as the questions about it are shown with."""

    window_id: str
    name: str
    donor_id: str
    donor_name: str
    group: str


@dataclass(frozen=True)
class Questions:
    """Everything that is asked."""

    open: Sequence[Worth]
    """What settles most first."""
    windows: Mapping[str, AskedWindow]
    proposals: Mapping[UUID, "AskedProposal"]
    asked_before: Mapping[Question, QuestionAnswer]
    """Questions that somebody has asked without learning the answer: when."""
    own: Mapping[str, int]
    """Code of a question that only the proposal itself can answer -> how many pairs ask it."""


@dataclass(frozen=True)
class AskedProposal:
    """As much of a proposal as a question is shown with."""

    proposal_id: UUID
    reference: str
    title: LocalizedText
    usd: Decimal


_last: dict[tuple[str, str, str | None], Questions] = {}
"""The latest answer, by the event it is current to, the quarter of an hour (at which days begin) and Programme."""


def questions(session: Session, now: datetime, programme_id: str | None) -> Questions:
    """Every open question of live proposals, and of the actions of a Programme. Not to be changed: it is kept until
    anything happens, for it takes a second where there are ten thousand pairs."""
    current = current_to(session)
    key = (current.event_id, f"{now:%Y-%m-%dT%H}:{now.minute // 15}", programme_id) if current else None
    found = _last.get(key) if key else None
    if found is None:
        found = _questions(session, now, programme_id)
        if key:
            _last.clear()
            _last[key] = found
    return found


def _questions(session: Session, now: datetime, programme_id: str | None) -> Questions:
    terms = {one.window_id: one for one in all_terms(session)}
    proposals = _proposals(session)
    pairs, own = _pairs(session, terms, proposals)
    actions, foremost = _actions(session, terms, now, programme_id)
    query = select(
        col(WindowCopy.window_id), col(WindowCopy.name), col(WindowCopy.donor_id), col(WindowCopy.donor_name),
        col(WindowCopy.kind), col(WindowCopy.fund),
    )  # fmt: skip
    windows = {row[0]: AskedWindow(row[0], row[1], row[2], row[3], group_of(row[4], row[5]))
               for row in session.execute(query)}  # fmt: skip
    return Questions(worth(pairs, actions, foremost), windows, proposals, _asked_before(session), own)


def questions_about(session: Session, window_id: str, now: datetime, programme_id: str | None) -> int:
    """How many questions about one window are open."""
    terms = {one.window_id: one for one in terms_of_some(session, [window_id])}
    pairs, _own = _pairs(session, terms, _proposals(session), window_id)
    actions, _foremost = _actions(session, terms, now, programme_id)
    return len({question for asking in (*pairs, *actions) for question in asking.questions})


def _proposals(session: Session) -> dict[UUID, AskedProposal]:
    query = select(
        col(ProposalCopy.proposal_id), col(ProposalCopy.reference), col(ProposalCopy.title),
        col(ProposalCopy.payload)["requested_usd"].as_string(),
    ).where(LIVE)  # fmt: skip
    return {
        proposal_id: AskedProposal(proposal_id, reference, LocalizedText.model_validate(title), Decimal(str(usd)))
        for proposal_id, reference, title, usd in session.execute(query)
    }


def _pairs(
    session: Session, terms: Mapping[str, WindowTerms], proposals: Mapping[UUID, AskedProposal], window_id: str = ""
) -> tuple[list[Asking], Counter[str]]:
    """What pairs ask that no rule refuses and nobody has dismissed; and what the proposals themselves must say."""
    query = (
        select(col(Pair.proposal_id), col(Pair.window_id), col(Pair.findings))
        .join(ProposalCopy, col(ProposalCopy.proposal_id) == col(Pair.proposal_id))
        .where(LIVE, col(Pair.overall) == "unsure", col(Pair.stage) != "dismissed")
    )
    if window_id:
        query = query.where(col(Pair.window_id) == window_id)
    found: list[Asking] = []
    own: Counter[str] = Counter()
    for proposal_id, window, findings in session.execute(query):
        unknown = []
        for stored in findings:
            if stored["verdict"] != Tri.UNKNOWN.value:
                continue
            some = asked(Finding.from_json(stored), terms[window], proposal_id)
            unknown.append(some)
            if not some and stored.get("question"):
                own[stored["question"]] += 1
        found.append(Asking(proposal_id, unknown, proposals[proposal_id].usd))
    return found, own


def _actions(
    session: Session, terms: Mapping[str, WindowTerms], now: datetime, programme_id: str | None
) -> tuple[list[Asking], list[str]]:
    """What is asked on behalf of actions that a window could pay for."""
    copies = {
        row[0]: row[1]
        for row in session.execute(
            select(col(ActionCopy.action_id), col(ActionCopy.payload)).where(
                col(ActionCopy.programme_id) == programme_id
            )
        )
    }
    facts = {key: facts_of_action(ActionPublished.model_validate(payload)) for key, payload in copies.items()}
    waiting: dict[str, list[str]] = defaultdict(list)
    rows = session.execute(
        select(col(ActionPair.window_id), col(ActionPair.action_id)).where(
            col(ActionPair.programme_id) == programme_id,
            col(ActionPair.overall) == Tri.UNKNOWN.value,
            col(ActionPair.window_id).in_(list(terms)),
        )
    )
    for window_id, action_id in rows:
        waiting[window_id].append(action_id)
    found: list[Asking] = []
    for window_id, action_ids in waiting.items():
        window = terms[window_id]
        setting = setting_for(window, now)
        for action_id in action_ids:
            answers = action_answers(facts[action_id], window, setting)
            unknown = [
                asked(Finding(rule, *answer), window) for rule, answer in answers.items()
                if answer.verdict is Tri.UNKNOWN
            ]  # fmt: skip
            found.append(Asking(action_id, unknown))
    return found, [key for key, payload in copies.items() if payload["priority"] == FOREMOST]


def _asked_before(session: Session) -> dict[Question, QuestionAnswer]:
    query = (
        select(QuestionAnswer)
        .join(Answer, col(Answer.answer_id) == col(QuestionAnswer.answer_id))
        .where(col(QuestionAnswer.state) == "open")
    )
    return {question_of(row): row for row in session.execute(query).scalars()}


@dataclass(frozen=True)
class Answered:
    """A question that somebody has answered, with everything that was said of it."""

    question: Question
    told: Told | None
    """What is in force; None where it was taken back."""
    history: Sequence[QuestionAnswer]
    """Newest first."""

    @property
    def latest(self) -> QuestionAnswer:
        """What was done last."""
        return self.history[0]


def answered(session: Session, window_id: str = "", question: Question | None = None) -> list[Answered]:
    """What has been answered, latest first: everything, or of one window, or one question."""
    rows = select(QuestionAnswer).order_by(
        col(QuestionAnswer.answered_at).desc(), col(QuestionAnswer.answer_id).desc()
    )  # fmt: skip
    current = select(Answer)
    if question is not None:
        owner = question.proposal_id or NO_PROPOSAL
        rows = rows.where(*_is(QuestionAnswer, question.window_id, owner, question.key))
        current = current.where(*_is(Answer, question.window_id, owner, question.key))
    elif window_id:
        rows = rows.where(col(QuestionAnswer.window_id) == window_id)
        current = current.where(col(Answer.window_id) == window_id)
    said = {told.question: told for told in map(told_from, session.execute(current).scalars())}
    found: dict[Question, list[QuestionAnswer]] = {}
    for row in session.execute(rows).scalars():
        found.setdefault(question_of(row), []).append(row)
    return [Answered(one, said.get(one), history) for one, history in found.items()]


def _is(table: Any, window_id: str, proposal_id: UUID, key: str) -> tuple[Any, ...]:
    return table.window_id == window_id, table.proposal_id == proposal_id, table.key == key
