"""Neighbourhood search: part of the plan is opened and solved anew as a small model, the rest stays.

Proposals outside the part stay funded by the same windows, but near it their amounts may move between these. Every step
is limited by work, not by the clock, so that the same seed takes the same steps.
"""

from collections.abc import Iterable, Sequence
from random import Random
from typing import Final

import numpy as np

from services.matching.portfolio.dive import Dives
from services.matching.portfolio.instance import Instance
from services.matching.portfolio.model import limits_of, model_of
from services.matching.portfolio.parts import NODES, Base, Clock, Parts, Relaxation, agreed
from services.matching.portfolio.plan import Plan, plan_of
from services.matching.portfolio.problem import Flags, Ints, Problem, part_of
from services.matching.portfolio.settle import settle

SMALLEST: Final = 12
LARGEST: Final = 1000
"""Proposals that are opened at once."""
MOST_PAIRS: Final = 6000
"""Pairs of the opened proposals: more would take too long for one step."""
MOST_KEPT: Final = 300
"""Funded proposals near the part whose amounts may move."""
EASY: Final = 4000
HARD: Final = 12000
"""Simplex iterations of a step: below the one more is opened next time, above the other less."""
SCALED: Final = 300
MOST_SCALED: Final = 5
"""A step may take that work once for every `SCALED` proposals, but only so many times: there is more time, too."""
FIRST_DIVES: Final = 2
BEGUN_ALIKE: Final = 0.4
"""The part of the plan that the first quick plans beside it keep."""
MOST_DIVES: Final = 8.0
MOST_ALIKE: Final = 0.8
"""The largest part of the plan that quick plans beside it have in common with it."""
NEARLY_FREE: Final = 0.3
"""Quick plans that have less than this in common with the plan may be more."""
NARROW: Final = 0.7
"""The part of the steps that open favoured pairs alone."""


NEARBY: Final = 40.0
"""Proposals whose choices are open at first beside those that luck in the relaxation leaves alone."""
NEARBY_HARD: Final = 10_000
BESIDE: Final = 100
"""What making a small model takes beside solving it, in simplex iterations."""


class Search(Parts):
    """A plan that gets better, and the random choices that do it.

    `favoured` are pairs that good plans are likely to use; most steps open these alone, and more proposals for it.
    `beside` is a plan of somebody else, from which merges take what it uses.
    """

    def __init__(self, instance: Instance, problem: Problem, plan: Plan, seed: int, grid: float) -> None:
        super().__init__(instance, problem, plan, grid)
        self.random = Random(seed)  # noqa: S311  # not for secrets
        self.size = {True: 30.0, False: 18.0}
        self.kept, self.dived = BEGUN_ALIKE, 1.0
        self.scale = max(1, min(MOST_SCALED, len(problem.candidates) // SCALED))
        self.steps = 0
        self.beside = plan
        self.nearby = NEARBY
        self._pool: Flags = np.zeros(len(problem.pairs), dtype=bool)
        self._relaxation: Relaxation | None = None
        pairs = problem.pairs
        self.codes = pairs.proposal * len(problem.budget) + pairs.window
        self.favoured = np.zeros(len(pairs), dtype=bool)
        self.windows: dict[int, list[int]] = {}
        self.givers: dict[int, list[int]] = {}
        for p, w in zip(pairs.proposal.tolist(), pairs.window.tolist(), strict=True):
            self.windows.setdefault(p, []).append(w)
            self.givers.setdefault(w, []).append(p)
        self.addressed: dict[int, list[int]] = {}
        for p in self.windows:
            for action in problem.actions[p]:
                self.addressed.setdefault(action, []).append(p)

    def flags(self, pairs: Iterable[tuple[int, int]]) -> Flags:
        """Which of the problem's pairs are among these."""
        wanted = np.array([p * len(self.problem.budget) + w for p, w in pairs], dtype=np.int64)
        return np.isin(self.codes, wanted)

    def used(self) -> Flags:
        """The pairs of the plan as it is."""
        return self.flags((p, w) for p, w, _ in self.plan.grants)

    def kernel(self, pairs: Flags, seconds_left: Clock, nodes: int = NODES, *, freely: bool = False) -> bool:
        """Choose among all proposals anew, but from these pairs and the plan's own; whether the plan got better."""
        self.steps += 1
        problem = self.problem
        part = part_of(
            problem, pairs | self.used(), problem.budget, problem.counts, problem.forced, problem.groups
        )  # fmt: skip
        return self.solve(model_of(part), {}, seconds_left, nodes, freely=freely)[0]

    def rounding(self, pairs: Flags, whole: Ints, seconds_left: Clock) -> bool:
        """Choose from these pairs alone, with all of `whole` funded: quick where the relaxation is nearly a plan."""
        self.steps += 1
        problem = self.problem
        forced = np.union1d(whole, problem.forced)
        part = part_of(problem, pairs, problem.budget, problem.counts, forced, problem.groups)
        if not np.isin(forced, part.candidates).all() or not all(len(group) for group in part.groups):
            return False
        return self.solve(model_of(part), {}, seconds_left, near=False)[0]

    def merge(self, dives: Dives, seconds_left: Clock, *, first: bool = False) -> bool:
        """Choose anew from what the plan and quick plans use; whether it got better. The `first` keep nothing of it."""
        self.steps += 1
        before, problem, dived = self.plan.value, self.problem, dives.work
        needs = {p: int(problem.need[p]) for p in problem.candidates.tolist()}
        limits, pool = limits_of(problem.pairs), self.used()
        if not first:
            pool |= self.flags((p, w) for p, w, _ in self.beside.grants)
        for _ in range(FIRST_DIVES if first else int(self.dived)):
            wanted = dives.plan(self.random, {} if first else self._some_ways(), lambda: seconds_left() <= 0)
            pool |= self.flags(wanted)
            found = plan_of(self.instance, settle(wanted, limits, needs, problem.budget.tolist()))
            if found.value > self.plan.value and problem.kept_by(found.funded):
                self.plan = found
        if seconds_left() > 0:
            part = part_of(problem, pool, problem.budget, problem.counts, problem.forced, problem.groups)
            self.solve(model_of(part), {}, seconds_left, freely=first)
            if not first:
                self._adapt_merge()
        self.worked += BESIDE + dives.work - dived
        return self.plan.value > before

    def near(self, seconds_left: Clock) -> bool:
        """Choose anew some of what the plan and a relaxation with some luck do not agree on; whether it got better."""
        self.steps += 1
        relaxation = self._favourites()
        before, model = relaxation.work, relaxation.model
        relaxed = relaxation.solve(self.random, seconds_left)
        self.worked += BESIDE + relaxation.work - before
        if relaxed is None or seconds_left() <= 0:
            return False
        better = self.solve_kept(
            model, lambda start: self._closed(model.problem, agreed(model, start, relaxed)), seconds_left
        )
        if self.work < EASY:
            self.nearby = min(float(LARGEST), self.nearby * 1.25)
        elif self.work > NEARBY_HARD:
            self.nearby = max(float(SMALLEST), self.nearby * max(0.5, NEARBY_HARD / self.work))
        return better

    def _favourites(self) -> Relaxation:
        """The relaxation on favoured pairs; it is made anew when the plan uses others."""
        used = self.used()
        if self._relaxation is None or (used & ~self._pool).any():
            self._pool |= used | self.favoured
            problem = self.problem
            part = part_of(problem, self._pool, problem.budget, problem.counts, problem.forced, problem.groups)
            self._relaxation = Relaxation(model_of(part))
        return self._relaxation

    def _closed(self, part: Problem, same: Flags) -> Flags:
        """Choices to keep: only so many proposals are open, of those that differ first, that it is not too hard."""
        many = len(part.candidates)
        owner = np.concatenate([np.arange(many), np.searchsorted(part.candidates, part.pairs.proposal)])
        differ, size = np.unique(owner[~same]), int(self.nearby)
        if len(differ) > size:
            return same | np.isin(owner, self.random.sample(differ.tolist(), len(differ) - size))
        others = np.setdiff1d(np.arange(many), differ).tolist()
        return same & ~np.isin(owner, self.random.sample(others, min(len(others), size - len(differ))))

    def _adapt_merge(self) -> None:
        """Let quick plans differ more, and be more, when the last choice was easy; less when it was not."""
        if self.work < EASY:
            self.kept = max(0.0, self.kept - 0.1)
            if self.kept < NEARLY_FREE:
                self.dived = min(MOST_DIVES, self.dived * 1.3)
        elif self.work > HARD:
            self.dived = max(1.0, self.dived * 0.7)
            if self.dived < 1.5:
                self.kept = min(MOST_ALIKE, self.kept + 0.1)

    def _some_ways(self) -> dict[int, frozenset[int]]:
        """The ways of a random part of the plan."""
        ways: dict[int, set[int]] = {}
        for p, w, _ in self.plan.grants:
            ways.setdefault(p, set()).add(w)
        return {p: frozenset(ways[p]) for p in self.random.sample(sorted(ways), int(self.kept * len(ways)))}

    def step(self, seconds_left: Clock) -> bool:
        """Open one part of the plan and solve it; whether the plan got better."""
        self.steps += 1
        narrow = bool(self.favoured.any()) and self.random.random() < NARROW
        opened = self._opened(int(self.size[narrow]), MOST_PAIRS * (self.scale if narrow else 1))
        part, base, kept = self._part(opened, narrow)
        self.worked += BESIDE
        if not len(part.candidates):
            return False
        better, whole = self.solve(model_of(part, kept), base, seconds_left, freely=True)
        self._adapt(narrow, whole)
        return better

    def _adapt(self, narrow: bool, whole: bool) -> None:
        """Open more when the last part was easy, fewer when it was hard. Work is counted, not timed."""
        easy, hard = EASY * self.scale, HARD * self.scale
        if whole and self.work < easy // 4:
            factor = 1.6
        elif whole and self.work < easy:
            factor = 1.25
        elif whole and self.work < hard:
            factor = 1.05
        else:
            factor = max(0.4, min(0.85, hard / max(1, self.work)))
        most = float(min(LARGEST, len(self.windows)))
        self.size[narrow] = max(float(SMALLEST), min(most, self.size[narrow] * factor))

    def _part(self, opened: Sequence[int], narrow: bool) -> tuple[Problem, Base, Ints]:
        """The problem of the opened proposals; the grants that stay as they are; and whose amounts alone may change."""
        problem, grants = self.problem, self.plan.grants
        free = set(opened)
        touched = {w for p in opened for w in self.windows[p]}
        near: dict[int, int] = {}
        for p, w, _ in grants:
            if p not in free and w in touched:
                near[p] = near.get(p, 0) + 1
        kept = set(sorted(near, key=lambda p: (-near[p], p))[:MOST_KEPT])
        base = {(p, w): amount for p, w, amount in grants if p not in free and p not in kept}
        budget, counts = problem.budget.copy(), problem.counts.copy()
        for (_, w), amount in base.items():
            budget[w] -= amount
        for p in {p for p, _ in base}:
            counts[list(problem.actions[p])] += 1
        is_free = np.zeros(len(problem.need), dtype=bool)
        is_free[list(free)] = True
        keep = is_free[problem.pairs.proposal]
        if narrow:
            keep &= self.favoured | self.used()
        keep |= self.flags((p, w) for p, w, _ in grants if p in kept)
        forced = np.array(sorted(kept | free.intersection(problem.forced.tolist())), dtype=np.int64)
        settled = kept | {p for p, _ in base}
        groups = [group for group in problem.groups if settled.isdisjoint(group.tolist())]
        held = np.array(sorted(kept), dtype=np.int64)
        return part_of(problem, keep, budget, counts, forced, groups), base, held

    def _opened(self, size: int, most_pairs: int) -> list[int]:
        """Which proposals to open: near one another by windows, by actions, or not at all."""
        everyone = self.problem.candidates.tolist()
        if len(everyone) <= SMALLEST:
            return list(everyone)
        kind = self.random.random()
        if kind < 0.45:
            ranked = self._around_windows(size)
        elif kind < 0.75:
            ranked = self._around_proposal(size)
        else:
            ranked = self.random.sample(everyone, min(len(everyone), size))
        chosen: list[int] = []
        pairs = 0
        for p in ranked:
            pairs += len(self.windows[p])
            if len(chosen) >= size or (pairs > most_pairs and len(chosen) >= SMALLEST // 2):
                break
            chosen.append(p)
        return chosen

    def _around_windows(self, size: int) -> list[int]:
        """Those that a few windows pay, and some that they could pay."""
        windows = self.random.sample(sorted(self.givers), min(len(self.givers), self.random.randint(2, 6)))
        now = [p for p, w, _ in self.plan.grants if w in windows]
        paid = list(dict.fromkeys(now))
        others = sorted({p for w in windows for p in self.givers[w]} - set(paid))
        self.random.shuffle(paid)
        self.random.shuffle(others)
        half = size // 2
        return [*paid[:half], *others[: size - min(half, len(paid))]]

    def _around_proposal(self, size: int) -> list[int]:
        """One proposal and those that share most actions and windows with it, with some luck."""
        first = self.random.choice(self.problem.candidates.tolist())
        score: dict[int, float] = {first: 1e9}
        for action in self.problem.actions[first]:
            for p in self.addressed[action]:
                score[p] = score.get(p, 0.0) + 1.0
        for w in self.windows[first]:
            for p in self.givers[w]:
                score[p] = score.get(p, 0.0) + 0.4
        return sorted(score, key=lambda p: (-(score[p] * (0.3 + self.random.random())), p))[:size]
