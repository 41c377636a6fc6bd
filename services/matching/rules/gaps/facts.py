"""What the map is counted from: needs, and proposals with how far their money has come."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal
from uuid import UUID

from services.matching.rules.gaps.money import CENT, NOTHING, ZERO, Sums

Standing = Literal["orphaned", "proposed", "pursued", "pending", "funded"]
STANDINGS: Final[tuple[Standing, ...]] = ("orphaned", "proposed", "pursued", "pending", "funded")
"""How far the money for an action has come, from nothing to the best."""
Axis = Literal["state", "species"]

REGION: Final = "region"
"""Column of the actions that name no state (or species): they are for the region as a whole."""
OUTSIDE: Final = "outside"
"""Where a proposal addresses an action in none of the places that the action names."""

WEIGHTS: Final[Mapping[str | None, int]] = {"high": 10, "high_medium": 8, "medium": 6, "medium_low": 4, "low": 2}
"""By priority of the Programme, as the portfolio plans weigh it; 1 without a priority."""

_STANDING_OF: Final[Mapping[str, Standing]] = {
    "awarded": "funded", "submitted": "pending", "concept_note": "pending", "contacted": "pursued",
    "identified": "pursued",
}  # fmt: skip


@dataclass(frozen=True)
class Need:
    """An action of the Programme."""

    action_id: str
    section: int
    priority: str | None
    sort_key: str
    states: frozenset[str]
    species: frozenset[str]
    themes: frozenset[str] = frozenset()
    landscapes: frozenset[str] = frozenset()

    @property
    def weight(self) -> int:
        """What it counts in a share of need."""
        return WEIGHTS.get(self.priority, 1)

    def named(self, axis: Axis) -> frozenset[str]:
        """The states, or the species, that it names."""
        return self.states if axis == "state" else self.species


@dataclass(frozen=True)
class Pursued:
    """A pursuit of a window's money for a proposal."""

    window_id: str
    stage: str
    usd: Decimal | None = None
    """Asked of the donor, or granted by it; None where nobody said."""


@dataclass(frozen=True)
class Plea:
    """A proposal that stands, as the map counts it."""

    proposal_id: UUID
    action_ids: frozenset[str]
    states: frozenset[str]
    species: frozenset[str]
    standing: Standing
    money: Sums = NOTHING
    pursuits: tuple[Pursued, ...] = ()
    """An award of which nobody said how much it is counts as funding, and as no money."""

    def named(self, axis: Axis) -> frozenset[str]:
        """Its states, or its species."""
        return self.states if axis == "state" else self.species

    def places(self, need: Need, axis: Axis) -> frozenset[str]:
        """The columns in which it addresses an action: never none."""
        named = need.named(axis)
        if not named:
            return frozenset({REGION})
        return named & self.named(axis) or frozenset({OUTSIDE})


def standing_of(stages: Iterable[str]) -> Standing:
    """How far a proposal with pursuits at these stages has come; a stage that is not known counts for nothing."""
    return max((_STANDING_OF.get(stage, "proposed") for stage in stages), key=STANDINGS.index, default="proposed")


def plea_of(
    proposal_id: UUID, *, action_ids: Iterable[str], states: Iterable[str], species: Iterable[str],
    requested: Decimal, pursuits: Iterable[Pursued],
) -> Plea:  # fmt: skip
    """A proposal that asks for `requested` US dollars, with its pursuits."""
    known = list(pursuits)
    awarded = sum((one.usd for one in known if one.stage == "awarded" and one.usd is not None), ZERO)
    asked = [one.usd for one in known if _STANDING_OF.get(one.stage) == "pending"]
    left = max(ZERO, requested - awarded)
    pending = left if None in asked else min(left, sum((usd for usd in asked if usd is not None), ZERO))
    money = Sums(awarded.quantize(CENT), pending.quantize(CENT), (left - pending).quantize(CENT))
    return Plea(
        proposal_id, frozenset(action_ids), frozenset(states), frozenset(species),
        standing_of(one.stage for one in known), money, tuple(known),
    )  # fmt: skip
