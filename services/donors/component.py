"""What donors gives and needs."""

from pathlib import Path
from typing import Final

from services.chassis.service import Component
from services.donors import pages, shipped
from services.donors.handlers import ROUTES
from services.donors.tables import FACTS, MESSAGING, Table

HERE: Final = Path(__file__).parent

COMPONENT: Final = Component(
    name="donors",
    metadata=Table.metadata,
    messaging=MESSAGING,
    migrations=HERE / "migrations",
    router=pages.ROUTER,
    templates=HERE / "templates",
    locale=HERE / "locale",
    static=HERE / "static",
    routes=ROUTES,
    facts=FACTS,
    load=shipped.load,
)
