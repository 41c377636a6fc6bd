"""Exact amounts: what a solver found in floating point becomes whole dollars that add up, by augmenting paths."""

from collections import deque
from collections.abc import Iterable, Mapping

from services.matching.portfolio.plan import Grant

Pair = tuple[int, int]
Limits = Mapping[Pair, tuple[int, int]]


def settle(wanted: Mapping[Pair, float], limits: Limits, need: Mapping[int, int], budget: Iterable[int]) -> list[Grant]:
    """Grants on exactly the wanted pairs, near the wanted amounts: each proposal's need is met, no budget is exceeded.

    A proposal for which whole dollars cannot be found is left out, which only happens where the solver used its
    tolerances.
    """
    left = list(budget)
    amounts: dict[Pair, int] = {}
    of_proposal: dict[int, list[int]] = {}
    of_window: dict[int, list[int]] = {}
    for (p, w), amount in sorted(wanted.items()):
        low, high = limits[p, w]
        amounts[p, w] = max(low, min(high, int(amount + 1e-6)))
        left[w] -= amounts[p, w]
        of_proposal.setdefault(p, []).append(w)
        of_window.setdefault(w, []).append(p)
    for w in [w for w in of_window if left[w] < 0]:
        for p in of_window[w]:
            less = min(amounts[p, w] - limits[p, w][0], -left[w]) if left[w] < 0 else 0
            amounts[p, w] -= less
            left[w] += less
    state = _State(amounts, left, limits, of_proposal, of_window)
    for p in sorted(of_proposal):
        if state.broken(p) or not state.fill(p, need[p]):
            state.drop(p)
    return [(p, w, amount) for (p, w), amount in sorted(state.amounts.items())]


class _State:
    """Amounts on pairs and what is left of the windows' budgets."""

    def __init__(
        self, amounts: dict[Pair, int], left: list[int], limits: Limits,
        of_proposal: dict[int, list[int]], of_window: dict[int, list[int]],
    ) -> None:  # fmt: skip
        self.amounts, self.left, self.limits = amounts, left, limits
        self.of_proposal, self.of_window = of_proposal, of_window

    def broken(self, p: int) -> bool:
        """Whether one of the proposal's windows is overdrawn even at its smallest grants."""
        return any(self.left[w] < 0 for w in self.of_proposal[p])

    def fill(self, p: int, need: int) -> bool:
        """Bring the proposal's grants to `need`; other proposals keep their sums."""
        windows = self.of_proposal[p]
        short = need - sum(self.amounts[p, w] for w in windows)
        for w in windows:
            if short >= 0:
                break
            less = min(self.amounts[p, w] - self.limits[p, w][0], -short)
            self.amounts[p, w] -= less
            self.left[w] += less
            short += less
        while short > 0:
            moved = self._augment(p, short)
            if not moved:
                return False
            short -= moved
        return short == 0

    def drop(self, p: int) -> None:
        """Leave the proposal out and give its money back."""
        for w in self.of_proposal.pop(p):
            self.left[w] += self.amounts.pop((p, w))
            self.of_window[w].remove(p)

    def _augment(self, start: int, most: int) -> int:
        """Move up to `most` dollars along one shortest path from a window with money left; the dollars moved."""
        came: dict[int, tuple[int, int]] = {}
        reached, queue = {start}, deque([start])
        while queue:
            p = queue.popleft()
            for w in self.of_proposal[p]:
                if w in came or self.amounts[p, w] >= self.limits[p, w][1]:
                    continue
                came[w] = (p, w)
                if self.left[w] > 0:
                    return self._move(w, came, start, most)
                for other in self.of_window[w]:
                    if other not in reached and self.amounts[other, w] > self.limits[other, w][0]:
                        reached.add(other)
                        came[-1 - other] = (other, w)
                        queue.append(other)
        return 0

    def _move(self, end: int, came: dict[int, tuple[int, int]], start: int, most: int) -> int:
        up, down = [], []
        w = end
        while True:
            p = came[w][0]
            up.append((p, w))
            if p == start:
                break
            w = came[-1 - p][1]
            down.append((p, w))
        room = min(self.limits[pair][1] - self.amounts[pair] for pair in up)
        give = min((self.amounts[pair] - self.limits[pair][0] for pair in down), default=most)
        moved = min(most, self.left[end], room, give)
        for pair in up:
            self.amounts[pair] += moved
        for pair in down:
            self.amounts[pair] -= moved
        self.left[end] -= moved
        return moved
