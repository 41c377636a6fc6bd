""" "What your money would unlock": a donor's amount, and the best plan with it beside the best one without it."""

from datetime import date
from typing import Any, Final

from fastapi import APIRouter
from starlette.responses import Response

from contracts.envelope import new_id
from contracts.vocabulary import codes, options
from services.chassis.errors import Invalid, NotFound
from services.chassis.forms import FormState, Reader
from services.chassis.i18n import N_
from services.chassis.web import Visit
from services.matching import words
from services.matching.commands.studies import MOST_MONEY, NEW_MONEY, Unlock
from services.matching.pages.access import STAFF_ONLY, V, follow_the_calendar
from services.matching.pages.dollars import dollars
from services.matching.pages.money.common import PATHS, ask, chosen, live_of, progress_of, shelf
from services.matching.pages.money.pictures import line_of
from services.matching.queries.invitations import invitations
from services.matching.queries.portfolios import names_of_windows
from services.matching.rules.unlocked import unlocked
from services.matching.tables import Study
from services.matching.words import portfolios as say_plans

ROUTER: Final = APIRouter()
AMOUNT: Final = N_("Amount")
DONOR: Final = N_("Donor")
STATES: Final = N_("Only for work in these states")
SPECIES: Final = N_("Only for work on these species")


@ROUTER.get("/unlock", dependencies=[STAFF_ONLY])
async def form(visit: V, donor: str = "", amount: str = "") -> Response:
    """The form, and former answers. `donor` and `amount` in the address fill it in."""
    return _form(visit, FormState({"donor": donor[:80], "amount": amount[:20]}))


@ROUTER.post("/unlock", dependencies=[STAFF_ONLY])
async def ask_unlock(visit: V) -> Response:
    """Have it worked out."""
    await follow_the_calendar(visit)
    sent = await visit.form()
    reader = Reader(sent)
    known = [donor for donor, _ in shelf(visit, "unlock")["donors"]]
    donor = reader.choice("donor", known, label=DONOR)
    amount = dollars(reader, "amount", AMOUNT, required=True, maximum=MOST_MONEY)
    states = reader.choices("states", codes("states"), label=STATES)
    species = reader.choices("species", codes("species"), label=SPECIES)
    once = reader.identifier("once") or new_id()
    try:
        reader.check()
    except Invalid as invalid:
        return _form(visit, FormState.of(sent, invalid.errors), 400)
    asked = Unlock(amount or 0, donor, frozenset(states), frozenset(species))
    return await ask(visit, "unlock", asked.as_json(), once)


def _form(visit: Visit, state: FormState, status: int = 200) -> Response:
    return visit.render(
        "matching/unlock_ask.html", status, form=state, state_options=options("states", visit.lang),
        species_options=options("species", visit.lang), **shelf(visit, "unlock"),
    )  # fmt: skip


@ROUTER.get("/unlock/{study_id}", dependencies=[STAFF_ONLY])
async def answer(visit: V, study_id: str) -> Response:
    """What the money would unlock."""
    return visit.render("matching/unlock.html", **_shown(visit, chosen(visit, study_id, "unlock")))


@ROUTER.get("/unlock/{study_id}/sheet", dependencies=[STAFF_ONLY])
async def sheet(visit: V, study_id: str) -> Response:
    """The same on one page, for a meeting with the donor."""
    found = chosen(visit, study_id, "unlock")
    if found.result is None:
        raise NotFound(study_id)
    return visit.render("matching/unlock_sheet.html", **_shown(visit, found))


@ROUTER.get("/unlock/{study_id}/progress", dependencies=[STAFF_ONLY])
async def progress(visit: V, study_id: str) -> Response:
    """How far it has come, for the page's script."""
    return progress_of(visit, chosen(visit, study_id, "unlock"))


def _shown(visit: Visit, study: Study) -> dict[str, Any]:
    asked, live = Unlock.from_json(study.asked), live_of(study)
    found = unlocked(live, study.result, NEW_MONEY) if live is not None and study.result is not None else None
    with visit.service.read() as session:
        inviting = invitations(session, asked)
        # A window that could not pay in today's plan, as no budget of it is known, is not among those of the plan.
        called = {key: name for key, (name, _donor) in names_of_windows(session).items()}
    picture = None
    if found is not None and found.additions:
        picture = line_of([(0, 0), *((float(one.amount), float(one.value)) for one in found.additions)])
    names = called | ({one.window_id: one.name for one in live.windows} if live is not None else {})
    return {
        **shelf(visit, "unlock"), "study": study, "asked": asked, "found": found, "picture": picture, "live": live,
        "inviting": inviting, "say": words, "say_plans": say_plans, "window_names": names, "base": PATHS["unlock"],
        "rates_day": date.fromisoformat(live.rates_day) if live is not None else None,
    }  # fmt: skip
