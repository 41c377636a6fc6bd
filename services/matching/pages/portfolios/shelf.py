"""The shelf: every scenario with its newest plan; put away, taken out, copied, a change taken back."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from contracts.envelope import new_id
from services.chassis.errors import Conflict, Invalid
from services.chassis.forms import Reader
from services.chassis.i18n import N_, use_language
from services.matching import words
from services.matching.commands.portfolios import (
    NAME_LIMIT,
    TIME_LIMITS,
    ArchiveScenario,
    AskForPlan,
    Draft,
    StartScenario,
    UndoChange,
)
from services.matching.handlers.plans import ask_for_plan
from services.matching.handlers.scenarios import archive_scenario, start_scenario, undo_change
from services.matching.pages.access import STAFF_ONLY, V, follow_the_calendar
from services.matching.pages.portfolios.common import SHELF, address, author_of, scenario_of
from services.matching.queries.current import current_to
from services.matching.queries.plans import happened_since, shelf
from services.matching.queries.portfolios import names_of_windows, references
from services.matching.rules.portfolios import Changes
from services.matching.words import portfolios as say
from services.matching.words.scenarios import changes_in_words

ROUTER: Final = APIRouter()
COPY_OF: Final = N_("%(name)s (copy)")
ARCHIVED: Final = N_("Put away. It is under “Put away” below.")
RESTORED: Final = N_("Taken out again.")
COPIED: Final = N_("Copied. Change what is to be otherwise, then save.")
UNDONE: Final = N_("The last change has been taken back.")
NOTHING_BEFORE: Final = N_("There is nothing before this to go back to.")
NOTHING: Final = N_("Nothing has changed since.")


@ROUTER.get("/portfolios", dependencies=[STAFF_ONLY])
async def scenarios(visit: V) -> Response:
    """All scenarios with their plans."""
    await follow_the_calendar(visit)
    with visit.service.read() as session:
        rows = shelf(session)
        windows = {key: words.name_of_window(*names) for key, names in names_of_windows(session).items()}
        proposals = references(session)
        since = {
            row.planned.run_id: happened_since(session, row.planned.current_position) for row in rows if row.planned
        }
        current = current_to(session)
    with use_language(visit.lang):
        changes = {
            row.scenario.scenario_id: changes_in_words(Changes.from_json(row.scenario.changes), windows, proposals)
            for row in rows
        }
    return visit.render(
        "matching/portfolios.html", rows=[row for row in rows if not row.scenario.archived],
        put_away=[row for row in rows if row.scenario.archived], proposals=len(proposals), since=since,
        changes=changes, say=say, say_words=words, current=current, time_limits=TIME_LIMITS,
    )  # fmt: skip


@ROUTER.post("/portfolios/today", dependencies=[STAFF_ONLY])
async def today(visit: V) -> Response:
    """The first click: keep today as a scenario and have its plan made."""
    reader = Reader(await visit.form())
    once, author = reader.identifier("once") or new_id(), author_of(visit)
    command = StartScenario(once, Draft(say.TODAY, say.TODAY_FOR, Changes()), author)
    scenario_id = await visit.work(lambda context: start_scenario(context, command))
    await visit.work(lambda context: ask_for_plan(context, AskForPlan(once, scenario_id, TIME_LIMITS[0], author)))
    visit.service.extras.wake()
    return visit.redirect(address(scenario_id))


@ROUTER.post("/portfolios/{scenario_id}/copy", dependencies=[STAFF_ONLY])
async def copy(visit: V, scenario_id: str) -> Response:
    """A copy to change. Pressed twice, it is one copy."""
    once = Reader(await visit.form()).identifier("once") or new_id()
    with visit.service.read() as session:
        scenario = scenario_of(session, scenario_id)
        with use_language(visit.lang):
            name, description = say.own(scenario.name), say.own(scenario.description)
        draft = Draft(
            visit.gettext(COPY_OF, name=name)[:NAME_LIMIT], description,
            Changes.from_json(scenario.changes),
        )  # fmt: skip
        original = scenario.scenario_id
    command = StartScenario(once, draft, author_of(visit), original)
    copied = await visit.work(lambda context: start_scenario(context, command))
    return visit.redirect(f"{address(copied)}/edit", COPIED)


@ROUTER.post("/portfolios/{scenario_id}/archive", dependencies=[STAFF_ONLY])
async def archive(visit: V, scenario_id: str) -> Response:
    """Put it away."""
    return await _archive(visit, scenario_id, archived=True)


@ROUTER.post("/portfolios/{scenario_id}/restore", dependencies=[STAFF_ONLY])
async def restore(visit: V, scenario_id: str) -> Response:
    """Take it out again."""
    return await _archive(visit, scenario_id, archived=False)


async def _archive(visit: V, scenario_id: str, *, archived: bool) -> Response:
    await visit.form()
    with visit.service.read() as session:
        found = scenario_of(session, scenario_id).scenario_id
    command = ArchiveScenario(found, archived, author_of(visit))
    await visit.work(lambda context: archive_scenario(context, command))
    if archived:
        return visit.redirect(f"{SHELF}#put-away", ARCHIVED)
    return visit.redirect(address(found), RESTORED)


@ROUTER.post("/portfolios/{scenario_id}/undo", dependencies=[STAFF_ONLY])
async def undo(visit: V, scenario_id: str) -> Response:
    """Take back the last change. Pressed twice, it is taken back once."""
    reader = Reader(await visit.form())
    revision = reader.whole("revision", label=say.TODAY, required=True) or 0
    with visit.service.read() as session:
        found = scenario_of(session, scenario_id).scenario_id
    try:
        reader.check()
        command = UndoChange(found, revision, author_of(visit))
        done = await visit.work(lambda context: undo_change(context, command))
    except (Invalid, Conflict):
        return visit.redirect(address(found), NOTHING)
    return visit.redirect(address(found), UNDONE if done else NOTHING_BEFORE)
