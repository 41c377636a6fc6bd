"""Flagship steering: the plans on a donor's money that keep its preferred species and carry the most others."""

from datetime import date
from typing import Any, Final

from fastapi import APIRouter
from starlette.responses import Response

from contracts.envelope import new_id
from contracts.vocabulary import codes, options
from services.chassis.errors import Invalid
from services.chassis.forms import FormState, Reader
from services.chassis.i18n import N_
from services.chassis.web import Visit
from services.matching import words
from services.matching.commands.studies import MOST_MONEY, Steer
from services.matching.pages.access import STAFF_ONLY, V, follow_the_calendar
from services.matching.pages.dollars import dollars
from services.matching.pages.money.common import PATHS, ask, chosen, live_of, progress_of, shelf
from services.matching.pages.money.pictures import line_of
from services.matching.queries.studies import preferred_of
from services.matching.rules.steering import Curve, PlanPoint, curve_of
from services.matching.words import portfolios as say_plans

ROUTER: Final = APIRouter()
DONOR: Final = N_("Donor")
PREFERRED: Final = N_("Species that the donor prefers")
BUDGET: Final = N_("What each of its windows could give")


@ROUTER.get("/steering", dependencies=[STAFF_ONLY])
async def form(visit: V, donor: str = "") -> Response:
    """The form; for a donor in the address, with the species that its terms prefer."""
    with visit.service.read() as session:
        preferred = preferred_of(session, donor)
    return _form(visit, FormState({"donor": donor[:80], "preferred": preferred}))


@ROUTER.post("/steering", dependencies=[STAFF_ONLY])
async def ask_steering(visit: V) -> Response:
    """Have the curve worked out."""
    await follow_the_calendar(visit)
    sent = await visit.form()
    reader = Reader(sent)
    known = [donor for donor, _ in shelf(visit, "steering")["donors"]]
    donor = reader.choice("donor", known, label=DONOR, required=True)
    preferred = reader.choices("preferred", codes("species"), label=PREFERRED, required=True)
    budget = dollars(reader, "budget", BUDGET, maximum=MOST_MONEY)
    others = reader.flag("others")
    once = reader.identifier("once") or new_id()
    try:
        reader.check()
    except Invalid as invalid:
        return _form(visit, FormState.of(sent, invalid.errors), 400)
    asked = Steer(donor, frozenset(preferred), budget, others)
    return await ask(visit, "steering", asked.as_json(), once)


def _form(visit: Visit, state: FormState, status: int = 200) -> Response:
    return visit.render(
        "matching/steering_ask.html", status, form=state, species_options=options("species", visit.lang),
        **shelf(visit, "steering"),
    )  # fmt: skip


@ROUTER.get("/steering/{study_id}", dependencies=[STAFF_ONLY])
async def answer(visit: V, study_id: str, plan: str = "") -> Response:
    """The curve, and one of its plans opened: that which is asked for, or the advised one."""
    study = chosen(visit, study_id, "steering")
    asked, live = Steer.from_json(study.asked), live_of(study)
    curve = curve_of(live, study.result) if live is not None and study.result is not None else None
    picture = None
    if curve is not None and len(curve.points) > 1:
        picture = line_of([(float(len(one.carried)), float(one.value)) for one in curve.points])
    return visit.render(
        "matching/steering.html", study=study, asked=asked, curve=curve, picture=picture, say=words, live=live,
        opened=_opened(curve, plan), say_plans=say_plans, base=PATHS["steering"],
        rates_day=date.fromisoformat(live.rates_day) if live is not None else None, **shelf(visit, "steering"),
    )  # fmt: skip


@ROUTER.get("/steering/{study_id}/progress", dependencies=[STAFF_ONLY])
async def progress(visit: V, study_id: str) -> Response:
    """How far it has come, for the page's script."""
    return progress_of(visit, chosen(visit, study_id, "steering"))


def _opened(curve: Curve | None, plan: str) -> PlanPoint | None:
    """An address that names no plan of the curve opens the advised one, else the first."""
    if curve is None or not curve.points:
        return None
    number = int(plan[:4]) if plan.isascii() and plan.isdigit() else 0
    named: Any = next((point for point in curve.points if point.number == number), None)
    return named or curve.advised or curve.points[0]
