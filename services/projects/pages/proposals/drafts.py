"""Starting a draft, putting one away, taking it back."""

from fastapi import APIRouter
from starlette.responses import Response

from contracts.envelope import new_id
from services.chassis.errors import Conflict, Invalid
from services.chassis.forms import FormState, Reader
from services.chassis.i18n import N_
from services.chassis.web import Visit, allow
from services.projects.commands.proposals import DeleteDraft, RestoreDraft, StartProposal
from services.projects.handlers import proposals as handlers
from services.projects.pages.proposals.access import APPLICANTS, HOME, V, actor_of, id_of, url_of
from services.projects.values.proposals import LANGUAGES, MAX_STORED_TEXT
from services.projects.values.questions import QUESTIONS

ROUTER = APIRouter()
OUT_OF_DATE = N_("This form was out of date and has been renewed. Your text is still here: send it once more.")


@ROUTER.get("/proposals/new", dependencies=[allow(*APPLICANTS)])
async def new(visit: V) -> Response:
    """The form that starts a draft. Its id is chosen here, so that two clicks start one."""
    actor_of(visit)
    return _new(visit, FormState({"id": str(new_id()), "written_in": visit.lang}))


@ROUTER.post("/proposals/new", dependencies=[allow(*APPLICANTS)])
async def start(visit: V) -> Response:
    """Start a draft, once per form."""
    actor = actor_of(visit)
    form = await visit.form()
    state = FormState.of(form)
    try:
        reader = Reader(form)
        title = reader.text("title", label=QUESTIONS["summary"]["title"].label, max_length=MAX_STORED_TEXT)
        written_in = reader.choice("written_in", LANGUAGES, label=QUESTIONS["summary"]["written_in"].label)
        proposal_id = reader.identifier("id", required=True) if state.value("id") else None
        reader.check()
        if proposal_id is None or proposal_id.version != 7:
            raise Invalid([])
    except Invalid as error:
        values = {**state.values, "id": state.value("id") if error.errors else str(new_id())}
        notice = "" if error.errors else OUT_OF_DATE
        return _new(visit, FormState(values, error.errors), 400, notice)
    language = next((code for code in LANGUAGES if code == written_in), LANGUAGES[0])
    command = StartProposal(actor, proposal_id, language, title)
    try:
        row = await visit.work(lambda context: handlers.start_proposal(context, command))
    except Conflict:  # on PostgreSQL two clicks may run side by side; the second one finds what the first has made
        row = await visit.work(lambda context: handlers.start_proposal(context, command))
    return visit.redirect(url_of(row.id))


@ROUTER.post("/proposals/{proposal_id}/delete", dependencies=[allow(*APPLICANTS)])
async def delete(visit: V, proposal_id: str) -> Response:
    """Put a draft away."""
    command = DeleteDraft(actor_of(visit), id_of(proposal_id))
    try:
        row = await visit.work(lambda context: handlers.delete_draft(context, command))
    except handlers.NotNow as error:
        return visit.redirect(url_of(command.proposal_id), str(error))
    return visit.redirect(HOME, N_("%(reference)s is deleted. You can restore it below."), reference=row.reference)


@ROUTER.post("/proposals/{proposal_id}/restore", dependencies=[allow(*APPLICANTS)])
async def restore(visit: V, proposal_id: str) -> Response:
    """Take a deleted draft back."""
    command = RestoreDraft(actor_of(visit), id_of(proposal_id))
    row = await visit.work(lambda context: handlers.restore_draft(context, command))
    return visit.redirect(url_of(row.id), N_("%(reference)s is restored."), reference=row.reference)


def _new(visit: Visit, form: FormState, status: int = 200, warning: str = "") -> Response:
    return visit.render(
        "projects/proposal_new.html", status, form=form, questions=QUESTIONS["summary"], languages=LANGUAGES,
        warning=visit.gettext(warning) if warning else "",
    )  # fmt: skip
