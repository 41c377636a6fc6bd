"""Lists: funding windows to choose from, and donors with what they offer."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.responses import Response

from contracts import vocabulary
from services.chassis.web import SIGNED_IN, Visit, allow, visit_of
from services.donors import labels, queries
from services.donors.pages.common import EDITORS, words
from services.donors.queries.selection import FACETS, SORTS, Found, read_selection
from services.donors.queries.windows import windows as choose

ROUTER = APIRouter(prefix="/donors")
V = Annotated[Visit, Depends(visit_of("donors"))]

_VOCABULARIES = {
    "kind": "window_kinds", "status": "window_statuses", "state": "states", "species": "species", "theme": "themes",
    "cofinancing": "cofinancing_modes",
}  # fmt: skip


@ROUTER.get("", dependencies=[allow(SIGNED_IN)])
async def donors(visit: V) -> Response:
    """Donors by kind, each with its windows."""
    with visit.service.read() as session:
        found = queries.donors(session)
    return visit.render("donors/donors.html", kinds=found)


@ROUTER.get("/windows", dependencies=[allow(SIGNED_IN)])
async def windows(visit: V) -> Response:
    """Funding windows: search, filters with counts, order, pages."""
    selection = read_selection(visit.request.query_params.multi_items())
    with visit.service.read() as session:
        found, terms = choose(session, selection, visit.now.date())
    return visit.render(
        "donors/windows.html", found=found, selection=selection, windows=terms, page=found.page,
        filters=_filters(visit, found), chips=_chips(visit, found), orders=list(SORTS),
        may_edit=visit.person.has(*EDITORS), **words(),
    )  # fmt: skip


def _filters(visit: Visit, found: Found) -> list[dict[str, Any]]:
    """Each filter with its values: those that would show something, and those that are chosen."""
    filters = []
    for name, (codes, _values) in FACETS.items():
        chosen, counts = found.selection.chosen.get(name, ()), found.counts[name]
        options = [(c, _word(visit, name, c), counts.get(c, 0)) for c in codes() if c in chosen or counts.get(c)]
        filters.append({"name": name, "options": options, "chosen": list(chosen)})
    return filters


def _chips(visit: Visit, found: Found) -> list[tuple[str, str, str]]:
    """(parameter, value, label) of what is asked for."""
    chosen = found.selection.chosen
    chips = [(name, value, _word(visit, name, value)) for name, values in chosen.items() for value in values]
    words = found.selection.words
    return [("q", "", visit.gettext("“%(words)s”", words=words)), *chips] if words else chips


def _word(visit: Visit, name: str, code: str) -> str:
    if name == "fund":
        return visit.gettext(labels.FUNDS[code])
    return vocabulary.label(_VOCABULARIES[name], code, visit.lang)
