"""What reports gives and needs."""

from pathlib import Path
from typing import Final

from services.chassis.service import Component
from services.reports import pages
from services.reports.handlers import ROUTES
from services.reports.printer import Printer, measure, resume
from services.reports.tables import COPIES, FACTS, MESSAGING, Table

HERE: Final = Path(__file__).parent

COMPONENT: Final = Component(
    name="reports",
    metadata=Table.metadata,
    messaging=MESSAGING,
    migrations=HERE / "migrations",
    router=pages.ROUTER,
    templates=HERE / "templates",
    locale=HERE / "locale",
    routes=ROUTES,
    needs=("projects", "donors", "matching"),
    copies=COPIES,
    facts=FACTS,
    load=resume,
    extras=Printer,
    measure=measure,
)
