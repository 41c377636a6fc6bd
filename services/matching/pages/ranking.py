"""A proposal's windows, best first."""

from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any, Final

from fastapi import APIRouter
from starlette.responses import Response

from contracts.events import ProposalSubmitted
from contracts.values import LocalizedText, Money
from services.matching import words
from services.matching.handlers.judging import facts_from, setting_for
from services.matching.pages.access import WITH_OWNERS, V, follow_the_calendar, is_staff, visible_proposal
from services.matching.pages.asked import Asked, read
from services.matching.pages.facets import Facet, chips, facet, of_vocabulary
from services.matching.queries.current import current_to
from services.matching.queries.pursuits import places
from services.matching.queries.ranking import RankedWindow, ranking, refusing_windows
from services.matching.rules.changes import openings
from services.matching.rules.decisions import STAGES
from services.matching.tables import ProposalCopy, WindowCopy

ROUTER: Final = APIRouter()
OVERALL: Final = ("eligible", "unsure", "not_eligible")
SORTS: Final = ("fit", "deadline", "name")


@ROUTER.get("/proposals/{proposal_id}", dependencies=[WITH_OWNERS])
async def windows_for(visit: V, proposal_id: str) -> Response:
    """Every window with its verdict and fit; the people who made the proposal see it too, without decisions."""
    await follow_the_calendar(visit)
    with visit.service.read() as session:
        copy = visible_proposal(visit, session, proposal_id)
        rows = ranking(session, copy.proposal_id)
        pursued = places(session, copy.proposal_id)
        refusing = refusing_windows(session, copy.proposal_id)
        current = current_to(session)
        judged_window = session.get(WindowCopy, copy.judged_window) if copy.judged_window else None
    staff = is_staff(visit)
    if not staff:
        pursued = {window_id: place for window_id, place in pursued.items() if place.stage != "identified"}
    counts = {
        name: Counter(value for row in rows if (value := getattr(row, name))) for name in ("kind", "fund", "overall")
    }
    stages = Counter(row.stage for row in rows)
    asked = read(
        visit.request.query_params,
        {"kind": counts["kind"], "fund": counts["fund"], "overall": OVERALL, "stage": STAGES if staff else (),
         "sort": SORTS},
    )  # fmt: skip
    facets = _facets(visit, counts, stages, asked, staff)
    sort = asked.one("sort", "fit")
    kept = _sorted([row for row in rows if _keeps(asked, row)], sort, staff, visit.now.date())
    return visit.render(
        "matching/ranking.html", proposal=copy, title=LocalizedText.model_validate(copy.title),
        submitted=ProposalSubmitted.model_validate(copy.payload), requested=_requested(copy), rows=kept,
        total=len(rows), asked=asked, facets=facets, chips=chips(facets), sort=sort, staff=staff,
        openings=openings(facts_from(copy), [(terms, setting_for(terms, visit.now)) for terms in refusing]),
        refused=len(refusing), judged_window=judged_window, current=current, say=words, tops=counts["overall"],
        pursued=pursued, granted_usd=sum((place.granted_usd for place in pursued.values()), Decimal(0)),
    )  # fmt: skip


def _requested(copy: ProposalCopy) -> Money:
    return Money(amount=copy.requested, currency=copy.currency)


def _facets(visit: V, counts: dict[str, Counter[Any]], stages: Counter[str], asked: Asked, staff: bool) -> list[Facet]:
    _ = visit.gettext
    verdicts = [(overall, visit.gettext(words.VERDICTS[overall])) for overall in OVERALL]
    stage_names = [("shortlisted", _("Shortlisted")), ("none", _("Not decided")), ("dismissed", _("Dismissed"))]
    funds = [(fund, _fund(visit, fund)) for fund in sorted(counts["fund"])]
    facets = [
        facet("overall", _("Verdict"), verdicts, counts["overall"], asked),
        of_vocabulary("kind", _("Kind of window"), "window_kinds", counts["kind"], asked, visit.lang),
        facet("fund", _("Fund"), funds, counts["fund"], asked),
    ]
    if staff:
        facets.insert(1, facet("stage", _("Decision"), stage_names, stages, asked))
    return facets


def _fund(visit: V, fund: str) -> str:
    return visit.gettext(words.GEF) if fund == "gef" else fund.upper()


def _keeps(asked: Asked, row: RankedWindow) -> bool:
    for name in ("kind", "fund", "overall", "stage"):
        if (chosen := asked.of(name)) and getattr(row, name) not in chosen:
            return False
    haystack = f"{row.name} {row.donor_name}".casefold()
    return all(word in haystack for word in asked.words.casefold().split())


def _sorted(rows: list[RankedWindow], sort: str, staff: bool, today: date) -> list[RankedWindow]:
    """In the order asked for. To those who decide, what they have dismissed comes last."""

    def key(row: RankedWindow) -> tuple[Any, ...]:
        dismissed = staff and row.stage == "dismissed"
        if sort == "deadline":
            ahead = row.deadline if row.deadline and row.deadline >= today else date.max
            return dismissed, row.overall == "not_eligible", ahead, row.place
        return (dismissed, row.name.casefold()) if sort == "name" else (dismissed, row.place)

    return sorted(rows, key=key)
