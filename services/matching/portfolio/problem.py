"""The instance as arrays, with limits as tight as logic makes them. Everything here is exact: whole dollars."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from services.matching.portfolio.instance import Instance
from services.matching.portfolio.plan import COUNTED

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
ROUNDS: Final = 6


@dataclass(frozen=True, slots=True)
class Pairs:
    """Who may give to whom, sorted by proposal and window: a grant is between `low` and `high`, both at least 1."""

    proposal: Ints
    window: Ints
    low: Ints
    high: Ints

    def where(self, keep: npt.NDArray[np.bool_] | Ints) -> "Pairs":
        """These pairs alone."""
        return Pairs(self.proposal[keep], self.window[keep], self.low[keep], self.high[keep])

    def __len__(self) -> int:
        return len(self.proposal)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is to be decided: which of `candidates` to fund, and by which pairs.

    `counts` says how many proposals address an action already, come what may; `actions` are those of each proposal.
    `forced` are candidates that must be funded, and of each of `groups` at least one must be.
    """

    need: Ints
    budget: Ints
    most: int
    pairs: Pairs
    candidates: Ints
    actions: Sequence[tuple[int, ...]]
    weights: Floats
    counts: Ints
    forced: Ints
    groups: tuple[Ints, ...] = ()

    def steps(self, action: int) -> list[float]:
        """What the next funded proposals on this action count, one after the other."""
        return [float(self.weights[action]) / 2**k for k in range(int(self.counts[action]), COUNTED)]

    def kept_by(self, funded: frozenset[int]) -> bool:
        """Whether a plan that funds these funds what must be."""
        return funded.issuperset(self.forced.tolist()) and not any(
            funded.isdisjoint(group.tolist()) for group in self.groups
        )


def problem_of(instance: Instance, must: Sequence[int] = (), groups: Sequence[Sequence[int]] = ()) -> Problem:
    """The whole instance. Proposals that need no grant are counted as funded.

    `must` and the members of `groups` need grants; those that no window can pay are left out of them.
    """
    need = np.array([proposal.need for proposal in instance.proposals], dtype=np.int64)
    budget = np.array([window.budget for window in instance.windows], dtype=np.int64)
    counts = np.zeros(len(instance.actions), dtype=np.int64)
    for proposal in instance.proposals:
        if proposal.need == 0:
            counts[list(proposal.actions)] += 1
    weights = np.array([float(action.weight) for action in instance.actions], dtype=np.float64)
    wished = {*must, *(p for group in groups for p in group)}
    worthy = [
        proposal.need > 0
        and (p in wished or any(weights[action] > 0 and counts[action] < COUNTED for action in proposal.actions))
        for p, proposal in enumerate(instance.proposals)
    ]
    pairs = tighten(_pairs(instance, worthy), need, budget, instance.max_windows)
    actions = [
        tuple(action for action in proposal.actions if weights[action] > 0 and counts[action] < COUNTED)
        for proposal in instance.proposals
    ]
    candidates = np.unique(pairs.proposal)
    forced = np.intersect1d(candidates, np.array(must, dtype=np.int64))
    alternatives = tuple(np.intersect1d(candidates, np.array(group, dtype=np.int64)) for group in groups)
    return Problem(
        need, budget, instance.max_windows, pairs, candidates, actions, weights, counts, forced, alternatives
    )


def _pairs(instance: Instance, worthy: Sequence[bool]) -> Pairs:
    """The eligible pairs of proposals that are worth anything, with the window's own limits, in exact arithmetic."""
    limits = [
        (
            max(1, one.min_grant),
            min(one.max_grant, one.budget),
            one.ratio.denominator,
            one.ratio.denominator + one.ratio.numerator,
        )
        for one in instance.windows
    ]
    rows = []
    for p, w in instance.eligible:
        if worthy[p]:
            proposal, (low, high, over, under) = instance.proposals[p], limits[w]
            rows.append((p, w, low, min(high, proposal.need, proposal.cost * over // under)))
    table = np.array(rows, dtype=np.int64).reshape(-1, 4)
    return Pairs(table[:, 0], table[:, 1], table[:, 2], table[:, 3])


def part_of(
    problem: Problem, keep: Flags, budget: Ints, counts: Ints, forced: Ints, groups: Sequence[Ints] = ()
) -> Problem:
    """The problem on the pairs in `keep` alone, with what is left of the windows' money.

    `forced` must be funded, and one of each of `groups`, of which only members count that this part can still fund.
    """
    pairs = problem.pairs.where(keep)
    pairs = Pairs(pairs.proposal, pairs.window, pairs.low, np.minimum(pairs.high, budget[pairs.window]))
    pairs = tighten(pairs, problem.need, budget, problem.most)
    candidates = np.unique(pairs.proposal)
    alternatives = tuple(np.intersect1d(candidates, group) for group in groups)
    return Problem(
        problem.need, budget, problem.most, pairs, candidates, problem.actions, problem.weights, counts, forced,
        alternatives,
    )  # fmt: skip


def tighten(pairs: Pairs, need: Ints, budget: Ints, most: int) -> Pairs:
    """The pairs that some right plan could use, with the narrowest limits that follow from the proposal alone.

    A grant is at least what the largest other grants leave open, and unless it covers the whole need it leaves room for
    the smallest grant of another window.
    """
    if most == 0:
        return pairs.where(np.zeros(len(pairs), dtype=bool))
    for _ in range(ROUNDS):
        pairs = pairs.where((pairs.low <= pairs.high) & (pairs.low <= budget[pairs.window]))
        if not len(pairs):
            break
        low, high = _narrowed(pairs, need, most)
        if np.array_equal(low, pairs.low) and np.array_equal(high, pairs.high):
            break
        pairs = Pairs(pairs.proposal, pairs.window, low, high)
    return pairs.where(pairs.low <= pairs.high)


def _narrowed(pairs: Pairs, need: Ints, most: int) -> tuple[Ints, Ints]:
    short = need[pairs.proposal]
    others = _largest_others(pairs, most)
    low = np.maximum(pairs.low, short - others)
    smallest = _smallest_other(pairs)
    high = np.where(pairs.high < short, np.minimum(pairs.high, short - smallest), pairs.high)
    return low, high


def _largest_others(pairs: Pairs, most: int) -> Ints:
    """For each pair, what the `most - 1` largest other grants to its proposal could bring together."""
    order = np.lexsort((-pairs.high, pairs.proposal))
    sorted_high = pairs.high[order]
    _, first, sizes = np.unique(pairs.proposal, return_index=True, return_counts=True)
    rank = np.arange(len(pairs)) - np.repeat(first, sizes)
    top = np.add.reduceat(np.where(rank < most, sorted_high, 0), first)
    top_less = np.add.reduceat(np.where(rank < most - 1, sorted_high, 0), first)
    among = rank < most - 1
    others = np.where(among, np.repeat(top, sizes) - sorted_high, np.repeat(top_less, sizes))
    found = np.empty_like(others)
    found[order] = others
    return found


def _smallest_other(pairs: Pairs) -> Ints:
    """For each pair, the smallest grant of another window to its proposal; more than any need where there is none."""
    order = np.lexsort((pairs.low, pairs.proposal))
    sorted_low = pairs.low[order]
    _, first, sizes = np.unique(pairs.proposal, return_index=True, return_counts=True)
    none = np.int64(2**60)
    second = np.where(sizes > 1, sorted_low[np.minimum(first + 1, len(pairs) - 1)], none)
    rank = np.arange(len(pairs)) - np.repeat(first, sizes)
    smallest = np.where(rank == 0, np.repeat(second, sizes), np.repeat(sorted_low[first], sizes))
    found = np.empty_like(smallest)
    found[order] = smallest
    return found
