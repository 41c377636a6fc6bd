"""A scenario is made and changed."""

import re
from collections.abc import Mapping
from typing import Final
from uuid import UUID

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from contracts.envelope import new_id
from contracts.vocabulary import options
from services.chassis.errors import FieldError, Invalid
from services.chassis.forms import FormState, Reader
from services.chassis.i18n import N_, use_language
from services.chassis.service import Service
from services.chassis.web import Visit
from services.matching import words
from services.matching.commands.portfolios import DESCRIPTION_LIMIT, ChangeScenario, StartScenario
from services.matching.handlers.scenarios import Overwritten, change_scenario, start_scenario
from services.matching.pages.access import STAFF_ONLY, V, follow_the_calendar
from services.matching.pages.portfolios.common import address, author_of, scenario_of
from services.matching.pages.portfolios.folding import Part, Values, entered_of, folded, looks, part_of, unfolded
from services.matching.pages.portfolios.form import (
    MOST_LINES,
    NAME,
    NEW_LINE,
    new_lines,
    of_scenario,
    read,
    values_of,
)
from services.matching.queries.current import Current, current_to
from services.matching.queries.scenario_lines import Offered, ProposalLine, Size, WindowLine, offered, sizes
from services.matching.rules.portfolios import Changes
from services.matching.shipped import rates
from services.matching.tables import Scenario
from services.matching.words import portfolios as say
from services.matching.words import scenarios

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
    form: Values = FormState.of(await visit.form()).values
    try:
        form = unfolded(form, NAME)
        if _lines(form):
            return await _page(visit, FormState(form), None)
        reader = Reader(form)
        once = reader.identifier("once") or new_id()
        draft = read(reader, await _offered(visit), Changes())
    except Invalid as invalid:
        return await _page(visit, FormState(form, invalid.errors), None, 400)
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
    form: Values = FormState.of(await visit.form()).values
    with visit.service.read() as session:
        scenario = scenario_of(session, scenario_id)
    try:
        form = unfolded(form, NAME)
        if _lines(form):
            return await _page(visit, FormState(form), scenario)
        reader = Reader(form)
        revision = reader.whole("revision", label=NAME, required=True) or 0
        draft = read(reader, await _offered(visit), Changes.from_json(scenario.changes))
        command = ChangeScenario(scenario.scenario_id, revision, draft, author_of(visit))
        changed = await visit.work(lambda context: change_scenario(context, command))
    except Invalid as invalid:
        return await _page(visit, FormState(form, invalid.errors), scenario, 400)
    except Overwritten as overwritten:
        told = FieldError("name", OVERWRITTEN, (("label", NAME), ("person", overwritten.by)))
        return await _page(visit, FormState({**form, "revision": str(overwritten.revision)}, [told]), scenario, 409)
    return visit.redirect(address(scenario.scenario_id), KEPT if changed else UNCHANGED)


async def _offered(visit: Visit) -> Offered:
    """Today's windows and proposals, looked at in a thread: there may be thousands."""

    def look() -> Offered:
        with visit.service.read() as session:
            return offered(session)

    return await run_in_threadpool(look)


def _lines(form: Values) -> bool:
    """Whether the form is only to be drawn again: with a line of a new window more or less, or with other lines."""
    return bool(form.get("add") or form.get("remove")) or looks(form)


async def _page(visit: Visit, form: FormState, scenario: Scenario | None, status: int = 200) -> Response:
    there = await _offered(visit)
    count = new_lines(form)
    if form.value("add") or form.value("remove"):
        form, count = _with_lines(form, count)
    entered = entered_of(form.values)
    windows = part_of("windows", there.windows, lambda one: one.window_id, WindowLine.found_by, form, entered)
    proposals = part_of(
        "proposals", there.proposals, lambda one: str(one.proposal_id), ProposalLine.found_by, form, entered
    )
    needs, current = await run_in_threadpool(_asked_of, visit.service, proposals)
    drawn = {one.window_id for one in windows.lines} | {str(one.proposal_id) for one in proposals.lines}
    with use_language(visit.lang):
        least_options, least_hints = scenarios.least_options(), scenarios.least_hints()
    return visit.render(
        "matching/portfolio_edit.html", status, form=form, scenario=scenario, count=count, windows=windows,
        proposals=proposals, needs=needs, folded=folded(form.values, drawn), current=current, say=say, say_words=words,
        description_limit=DESCRIPTION_LIMIT, least_options=least_options, least_hints=least_hints,
        rates_day=rates().day.isoformat(), states=options("states", visit.lang),
        species=options("species", visit.lang), kinds=options("applicant_kinds", visit.lang), once=form.value("once"),
    )  # fmt: skip


def _asked_of(service: Service, proposals: Part[ProposalLine]) -> tuple[Mapping[UUID, Size], Current | None]:
    """What is shown of the proposals that are drawn, and the event that it is current to."""
    with service.read() as session:
        return sizes(session, [one.proposal_id for one in proposals.lines]), current_to(session)


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
