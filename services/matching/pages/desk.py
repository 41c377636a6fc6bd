"""The coordinator's desk: the proposals that wait for money."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from services.chassis.paging import Page, page_number
from services.matching.pages.access import STAFF_ONLY, V, follow_the_calendar
from services.matching.pages.asked import read
from services.matching.pages.facets import chips, of_vocabulary
from services.matching.queries.current import current_to
from services.matching.queries.desk import SORTS, DeskFilter, counted, desk

ROUTER: Final = APIRouter()
SIZE: Final = 25


@ROUTER.get("", dependencies=[STAFF_ONLY])
async def proposals(visit: V) -> Response:
    """Submitted proposals, with how many windows can or may fund each."""
    await follow_the_calendar(visit)
    with visit.service.read() as session:
        rows, current = desk(session, visit.now.date()), current_to(session)
    states, species = counted([row.states for row in rows]), counted([row.species for row in rows])
    asked = read(visit.request.query_params, {"state": states, "species": species, "sort": SORTS})
    looked_for = DeskFilter(asked.words, asked.of("state"), asked.of("species"), asked.one("sort", "newest"))
    kept = sorted(filter(looked_for.keeps, rows), key=SORTS[looked_for.sort])
    facets = [
        of_vocabulary("state", visit.gettext("Range state"), "states", states, asked, visit.lang),
        of_vocabulary("species", visit.gettext("Species"), "species", species, asked, visit.lang),
    ]
    number = page_number(asked.page, len(kept), SIZE)
    page = Page(kept[(number - 1) * SIZE : number * SIZE], number, SIZE, len(kept))
    return visit.render(
        "matching/desk.html", page=page, total=len(rows), asked=asked, facets=facets, chips=chips(facets),
        sort=looked_for.sort, current=current,
    )  # fmt: skip
