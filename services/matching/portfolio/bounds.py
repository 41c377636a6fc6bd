"""Upper bounds that are proofs: windows' money and actions' coverage have prices, and each proposal decides alone.

For any prices that are not negative, the value of every plan is at most: the windows' budgets at their prices, plus
what coverage is worth above its price, plus for each proposal its coverage at that price less its cheapest funding,
where that is positive. Column generation finds good prices; every round's bound holds, converged or not. A wish (one of
these must be funded) has a price as well, which its members earn and which is taken off once; and so has a grant of a
window whose smallest grants fill it: not more of them are given than fit.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import highspy
import numpy as np

from services.matching.portfolio.plan import Grant, Way
from services.matching.portfolio.prices import NEAR, Prices, everything
from services.matching.portfolio.pricing import Priced, Pricing, Sets, pricing_of
from services.matching.portfolio.problem import Flags, Floats, Ints, Problem

ROUNDS: Final = 400
WHOLE: Final = 1e-3
MOST_EACH: Final = 6
"""Of a proposal at least so many pairs are promising."""
SMOOTH: Final = 0.6


@dataclass(slots=True)
class Columns:
    """Ways to fund single candidates that column generation has met."""

    candidate: list[int] = field(default_factory=list)
    entries: list[list[tuple[int, float]]] = field(default_factory=list)


class Pricer:
    """Column generation on a problem. `best` holds the best prices so far."""

    def __init__(self, problem: Problem, unit: float, seconds_left: Callable[[], float]) -> None:
        self.problem, self.unit, self.seconds_left = problem, unit, seconds_left
        self.pricing: Pricing = pricing_of(problem, unit, seconds_left)
        self.budget = problem.budget / unit
        self.place = {p: at for at, p in enumerate(problem.candidates.tolist())}
        self.actions = sorted({a for p in self.place for a in problem.actions[p]})
        number = {action: at for at, action in enumerate(self.actions)}
        self.covers = [[number[a] for a in problem.actions[p]] for p in self.place]
        flat = [(at, action) for at, covered in enumerate(self.covers) for action in covered]
        self.cover_of, self.cover_at = np.array(flat, dtype=np.int64).reshape(-1, 2).T
        times = np.bincount(self.cover_at, minlength=len(self.actions))
        steps = [(at, worth) for at, a in enumerate(self.actions) for worth in problem.steps(a)[: int(times[at])]]
        self.step_action = np.array([at for at, _ in steps], dtype=np.int64)
        self.step_worth = np.array([worth for _, worth in steps])
        wishes = [[self.place[p]] for p in problem.forced.tolist()]
        wishes += [[self.place[p] for p in group.tolist()] for group in problem.groups]
        self.wishes = len(wishes)
        kept = [(at, wish) for wish, members in enumerate(wishes) for at in members]
        self.wish_of, self.wish_at = np.array(kept, dtype=np.int64).reshape(-1, 2).T
        self.keeps: dict[int, list[int]] = {}
        for at, wish in kept:
            self.keeps.setdefault(at, []).append(wish)
        # Only where sets are looked at is it known which windows a candidate would take.
        self.fits = _fits(problem) if self.pricing.exact else np.full(len(problem.budget), -1)
        self.crowded = np.flatnonzero(self.fits >= 0)
        self.fee_row = {int(w): at for at, w in enumerate(self.crowded)}
        self.columns = Columns()
        self.best: Prices | None = None
        self.master = self._master()

    def start(self, grants: Sequence[Grant]) -> None:
        """Give the ways that a plan funds its proposals."""
        entries: dict[int, list[tuple[int, float]]] = {}
        for p, window, amount in grants:
            if p in self.place:
                entries.setdefault(self.place[p], []).append((window, amount / self.unit))
        self._add(entries)

    def know(self, ways: Iterable[Way]) -> None:
        """Give ways that were met on another instance; those that are none in this one are left aside."""
        pairs = self.problem.pairs
        limits = {
            (p, w): (low - 1e-6, high + 1e-6)
            for p, w, low, high in zip(
                pairs.proposal.tolist(), pairs.window.tolist(), pairs.low.tolist(), pairs.high.tolist(), strict=True
            )
        }
        none = (1.0, 0.0)
        for p, given in ways:
            fits = p in self.place and len(given) <= self.problem.most
            fits = fits and all(
                low <= amount <= high for w, amount in given for low, high in [limits.get((p, w), none)]
            )
            if fits and abs(sum(amount for _, amount in given) - int(self.problem.need[p])) < 1e-3:
                self._add({self.place[p]: [(w, amount / self.unit) for w, amount in given]})

    def ways(self) -> tuple[Way, ...]:
        """The ways that were met, for another instance like this one."""
        candidates = self.problem.candidates.tolist()
        return tuple(
            (candidates[at], tuple((w, units * self.unit) for w, units in given))
            for at, given in zip(self.columns.candidate, self.columns.entries, strict=True)
        )

    def run(self, enough: float = 0.0) -> bool:
        """Improve the prices until they are the best there are (True), the bound is at most `enough`, or time is up."""
        for _ in range(ROUNDS):
            left = self.seconds_left()
            if left <= 0:
                return False
            self.master.setOptionValue("time_limit", float(self.master.getRunTime() + left))
            self.master.run()
            if self.master.getModelStatus() != highspy.HighsModelStatus.kOptimal:
                return False
            duals = np.array(self.master.getSolution().row_dual)
            value = self.master.getInfo().objective_function_value
            added = self._round(duals)
            if self.best is not None and self.best.bound <= enough:
                return False
            if not added or (self.best is not None and self.best.bound - value < NEAR * max(1.0, value)):
                return True
        return False

    def bound_of(self, money: Floats, cover: Floats, wish: Floats, fee: Floats) -> tuple[Prices, Priced]:
        """The bound that any prices prove, and the cheapest fundings under them."""
        priced = self.pricing.price(money, fee)
        gain = self._gain(cover, wish)
        margin = gain - priced.cost
        above = np.maximum(self.step_worth - cover[self.step_action], 0.0).sum()
        bound = float(money @ self.budget + above + np.maximum(margin, 0.0).sum() - wish.sum())
        bound += float(fee[self.crowded] @ self.fits[self.crowded])
        return Prices(money, cover, wish, fee, bound, gain, margin), priced

    def _gain(self, cover: Floats, wish: Floats) -> Floats:
        size = len(self.place)
        return _sums(self.cover_of, cover[self.cover_at], size) + _sums(self.wish_of, wish[self.wish_at], size)

    def sizes(self) -> list[float]:
        """What funding each proposal costs at the best prices: how much of what is scarce it takes."""
        found = np.ones(len(self.problem.need))
        if self.best is not None:
            costs = self.best.gain - self.best.margin
            least = NEAR * max(1.0, float(costs[np.isfinite(costs)].max(initial=0.0)))
            found[self.problem.candidates] = np.maximum(costs, least)
        return list(found.tolist())

    def pairs(self, *, used: bool) -> set[tuple[int, int]]:
        """Pairs of the ways that were met: all of them, or those that the best mixture of ways uses."""
        amounts = np.array(self.master.getSolution().col_value)[len(self.step_worth) + self.wishes :]
        candidates = self.problem.candidates.tolist()
        return {
            (candidates[at], window)
            for number, (at, given) in enumerate(zip(self.columns.candidate, self.columns.entries, strict=True))
            if not used or (number < len(amounts) and amounts[number] > NEAR)
            for window, _ in given
        }

    def whole(self) -> Ints:
        """Candidates that the best mixture of ways funds in one way alone: all of these can be funded together."""
        amounts = np.array(self.master.getSolution().col_value)[len(self.step_worth) + self.wishes :]
        of = np.array(self.columns.candidate[: len(amounts)], dtype=np.int64)
        return self.problem.candidates[np.unique(of[amounts > 1 - WHOLE])]

    def useful(self, value: float) -> Flags:
        """The problem's pairs that a plan of at least `value` may use, by the best prices."""
        pairs, best = self.problem.pairs, self.best
        keep = np.ones(len(pairs), dtype=bool)
        if best is None:
            return keep
        _, never = best.settled(value)
        place = np.searchsorted(self.problem.candidates, pairs.proposal)
        keep &= ~never[place]
        if isinstance(self.pricing, Sets):
            slack = best.bound - value + NEAR * (1 + best.bound)
            keep &= self.pricing.losses(best.money, best.fee, best.gain) <= slack
        return keep

    def promising(self, part: float, most: int) -> Flags:
        """The problem's pairs that lose at most this part of the bound; each proposal's best where they are many."""
        best = self.best
        if best is None or not isinstance(self.pricing, Sets):
            return np.zeros(len(self.problem.pairs), dtype=bool)
        loss = self.pricing.losses(best.money, best.fee, best.gain)
        keep = loss <= part * best.bound
        if int(keep.sum()) > most:
            proposal = self.problem.pairs.proposal
            order = np.lexsort((-self.problem.pairs.high, np.where(keep, loss, np.inf), proposal))
            rank = np.empty(len(order), dtype=np.int64)
            rank[order] = np.arange(len(order)) - np.searchsorted(proposal[order], proposal[order])
            many = len(np.unique(proposal[keep]))
            keep &= rank < max(MOST_EACH, most // max(1, many))
        return keep

    def _round(self, duals: Floats) -> int:
        """Price at smoothed prices, and at the master's own when that brings nothing; the columns added."""
        size = len(self.place)
        ends = np.cumsum([size, len(self.budget), len(self.actions), self.wishes])
        own, money, cover, wish, fees = np.split(duals, ends)
        # The rows of wishes ask for at least one, all others for at most something: their duals have the other sign.
        own, money, cover, wish = np.maximum(own, 0.0), np.maximum(money, 0.0), np.maximum(cover, 0.0), -wish
        wish, fee = np.maximum(wish, 0.0), np.zeros(len(self.budget))
        fee[self.crowded] = np.maximum(fees, 0.0)
        mixes = (SMOOTH, 0.0) if self.best is not None else (0.0,)
        for mix in mixes:
            if mix and self.best is not None:
                old = (self.best.money, self.best.cover, self.best.wish, self.best.fee)
                tried = tuple(mix * a + (1 - mix) * b for a, b in zip(old, (money, cover, wish, fee), strict=True))
            else:
                tried = (money, cover, wish, fee)
            prices, priced = self.bound_of(*tried)
            if self.best is None or prices.bound < self.best.bound:
                self.best = prices
            cost = _sums(priced.candidate, priced.units * money[priced.window] + fee[priced.window], size)
            gain = self._gain(cover, wish)
            good = gain - cost - own > NEAR * max(1.0, float(gain.max(initial=0.0)))
            good &= np.isfinite(priced.cost)
            entries: dict[int, list[tuple[int, float]]] = {}
            keep = good[priced.candidate]
            rows = zip(
                priced.candidate[keep].tolist(), priced.window[keep].tolist(), priced.units[keep].tolist(), strict=True
            )  # fmt: skip
            for at, window, units in rows:
                entries.setdefault(at, []).append((window, units))
            if entries:
                self._add(entries)
                return len(entries)
        return 0

    def _add(self, entries: dict[int, list[tuple[int, float]]]) -> None:
        size, windows = len(self.place), len(self.budget)
        last = size + windows + len(self.actions)
        starts: list[int] = []
        index: list[int] = []
        value: list[float] = []
        for at, given in entries.items():
            starts.append(len(index))
            keeps = self.keeps.get(at, [])
            index += [at, *(size + window for window, _ in given), *(size + windows + c for c in self.covers[at])]
            index += [last + wish for wish in keeps]
            full = [self.fee_row[window] for window, _ in given if window in self.fee_row]
            index += [last + self.wishes + row for row in full]
            value += [1.0, *(units for _, units in given), *(-1.0 for _ in self.covers[at]), *(1.0 for _ in keeps)]
            value += [1.0] * len(full)
            self.columns.candidate.append(at)
            self.columns.entries.append(given)
        many = len(starts)
        if many:
            self.master.addCols(
                many, np.zeros(many), np.zeros(many), np.full(many, highspy.kHighsInf), len(index),
                np.array(starts, dtype=np.int32), np.array(index, dtype=np.int32), np.array(value),
            )  # fmt: skip

    def _master(self) -> highspy.Highs:
        """Rows: a candidate once, each budget, each action's coverage, each wish, each crowded window's grants.

        Columns: the steps that coverage is worth, and what stands in, dearly, for a wish that is not kept yet.
        """
        master = highspy.Highs()  # type: ignore[no-untyped-call]
        master.setOptionValue("output_flag", False)
        master.setOptionValue("threads", 1)
        size, windows, actions = len(self.place), len(self.budget), len(self.actions)
        wished = np.full(self.wishes, highspy.kHighsInf)
        upper = np.concatenate([np.ones(size), self.budget, np.zeros(actions), wished, self.fits[self.crowded]])
        lower, first = np.full(len(upper), -highspy.kHighsInf), size + windows + actions
        lower[first : first + self.wishes] = 1.0
        none = np.array([], dtype=np.int32)
        master.addRows(
            len(upper), lower, upper, 0,
            np.zeros(len(upper), dtype=np.int32), none, np.array([]),
        )  # fmt: skip
        many, dear = len(self.step_worth) + self.wishes, -2.0 * everything(self.problem) - 1.0
        rows = np.concatenate([size + windows + self.step_action, first + np.arange(self.wishes)])
        master.addCols(
            many, np.append(self.step_worth, np.full(self.wishes, dear)), np.zeros(many), np.ones(many), many,
            np.arange(many, dtype=np.int32), rows.astype(np.int32), np.ones(many),
        )  # fmt: skip
        master.changeObjectiveSense(highspy.ObjSense.kMaximize)
        return master


def _fits(problem: Problem) -> Ints:
    """How many grants each window can give at most where that is fewer than ask for one; -1 for other windows."""
    pairs, found = problem.pairs, np.full(len(problem.budget), -1, dtype=np.int64)
    for window in np.unique(pairs.window).tolist():
        least = np.cumsum(np.sort(pairs.low[pairs.window == window]))
        fitting = int(np.searchsorted(least, problem.budget[window], side="right"))
        if fitting < len(least):
            found[window] = fitting
    return found


def _sums(of: Ints, weights: Floats, size: int) -> Floats:
    """The sum of the weights of each of `size` things."""
    return np.bincount(of, weights=weights, minlength=size).astype(np.float64)
