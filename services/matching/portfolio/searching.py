"""Search and proof side by side: at first both cores search, then one of them proves."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from services.matching.portfolio.abreast import Abreast, Side
from services.matching.portfolio.bounds import Pricer
from services.matching.portfolio.dive import Dives
from services.matching.portfolio.model import limits_of, model_of
from services.matching.portfolio.neighbourhood import Search
from services.matching.portfolio.parts import Clock
from services.matching.portfolio.plan import plan_of
from services.matching.portfolio.pricing import Sets, pricing_of
from services.matching.portfolio.problem import Flags, part_of
from services.matching.portfolio.prover import Prover
from services.matching.portfolio.run import Run
from services.matching.portfolio.settle import settle

KERNEL_SHARE: Final = 0.5
"""The part of the time that is left that each first look at the whole may take."""
SECOND_SHARE: Final = 0.2
"""The same for the second look, which is left out at the largest sizes: neighbourhoods bring more there."""
FIRST_SHARE: Final = 0.1
"""The same where quick plans are made beside it."""
PROMISING: Final = 0.015
"""Quick plans use pairs that lose at most this part of the bound."""
MOST_PROMISING: Final = 4000
MOST_DIVED: Final = 600
"""Proposals beyond which quick plans are not quick."""
ABREAST_SHARE: Final = 0.4
"""The part of the time that is left in which both cores may search before one of them proves."""
KERNEL_NODES: Final = 100
KERNEL_TURN: Final = 8
"""Neighbourhoods that come before a second look at the whole."""
MOST_PROVED: Final = 12_000
"""Pairs beyond which the whole model does not get through its first relaxation in useful time."""
MOST_BRANCHED: Final = 250
"""Proposals beyond which branch and bound on prices takes more time from the search than it brings."""
LEARNT_SHARE: Final = 0.4
"""The part of the time after which the search looks at what the proof meets: how far that is depends on the clock."""
WAITED: Final = 4
"""Steps that the search still gets to find for itself a value that is proven: so the plan is the seed's."""
RESTART_SHARE: Final = 0.6
"""A better plan starts the proof anew while it has taken less than this part of the time that is left."""
PATIENCE: Final = 0.3
"""Seconds that a proof which is told to stop may take to do so."""


def search_and_prove(run: Run, pricer: Pricer, seed: int) -> None:
    """Search in this thread, and for a while in another; proof in another. Each uses what the other finds."""
    both = _Pair(run, pricer, seed)
    both.begin()
    while both.left() > 0:
        both.turn()
    both.end()


class _Pair:
    """The search and what goes on beside it: a second search, then the proof."""

    def __init__(self, run: Run, pricer: Pricer, seed: int) -> None:
        self.run, self.pricer = run, pricer
        self.search = Search(run.instance, run.problem, run.plan, seed, run.grid)
        self.used = self.search.flags(pricer.pairs(used=True))
        self.search.favoured = self.search.flags(pricer.pairs(used=False))
        self.side = Side(self.search, _dives(run, pricer))
        self.abreast: Abreast | None = None
        self.prover: Prover | None = None
        self.given_up: list[Prover] = []
        self.turns = self.waited = 0
        self.until = 0.0
        self.over = False

    def left(self) -> float:
        """Seconds; 0 where nothing is left to be found."""
        if self.prover is not None:
            self.run.lower(max(self.prover.bound, float(self.run.plan.value - self.run.base)))
        return 0.0 if self.over or self.run.reached(self.search.plan) else self.run.left()

    def begin(self) -> None:
        """The first looks, and a second search where it is of use."""
        if self.side.dives is not None:
            self._first_looks(self.side.dives)
        else:
            self._look_at_whole()
        self.run.offer(self.search.plan)
        if self.left() <= 0:
            return
        search = self.search
        other = Search(search.instance, search.problem, search.plan, search.random.randrange(2**32), search.grid)
        other.favoured = search.favoured
        self.abreast = Abreast(self.side, Side(other, _dives(self.run, self.pricer)))
        self.until = self.run.left() * (1 - ABREAST_SHARE)

    def turn(self) -> None:
        """Look for a better plan, with all that is at work."""
        if self.abreast is not None:
            better = self.abreast.round(self.left)
            self.run.offer(self.search.plan)
            if self.left() > 0 and (not better or self.run.left() < self.until) and self._provable():
                self.abreast, self.prover = None, self._prover()
            return
        if self._alone():
            self.run.offer(self.search.plan)
            self._tell()
        self.turns += 1
        if self.prover is not None and not self.prover.running:
            self.over = self.waited >= WAITED
            self.waited += self.prover.finished

    def end(self) -> None:
        """Take what the proof ended with. All proofs together are waited for as long as one."""
        until = time.monotonic() + PATIENCE
        prover = self.prover
        if prover is not None:
            prover.stop(PATIENCE)
            self.run.offer(self.search.plan)
            self._take(prover)
        for old in self.given_up:
            old.stop(max(0.0, until - time.monotonic()))

    def _part(self, share: float) -> Clock:
        until = self.run.left() * (1 - share)
        return lambda: min(self.left(), self.run.left() - until)

    def _first_looks(self, dives: Dives) -> None:
        """Quick plans on one core and the rounded relaxation on the other; the better plan of the two goes on.

        Both are waited for, so that the same seed goes on from the same plan.
        """
        search = self.search
        other = Search(search.instance, search.problem, search.plan, 0, search.grid)
        with ThreadPoolExecutor(1) as pool:
            rounded = pool.submit(other.rounding, self.used, self.pricer.whole(), self._part(FIRST_SHARE))
            search.merge(dives, self.left, first=True)
            rounded.result()
        if other.plan.value > search.plan.value:
            search.plan = other.plan

    def _look_at_whole(self) -> None:
        """All proposals on the pairs that the relaxation uses: rounded first, then as they are."""
        if not self.search.rounding(self.used, self.pricer.whole(), self._part(KERNEL_SHARE)):
            self.search.kernel(self.used, self._part(KERNEL_SHARE), KERNEL_NODES, freely=True)

    def _alone(self) -> bool:
        """One turn of the search beside the proof; whether it brought a better plan."""
        if self.side.dives is None and self.turns == KERNEL_TURN:
            return self.search.kernel(self.search.favoured, self._part(SECOND_SHARE), KERNEL_NODES, freely=True)
        better = False
        if self.prover is not None and self.run.left() < self.run.limit * (1 - LEARNT_SHARE):
            met = self.prover.met()
            if met:
                better = self.search.kernel(self.search.flags(met), self.left)
        return self.side.turn(self.left) or better

    def _tell(self) -> None:
        """Tell the proof of a better plan, and start it anew if that is worth it."""
        prover, run = self.prover, self.run
        if prover is None or not prover.told(float(run.plan.value - run.base)):
            return
        if prover.running and prover.age < RESTART_SHARE * self.left():
            prover.stop(0.0)
            self.given_up.append(prover)
            self.prover = self._prover()

    def _useful(self) -> Flags:
        """Pairs that a better plan can still use."""
        run = self.run
        value = float(run.plan.value - run.base)
        return self.pricer.useful(value + float(run.step) if run.grid else value)

    def _provable(self) -> bool:
        """Whether a proof of the whole model can come to something: else both cores go on searching."""
        return int((self._useful() | self.search.used()).sum()) <= MOST_PROVED

    def _prover(self) -> Prover | None:
        """The proof's thread, on what a better plan can still use; None where nothing is."""
        run, problem = self.run, self.run.problem
        keep, value = self._useful(), float(run.plan.value - run.base)
        if not keep.any():
            run.lower(value)
            return None
        # The plan stays possible, so that the proof can begin from it.
        keep |= self.search.used()
        part = part_of(problem, keep, problem.budget, problem.counts, problem.forced, problem.groups)
        start = {(p, w): amount for p, w, amount in run.plan.grants}
        model = model_of(part)
        small = self.pricer.pricing.exact and len(problem.candidates) <= MOST_BRANCHED
        sets = pricing_of(part, model.unit, run.left) if small else None
        prover = Prover(model, start, value, run.grid, sets if isinstance(sets, Sets) else None, run.left)
        prover.start()
        return prover

    def _take(self, prover: Prover) -> None:
        """What the proof ended with."""
        run, problem = self.run, prover.model.problem
        if prover.found is not None:
            needs = {p: int(problem.need[p]) for p in problem.candidates.tolist()}
            grants = settle(prover.found, limits_of(problem.pairs), needs, problem.budget.tolist())
            run.offer(plan_of(run.instance, grants))
        run.lower(max(prover.bound, float(run.plan.value - run.base)))


def _dives(run: Run, pricer: Pricer) -> Dives | None:
    """What makes quick plans; None where sets of windows cannot be listed, or there are too many proposals for it."""
    if not isinstance(pricer.pricing, Sets) or len(run.problem.candidates) > MOST_DIVED:
        return None
    keep = pricer.promising(PROMISING, MOST_PROMISING)
    return Dives(run.problem, pricer.pricing, pricer.unit, keep) if keep.any() else None
