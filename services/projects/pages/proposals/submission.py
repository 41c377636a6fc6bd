"""The check page, which names every gap; submission; withdrawal."""

from fastapi import APIRouter
from starlette.responses import Response

from services.chassis.errors import Invalid
from services.chassis.forms import FormState, Reader
from services.chassis.i18n import N_
from services.chassis.web import Visit, allow
from services.projects.commands.proposals import SubmitProposal, WithdrawProposal
from services.projects.handlers import proposals as handlers
from services.projects.pages.proposals.access import APPLICANTS, V, actor_of, id_of, url_of
from services.projects.pages.proposals.one import submitted_page
from services.projects.pages.proposals.view import Draft, draft_of, error_of, submitted_of
from services.projects.queries import proposals as queries
from services.projects.rules import proposals as rules
from services.projects.values.proposals import SECTIONS
from services.projects.values.questions import QUESTIONS

ROUTER = APIRouter()
SUBMITTED = N_("%(reference)s is with the secretariat.")
WITHDRAWN = N_("%(reference)s is withdrawn. You can change it and submit it again.")


@ROUTER.get("/proposals/{proposal_id}/check", dependencies=[allow(*APPLICANTS)])
async def check(visit: V, proposal_id: str) -> Response:
    """Every gap with a link to its field, and the button to submit."""
    return _check(visit, proposal_id)


@ROUTER.post("/proposals/{proposal_id}/submit", dependencies=[allow("lead")])
async def submit(visit: V, proposal_id: str) -> Response:
    """Submit. A second click lands on the same page as the first."""
    form = await visit.form()
    version = Reader(form).whole("version", label="version") or 0
    command = SubmitProposal(actor_of(visit), id_of(proposal_id), version)
    try:
        row = await visit.work(lambda context: handlers.submit_proposal(context, command))
    except handlers.NotReady:
        return _check(visit, proposal_id, 409)
    except handlers.NotNow as error:
        return visit.redirect(url_of(command.proposal_id), str(error))
    return visit.redirect(url_of(row.id), SUBMITTED, reference=row.reference)


@ROUTER.post("/proposals/{proposal_id}/withdraw", dependencies=[allow("lead")])
async def withdraw(visit: V, proposal_id: str) -> Response:
    """Take a submitted proposal back for changes."""
    form = await visit.form()
    actor = actor_of(visit)
    try:
        reader = Reader(form)
        reason = reader.text("reason", label=N_("Reason"), max_length=2_000, multiline=True)
        version = reader.whole("version", label="version") or 0
        reader.check()
        command = WithdrawProposal(actor, id_of(proposal_id), version, reason)
        row = await visit.work(lambda context: handlers.withdraw_proposal(context, command))
    except Invalid as error:
        with visit.service.read() as session:
            draft = draft_of(session, queries.own_proposal(session, actor.organisation_id, id_of(proposal_id)))
            shown = submitted_of(queries.version_of(session, id_of(proposal_id)))
            versions = queries.versions_of(session, id_of(proposal_id))
        return submitted_page(visit, shown, versions, draft=draft, form=FormState.of(form, error.errors), status=400)
    except handlers.NotNow as error:
        return visit.redirect(url_of(id_of(proposal_id)), str(error))
    return visit.redirect(url_of(row.id), WITHDRAWN, reference=row.reference)


def _check(visit: Visit, proposal_id: str, status: int = 200) -> Response:
    changes: list[rules.Difference] = []
    with visit.service.read() as session:
        draft = draft_of(session, queries.own_proposal(session, actor_of(visit).organisation_id, id_of(proposal_id)))
        if draft.editable and draft.row.version:
            last = submitted_of(queries.version_of(session, draft.row.id))
            changes = rules.differences(last.proposal, draft.proposal)
    if not draft.editable:
        return visit.redirect(url_of(draft.row.id))
    return visit.render(
        "projects/proposal_check.html", status, draft=draft, questions=QUESTIONS, blocking=_by_section(draft, True),
        advice=_by_section(draft, False), error_of=error_of, changes=changes, word_changes=rules.word_changes,
        refused=status != 200,
    )  # fmt: skip


def _by_section(draft: Draft, blocking: bool) -> dict[str, list[rules.Gap]]:
    """Gaps of one sort by section, in the order of the form; the organisation's come last."""
    found: dict[str, list[rules.Gap]] = {}
    for section in (*SECTIONS, "organisation"):
        gaps = [gap for gap in draft.gaps if gap.section == section and gap.blocks == blocking]
        if gaps:
            found[section] = gaps
    return found
