"""The inventory as JSON, for programs of people who are signed in."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.responses import JSONResponse, Response

from services.chassis.web import SIGNED_IN, Visit, allow, visit_of
from services.donors import queries
from services.donors.queries.selection import read_selection
from services.donors.queries.windows import windows as choose

ROUTER = APIRouter(prefix="/donors/api")
V = Annotated[Visit, Depends(visit_of("donors"))]


@ROUTER.get("/windows", dependencies=[allow(SIGNED_IN)])
async def windows(visit: V) -> Response:
    """The same windows as the list page shows for the same parameters, with all their terms, and the counts."""
    selection = read_selection(visit.request.query_params.multi_items())
    with visit.service.read() as session:
        found, terms = choose(session, selection, visit.now.date())
    page = found.page
    return JSONResponse({
        "page": page.number, "pages": page.pages, "total": page.total, "counts": found.counts,
        "items": [one.model_dump(mode="json") for one in terms],
    })  # fmt: skip


@ROUTER.get("/windows/{window_id}", dependencies=[allow(SIGNED_IN)])
async def window(visit: V, window_id: str) -> Response:
    """One window's terms, and its history without the terms of then."""
    with visit.service.read() as session:
        view = queries.window(session, window_id)
    history: list[dict[str, Any]] = [
        {"revision": one.number, "changed": list(one.changed), "changed_by": one.changed_by,
         "changed_at": one.changed_at.isoformat(), "reason": one.reason}
        for one in view.history
    ]  # fmt: skip
    return JSONResponse({"terms": view.terms.model_dump(mode="json"), "history": history})
