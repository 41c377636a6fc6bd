"""Money of the map: three sums in US dollars, and how they are split to the cent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final, NamedTuple, TypeVar

CENT: Final = Decimal("0.01")
ZERO: Final = Decimal("0.00")
Place = TypeVar("Place")


class Sums(NamedTuple):
    """US dollars awarded, pending, and open (asked for, and of nobody yet)."""

    awarded: Decimal = ZERO
    pending: Decimal = ZERO
    open: Decimal = ZERO

    def plus(self, other: Sums) -> Sums:
        """Both together."""
        return Sums(self.awarded + other.awarded, self.pending + other.pending, self.open + other.open)

    @property
    def whole(self) -> Decimal:
        """All three."""
        return self.awarded + self.pending + self.open


NOTHING: Final = Sums()


def split(amount: Decimal, parts: int) -> list[Decimal]:
    """`amount` (of whole cents) in `parts` parts that differ by a cent at most and add up to it, larger ones first."""
    if not amount:
        return [ZERO] * parts
    cents = int(amount.scaleb(2))
    each, more = divmod(cents, parts)
    return [Decimal(each + (1 if place < more else 0)).scaleb(-2) for place in range(parts)]


def shares(money: Sums, places: Sequence[Place]) -> Mapping[Place, Sums]:
    """`money` split evenly over `places`, each sum by itself."""
    if not places:
        return {}
    if money.whole == 0:
        return dict.fromkeys(places, NOTHING)
    columns = [split(amount, len(places)) for amount in money]
    return {place: Sums(*(column[index] for column in columns)) for index, place in enumerate(places)}
