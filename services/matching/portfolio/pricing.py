"""The cheapest way to fund each proposal when a window's dollar has a price: what bounds are made of.

`Sets` looks at every set of windows a proposal could be funded from and is exact. `Fill` takes the cheapest windows up
to what they can give, and does not mind how many they are nor how small a grant is: cheaper than any right plan, so
that bounds made of it hold, and quick where there are too many sets.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import comb
from typing import Final, Protocol

import numpy as np

from services.matching.portfolio.problem import Flags, Floats, Ints, Problem

MOST_SETS: Final = 3_000_000
"""More sets of windows than this are not kept and priced one by one."""
MOST_LOOKED_AT: Final = 40_000_000
"""More sets than this are not even listed."""
LOOKED_AT_A_SECOND: Final = 8_000_000
KEPT_A_SECOND: Final = 1_500_000
LISTING_SHARE: Final = 0.25
"""What looking at sets and keeping some takes, and the part of the time that it may: prices need several rounds."""
SAMPLED: Final = 20
MOST_UNSAMPLED: Final = 500_000
"""One of so many candidates tells, before all of more than so many sets are looked at, how many will be kept."""


@dataclass(frozen=True, slots=True)
class Priced:
    """For each candidate what its cheapest funding costs, and that funding as (candidate, window, units) entries."""

    cost: Floats
    candidate: Ints
    window: Ints
    units: Floats


class Pricing(Protocol):
    """A way to price."""

    exact: bool

    def price(self, prices: Floats, fees: Floats) -> Priced:
        """The cheapest funding of every candidate, with a price on each window's units and a fee on its grants."""
        ...


def pricing_of(problem: Problem, unit: float, seconds_left: Callable[[], float]) -> Pricing:
    """Exact pricing where the sets can be listed in time, else the quick one."""
    listed = _listed(problem, seconds_left)
    return Fill(problem, unit) if listed is None else Sets(problem, unit, *listed)


class Sets:
    """Every set of windows that can fund a candidate, with the least and the most that each of them gives in it."""

    exact = True

    def __init__(self, problem: Problem, unit: float, members: Ints, owners: Ints) -> None:
        pairs = problem.pairs
        self.none = len(pairs)
        low, high = np.append(pairs.low, 0)[members], np.append(pairs.high, 0)[members]
        need = problem.need[problem.candidates][owners][:, None]
        narrow_low = np.maximum(low, need - (high.sum(1)[:, None] - high))
        narrow_high = np.minimum(high, need - (low.sum(1)[:, None] - low))
        empty = members == self.none
        narrow_low[empty] = narrow_high[empty] = 0
        fits = (narrow_low <= np.append(problem.budget[pairs.window], 0)[members]).all(1)
        self.members, self.owners = members[fits], owners[fits]
        self.low = narrow_low[fits] / unit
        self.more = (narrow_high[fits] - narrow_low[fits]) / unit
        self.spare = need[fits, 0] / unit - self.low.sum(1)
        self.window = pairs.window
        self.count = len(problem.candidates)
        self._index()

    def costs(self, prices: Floats, fees: Floats) -> Floats:
        """The cost of every set, with a price on each window's units and a fee on its grants."""
        return self.costs_of(prices[self.window], fees[self.window])

    def costs_of(self, prices: Floats, fees: Floats) -> Floats:
        """The same where every pair has a price of its own, which may be negative, and a fee.

        What a set gives beyond the least comes from its cheapest members first. That costs the most that any one price
        for all of it allows, and the price of one of the members is the right one: so no set has to be sorted.
        """
        price = np.append(prices, 0.0)[self._across]
        beyond = np.full(len(self.owners), -np.inf)
        for at, same in enumerate(price):
            value = same * self.spare
            for other, one in enumerate(price):
                if other != at:
                    value += np.minimum(one - same, 0.0) * self._more_across[other]
            np.maximum(beyond, value, out=beyond)
        beyond += (price * self._low_across).sum(0)
        if fees.any():
            beyond += np.append(fees, 0.0)[self._across].sum(0)
        return beyond

    def amounts(self, chosen: Ints, prices: Floats) -> Floats:
        """What each member of these sets gives, the cheapest first, where every pair has a price."""
        order = np.argsort(np.append(prices, 0.0)[self.members[chosen]], axis=1, kind="stable")
        more = np.take_along_axis(self.more[chosen], order, 1)
        before = np.cumsum(more, axis=1) - more
        amounts: Floats = self.low[chosen].copy()
        given = np.clip(self.spare[chosen][:, None] - before, 0.0, more)
        np.put_along_axis(amounts, order, np.take_along_axis(amounts, order, 1) + given, 1)
        return amounts

    def cheapest(self, total: Floats) -> Ints:
        """For each candidate that has a set its cheapest, at these costs of all sets."""
        if not len(total):
            return _NO
        least = np.minimum.reduceat(total, self.first)
        sizes = np.diff(np.append(self.first, len(total)))
        hits = np.flatnonzero(total <= np.repeat(least, sizes))
        _, at = np.unique(self.owners[hits], return_index=True)
        return np.asarray(hits[at], dtype=np.int64)

    def price(self, prices: Floats, fees: Floats) -> Priced:
        """See `Pricing`."""
        best = np.full(self.count, np.inf)
        if not len(self.owners):
            return Priced(best, _NO, _NO, np.array([]))
        total = self.costs(prices, fees)
        chosen = self.cheapest(total)
        owners = self.owners[chosen]
        best[owners] = total[chosen]
        amounts = self.amounts(chosen, prices[self.window])
        members = self.members[chosen]
        real = (members != self.none) & (amounts > 0)
        row = np.broadcast_to(owners[:, None], members.shape)
        return Priced(best, row[real], self.window[members[real]], amounts[real])

    def keep(self, these: Flags) -> None:
        """Forget the other sets."""
        self.members, self.owners = self.members[these], self.owners[these]
        self.low, self.more, self.spare = self.low[these], self.more[these], self.spare[these]
        self._index()

    def _index(self) -> None:
        """Where the sets of each candidate begin, and the same members one after the other, which is quick to walk."""
        self.first = np.flatnonzero(np.r_[True, self.owners[1:] != self.owners[:-1]]) if len(self.owners) else _NO
        self._across, self._low_across, self._more_across = (
            np.ascontiguousarray(table.T) for table in (self.members, self.low, self.more)
        )

    def losses(self, prices: Floats, fees: Floats, gain: Floats) -> Floats:
        """For each pair what its best set loses against what is best for its candidate; infinite where it has none."""
        found = np.full(self.none + 1, np.inf)
        if len(self.owners):
            total = self.costs(prices, fees)
            margin = gain[self.owners] - total
            sizes = np.diff(np.append(self.first, len(total)))
            loss = np.maximum(np.repeat(np.maximum.reduceat(margin, self.first), sizes), 0.0) - margin
            for members in self.members.T:
                np.minimum.at(found, members, loss)
        return found[:-1]


class Fill:
    """Each candidate takes its cheapest windows, each up to its most, until the need is met."""

    exact = False

    def __init__(self, problem: Problem, unit: float) -> None:
        pairs = problem.pairs
        place = np.full(len(problem.need), -1)
        place[problem.candidates] = np.arange(len(problem.candidates))
        self.owner, self.window, self.high = place[pairs.proposal], pairs.window, pairs.high / unit
        self.need = problem.need[problem.candidates] / unit
        self.first = np.flatnonzero(np.r_[True, self.owner[1:] != self.owner[:-1]]) if len(self.owner) else _NO

    def price(self, prices: Floats, fees: Floats) -> Priced:
        """See `Pricing`."""
        if not len(self.owner):
            return Priced(np.full(len(self.need), np.inf), _NO, _NO, np.array([]))
        # A grant is at most `high`, so each of its units bears at least that part of the fee.
        cost = prices[self.window] + fees[self.window] / self.high
        order = np.lexsort((cost, self.owner))
        high = self.high[order]
        running = np.cumsum(high)
        sizes = np.diff(np.append(self.first, len(high)))
        before = running - high - np.repeat((running - high)[self.first], sizes)
        given = np.clip(self.need[self.owner] - before, 0.0, high)
        total = np.add.reduceat(given * cost[order], self.first)
        used = given > 1e-9
        return Priced(total, self.owner[used], self.window[order][used], given[used])


_NO = np.array([], dtype=np.int64)


def _listed(problem: Problem, seconds_left: Callable[[], float]) -> tuple[Ints, Ints] | None:
    """Sets of pairs (rows padded with the number of pairs) that can bring exactly the need, and their candidates.

    None when there are too many, or too little time.
    """
    pairs = problem.pairs
    _, first, sizes = np.unique(pairs.proposal, return_index=True, return_counts=True)
    width = min(problem.most, int(sizes.max(initial=1)))
    looked_at = sum(comb(size, number) for size in sizes.tolist() for number in range(1, width + 1))
    time = seconds_left() * LISTING_SHARE - looked_at / LOOKED_AT_A_SECOND
    if looked_at > MOST_LOOKED_AT or time <= 0:
        return None
    candidates = list(zip(first.tolist(), sizes.tolist(), problem.candidates.tolist(), strict=True))
    if looked_at > MOST_UNSAMPLED:
        sample = candidates[::SAMPLED]
        some = sum(len(found) for start, size, p in sample for found in _sets_of(problem, p, start, size, width))
        if some * len(candidates) > min(MOST_SETS, KEPT_A_SECOND * time) * len(sample):
            return None
    sets, owners, total = [np.empty((0, max(width, 1)), dtype=np.int64)], [_NO], 0
    for at, (start, size, p) in enumerate(candidates):
        for members in _sets_of(problem, p, start, size, width):
            padded = np.full((len(members), width), len(pairs), dtype=np.int64)
            padded[:, : members.shape[1]] = members
            sets.append(padded)
            owners.append(np.full(len(members), at, dtype=np.int64))
            total += len(members)
        if total > MOST_SETS or seconds_left() <= 0:
            return None
    _combinations.cache_clear()
    return np.concatenate(sets), np.concatenate(owners)


def _sets_of(problem: Problem, p: int, start: int, size: int, width: int) -> Iterator[Ints]:
    """A candidate's sets of one, two and more pairs that can bring its need; its pairs begin at `start`."""
    low, high, need = problem.pairs.low[start : start + size], problem.pairs.high[start : start + size], problem.need[p]
    for number in range(1, min(width, size) + 1):
        members = _combinations(size, number)
        fits = (high[members].sum(1) >= need) & (low[members].sum(1) <= need)
        yield members[fits] + start


@lru_cache(maxsize=512)
def _combinations(size: int, number: int) -> Ints:
    return np.array(list(combinations(range(size), number)), dtype=np.int64).reshape(-1, number)
