"""Sharing a sum among windows: exact, in whole cents, by closed forms.

A window's co-financing rule asks for `ratio` times its grant from elsewhere: own contributions, and grants that do
not come out of the same purse. With the need fixed, what comes from elsewhere is the need less the grants of that
purse, so every rule has the form `ratio x grant + grants of the purse <= room`. For a fixed sum of a purse it bounds
each grant by itself, and the bound falls as that sum grows: the sums a purse can give are therefore all those between
a least and a most, and a set of windows can fund a need exactly if it lies between the sums of these.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

from services.matching.rules.purses import largest_grant

EVEN: Final = 10_000
"""Grants are kept to whole hundreds of dollars (in cents) where nothing stands against it."""


@dataclass(frozen=True)
class Offer:
    """What one window could give, in whole cents of US dollars."""

    window_id: str
    purse: str
    """Windows of one purse do not count as co-financing for one another."""
    low: int
    high: int
    ratio: Fraction = Fraction(0)
    """Co-financing that each cent of grant calls for."""
    room: int | None = None
    """`ratio` x grant + all grants of the purse must not pass this; None: no rule."""

    def most(self, purse_sum: int) -> int:
        """The largest grant while its purse gives `purse_sum` in all; below `low` where none is right."""
        most = None if self.room is None else largest_grant(self.ratio, self.room, purse_sum)
        return self.high if most is None else min(self.high, most)


def purses(offers: Iterable[Offer]) -> list[list[Offer]]:
    """The offers by purse."""
    found: dict[str, list[Offer]] = {}
    for offer in offers:
        found.setdefault(offer.purse, []).append(offer)
    return list(found.values())


def range_of(purse: Sequence[Offer]) -> tuple[int, int] | None:
    """(least, most) that the windows of one purse can give together, each giving something; None where they cannot."""
    if len(purse) == 1:
        return _alone(purse[0])
    least, top = sum(offer.low for offer in purse), sum(offer.high for offer in purse)
    if not _gives(purse, least):
        return None
    while least < top:  # the largest sum that can be given: all smaller ones can be too
        middle = (least + top + 1) // 2
        if _gives(purse, middle):
            least = middle
        else:
            top = middle - 1
    return sum(offer.low for offer in purse), least


def _alone(offer: Offer) -> tuple[int, int] | None:
    most = offer.high if offer.room is None else min(offer.high, int(offer.room / (1 + offer.ratio)))
    return (offer.low, most) if offer.low <= most else None


def _gives(purse: Sequence[Offer], purse_sum: int) -> bool:
    mosts = [offer.most(purse_sum) for offer in purse]
    if any(most < offer.low for most, offer in zip(mosts, purse, strict=True)):
        return False
    return sum(offer.low for offer in purse) <= purse_sum <= sum(mosts)


def span(offers: Sequence[Offer]) -> tuple[int, int] | None:
    """(least, most) that these windows can give together; None where their rules cannot hold at once."""
    ranges = [range_of(purse) for purse in purses(offers)]
    found = [one for one in ranges if one is not None]
    if len(found) < len(ranges):
        return None
    return sum(low for low, _ in found), sum(high for _, high in found)


def share(offers: Sequence[Offer], need: int) -> dict[str, int] | None:
    """Window -> grant so that all of them make `need` and every rule holds; None where that cannot be.

    Each gives the same part of its room, so that none is stretched while another has much to spare.
    """
    groups = purses(offers)
    ranges = [range_of(group) for group in groups]
    found = [one for one in ranges if one is not None]
    if len(found) < len(ranges) or not sum(low for low, _ in found) <= need <= sum(high for _, high in found):
        return None
    grants: dict[str, int] = {}
    for group, whole in zip(groups, spread(need, found), strict=True):
        limits = [(offer.low, offer.most(whole)) for offer in group]
        grants |= dict(zip([offer.window_id for offer in group], spread(whole, limits), strict=True))
    return {offer.window_id: grants[offer.window_id] for offer in offers}


def spread(total: int, limits: Sequence[tuple[int, int]]) -> list[int]:
    """Amounts within `limits` that make `total`, each about the same part of its way up. Round ones where it can be."""
    lows, rooms = [low for low, _ in limits], [high - low for low, high in limits]
    rest, room = total - sum(lows), sum(rooms)
    amounts = []
    for low, own in zip(lows, rooms, strict=True):
        amount = low + (own * rest // room if room else 0)
        even = amount - amount % EVEN
        amounts.append(even if even >= low else amount)
    left = total - sum(amounts)
    widest = sorted(range(len(limits)), key=lambda at: -rooms[at])
    for even in (True, False):  # whole hundreds first, then whatever is left
        for at in widest:
            more = min(left, limits[at][1] - amounts[at])
            more -= (amounts[at] + more) % EVEN if even else 0
            if more > 0:
                amounts[at] += more
                left -= more
    return amounts


def reach(offers: Sequence[Offer], need: int, grants: Mapping[str, int], window_id: str) -> tuple[int, int]:
    """(least, most) that one window could give in this set, the others making up for it. Around its present grant."""

    def works(amount: int) -> bool:
        fixed = [replace(one, low=amount, high=amount) if one.window_id == window_id else one for one in offers]
        found = span(fixed)
        return found is not None and found[0] <= need <= found[1]

    own = next(one for one in offers if one.window_id == window_id)
    now = grants[window_id]
    least, below = now, own.low
    while below < least:
        middle = (below + least) // 2
        if works(middle):
            least = middle
        else:
            below = middle + 1
    most, above = now, own.high
    while most < above:
        middle = (most + above + 1) // 2
        if works(middle):
            most = middle
        else:
            above = middle - 1
    return least, most
