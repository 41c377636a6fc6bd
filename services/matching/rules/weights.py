"""The weights of the fit: one version of what each part can earn, and the scales behind some of the parts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

PROPOSAL_PARTS: Final = ("priority", "themes", "species", "states", "size", "time", "cofinancing", "history")
ACTION_PARTS: Final = ("priority", "themes", "species", "states")
WHOLE: Final = 100
"""What the points of all parts add up to."""
_SINCE_VERSION_2: Final = ("history",)
"""Parts that version 1 did not have: a file without them gives them no points."""
_PACE: Final = {"application": 30, "intermediary": 120, "endorsement": 45, "letters": 30, "funds": 60}
"""Days, for a file that is older than the step that it does not name."""


@dataclass(frozen=True)
class Weights:
    """One version of the weights: what each part can earn, and the scales behind two of them."""

    version: int
    proposal: Mapping[str, int]
    action: Mapping[str, int]
    priority_percent: Mapping[str, int]
    pace_days: Mapping[str, int]

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Weights":
        """Read a weights file. Raises ValueError when the parts are not those expected or do not make 100."""
        made: dict[str, dict[str, int]] = {}
        for name, expected in (("proposal", PROPOSAL_PARTS), ("action", ACTION_PARTS)):
            points = {entry["part"]: int(entry["points"]) for entry in data[name]}
            old = tuple(part for part in expected if part not in _SINCE_VERSION_2)
            if tuple(points) == old:
                points |= dict.fromkeys(expected[len(old) :], 0)
            if tuple(points) != expected:
                raise ValueError(f"the parts of {name} must be {', '.join(expected)}")
            if min(points.values()) < 0 or sum(points.values()) != WHOLE:
                raise ValueError(f"the points of {name} must add up to {WHOLE}")
            made[name] = points
        pace = _PACE | {key: int(value) for key, value in data["pace_days"].items() if key != "reason"}
        return cls(int(data["version"]), made["proposal"], made["action"], dict(data["priority_percent"]), pace)


Why = str | Mapping[str, str]
"""A reason in whatever language a person wrote it, or, as the program ships it, in each: language -> text."""


def reasons_of(data: Mapping[str, Any], name: str = "proposal") -> dict[str, Why]:
    """Part -> why it has the points that it has, as a weights file says."""
    return {entry["part"]: entry["reason"] for entry in data[name]}


class PointChange(NamedTuple):
    """One part whose points are others, and why."""

    part: str
    before: int
    after: int
    reason: Why

    @property
    def by(self) -> int:
        """Points more, or less."""
        return self.after - self.before


def changes_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[PointChange]:
    """What differs between two files of weights, for a proposal's parts."""
    old, new, why = Weights.from_data(before).proposal, Weights.from_data(after).proposal, reasons_of(after)
    return [PointChange(part, old[part], new[part], why.get(part, "")) for part in new if new[part] != old[part]]
