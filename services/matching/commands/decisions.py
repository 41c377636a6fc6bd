"""What a coordinator can ask matching to do."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from services.matching.rules.decisions import Decision

REASON_LIMIT: Final = 1000
"""Characters of a decision's reason."""


@dataclass(frozen=True)
class DecidePair:
    """Shortlist or dismiss a window for a proposal, or take that back."""

    proposal_id: UUID
    window_id: str
    wanted: Decision
    person_id: UUID
    person_name: str
