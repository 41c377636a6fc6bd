"""Scenarios side by side, at an address that can be handed on."""

from typing import Final
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

from services.chassis.i18n import use_language
from services.chassis.web import Visit
from services.matching import words
from services.matching.pages.access import STAFF_ONLY, V
from services.matching.pages.portfolios.common import SHELF, folds
from services.matching.pages.portfolios.plan import plan_of_run
from services.matching.pages.portfolios.sheets import comparison_workbook, workbook_response
from services.matching.queries.current import current_to
from services.matching.queries.plans import Shelved, happened_since, shelf, whole_run
from services.matching.queries.portfolios import names_of_windows, references
from services.matching.rules.portfolios import Changes
from services.matching.rules.portfolios.compare import Named, compare
from services.matching.rules.portfolios.coverage import PRIORITIES
from services.matching.words import portfolios as say
from services.matching.words import scenarios

ROUTER: Final = APIRouter()
FEWEST, MOST = 2, 4
ASKED: Final = Query(default=())


@ROUTER.get("/portfolios/compare", dependencies=[STAFF_ONLY])
async def side_by_side(visit: V, plan: list[str] = ASKED, only: str = "") -> Response:
    """Two to four plans; which ones can be changed on the page itself."""
    rows, named, since = _chosen(visit, plan)
    with visit.service.read() as session:
        current = current_to(session)
    enough = FEWEST <= len(named) <= MOST
    with use_language(visit.lang):
        least = [scenarios.least(one.changes) for one in named]
        otherwise = [_otherwise(visit, one) for one in named]
    return visit.render(
        "matching/portfolio_compare.html", rows=rows, chosen=[str(one.scenario_id) for one in named],
        compared=compare(named) if enough else None, count=len(named), only=only == "differences", say=say,
        say_words=words, priorities=PRIORITIES, current=current, since=since, shelf=SHELF, fewest=FEWEST, most=MOST,
        least=least, otherwise=otherwise, folds=folds,
    )  # fmt: skip


@ROUTER.get("/portfolios/compare.xlsx", dependencies=[STAFF_ONLY])
async def workbook(visit: V, plan: list[str] = ASKED) -> Response:
    """The same to take away."""
    _, named, _ = _chosen(visit, plan)
    if not FEWEST <= len(named) <= MOST:
        return visit.redirect(f"{SHELF}/compare")
    with use_language(visit.lang):
        otherwise = [_otherwise(visit, one) for one in named]
        return workbook_response(comparison_workbook(compare(named), otherwise), "plans-compared.xlsx")


def _otherwise(visit: Visit, one: Named) -> list[str]:
    """What the plan would have otherwise than the day that it was made on."""
    with visit.service.read() as session:
        windows = {key: words.name_of_window(*both) for key, both in names_of_windows(session).items()}
        proposals = references(session)
    known = {str(proposal.proposal_id): proposal.reference for proposal in one.plan.live.proposals}
    return scenarios.changes_in_words(one.changes, windows, proposals | known)


def _chosen(visit: Visit, asked: list[str]) -> tuple[list[Shelved], list[Named], dict[UUID, int]]:
    """The scenarios that have a plan, and of these the ones that are asked for, in that order."""
    with visit.service.read() as session, use_language(visit.lang):
        rows = [row for row in shelf(session) if row.planned is not None]
        of_id = {str(row.scenario.scenario_id): row for row in rows}
        named: list[Named] = []
        since: dict[UUID, int] = {}
        for key in dict.fromkeys(asked):
            row = of_id.get(key)
            if row is None or row.planned is None or len(named) > MOST:
                continue
            run = whole_run(session, row.planned.run_id)
            shown = plan_of_run(run)
            if run is not None and shown is not None:
                changes = Changes.from_json(run.changes)
                named.append(Named(row.scenario.scenario_id, say.own(row.scenario.name), shown, changes))
                since[row.scenario.scenario_id] = happened_since(session, row.planned.current_position)
    return [row for row in rows if not row.scenario.archived or str(row.scenario.scenario_id) in asked], named, since
