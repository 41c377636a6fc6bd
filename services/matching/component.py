"""Matching, as the program sees it."""

from pathlib import Path
from typing import Final

from fastapi import APIRouter

from services.chassis.service import Component, Progress, Service
from services.matching import api, pages
from services.matching.handlers import ROUTES, STEPS, catch_up
from services.matching.planning.researcher import Workers
from services.matching.tables import CONSULTED, COPIES, FACTS, MESSAGING, Table

HERE: Final = Path(__file__).parent
ROUTER: Final = APIRouter()
ROUTER.include_router(pages.ROUTER)
ROUTER.include_router(api.ROUTER)


def take_up_what_was_left(service: Service, _progress: Progress) -> None:
    """At every start: deadlines may have passed while the program was not running, the program may be a newer one with
    other rules or weights, and plans may have been left unfinished. What takes long is done in the background."""
    with service.work() as context:
        catch_up(context)
    service.extras.wake()


COMPONENT = Component(
    name="matching",
    metadata=Table.metadata,
    messaging=MESSAGING,
    migrations=HERE / "migrations",
    router=ROUTER,
    templates=HERE / "templates",
    locale=HERE / "locale",
    static=HERE / "static",
    routes=ROUTES,
    needs=("projects", "donors"),
    copies=COPIES,
    facts=FACTS,
    consulted=CONSULTED,
    steps=STEPS,
    one_at_a_time=True,
    load=take_up_what_was_left,
    extras=Workers,
)
