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
POWERS: Final[Sequence[float]] = (1.0, 0.6, 1.3)
"""What dollars are raised to before value is divided by them; 1 is plain greedy, less is kinder to large proposals."""
WindowOrder = Callable[[Usable], tuple[float, int]]


def largest_first(usable: Usable) -> tuple[float, int]:
    """Windows that can give much come first: few are needed."""
    return (-usable[0], usable[2])


def smallest_first(usable: Usable) -> tuple[float, int]:
    """Windows with little left come first: large sums stay whole."""
    return (usable[0], usable[2])


def dollars(problem: Problem, power: float = 1.0) -> list[float]:
    """The size of each proposal by the dollars that it needs."""
    return [math.pow(max(1, need), power) for need in problem.need.tolist()]


def build(
    problem: Problem,
    sizes: Sequence[float],
    window_order: WindowOrder = largest_first,
    given: Sequence[Grant] = (),
) -> list[Grant]:
    """The grants of a plan: always the proposal that adds most for its size, of those that can still be paid for.

    `given` are grants that it has already. What must be funded comes first; a plan without it is no plan of the
    problem, and it is for the caller to see that.
    """
    remaining = problem.budget.tolist()
    counts = problem.counts.tolist()
    weights = problem.weights.tolist()
    pairs = _by_proposal(problem)
    grants: list[Grant] = list(given)
    funded = {p for p, _, _ in given}
    for _, window, amount in given:
        remaining[window] -= amount
    for p in funded:
        for action in problem.actions[p]:
            counts[action] += 1

    def score(p: int) -> float:
        added = sum(weights[a] / 2 ** counts[a] for a in problem.actions[p] if counts[a] < COUNTED)
        return added / sizes[p] if added > 0 else 0.0

    def add(p: int) -> None:
        usable = [(min(high, remaining[w]), low, w) for w, low, high in pairs[p] if remaining[w] >= low]
        usable.sort(key=window_order)
        found = fund(usable, int(problem.need[p]), problem.most)
        for window, amount in found:
            remaining[window] -= amount
            grants.append((p, window, amount))
        if found:
            funded.add(p)
            for action in problem.actions[p]:
                counts[action] += 1

    def hardest(p: int) -> tuple[int, int, int]:
        return (len(pairs[p]), -int(problem.need[p]), p)

    for p in sorted(set(problem.forced.tolist()) - funded, key=hardest):
        add(p)
    for group in problem.groups:
        for p in sorted(group.tolist(), key=lambda p: (-score(p), hardest(p))):
            if not funded.isdisjoint(group.tolist()):
                break
            add(p)
    waiting = [(-score(p), p) for p in problem.candidates.tolist() if p not in funded]
    heapq.heapify(waiting)
    while waiting:
        before, p = heapq.heappop(waiting)
        now = score(p)
        if now <= 0:
            continue
        if -before > now * (1 + 1e-12):
            heapq.heappush(waiting, (-now, p))
            continue
        add(p)
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
