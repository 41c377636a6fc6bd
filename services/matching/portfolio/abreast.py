"""Two searches side by side, one on each core, that go on from the better of their plans.

Each works for a stretch that is counted in work, not in time, and both are waited for: so the same seed goes on from
the same plan.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum
from typing import Final

from services.matching.portfolio.dive import Dives
from services.matching.portfolio.neighbourhood import Search

STRETCH: Final = 3000
"""Simplex iterations after which the searches compare their plans."""

Clock = Callable[[], float]


class Kind(Enum):
    """Ways to look for a better plan, in the order in which they take turns."""

    MERGE = 1
    STEP = 2
    NEAR = 3


IDLE: Final = 5000
"""Simplex iterations that bring nothing before it is the next kind's turn."""


@dataclass(slots=True)
class Side:
    """One search. Each kind of looking goes on until it has brought nothing a few times, then it is the next one's."""

    search: Search
    dives: Dives | None
    kind: Kind = Kind.NEAR
    idle: int = 0

    def turn(self, left: Clock) -> bool:
        """Look once for a better plan; whether there was one."""
        before = self.search.worked
        if self.dives is None or self.kind is Kind.STEP:
            better = self.search.step(left)
        elif self.kind is Kind.MERGE:
            better = self.search.merge(self.dives, left)
        else:
            better = self.search.near(left)
        self.idle = 0 if better else self.idle + self.search.worked - before
        if self.dives is not None and self.idle >= IDLE:
            self.kind, self.idle = Kind(self.kind.value % len(Kind) + 1), 0
        return better

    def stretch(self, left: Clock) -> None:
        """Look until the work of a stretch is done."""
        until = self.search.worked + STRETCH
        while self.search.worked < until and left() > 0:
            self.turn(left)


class Abreast:
    """The two searches; the first is the one that goes on alone."""

    def __init__(self, first: Side, second: Side) -> None:
        self.first, self.second = first, second

    def round(self, left: Clock) -> bool:
        """One stretch of both; whether the plan got better."""
        sides = self.first, self.second
        before = max(side.search.plan.value for side in sides)
        with ThreadPoolExecutor(1) as pool:
            other = pool.submit(self.second.stretch, left)
            self.first.stretch(left)
            other.result()
        self.meet()
        return self.first.search.plan.value > before

    def meet(self) -> None:
        """Both go on from the better plan; what the other's plan uses is looked at in the next merge."""
        one, two = self.first.search, self.second.search
        better, other = (one.plan, two.plan) if one.plan.value >= two.plan.value else (two.plan, one.plan)
        for search in (one, two):
            search.plan, search.beside = better, other
