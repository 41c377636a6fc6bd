"""Moving a pursuit, and undoing that."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from services.matching.rules.pursuits import Wish

NOTE_LIMIT: Final = 2000
"""Characters of a move's note."""
OWNER_LIMIT: Final = 120
"""Characters of the name of who sees to a pursuit."""


@dataclass(frozen=True)
class MovePursuit:
    """Move the pursuit of a window's money for a proposal to another stage, or change what is known of it."""

    proposal_id: UUID
    window_id: str
    wish: Wish
    once: UUID
    """Made with the page that this was sent from."""
    seen: UUID | None
    """What had last been done to the pursuit when that page was drawn; None if nothing had."""
    person_id: UUID
    person_name: str


@dataclass(frozen=True)
class UndoMove:
    """Take back the last move of a pursuit."""

    proposal_id: UUID
    window_id: str
    move_id: UUID
    person_id: UUID
    person_name: str
