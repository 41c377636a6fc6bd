"""The labelled pairs, each with its label, the reason for it, and what verdict and fit say today."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from services.matching import shipped, words
from services.matching.handlers.terms import all_terms
from services.matching.handlers.weights import weights_in_force
from services.matching.pages.access import STAFF_ONLY, V
from services.matching.queries.current import current_to
from services.matching.rules.labelled import THRESHOLD, told
from services.matching.words.weights import label_name

ROUTER: Final = APIRouter()


@ROUTER.get("/fit/labelled", dependencies=[STAFF_ONLY])
async def labelled(visit: V) -> Response:
    """Every labelled pair, in the order in which its proposal's windows would stand."""
    known = shipped.labelled()
    with visit.service.read() as session:
        windows = {terms.window_id: terms for terms in all_terms(session)}
        weights, current = weights_in_force(session), current_to(session)
    pairs = told(known, windows, weights, shipped.rates())
    return visit.render(
        "matching/labelled.html", labelled=known, pairs=pairs, windows=windows, number=weights.version, say=words,
        label_name=label_name, threshold=THRESHOLD, current=current,
        astray=sum(one.found != one.good for group in pairs.values() for one in group),
        total=sum(len(group) for group in pairs.values()),
    )  # fmt: skip
