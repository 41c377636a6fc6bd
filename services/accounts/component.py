"""What accounts gives and needs."""

from pathlib import Path
from typing import Final

from services.accounts import pages, welcome
from services.accounts.handlers import ROUTES
from services.accounts.tables import FACTS, MESSAGING, Table
from services.chassis.service import Component

HERE: Final = Path(__file__).parent

COMPONENT: Final = Component(
    name="accounts",
    metadata=Table.metadata,
    messaging=MESSAGING,
    migrations=HERE / "migrations",
    router=pages.ROUTER,
    templates=HERE / "templates",
    locale=HERE / "locale",
    static=HERE / "static",
    routes=ROUTES,
    facts=FACTS,
    load=welcome.load,
)
