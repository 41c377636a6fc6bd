"""A scenario with its plan: asked for, watched while it is computed, looked at, taken away as a workbook."""

from typing import Final

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from contracts.envelope import new_id
from services.chassis.errors import Invalid, NotFound
from services.chassis.forms import FormState, Reader
from services.chassis.i18n import N_, use_language
from services.chassis.service import Service
from services.chassis.web import Visit
from services.matching import words
from services.matching.commands.portfolios import TIME_LIMITS, AskForPlan
from services.matching.handlers.plans import ask_for_plan, cancel_run
from services.matching.pages.access import STAFF_ONLY, V, follow_the_calendar
from services.matching.pages.portfolios.common import SHELF, address, author_of, folds, identity, scenario_of
from services.matching.pages.portfolios.sheets import plan_workbook, workbook_response
from services.matching.queries.current import current_to
from services.matching.queries.plans import RunHead, happened_since, runs_of, versions, whole_run
from services.matching.queries.portfolios import live, names_of_windows, references
from services.matching.rules.portfolios import Changes
from services.matching.rules.portfolios.coverage import PRIORITIES
from services.matching.rules.portfolios.record import digest_of, request_of
from services.matching.rules.portfolios.seen import Seen, seen
from services.matching.tables import PlanRun
from services.matching.words import portfolios as say
from services.matching.words.scenarios import changes_in_words, least_assumed

ROUTER: Final = APIRouter()
TIME: Final = N_("Time for the plan")
ASKED: Final = N_("The plan is being computed. You may leave this page.")
STOPPED: Final = N_("Stopped.")
ENDED: Final = N_("It had ended already.")


@ROUTER.get("/portfolios/{scenario_id}", dependencies=[STAFF_ONLY])
async def plan(visit: V, scenario_id: str, run: str = "") -> Response:
    """The scenario, and its newest plan or the one that is asked for."""
    await follow_the_calendar(visit)
    return await _page(visit, scenario_id, run, FormState({"time_limit": str(TIME_LIMITS[0])}))


@ROUTER.post("/portfolios/{scenario_id}/runs", dependencies=[STAFF_ONLY])
async def ask(visit: V, scenario_id: str) -> Response:
    """Have a plan computed. Pressed twice, it is one run."""
    form = await visit.form()
    reader = Reader(form)
    with visit.service.read() as session:
        found = scenario_of(session, scenario_id).scenario_id
    once = reader.identifier("once") or new_id()
    limit = reader.choice("time_limit", [str(one) for one in TIME_LIMITS], label=TIME, required=True)
    try:
        reader.check()
    except Invalid as invalid:
        return await _page(visit, scenario_id, "", FormState.of(form, invalid.errors), 400)
    command = AskForPlan(once, found, int(limit), author_of(visit))
    await visit.work(lambda context: ask_for_plan(context, command))
    visit.service.extras.wake()
    return visit.redirect(f"{address(found)}#run", ASKED)


@ROUTER.post("/portfolios/{scenario_id}/runs/{run_id}/cancel", dependencies=[STAFF_ONLY])
async def cancel(visit: V, scenario_id: str, run_id: str) -> Response:
    """Stop a run."""
    await visit.form()
    of, which = identity(scenario_id), identity(run_id)
    stopped = await visit.work(lambda context: cancel_run(context, of, which))
    visit.service.extras.wake()
    return visit.redirect(f"{address(of)}#run", STOPPED if stopped else ENDED)


@ROUTER.get("/portfolios/{scenario_id}/progress", dependencies=[STAFF_ONLY])
async def progress(visit: V, scenario_id: str) -> Response:
    """How far the newest run has come, for the page's script."""
    with visit.service.read() as session:
        found = scenario_of(session, scenario_id).scenario_id
        runs = runs_of(session, [found]).get(found, [])
    if not runs:
        return JSONResponse({"state": "none"}, headers={"Cache-Control": "no-store"})
    head = runs[0]
    with use_language(visit.lang):
        text = say.phase(phase_of(head))
    return JSONResponse(
        {"run": str(head.run_id), "state": head.state, "phase": phase_of(head), "done": head.done,
         "steps": head.steps, "text": text},
        headers={"Cache-Control": "no-store"},
    )  # fmt: skip


@ROUTER.get("/portfolios/{scenario_id}/plan.xlsx", dependencies=[STAFF_ONLY])
async def workbook(visit: V, scenario_id: str, run: str = "") -> Response:
    """The plan to take away."""
    with visit.service.read() as session:
        scenario = scenario_of(session, scenario_id)
        head = chosen(runs_of(session, [scenario.scenario_id]).get(scenario.scenario_id, []), run)
        whole = whole_run(session, head.run_id) if head is not None else None
    shown = plan_of_run(whole)
    if whole is None or shown is None:
        raise NotFound(scenario_id)
    with use_language(visit.lang):
        return workbook_response(plan_workbook(say.own(scenario.name), whole, shown), "plan.xlsx")


def phase_of(head: RunHead) -> str:
    """What the run is at, for words."""
    return "queued" if head.state == "queued" else head.phase


def chosen(runs: list[RunHead], run: str) -> RunHead | None:
    """The run that is asked for, if it has a plan; else the newest that has one. Raises NotFound for a wrong id."""
    if run:
        which = identity(run)
        found = next((one for one in runs if one.run_id == which and one.has_plan), None)
        if found is None:
            raise NotFound(run)
        return found
    return next((one for one in runs if one.has_plan), None)


def plan_of_run(run: PlanRun | None) -> Seen | None:
    """The plan of a run, if it has one."""
    if run is None or run.request is None or run.record is None or run.answer is None or run.others is None:
        return None
    return seen(run.request, run.record, run.answer, run.others, run.margins)


async def _page(visit: Visit, scenario_id: str, run: str, form: FormState, status: int = 200) -> Response:
    with visit.service.read() as session:
        scenario = scenario_of(session, scenario_id)
        runs = runs_of(session, [scenario.scenario_id]).get(scenario.scenario_id, [])
        head = chosen(runs, run)
        whole = whole_run(session, head.run_id) if head is not None else None
        shown = plan_of_run(whole)
        since = happened_since(session, head.current_position) if head is not None else 0
        changes = Changes.from_json(scenario.changes)
        windows, proposals = names_of_windows(session), references(session)
        current = current_to(session)
        history = versions(session, scenario.scenario_id)
    names = {key: words.name_of_window(*both) for key, both in windows.items()}
    if shown is not None:  # a plan knows proposals and windows by the names that they had then
        proposals |= {str(one.proposal_id): one.reference for one in shown.live.proposals}
    with use_language(visit.lang):
        least = least_assumed(Changes.from_json(whole.changes)) if whole is not None else ""
        texts = changes_in_words(changes, names, proposals)
    # Much of what happens changes no figure of a plan: when something did, it is looked into, not just counted.
    moved = head is not None and since > 0 and await run_in_threadpool(_moved, visit.service, changes, head.digest)
    latest = runs[0] if runs else None
    return visit.render(
        "matching/portfolio.html", status, scenario=scenario, runs=runs, latest=latest, head=head, plan=shown,
        since=since, moved=moved, proposals=len(proposals),
        current=current, history=history, form=form, shelf=SHELF,
        changes=texts, say=say, say_words=words, phase_of=phase_of,
        priorities=PRIORITIES, least=least,
        time_limits=TIME_LIMITS, folds=folds, references=proposals,
        outdated=head is not None and not head.answers(scenario),
        older=bool(run) and head is not None and latest is not None and head.run_id != latest.run_id,
    )  # fmt: skip


def _moved(service: Service, changes: Changes, digest: str) -> bool:
    """Whether today's data makes another instance."""
    with service.read() as session:
        return digest_of(request_of(live(session, changes))) != digest
