"""JSON of matching."""

from typing import Any, Final

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from services.matching import words
from services.matching.pages.access import WITH_OWNERS, V, follow_the_calendar, is_staff, visible_proposal
from services.matching.queries.ranking import RankedWindow, ranking

ROUTER: Final = APIRouter(prefix="/matching/api")


@ROUTER.get("/proposals/{proposal_id}/pairs", dependencies=[WITH_OWNERS])
async def pairs(visit: V, proposal_id: str) -> Response:
    """Every window judged for a proposal, best first, in the order of the page. Amounts and texts are on the pages."""
    await follow_the_calendar(visit)
    with visit.service.read() as session:
        copy = visible_proposal(visit, session, proposal_id)
        rows = ranking(session, copy.proposal_id)
    staff = is_staff(visit)
    return JSONResponse({
        "proposal_id": str(copy.proposal_id), "reference": copy.reference, "version": copy.version, "live": copy.live,
        "judged_at": copy.judged_at.isoformat() if copy.judged_at else None, "because": copy.judged_because,
        "pairs": [_pair(row, staff) for row in rows],
    })  # fmt: skip


def _pair(row: RankedWindow, staff: bool) -> dict[str, Any]:
    told: dict[str, Any] = {
        "place": row.place, "window_id": row.window_id, "window_revision": row.window_revision,
        "name": words.name_of_window(row.name, row.donor_name), "donor": row.donor_name,
        "kind": row.kind, "fund": row.fund, "deadline": row.deadline.isoformat() if row.deadline else None,
        "overall": row.overall, "yes": row.yes, "unknown": row.unknown, "no": row.no, "fit": row.fit,
        "weights": row.weights,
        "judged_at": row.judged_at.isoformat(), "because": row.because, "changed": None,
    }  # fmt: skip
    if row.changed_at is not None:
        told["changed"] = {
            "at": row.changed_at.isoformat(), "was": row.was_overall, "was_fit": row.was_fit,
            "was_place": row.was_place, "cause": row.changed_cause,
            "findings": [finding.as_json() for finding in row.changed_findings],
        }  # fmt: skip
    return told | ({"stage": row.stage} if staff else {})
