"""A proposal as JSON, for its organisation and for coordinators; each sees what the page would show them."""

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.responses import JSONResponse, Response

from services.chassis.errors import NotFound
from services.chassis.forms import error_text
from services.chassis.i18n import use_language
from services.chassis.web import allow
from services.projects.pages.proposals.access import READERS, V, id_of
from services.projects.pages.proposals.one import own_draft
from services.projects.pages.proposals.view import Draft, error_of
from services.projects.queries import proposals as queries
from services.projects.values.proposals import Proposal

ROUTER = APIRouter()
_PROPOSAL = TypeAdapter(Proposal)


@ROUTER.get("/api/proposals/{proposal_id}", dependencies=[allow(*READERS)])
async def proposal(visit: V, proposal_id: str) -> Response:
    """The draft with its gaps for its organisation; what was submitted last, in the shape of the event, for both."""
    with visit.service.read() as session:
        draft = own_draft(visit, session, proposal_id)
        version = next(iter(queries.versions_of(session, id_of(proposal_id))), None)
    if draft is None and version is None:
        raise NotFound(f"no proposal {proposal_id}")
    content = {} if draft is None else _draft(draft, visit.lang)
    if version is not None:
        content |= {
            "id": str(version.proposal_id),
            "reference": version.payload["reference"],
            "version": version.version,
            "withdrawn_at": version.withdrawn_at.isoformat() if version.withdrawn_at else None,
            "submitted": version.payload,
        }
    return JSONResponse(content)


def _draft(draft: Draft, language: str) -> dict[str, object]:
    row, figures = draft.row, draft.figures
    with use_language(language):
        gaps = [
            {"section": gap.section, "field": gap.field, "kind": gap.kind, "message": error_text(error_of(gap))}
            for gap in draft.gaps
        ]
    return {
        "id": str(row.id),
        "reference": row.reference,
        "status": row.status,
        "version": row.version,
        "updated_at": row.updated_at.isoformat(),
        "sections": {
            section: {"state": state, "revision": draft.revision(section)} for section, state in draft.states.items()
        },
        "gaps": gaps,
        "draft": _PROPOSAL.dump_python(draft.proposal, mode="json"),
        "totals": {
            "currency": figures.currency,
            "total": str(figures.total),
            "cofinancing": str(figures.cofinancing),
            "requested": str(figures.requested),
            "total_usd": str(figures.total_usd),
            "cofinancing_usd": str(figures.cofinancing_usd),
            "requested_usd": str(figures.requested_usd),
            "rates_date": draft.rates.date.isoformat(),
            "rates_source": draft.rates.source,
        },
    }
