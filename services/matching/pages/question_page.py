"""The page of one question as it is shown: what hangs on it, what was answered before, and the form."""

from typing import Final

from sqlmodel import Session
from starlette.responses import Response

from contracts.windows import WindowTerms
from services.chassis.errors import FieldError, NotFound
from services.chassis.forms import FormState
from services.chassis.i18n import N_
from services.chassis.web import Visit
from services.matching import words
from services.matching.commands.questions import CONFIDENCES, SENTENCE_LIMIT
from services.matching.handlers.actions import sort_key
from services.matching.handlers.answers import terms_without
from services.matching.handlers.terms import terms_of
from services.matching.pages.access import is_staff, visible_proposal
from services.matching.pages.answer_form import ANSWER, DAY, LINK, NUMBER, SENTENCE, TOLD_BY, TOLD_ON, told_of
from services.matching.pages.questions import place_of
from services.matching.queries.actions import programmes
from services.matching.queries.current import current_to
from services.matching.queries.questions import answered, questions
from services.matching.queries.ranking import whole_pair
from services.matching.rules import evidence_by_rule
from services.matching.rules.questions import ASKS, NUMBERS, is_open, options, well_put
from services.matching.rules.settled import OPEN, Question, Told
from services.matching.rules.worth import Worth
from services.matching.words.questions import CHOICES

LEADS_MAY: Final = frozenset({"agency", "endorsed", "amount"})
"""What the lead of a proposal knows best: whether an agency has agreed, whether the endorsement is had, the amount."""
OVERTAKEN: Final = N_("Answer: the inventory knows this by now, or its terms have changed. Please look at them again.")


def may_answer(visit: Visit, question: Question) -> bool:
    """Staff answer everything; the lead of a proposal what is about it and known best to its people."""
    if is_staff(visit):
        return True
    return question.proposal_id is not None and visit.person.has("lead") and question.ask in LEADS_MAY


def show(visit: Visit, question: Question, form: FormState, status: int = 200) -> Response:
    """`form` is what has just been sent, or empty. Raises NotFound where nobody asks this."""
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
        back = back_from(visit, session, wanted, question)
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


def back_from(visit: Visit, session: Session, wanted: str, question: Question) -> str:
    """The pair page that the person came from, if it is one that they may see; else nothing."""
    if question.proposal_id is not None:
        return f"/matching/proposals/{question.proposal_id}/windows/{question.window_id}"
    try:
        copy = visible_proposal(visit, session, wanted)
    except NotFound:
        return ""
    return f"/matching/proposals/{copy.proposal_id}/windows/{question.window_id}"


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
    return told.question.ask == "amount" and not told_of(session, told.question, told.number)[0]


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
