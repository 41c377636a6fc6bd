"""A scenario is made and changed."""

import re
from typing import Final

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from contracts.envelope import new_id
from contracts.vocabulary import options
from services.chassis.errors import FieldError, Invalid
from services.chassis.forms import FormState, Reader
from services.chassis.i18n import N_, use_language
from services.chassis.web import Visit
from services.matching import words
from services.matching.commands.portfolios import DESCRIPTION_LIMIT, ChangeScenario, StartScenario
from services.matching.handlers.scenarios import Overwritten, change_scenario, start_scenario
from services.matching.pages.access import STAFF_ONLY, V, follow_the_calendar
from services.matching.pages.portfolios.common import address, author_of, scenario_of
from services.matching.pages.portfolios.form import (
    MOST_LINES,
    NAME,
    NEW_LINE,
    Offered,
    new_lines,
    of_scenario,
    offered,
    read,
    values_of,
)
from services.matching.queries.current import current_to
from services.matching.rules.portfolios import Changes
from services.matching.tables import Scenario
from services.matching.words import portfolios as say

ROUTER: Final = APIRouter()
KEPT: Final = N_("Scenario saved. Have its plan computed when you are ready.")
UNCHANGED: Final = N_("Nothing was changed.")
OVERWRITTEN: Final = N_(
    "%(label)s: %(person)s has changed this scenario meanwhile. Your entries are still here; send them once more to "
    "put them in place of the other changes."
)


@ROUTER.get("/portfolios/new", dependencies=[STAFF_ONLY])
async def new(visit: V) -> Response:
    """An empty form."""
    await follow_the_calendar(visit)
    return await _page(visit, values_of("", "", Changes()), None)


@ROUTER.post("/portfolios/new", dependencies=[STAFF_ONLY])
async def start(visit: V) -> Response:
    """Keep a new scenario. Pressed twice, it is one."""
    form = await visit.form()
    if _lines(form):
        return await _page(visit, FormState.of(form), None, lines=form)
    reader = Reader(form)
    once = reader.identifier("once") or new_id()
    try:
        draft = read(reader, await _offered(visit), Changes())
    except Invalid as invalid:
        return await _page(visit, FormState.of(form, invalid.errors), None, 400)
    command = StartScenario(once, draft, author_of(visit))
    scenario_id = await visit.work(lambda context: start_scenario(context, command))
    return visit.redirect(address(scenario_id), KEPT)


@ROUTER.get("/portfolios/{scenario_id}/edit", dependencies=[STAFF_ONLY])
async def edit(visit: V, scenario_id: str) -> Response:
    """The form of a scenario."""
    await follow_the_calendar(visit)
    with visit.service.read() as session:
        scenario = scenario_of(session, scenario_id)
    with use_language(visit.lang):
        form = of_scenario(scenario)
    return await _page(visit, form, scenario)


@ROUTER.post("/portfolios/{scenario_id}/edit", dependencies=[STAFF_ONLY])
async def save(visit: V, scenario_id: str) -> Response:
    """Change it, unless somebody else has done so meanwhile."""
    form = await visit.form()
    with visit.service.read() as session:
        scenario = scenario_of(session, scenario_id)
    if _lines(form):
        return await _page(visit, FormState.of(form), scenario, lines=form)
    reader = Reader(form)
    try:
        revision = reader.whole("revision", label=NAME, required=True) or 0
        draft = read(reader, await _offered(visit), Changes.from_json(scenario.changes))
        command = ChangeScenario(scenario.scenario_id, revision, draft, author_of(visit))
        changed = await visit.work(lambda context: change_scenario(context, command))
    except Invalid as invalid:
        return await _page(visit, FormState.of(form, invalid.errors), scenario, 400)
    except Overwritten as overwritten:
        told = FieldError("name", OVERWRITTEN, (("label", NAME), ("person", overwritten.by)))
        state = FormState.of(form, [told])
        return await _page(
            visit, FormState({**state.values, "revision": str(overwritten.revision)}, state.errors), scenario, 409
        )
    return visit.redirect(address(scenario.scenario_id), KEPT if changed else UNCHANGED)


async def _offered(visit: Visit) -> Offered:
    """Today's windows and proposals, looked at in a thread: of many proposals there are very many pairs."""

    def look() -> Offered:
        with visit.service.read() as session:
            return offered(session)

    return await run_in_threadpool(look)


def _lines(form: object) -> bool:
    """Whether only a line of a new window is to be added or removed, without scripts."""
    return bool(form.get("add") or form.get("remove"))  # type: ignore[attr-defined]


async def _page(
    visit: Visit, form: FormState, scenario: Scenario | None, status: int = 200, lines: object = None
) -> Response:
    there = await _offered(visit)
    with visit.service.read() as session:
        current = current_to(session)
    count = new_lines(form)
    if lines is not None:
        form, count = _with_lines(form, count)
    changed = {
        line.window_id
        for line in there.windows
        if line.window_id in form.values_of("closed")
        or any(
            form.value(f"{name}-{line.window_id}") or form.error(f"{name}-{line.window_id}")
            for name in ("budget", "largest")
        )
    }
    wished = {line.proposal_id for line in there.proposals if form.value(f"wish-{line.proposal_id}")}
    return visit.render(
        "matching/portfolio_edit.html", status, form=form, scenario=scenario, there=there, count=count,
        changed=changed, wished=wished, current=current, say=say, say_words=words, description_limit=DESCRIPTION_LIMIT,
        states=options("states", visit.lang), species=options("species", visit.lang),
        kinds=options("applicant_kinds", visit.lang), once=form.value("once"),
    )  # fmt: skip


def _with_lines(form: FormState, count: int) -> tuple[FormState, int]:
    """The form with one line more, or without the one that is to be removed."""
    if form.value("add"):
        return form, min(count + 1, MOST_LINES)
    group, _, index = form.value("remove").rpartition("-")
    if group != "new" or not re.fullmatch("[0-9]{1,2}", index):
        return form, count
    gone = int(index)
    values = {}
    for name, value in form.values.items():
        if found := NEW_LINE.fullmatch(name):
            number = int(found[1])
            if number == gone:
                continue
            name = f"new-{number - (number > gone)}-{found[2]}"
        values[name] = value
    return FormState(values, form.errors), max(0, count - 1)
