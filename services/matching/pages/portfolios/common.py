"""What the pages of scenarios and plans share."""

from collections.abc import Sequence
from typing import Final, TypeVar
from uuid import UUID

from sqlmodel import Session

from services.chassis.errors import NotFound
from services.chassis.web import Visit
from services.matching.commands.portfolios import Author
from services.matching.queries import plans
from services.matching.tables import Scenario

SHELF: Final = "/matching/portfolios"
LONG: Final = 15
"""A list of more lines than this is long."""
SHOWN: Final = 12
"""Lines of a long list that are shown at once."""
One = TypeVar("One")


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


def folds(ones: Sequence[One]) -> list[Sequence[One]]:
    """A list in one part, or, where it is long, what is shown at once and what is folded away; nothing of an empty one.

    A plan of some hundred proposals would else be a page of a hundred screens on a telephone.
    """
    parts = [ones] if len(ones) <= LONG else [ones[:SHOWN], ones[SHOWN:]]
    return [part for part in parts if part]
