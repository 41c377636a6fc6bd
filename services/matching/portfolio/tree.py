"""Branch and bound on prices: at every node each proposal decides alone, among the sets of windows left to it there.

A node funds some proposals, leaves some out, and takes or forbids some pairs. Its bound is that of its rows at any
prices, so a node that is cut short has a bound as well. Nodes take a hundredth of a second where the compact model's
linear relaxation takes a second, and they are as strong.
"""

import heapq
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from services.matching.portfolio.joint import Joint
from services.matching.portfolio.master import Master
from services.matching.portfolio.model import Model, limits_of
from services.matching.portfolio.prices import NEAR
from services.matching.portfolio.pricing import Sets
from services.matching.portfolio.problem import Flags, Floats, Ints
from services.matching.portfolio.settle import settle
from services.matching.portfolio.together import Together

TRIED: Final = 6
"""Choices that are tried at a node before one is taken."""
ROUNDS: Final = 8
FIRST_ROUNDS: Final = 80
SMOOTH: Final = 0.6
"""What part of the best prices so far is in those that are tried."""
WHOLE: Final = 1e-5
CLOSE: Final = 2e-5
"""A node whose bound is this near to its relaxation, as a part of it, has good enough prices."""
BLUR: Final = 1.5e-6


@dataclass(frozen=True, slots=True)
class Choice:
    """A column of the compact model, of a proposal or of a pair, that is 0 or 1 from here on."""

    column: int
    one: bool


@dataclass(order=True, slots=True)
class Node:
    """A part of all plans; the one with the greatest bound comes first."""

    rank: tuple[float, int]
    chosen: tuple[Choice, ...] = field(compare=False)
    prices: Floats = field(compare=False)
    open: tuple[int, ...] = field(compare=False)
    """Columns to branch on, the most promising first."""
    whole: frozenset[int] = field(default=frozenset(), compare=False)
    """The candidates that its relaxation funds, where it has none of them in part but windows are."""

    @property
    def bound(self) -> float:
        """What no plan of this part is worth more than."""
        return -self.rank[0]


class Tree:
    """The search for a proof. What `tell` is told is, at that moment, a bound on plans that are better than `value`."""

    def __init__(
        self, model: Model, sets: Sets, joint: Joint, value: float, grid: float, over: Callable[[], bool],
        tell: Callable[[float], None],
    ) -> None:  # fmt: skip
        self.model, self.sets, self.joint = model, sets, joint
        self.value, self.grid, self.over = value, grid, over
        self.tell = tell
        self.found: dict[tuple[int, int], float] | None = None
        problem = model.problem
        self.size, self.many = len(problem.candidates), len(problem.pairs)
        self.owner = np.searchsorted(problem.candidates, problem.pairs.proposal)
        self.worth = np.array(model.lp.col_cost_)[model.u]
        self.least = problem.pairs.low / model.unit
        self.forced = np.isin(problem.candidates, problem.forced)
        self.nodes = 0
        self.used: Ints | None = None
        """Pairs that the last relaxation uses."""
        self._lost = -float("inf")
        self._heap: list[Node] = []
        self._of_candidates()
        self.master = Master(model, joint, self.size)
        self.together = Together(problem, over)

    def run(self) -> bool:
        """Branch until no plan better than `value` is left (True), or it is over."""
        first = self._solved((), np.zeros(len(self.joint.limit)), FIRST_ROUNDS)
        self._heap, simple = [first] if self._hopes(first) else [], -float("inf")
        while self._heap and self._hopes(self._heap[0]):
            if self.value > simple:
                simple = self.value
                self._simplify(first)
            # Cuts and prunings rest on plans that are known: what is told is no less than the best of them.
            self.tell(max(self._heap[0].bound, self._lost, self.value))
            if self.over() or self._lost >= self._heap[0].bound:
                return False
            self._branch(heapq.heappop(self._heap))
        self.tell(max(self.value + (0.0 if self.grid else self._blur), self._lost))
        return self._lost <= self.value

    @property
    def _blur(self) -> float:
        """What floating point cannot tell apart, where values have no steps."""
        return BLUR * max(1.0, abs(self.value))

    def _hopes(self, node: Node) -> bool:
        if self.grid:
            return node.bound + NEAR * max(1.0, abs(node.bound)) >= self.value + self.grid
        return node.bound > self.value + self._blur

    def _branch(self, node: Node) -> None:
        """Try the most promising choices both ways, and keep the way that lowers the bound most."""
        if node.whole and self._settled(node):
            return
        best: tuple[float, list[Node]] | None = None
        for column in node.open[:TRIED]:
            both = []
            for one in (False, True):
                both.append(self._solved((*node.chosen, Choice(column, one)), node.prices, ROUNDS, node.bound))
            fall = [max(1e-4, node.bound - max(part.bound, self.value)) for part in both]
            if best is None or fall[0] * fall[1] > best[0]:
                best = fall[0] * fall[1], both
            if self.over() or not any(self._hopes(part) for part in both):
                break
        if best is None:
            # Nothing is left to choose, and the prices are not good enough: what is open here stays open.
            self._lost = max(self._lost, node.bound)
            return
        for part in best[1]:
            if self._hopes(part):
                heapq.heappush(self._heap, part)

    def _settled(self, node: Node) -> bool:
        """Ask whether the candidates of a node can be funded together; whether that is all there was to do.

        If they cannot, each part of the node leaves another one of them out.
        """
        if self._worth(node.whole) > self.value:
            plan = self.together.ask(node.whole)
            if plan is not None:
                self.found, self.value = plan, self._worth(node.whole)
                return not self._hopes(node)
        impossible = self.together.known(node.whole)
        if impossible is None:
            return False
        _, must = self.left(node.chosen)
        chosen = node.chosen
        for member in sorted(impossible):
            if not must[member]:
                part = self._solved((*chosen, Choice(member, False)), node.prices, ROUNDS, node.bound)
                if self._hopes(part):
                    heapq.heappush(self._heap, part)
                chosen = (*chosen, Choice(member, True))
        return True

    def _worth(self, members: Collection[int]) -> float:
        """What funding these candidates adds."""
        model = self.model
        return float(self.worth @ model.counted(model.problem.candidates[list(members)].tolist()))

    def _solved(self, chosen: tuple[Choice, ...], prices: Floats, rounds: int, at_most: float = float("inf")) -> Node:
        """A node with its bound: prices are made better by columns, round by round."""
        allowed, must = self.left(chosen)
        self.nodes += 1
        if self.together.known(frozenset(np.flatnonzero(must).tolist())) is not None:
            return Node((float("inf"), self.nodes), chosen, prices, ())
        self.master.limit(allowed, must)
        best, tried = prices, self.bound_at(prices, allowed, must)
        bound = min(at_most, tried)
        columns, whole = tuple[int, ...](), frozenset[int]()
        for _ in range(rounds):
            if not self._hopes(Node((-bound, 0), (), best, ())) or self.over():
                break
            relaxed = self.master.solve()
            if relaxed is None:
                break
            added = 0
            for mix in (SMOOTH, 0.0):
                mixed = mix * best + (1 - mix) * relaxed.prices
                found = self.bound_at(mixed, allowed, must)
                if found < bound:
                    bound, best = found, mixed
                added = self._add(relaxed.own, relaxed.prices)
                if added:
                    break
            columns = self._open(chosen, relaxed.value)
            whole = self._whole(columns)
            if not added or bound - relaxed.value < (CLOSE if self.grid else BLUR / 3) * max(1.0, abs(bound)):
                break
        return Node((-bound, self.nodes), chosen, best, columns, whole)

    def bound_at(self, prices: Floats, allowed: Flags, must: Flags) -> float:
        """What these prices prove; the sets that are cheapest at them are kept for `_add`."""
        model = self.model
        charges = self.joint.charges(prices)
        by_unit, by_grant = self._of_pairs(charges)
        total = self.sets.costs_of(by_unit, by_grant)
        total += charges[model.y][self.sets.owners]
        total[~allowed] = np.inf
        chosen = self.sets.cheapest(total)
        least = np.full(self.size, np.inf)
        least[self.sets.owners[chosen]] = total[chosen]
        added = np.where(must, -least, np.maximum(-least, 0.0)).sum()
        above = np.maximum(self.worth - charges[model.u], 0.0).sum()
        self._cheapest = chosen[np.isfinite(total[chosen])], by_unit
        self._margin, self._total = -least, total
        return float(prices @ self.joint.limit + above + added)

    def _of_pairs(self, charges: Floats) -> tuple[Floats, Floats]:
        """What each pair's units cost, and a grant of it beside them.

        The model's x begins at the pair's least and the units of a set at nothing, so the least is taken off once.
        """
        by_unit = charges[self.model.x]
        return by_unit, charges[self.model.z] - by_unit * self.least

    def _add(self, own: Floats, prices: Floats) -> int:
        """Give the master those of the cheapest sets that it can use at its own prices; how many."""
        model, sets = self.model, self.sets
        chosen, tried = self._cheapest
        amounts = sets.amounts(chosen, tried)
        members = sets.members[chosen]
        charges = self.joint.charges(prices)
        by_pair, by_grant = (np.append(charge, 0.0) for charge in self._of_pairs(charges))
        owners = sets.owners[chosen]
        cost = (by_pair[members] * amounts + by_grant[members]).sum(1) + charges[model.y][owners]
        good = np.flatnonzero(-cost - own[owners] > NEAR * max(1.0, float(self.worth.max(initial=0.0))))
        for at in good.tolist():
            real = members[at] != sets.none
            pairs, units = members[at][real], amounts[at][real]
            self.master.add(int(owners[at]), int(chosen[at]), pairs, units)
        self.master.flush()
        return len(good)

    def _open(self, chosen: tuple[Choice, ...], value: float) -> tuple[int, ...]:
        """Columns that the relaxation has in part: proposals first. A plan that it has whole is kept.

        Within its tolerance it may use a sliver of a pair where a plan has to take all of it or nothing, and so be
        worth what no plan is. Where its choices make no plan, these slivers are what is open.
        """
        master, model = self.master, self.model
        y, z = master.shares(self.many)
        self.used = np.flatnonzero(z > WHOLE)
        taken = {choice.column for choice in chosen}
        for shares, columns in ((y, model.y), (z, model.z)):
            found = _between(shares, columns, WHOLE, taken)
            if found:
                return found
        if not master.short() and value > self.value + (self.grid or self._blur) / 2:
            plan = self._plan(np.flatnonzero(z > 1 - WHOLE))
            if plan is None:
                return _between(z, model.z, 0.0, taken) or _between(y, model.y, 0.0, taken)
            self.found, self.value = plan, value
        return ()

    def _whole(self, columns: Collection[int]) -> frozenset[int]:
        """The candidates that the relaxation funds, where only pairs are open."""
        if not columns or min(columns) < self.size or self.master.short():
            return frozenset()
        y, _ = self.master.shares(self.many)
        return frozenset(np.flatnonzero(y > 0.5).tolist())

    def _plan(self, pairs: Ints) -> dict[tuple[int, int], float] | None:
        """Dollars of the pairs that the relaxation has whole; None where they cannot be given out in whole dollars."""
        problem, every = self.model.problem, self.master.plan()
        keys = zip(problem.pairs.proposal[pairs].tolist(), problem.pairs.window[pairs].tolist(), strict=True)
        wanted = {key: every[key] for key in keys if key in every}
        needs = {p: int(problem.need[p]) for p, _ in every}
        grants = settle(wanted, limits_of(problem.pairs), needs, problem.budget.tolist())
        return wanted if {p for p, _, _ in grants} == {p for p, _ in every} else None

    def left(self, chosen: tuple[Choice, ...]) -> tuple[Flags, Flags]:
        """The sets that are still allowed, and the candidates that must be funded."""
        allowed, must = np.ones(len(self.sets.owners), dtype=bool), self.forced.copy()
        for choice in chosen:
            pair = choice.column - self.size
            owner = choice.column if pair < 0 else int(self.owner[pair])
            here = slice(self._first[owner], self._first[owner + 1])
            if pair >= 0:
                has = (self.sets.members[here] == pair).any(1)
                allowed[here] &= has if choice.one else ~has
            elif not choice.one:
                allowed[here] = False
            must[owner] |= choice.one
        return allowed, must

    def _simplify(self, first: Node) -> None:
        """Forget the sets that no better plan uses: they are many."""
        self.bound_at(first.prices, *self.left(()))
        slack = first.bound + NEAR * max(1.0, abs(first.bound)) - self.value - self.grid
        if slack >= 0:
            best = np.where(self.forced, self._margin, np.maximum(self._margin, 0.0))[self.sets.owners]
            keep = best + self._total <= slack + NEAR * max(1.0, abs(first.bound))
            self.master.keep(keep)
            self.sets.keep(keep)
            self._of_candidates()

    def _of_candidates(self) -> None:
        """Where the sets of each candidate begin."""
        self._first: Ints = np.searchsorted(self.sets.owners, np.arange(self.size + 1))


def _between(shares: Floats, columns: Ints, near: float, taken: Collection[int]) -> tuple[int, ...]:
    """The columns that are farther than this from 0 and from 1, those in the middle first."""
    part = np.flatnonzero((shares > near) & (shares < 1 - near))
    order = np.argsort(np.abs(shares[part] - 0.5), kind="stable")
    return tuple(column for column in columns[part[order]].tolist() if column not in taken)[:TRIED]
