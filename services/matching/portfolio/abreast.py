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
from services.matching.portfolio.plan import Plan

STRETCH: Final = 3000
"""Simplex iterations after which the searches compare their plans, at the smallest sizes."""

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
        until = self.search.worked + self._length()
        while self.search.worked < until and left() > 0:
            self.turn(left)

    def _length(self) -> int:
        """The work of a stretch: more where steps are larger, and more still where there is nothing but steps."""
        scale = self.search.scale
        return STRETCH * scale * (1 if self.dives is not None else scale)


class Abreast:
    """The two searches; the first is the one that goes on alone."""

    def __init__(self, first: Side, second: Side) -> None:
        self.first, self.second = first, second

    def round(self, left: Clock) -> bool:
        """One stretch of both; whether the plan got better."""
        before = self.first.search.plan
        with ThreadPoolExecutor(1) as pool:
            other = pool.submit(self.second.stretch, left)
            self.first.stretch(left)
            other.result()
        self.meet(before, left)
        return self.first.search.plan.value > before.value

    def meet(self, before: Plan, left: Clock) -> None:
        """Both go on from the better plan, or from what the two make together where both have got better.

        What the other's plan uses is looked at in the next merge.
        """
        one, two = self.first.search, self.second.search
        better, other = (one.plan, two.plan) if one.plan.value >= two.plan.value else (two.plan, one.plan)
        one.plan = better
        if other.value > before.value and other.funded != better.funded and left() > 0:
            one.kernel(one.flags((p, w) for p, w, _ in other.grants), left)
        for search in (one, two):
            search.plan, search.beside = one.plan, other
