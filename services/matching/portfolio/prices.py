"""Prices, what they prove, and when a bound from floating point counts as proven."""

from dataclasses import dataclass
from fractions import Fraction
from math import floor, isfinite
from typing import Final

import numpy as np

from services.matching.portfolio.problem import Flags, Floats, Problem

NEAR: Final = 1e-6
"""What a floating-point bound is lifted by, as a part of it, before it counts as proven."""
FINEST: Final = 1e-5
"""Steps of value that are smaller than this part of the bound are too fine for a solver's tolerances."""


def proven(bound: float, step: Fraction) -> float:
    """A bound from floating point made safe: lifted by the tolerance, then lowered to what a plan can be worth."""
    if not step:
        return 0.0
    lifted = bound + NEAR * max(1.0, abs(bound))
    return float(floor(Fraction(lifted) / step) * step) if isfinite(lifted) else lifted


def everything(problem: Problem) -> float:
    """What funding every candidate would add: a bound at once."""
    times = np.zeros(len(problem.weights), dtype=np.int64)
    for p in problem.candidates.tolist():
        times[list(problem.actions[p])] += 1
    return float(sum(sum(problem.steps(action)[: int(times[action])]) for action in np.flatnonzero(times).tolist()))


@dataclass(slots=True)
class Prices:
    """Prices of a unit of each window's money, of each action's coverage, of each wish and of each window's grants."""

    money: Floats
    cover: Floats
    wish: Floats
    fee: Floats
    bound: float
    gain: Floats
    """What each candidate's coverage, and the wishes that it keeps, are worth."""
    margin: Floats
    """What each candidate adds above its cheapest funding; negative where it is not worth its money."""

    def settled(self, value: float) -> tuple[Flags, Flags]:
        """Candidates that every plan of at least `value` funds, and those that none does."""
        safe = self.bound + NEAR * (1 + self.bound)
        must = safe - np.maximum(self.margin, 0.0) < value
        never = safe + np.minimum(self.margin, 0.0) < value
        return must, never
