"""One pair: the sentence, the fit, every rule with its source; and the coordinator's decision on it."""

from typing import Final, cast
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from contracts.values import LocalizedText, Tri
from services.chassis.errors import FieldError, Invalid, NotFound
from services.chassis.forms import FormState, Reader
from services.chassis.i18n import N_
from services.chassis.web import Visit
from services.matching import words
from services.matching.commands import REASON_LIMIT, DecidePair
from services.matching.handlers import decide_pair
from services.matching.handlers.decisions import MoneyGranted
from services.matching.handlers.judging import setting_for
from services.matching.pages.access import (
    STAFF_ONLY,
    WITH_OWNERS,
    V,
    follow_the_calendar,
    is_staff,
    visible_proposal,
)
from services.matching.pages.pursuing import CURRENCIES, empty_form, shown
from services.matching.pages.question_page import may_answer
from services.matching.pages.questions import place_of
from services.matching.queries.current import current_to
from services.matching.queries.ranking import WholePair, whole_pair
from services.matching.rules.changes import Help, what_would_help
from services.matching.rules.decisions import STAGES, Decision, Stage
from services.matching.rules.questions import asked as questions_of
from services.matching.rules.questions import behind
from services.matching.words.pursuits import GRANTED

ROUTER: Final = APIRouter()
REASON: Final = N_("Reason")
DECISION: Final = N_("Decision")
WHY_DISMISS: Final = N_("Reason: please say why you dismiss this window, so that the next person need not ask.")
NOTICES: Final = {
    "shortlisted": N_("Shortlisted."),
    "dismissed": N_("Dismissed. It stays dismissed when it is judged again."),
    "none": N_("Taken back."),
}


@ROUTER.get("/proposals/{proposal_id}/windows/{window_id}", dependencies=[WITH_OWNERS])
async def pair(visit: V, proposal_id: str, window_id: str) -> Response:
    """One proposal and one window."""
    await follow_the_calendar(visit)
    return show(visit, whole_or_404(visit, proposal_id, window_id), FormState())


@ROUTER.post("/proposals/{proposal_id}/windows/{window_id}/decision", dependencies=[STAFF_ONLY])
async def decide(visit: V, proposal_id: str, window_id: str) -> Response:
    """Shortlist, dismiss, or take that back. Pressed twice, it is one decision."""
    form = await visit.form()
    whole = whole_or_404(visit, proposal_id, window_id)
    try:
        wanted = _wanted(Reader(form))
    except Invalid as invalid:
        return show(visit, whole, FormState.of(form, invalid.errors), 400)
    person = visit.person
    command = DecidePair(whole.pair.proposal_id, window_id, wanted, person.person_id, person.name)
    try:
        await visit.work(lambda context: decide_pair(context, command))
    except MoneyGranted:
        return show(visit, whole, FormState.of(form, [FieldError("reason", GRANTED)]), 409)
    return visit.redirect(f"/matching/proposals/{whole.pair.proposal_id}/windows/{window_id}", NOTICES[wanted.stage])


def _wanted(reader: Reader) -> Decision:
    stage = reader.choice("stage", STAGES, label=DECISION, required=True)
    reason = reader.text("reason", label=REASON, max_length=REASON_LIMIT, multiline=True)
    if stage == "dismissed" and not reason:
        reader.fail("reason", WHY_DISMISS)
    reader.check()
    return Decision(cast(Stage, stage), "" if stage == "none" else reason)


def whole_or_404(visit: Visit, proposal_id: str, window_id: str) -> WholePair:
    """Raises NotFound."""
    with visit.service.read() as session:
        copy = visible_proposal(visit, session, proposal_id)
        whole = whole_pair(session, UUID(str(copy.proposal_id)), window_id)
    if whole is None:
        raise NotFound(window_id)
    return whole


def show(
    visit: Visit, whole: WholePair, form: FormState, status: int = 200, *, pursuit_form: FormState | None = None
) -> Response:
    """The page of a pair; `form` is that of the decision, `pursuit_form` that of a move, if one has just been sent."""
    with visit.service.read() as session:
        pursuing, current = shown(visit, session, whole), current_to(session)
    if pursuit_form is None or not pursuit_form.values:
        pursuit_form = FormState(empty_form(visit, pursuing).values, pursuit_form.errors if pursuit_form else [])
    pair, window = whole.pair, whole.window
    open_questions = [finding for finding in whole.findings if finding.question]
    return visit.render(
        "matching/pair.html", status, whole=whole, pair=pair, window=window, proposal=whole.proposal,
        title=LocalizedText.model_validate(whole.proposal.title), staff=is_staff(visit), form=form, say=words,
        Tri=Tri, questions=open_questions, place_of=place_of, may_answer=lambda question: may_answer(visit, question),
        asks={found.rule: questions_of(found, whole.terms, pair.proposal_id) for found in whole.findings},
        told={found.rule: behind(whole.terms, found.rule, found.params) for found in whole.findings},
        reason_limit=REASON_LIMIT, help=_help(visit, whole),
        pursuing=pursuing, pursuit_form=pursuit_form, currencies=CURRENCIES, current=current,
    )  # fmt: skip


def _help(visit: Visit, whole: WholePair) -> Help | None:
    """What would turn a refusal; None where there is none to turn."""
    if whole.pair.overall != "not_eligible":
        return None
    return what_would_help(whole.facts, whole.terms, setting_for(whole.terms, visit.now))
