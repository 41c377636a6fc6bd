"""What a coordinator can ask about a donor's money."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import UUID

StudyKind = Literal["unlock", "steering"]
MOST_MONEY: Final = 1_000_000_000
"""US dollars: more than this is a slip."""
UNLOCK_SECONDS: Final = 3.0
"""For each plan."""
STEERING_SECONDS: Final = 30.0
"""For the whole curve."""
MORE: Final = (50_000, 100_000, 250_000)
"""Dollars beyond the amount: what the next ones would add."""
NEW_MONEY: Final = "new-money"
"""What the window of the money in question is called in the instance."""


@dataclass(frozen=True)
class Unlock:
    """What would an amount unlock? `donor`: its windows' rules apply; empty: none do. Empty sets take any."""

    amount: int
    donor: str = ""
    states: frozenset[str] = frozenset()
    """Every state of a proposal must be among these."""
    species: frozenset[str] = frozenset()
    """One species of a proposal is enough."""

    def as_json(self) -> dict[str, Any]:
        """For storage."""
        return {
            "amount": self.amount, "donor": self.donor, "states": sorted(self.states), "species": sorted(self.species),
        }  # fmt: skip

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Unlock":
        """Read back what `as_json` gave."""
        return cls(data["amount"], data["donor"], frozenset(data["states"]), frozenset(data["species"]))

    def takes(self, states: frozenset[str], species: frozenset[str]) -> bool:
        """Whether money of these preferences may go to a proposal."""
        return (not self.states or (bool(states) and states <= self.states)) and (
            not self.species or bool(species & self.species)
        )


@dataclass(frozen=True)
class Steer:
    """Which plans on a donor's money keep its preferred species and carry most others?"""

    donor: str
    preferred: frozenset[str]
    budget: int | None = None
    """What each of the donor's windows could give; None: one grant at its maximum."""
    others: bool = False
    """Whether other windows may pay beside the donor's."""

    def as_json(self) -> dict[str, Any]:
        """For storage."""
        return {
            "donor": self.donor, "preferred": sorted(self.preferred), "budget": self.budget, "others": self.others,
        }  # fmt: skip

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Steer":
        """Read back what `as_json` gave."""
        return cls(data["donor"], frozenset(data["preferred"]), data["budget"], data["others"])


@dataclass(frozen=True)
class AskStudy:
    """Have a study made. `once` was made with the form, so that a button pressed twice makes one."""

    once: UUID
    kind: StudyKind
    asked: Mapping[str, Any]
    by: str
