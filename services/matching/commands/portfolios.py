"""What a coordinator can ask about scenarios and their plans."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from services.matching.rules.portfolios import Changes

NAME_LIMIT: Final = 120
DESCRIPTION_LIMIT: Final = 2000
"""Characters."""
TIME_LIMITS: Final = (10, 30, 120)
"""Seconds that a plan may take, to choose from."""


@dataclass(frozen=True)
class Author:
    """Who asks."""

    person_id: UUID
    name: str


@dataclass(frozen=True)
class Draft:
    """What a scenario is to be."""

    name: str
    description: str
    changes: Changes


@dataclass(frozen=True)
class StartScenario:
    """Keep a new scenario. `once` was made with the form, so that a button pressed twice makes one."""

    once: UUID
    draft: Draft
    author: Author
    copied_from: UUID | None = None


@dataclass(frozen=True)
class ChangeScenario:
    """Change a scenario that the person saw at `revision`."""

    scenario_id: UUID
    revision: int
    draft: Draft
    author: Author


@dataclass(frozen=True)
class ArchiveScenario:
    """Put a scenario away, or take it out again."""

    scenario_id: UUID
    archived: bool
    author: Author


@dataclass(frozen=True)
class UndoChange:
    """Take back the change that made `revision`."""

    scenario_id: UUID
    revision: int
    author: Author


@dataclass(frozen=True)
class AskForPlan:
    """Have a plan of a scenario computed, within `time_limit` seconds."""

    once: UUID
    scenario_id: UUID
    time_limit: int
    author: Author
