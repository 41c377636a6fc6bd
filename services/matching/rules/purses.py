"""Purses: the money of one fund (or of one donor, where it is of no fund) does not co-finance itself.

Co-financing is what comes beside a grant from the applicant and from others. The GEF says so of its own money
(`data/blending-1.json`), and we read "from elsewhere" so for every donor. Packages and plans both ask here.
"""

from collections.abc import Iterable
from fractions import Fraction
from typing import TypeVar

from contracts.windows import WindowTerms

Amount = TypeVar("Amount")


def purse_of(terms: WindowTerms) -> str:
    """Where a window's money comes from: its fund, else its donor."""
    return f"fund:{terms.fund}" if terms.fund else f"donor:{terms.donor_id}"


def from_elsewhere(purse: str, given: Iterable[tuple[str, Amount]]) -> list[Amount]:
    """Of what is given out of purses, (purse, amount), the amounts that co-finance a grant out of `purse`."""
    return [amount for other, amount in given if other != purse]


def largest_grant(ratio: Fraction, room: int, purse_sum: int) -> int | None:
    """The largest grant of a window that asks `ratio` times its grant from elsewhere, while its purse gives `purse_sum`
    in all, its own grant counted; negative where no grant is right, None where any is.

    `room` is the whole cost, all in one unit of money: what is not of the purse is from elsewhere, so that
    `ratio x grant + purse_sum <= room`.
    """
    left = room - purse_sum
    if left < 0:
        return -1
    return int(left / ratio) if ratio else None
