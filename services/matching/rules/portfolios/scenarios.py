"""A scenario: what a coordinator would have otherwise than it is today. Plain values that are kept as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, Literal, get_args
from uuid import UUID

from services.matching.rules.fit import USUAL_FROM

MOST_WINDOWS_EACH: Final = 3
"""Windows that one proposal may be funded from, unless a scenario says otherwise: who follows more calls at once
writes reports all year."""
LEAST_GRANT: Final = 1000
"""US dollars below which nobody would apply, where a donor states no smallest grant."""
LeastBy = Literal["usual", "share", "amount"]
"""What is taken for the smallest grant where a donor states none: what the fit takes for the least usual one, a share
of the largest grant that the scenario names, or an amount that it names."""
LEAST_BY: Final[tuple[LeastBy, ...]] = get_args(LeastBy)
USUAL_SHARE: Final = int(USUAL_FROM * 100)
"""Per cent of a window's largest grant at which the fit takes its usual grant to begin."""


@dataclass(frozen=True)
class NewWindow:
    """A window that does not exist (yet). Money is whole US dollars. Empty sets take any."""

    window_id: str
    """`new-1` and so on, unique in its scenario."""
    name: str
    budget: int
    smallest: int
    largest: int
    ratio: Decimal = Decimal(0)
    """Co-financing that a dollar of grant calls for."""
    states: frozenset[str] = frozenset()
    """Every state of a proposal must be among these."""
    species: frozenset[str] = frozenset()
    """One species of a proposal is enough."""
    kinds: frozenset[str] = frozenset()
    """Kinds of applicants."""

    def takes(self, states: frozenset[str], species: frozenset[str], kind: str) -> bool:
        """Whether a proposal is one that the window would fund."""
        return (
            (not self.states or (bool(states) and states <= self.states))
            and (not self.species or bool(species & self.species))
            and (not self.kinds or kind in self.kinds)
        )

    def as_json(self) -> dict[str, Any]:
        """For storage."""
        return {
            "window_id": self.window_id, "name": self.name, "budget": self.budget, "smallest": self.smallest,
            "largest": self.largest, "ratio": str(self.ratio), "states": sorted(self.states),
            "species": sorted(self.species), "kinds": sorted(self.kinds),
        }  # fmt: skip

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "NewWindow":
        """Read back what `as_json` gave."""
        return cls(
            data["window_id"], data["name"], data["budget"], data["smallest"], data["largest"], Decimal(data["ratio"]),
            frozenset(data["states"]), frozenset(data["species"]), frozenset(data["kinds"]),
        )  # fmt: skip


@dataclass(frozen=True)
class Changes:
    """How a scenario departs from today's data, and what its plan must keep to. Money is whole US dollars."""

    closed: frozenset[str] = frozenset()
    """Windows that give nothing."""
    new_windows: tuple[NewWindow, ...] = ()
    budgets: Mapping[str, int] = field(default_factory=dict)
    """Window -> what it could give in all; otherwise one grant at its maximum."""
    largest: Mapping[str, int] = field(default_factory=dict)
    """Window -> its largest grant."""
    must: frozenset[UUID] = frozenset()
    """Proposals that every plan funds."""
    must_not: frozenset[UUID] = frozenset()
    """Proposals that no plan funds."""
    unsure: bool = True
    """Whether pairs count of which some rule is unknown; the plan then rests on the answers."""
    parts: bool = True
    """Whether a window counts that refuses only because the whole amount is too much for it: it may give a part."""
    each_state: bool = False
    """At least one funded proposal in every range state that can be reached."""
    each_species: bool = False
    """At least one funded proposal for every species that can be reached."""
    max_windows: int = MOST_WINDOWS_EACH
    least_by: LeastBy = "usual"
    """How the smallest grant of windows that state none is reckoned."""
    least_grant: int = LEAST_GRANT
    """It in US dollars, for `amount`."""
    least_share: int = USUAL_SHARE
    """It in per cent of the largest grant, for `share`."""

    @property
    def least_percent(self) -> int | None:
        """It in per cent of the largest grant; None where it is an amount."""
        return {"usual": USUAL_SHARE, "share": self.least_share}.get(self.least_by)

    def least_of(self, largest: int | None, anyhow: int = LEAST_GRANT) -> int:
        """The smallest grant of a window that states none; `largest` is its largest one as far as the donor states it.

        Where that is not known either, nobody can say what is usual: then it is `anyhow`, and it is never less.
        """
        percent = self.least_percent
        if percent is None:
            return self.least_grant
        return anyhow if largest is None else max(anyhow, largest * percent // 100)

    def as_json(self) -> dict[str, Any]:
        """For storage; equal changes give equal objects."""
        return {
            "closed": sorted(self.closed),
            "new_windows": [window.as_json() for window in self.new_windows],
            "budgets": dict(sorted(self.budgets.items())),
            "largest": dict(sorted(self.largest.items())),
            "must": sorted(str(key) for key in self.must),
            "must_not": sorted(str(key) for key in self.must_not),
            "unsure": self.unsure, "parts": self.parts, "each_state": self.each_state,
            "each_species": self.each_species, "max_windows": self.max_windows,
            "least_by": self.least_by, "least_grant": self.least_grant, "least_share": self.least_share,
        }  # fmt: skip

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Changes":
        """Read back what `as_json` gave. What was kept before there was a choice goes on meaning its amount."""
        return cls(
            frozenset(data["closed"]), tuple(NewWindow.from_json(one) for one in data["new_windows"]),
            dict(data["budgets"]), dict(data["largest"]),
            frozenset(UUID(key) for key in data["must"]), frozenset(UUID(key) for key in data["must_not"]),
            data["unsure"], data["parts"], data["each_state"], data["each_species"], data["max_windows"],
            data.get("least_by", "amount"), data.get("least_grant", LEAST_GRANT), data.get("least_share", USUAL_SHARE),
        )  # fmt: skip
