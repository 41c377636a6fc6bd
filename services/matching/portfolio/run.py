"""What one call of the solver knows so far."""

import time
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from services.matching.portfolio.instance import Instance
from services.matching.portfolio.plan import Plan, Way
from services.matching.portfolio.prices import FINEST, proven
from services.matching.portfolio.problem import Problem

CLOSE: Final = 3e-6
"""What bound and value may differ by, as a part of the bound, where steps are too fine to round to."""


@dataclass(slots=True)
class Run:
    """What one call knows so far. Bounds count the proposals that need no grant; `base` is their value."""

    instance: Instance
    problem: Problem
    started: float
    limit: float
    step: Fraction
    base: Fraction
    plan: Plan
    bound: float
    ways: tuple[Way, ...] = ()

    def left(self) -> float:
        """Seconds until the time limit."""
        return self.limit - (time.monotonic() - self.started)

    @property
    def closed(self) -> bool:
        """Whether the plan is proven to be the best."""
        return self.reached(self.plan)

    def reached(self, plan: Plan) -> bool:
        """Whether the plan is worth the bound, or as near to it as floating point can tell."""
        return self.bound - float(plan.value) <= CLOSE * max(1.0, self.bound)

    @property
    def grid(self) -> float:
        """The step of value as the solver may use it; 0 when it is too fine to."""
        return float(self.step) if self.step > FINEST * max(1.0, self.bound) else 0.0

    def lower(self, bound: float) -> None:
        """Take a bound on what can be added to `base`, from floating point."""
        self.bound = max(float(self.plan.value), min(self.bound, proven(bound + float(self.base), self.step)))

    def offer(self, plan: Plan) -> None:
        """Take a plan if it is better and keeps the wishes."""
        if plan.value > self.plan.value and self.problem.kept_by(plan.funded):
            self.plan = plan
