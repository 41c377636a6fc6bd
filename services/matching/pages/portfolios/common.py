"""What the pages of scenarios and plans share."""

from typing import Final
from uuid import UUID

from sqlmodel import Session

from services.chassis.errors import NotFound
from services.chassis.web import Visit
from services.matching.commands.portfolios import Author
from services.matching.queries import plans
from services.matching.tables import Scenario

SHELF: Final = "/matching/portfolios"


def scenario_of(session: Session, scenario_id: str) -> Scenario:
    """Raises NotFound."""
    found = plans.scenario(session, identity(scenario_id))
    if found is None:
        raise NotFound(scenario_id)
    return found


def identity(text: str) -> UUID:
    """Raises NotFound for what is no id."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(text) from None


def author_of(visit: Visit) -> Author:
    """Who asks."""
    return Author(visit.person.person_id, visit.person.name)


def address(scenario_id: UUID) -> str:
    """Of a scenario's page."""
    return f"{SHELF}/{scenario_id}"
