"""Construction: proposals one after the other, best value for each needed dollar first. Quick at every size."""

import heapq
import math
from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Final

from services.matching.portfolio.plan import COUNTED, Grant
from services.matching.portfolio.problem import Problem

TRIES: Final = 400
"""Sets of windows that are tried for one proposal when the largest ones do not fit together."""
Usable = tuple[int, int, int]
"""What a window could still give, the least it would, and its position."""
Order = Callable[[float, int], float]
"""How good a proposal is, from the value it adds and the dollars it needs."""


def for_each_dollar(value: float, need: int) -> float:
    """The plain greedy: value for each needed dollar."""
    return value / need


def between(value: float, need: int) -> float:
    """Larger proposals are held back less."""
    return value / math.pow(need, 0.6)


def squared(value: float, need: int) -> float:
    """Smaller proposals first, more than the plain greedy."""
    return value / math.pow(need, 1.3)


ORDERS: Final[Sequence[Order]] = (for_each_dollar, between, squared)


def largest_first(usable: Usable) -> tuple[int, int]:
    """Windows that can give much come first: few are needed."""
    return (-usable[0], usable[2])


def smallest_first(usable: Usable) -> tuple[int, int]:
    """Windows with little left come first: large sums stay whole."""
    return (usable[0], usable[2])


def build(
    problem: Problem,
    order: Order = for_each_dollar,
    window_order: Callable[[Usable], tuple[int, int]] = largest_first,
    start: Sequence[Grant] = (),
) -> list[Grant]:
    """The grants of a plan: always the best proposal that can still be paid for, on top of those that `start` funds."""
    remaining = problem.budget.tolist()
    counts = problem.counts.tolist()
    weights = problem.weights.tolist()
    pairs = _by_proposal(problem)
    done = {p for p, _, _ in start}
    for _, window, amount in start:
        remaining[window] -= amount
    for p in done:
        for action in problem.actions[p]:
            counts[action] += 1

    def score(p: int) -> float:
        added = sum(weights[a] / 2 ** counts[a] for a in problem.actions[p] if counts[a] < COUNTED)
        return order(added, int(problem.need[p])) if added > 0 else 0.0

    waiting = [(-score(p), p) for p in problem.candidates.tolist() if p not in done]
    heapq.heapify(waiting)
    grants = list(start)
    while waiting:
        before, p = heapq.heappop(waiting)
        now = score(p)
        if now <= 0:
            continue
        if -before > now * (1 + 1e-12):
            heapq.heappush(waiting, (-now, p))
            continue
        usable = [(min(high, remaining[w]), low, w) for w, low, high in pairs[p] if remaining[w] >= low]
        usable.sort(key=window_order)
        found = fund(usable, int(problem.need[p]), problem.most)
        for window, amount in found:
            remaining[window] -= amount
            grants.append((p, window, amount))
        if found:
            for action in problem.actions[p]:
                counts[action] += 1
    return grants


def fund(usable: Sequence[Usable], need: int, most: int) -> list[tuple[int, int]]:
    """Amounts of at most `most` windows that make up exactly `need`; nothing when no set that was tried does."""
    size, total = 0, 0
    for given, _, _ in usable[:most]:
        size, total = size + 1, total + given
        if total >= need:
            break
    if total >= need:
        found = split(usable[:size], need)
        if found:
            return found
    top = sorted((given for given, _, _ in usable), reverse=True)
    tries = 0
    for size in range(1, min(most, len(usable)) + 1):
        if sum(top[:size]) < need:
            continue
        for chosen in combinations(usable, size):
            found = split(chosen, need)
            tries += 1
            if found:
                return found
            if tries >= TRIES:
                return []
    return []


def split(chosen: Sequence[Usable], need: int) -> list[tuple[int, int]]:
    """Amounts within the limits of these windows that make up `need`, the first given most; or nothing."""
    rest = need - sum(low for _, low, _ in chosen)
    if rest < 0 or sum(given for given, _, _ in chosen) < need:
        return []
    found = []
    for given, low, window in chosen:
        more = min(given - low, rest)
        rest -= more
        found.append((window, low + more))
    return found


def _by_proposal(problem: Problem) -> list[list[tuple[int, int, int]]]:
    found: list[list[tuple[int, int, int]]] = [[] for _ in range(len(problem.need))]
    pairs = problem.pairs
    rows = zip(
        pairs.proposal.tolist(), pairs.window.tolist(), pairs.low.tolist(), pairs.high.tolist(), strict=True
    )  # fmt: skip
    for p, w, low, high in rows:
        found[p].append((w, low, high))
    return found
