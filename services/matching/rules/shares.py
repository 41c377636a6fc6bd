"""Shares of a weight, counted in thousandths until the last step, and how they become whole points."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from services.matching.rules.findings import NO_PARAMS, Params

ALL: Final = 1000
"""A whole share, in thousandths; also a whole point."""
HALF: Final = ALL // 2
"""What is not known earns half of what a yes would."""
NOTHING: Final = 0


class Share(NamedTuple):
    """How much of its weight a part has earned, in thousandths, and why."""

    share: int
    reason: str
    params: Params = NO_PARAMS


def share_of(amount: Decimal, whole: Decimal) -> int:
    """`amount` of `whole` in thousandths, at most all of it; `whole` is above zero."""
    return max(NOTHING, min(ALL, int(amount * ALL / whole)))


def apportion(thousandths: Sequence[int]) -> list[int]:
    """Round parts to whole points that add up to their own rounded total (largest remainder, earlier part first).

    No part rises above the next whole number, so none exceeds a whole maximum that it kept before.
    """
    points = [value // ALL for value in thousandths]
    missing = (sum(thousandths) + HALF) // ALL - sum(points)
    by_remainder = sorted(range(len(points)), key=lambda at: -(thousandths[at] % ALL))
    for at in by_remainder[:missing]:
        points[at] += 1
    return points
