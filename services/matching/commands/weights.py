"""What a coordinator can ask about the weights of the fit."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True)
class PutWeights:
    """Put other points in force, or an earlier version again."""

    base: int
    """The version that the person has seen in force."""
    points: Mapping[str, int]
    """Part of a proposal's fit -> points; all parts, 100 in all."""
    reasons: Mapping[str, str]
    """Part -> why; of the parts whose points change."""
    person_id: UUID
    person_name: str
    same_as: int | None = field(default=None)
    """The version that this goes back to; its points and reasons are taken then, and no others."""
