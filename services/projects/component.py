"""What projects gives and needs."""

from pathlib import Path
from typing import Final

from services.chassis.service import Component
from services.projects import pages
from services.projects.handlers import organisations
from services.projects.handlers.programmes import load_shipped
from services.projects.tables import COPIES, FACTS, MESSAGING, Table

HERE: Final = Path(__file__).parent

COMPONENT: Final = Component(
    name="projects",
    metadata=Table.metadata,
    messaging=MESSAGING,
    migrations=HERE / "migrations",
    precedence=-1,  # the list of actions is what most visits begin with
    routes=organisations.ROUTES,
    needs=("accounts",),
    router=pages.ROUTER,
    templates=HERE / "templates",
    locale=HERE / "locale",
    static=HERE / "static",
    copies=COPIES,
    facts=FACTS,
    load=load_shipped,
)
