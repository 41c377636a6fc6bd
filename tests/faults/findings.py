"""What a checker finds wrong, and how much it has looked at."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Findings:
    """What is wrong after a round. All lists are empty when nothing is."""

    losses: list[str] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    """Copies or sums that do not agree, and messages that are parked and should not be."""
    repeats_dropped: int = 0
    """Messages that stood on the bus more than once."""
    checked: Counter[str] = field(default_factory=Counter)

    @property
    def clean(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.losses or self.duplicates or self.differences)

    def expect(self, kind: str, found: object, wanted: object, what: str) -> None:
        """Note a difference unless `found` is `wanted`."""
        self.checked[kind] += 1
        if found != wanted:
            self.differences.append(f"{what}: {_short(found)} instead of {_short(wanted)}")

    def once(self, kind: str, found: Iterable[Any], wanted: Iterable[Any]) -> None:
        """Everything wanted is there exactly once, and nothing else."""
        here, there = Counter(found), Counter(wanted)
        self.checked[kind] += sum(there.values())
        self.losses += [f"{kind}: {one}" for one in (there - here)]
        self.duplicates += [f"{kind}: {one}" for one in (here - there)]


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) < 200 else f"{text[:200]}..."
