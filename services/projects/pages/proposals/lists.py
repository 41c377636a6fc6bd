"""Lists of proposals: those of one's organisation, and what the secretariat has been given."""

from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.responses import Response

from contracts import vocabulary
from services.chassis.web import PUBLIC, Visit, allow
from services.projects.pages.proposals.access import READERS, V, actor_of, applies, coordinates
from services.projects.pages.proposals.offers import offered_codes
from services.projects.pages.proposals.reading import currencies
from services.projects.pages.proposals.view import draft_of
from services.projects.queries import proposals as queries
from services.projects.values.proposals import Proposal
from services.projects.values.questions import QUESTIONS

ROUTER = APIRouter()
STATUSES = ("submitted", "withdrawn")


@ROUTER.get("/proposals", dependencies=[allow(*READERS)])
async def proposals(visit: V) -> Response:
    """One's own proposals; for coordinators all that were submitted (`?own=1` shows them their organisation's)."""
    asked = visit.request.query_params
    if not coordinates(visit) or (applies(visit) and asked.get("own")):
        return _own(visit)
    return _submitted(visit)


@ROUTER.get("/proposals/questions", dependencies=[allow(PUBLIC)])
async def questions(visit: V) -> Response:
    """Every question of the form, to print and prepare from."""
    with visit.service.read() as session:
        offered = offered_codes(session, Proposal())
    return visit.render(
        "projects/proposal_questions.html", questions=QUESTIONS, currencies=currencies(), offered=offered
    )


def _own(visit: Visit) -> Response:
    organisation = actor_of(visit).organisation_id
    with visit.service.read() as session:
        rows = queries.own_proposals(session, organisation)
        drafts = [draft_of(session, row) for row in rows if row.status != "deleted"]
        deleted = [row for row in rows if row.status == "deleted"]
    return visit.render(
        "projects/proposal_list.html", drafts=drafts, deleted=deleted, title_of=queries.title_of,
        both=coordinates(visit),
    )  # fmt: skip


def _submitted(visit: Visit) -> Response:
    asked = visit.request.query_params
    page = asked.get("page", "1")
    filters = queries.Filters(
        asked.get("q", "")[:200],
        tuple(code for code in STATUSES if code in asked.getlist("status")),
        tuple(code for code in dict.fromkeys(asked.getlist("species")) if len(code) < 80),
        tuple(code for code in dict.fromkeys(asked.getlist("state")) if len(code) < 80),
    )
    with visit.service.read() as session:
        number = int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1
        found = queries.submitted_proposals(session, filters, number)
        statuses = queries.count_by_status(session)
        facets = queries.facets_in_use(session)
    return visit.render(
        "projects/proposal_inbox.html", page=found, filters=filters, statuses=statuses, facets=facets,
        chips=_chips(visit, filters), title_of=queries.title_of, both=applies(visit),
    )  # fmt: skip


def _chips(visit: Visit, filters: queries.Filters) -> list[tuple[str, str]]:
    """Each active filter with the address of the list without it."""
    words = [("q", filters.words, visit.gettext("“%(words)s”", words=filters.words))] if filters.words else []
    texts = {"submitted": visit.gettext("Submitted"), "withdrawn": visit.gettext("Withdrawn")}
    active = [
        *words,
        *(("status", code, texts[code]) for code in filters.statuses),
        *(("species", code, vocabulary.label("species", code, visit.lang)) for code in filters.species),
        *(("state", code, vocabulary.label("states", code, visit.lang)) for code in filters.states),
    ]
    return [
        (label, "?" + urlencode([(name, value) for name, value, _ in active if (name, value) != (key, code)]))
        for key, code, label in active
    ]
