"""The solver: a plan at once, then prices and a bound, then search and proof side by side until they meet."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

from services.matching.portfolio.attain import attain, keepable, possible
from services.matching.portfolio.bounds import Pricer
from services.matching.portfolio.dive import Dives
from services.matching.portfolio.greedy import POWERS, build, dollars, largest_first, smallest_first
from services.matching.portfolio.instance import Instance
from services.matching.portfolio.model import UNITS, limits_of, model_of
from services.matching.portfolio.neighbourhood import Search
from services.matching.portfolio.plan import Answer, Plan, Way, plan_of, step_of
from services.matching.portfolio.prices import FINEST, everything, proven
from services.matching.portfolio.pricing import Sets, pricing_of
from services.matching.portfolio.problem import Problem, part_of, problem_of
from services.matching.portfolio.prover import Prover
from services.matching.portfolio.settle import settle
from services.matching.portfolio.wishes import Wishes, asked_of

NO_WISHES: Final = Wishes()
PRICING_SHARE: Final = 0.4
"""The part of the time that the prices may take."""
KERNEL_SHARE: Final = 0.5
"""The part of what is then left that each first look at the whole may take."""
SECOND_SHARE: Final = 0.2
"""The same for the second look, which is left out at the largest sizes: neighbourhoods bring more there."""
FIRST_SHARE: Final = 0.3
"""The same where quick plans are made beside it."""
PROMISING: Final = 0.015
"""Quick plans use pairs that lose at most this part of the bound."""
MOST_PROMISING: Final = 4000
MOST_DIVED: Final = 600
"""Proposals beyond which quick plans are not quick."""
IDLE_MERGES: Final = 1
IDLE_STEPS: Final = 6
"""Turns in a row that bring nothing before it is the other's turn."""
KERNEL_NODES: Final = 100
KERNEL_TURN: Final = 8
"""Neighbourhoods that come before a second look at the whole."""
MOST_PROVED: Final = 12_000
"""Pairs beyond which the whole model does not get through its first relaxation in useful time."""
CLOSE: Final = 3e-6
"""What bound and value may differ by, as a part of the bound, where steps are too fine to round to."""
WAITED: Final = 4
"""Steps that the search still gets to find for itself a value that is proven: so the plan is the seed's."""
RESTART_SHARE: Final = 0.6
"""A better plan starts the proof anew while it has taken less than this part of the time that is left."""
PATIENCE: Final = 0.3


@dataclass(slots=True)
class _Run:
    """What one call knows so far. Bounds count the proposals that need no grant; `base` is their value."""

    instance: Instance
    problem: Problem
    started: float
    limit: float
    step: Fraction
    base: Fraction
    plan: Plan
    bound: float
    ways: tuple[Way, ...] = ()

    def left(self) -> float:
        """Seconds until the time limit."""
        return self.limit - (time.monotonic() - self.started)

    @property
    def closed(self) -> bool:
        """Whether the plan is proven to be the best."""
        return self.reached(self.plan)

    def reached(self, plan: Plan) -> bool:
        """Whether the plan is worth the bound, or as near to it as floating point can tell."""
        return self.bound - float(plan.value) <= CLOSE * max(1.0, self.bound)

    @property
    def grid(self) -> float:
        """The step of value as the solver may use it; 0 when it is too fine to."""
        return float(self.step) if self.step > FINEST * max(1.0, self.bound) else 0.0

    def lower(self, bound: float) -> None:
        """Take a bound on what can be added to `base`, from floating point."""
        self.bound = max(float(self.plan.value), min(self.bound, proven(bound + float(self.base), self.step)))

    def offer(self, plan: Plan) -> None:
        """Take a plan if it is better and keeps the wishes."""
        if plan.value > self.plan.value and self.problem.kept_by(plan.funded):
            self.plan = plan


def solve(
    instance: Instance,
    time_limit: float,
    seed: int = 0,
    wishes: Wishes = NO_WISHES,
    start: Plan | Answer | None = None,
) -> Answer:
    """The best plan that keeps the wishes and is found within `time_limit` seconds, and a proven bound.

    `start` is a plan or an answer to begin from, of this instance or of one much like it: what of it is possible here
    is used. The same seed gives the same plan, unless the clock cut the work short.

    Raises:
        Unattainable: no plan keeps the wishes, or none was found in time.
    """
    started = time.monotonic()
    asked = asked_of(instance, wishes)
    problem = problem_of(asked.instance, asked.must, asked.groups)
    empty = plan_of(asked.instance, [])
    greedy = plan_of(asked.instance, build(problem, dollars(problem)))
    kept = problem.kept_by(greedy.funded) and keepable(asked, problem)
    first = greedy
    if not kept:
        first = plan_of(asked.instance, attain(asked, problem, lambda: time_limit - (time.monotonic() - started)))
    run = _Run(asked.instance, problem, started, time_limit, step_of(instance), empty.value, first, float("inf"))
    if start is not None:
        earlier = start.plan if isinstance(start, Answer) else start
        run.offer(plan_of(asked.instance, build(problem, dollars(problem), given=possible(problem, earlier.grants))))
        run.ways = start.ways if isinstance(start, Answer) else ()
    run.lower(everything(problem))
    if not run.closed:
        _improve(run, seed)
    status = "optimal" if run.closed else "time_limit"
    bound = max(run.bound, float(run.plan.value))
    plan = replace(run.plan, funded=run.plan.funded - wishes.must_not)
    return Answer(plan, bound, greedy.value if kept else None, time.monotonic() - started, status, run.ways)


def _improve(run: _Run, seed: int) -> None:
    """Everything that takes longer than the plain greedy."""
    problem = run.problem
    if not len(problem.pairs):
        return
    for power in POWERS:
        for window_order in (largest_first, smallest_first):
            if run.left() > 0:
                run.offer(plan_of(run.instance, build(problem, dollars(problem, power), window_order)))
    if run.left() <= 0:
        return
    until = run.left() * (1 - PRICING_SHARE)
    unit = max(1.0, float(problem.pairs.high.max()) / UNITS)
    pricer = Pricer(problem, unit, lambda: run.left() - until)
    pricer.start(run.plan.grants)
    pricer.know(run.ways)
    pricer.run(float(run.plan.value - run.base))
    run.ways = pricer.ways()
    if pricer.best is not None:
        run.lower(pricer.best.bound)
        sizes, money = pricer.sizes(), pricer.best.money.tolist()
        run.offer(plan_of(run.instance, build(problem, sizes, lambda usable: (money[usable[2]], usable[2]))))
        run.offer(plan_of(run.instance, build(problem, sizes, largest_first)))
    if not run.closed and run.left() > 0:
        _search(run, pricer, seed)


def _search(run: _Run, pricer: Pricer, seed: int) -> None:
    """Search in this thread and proof in another, each using what the other finds for stopping and for pruning."""
    search = Search(run.instance, run.problem, run.plan, seed, run.grid)
    prover: Prover | None = None

    def left() -> float:
        if prover is not None:
            run.lower(max(prover.bound, float(run.plan.value - run.base)))
        return 0.0 if run.reached(search.plan) else run.left()

    def part(share: float) -> Callable[[], float]:
        until = run.left() * (1 - share)
        return lambda: min(left(), run.left() - until)

    used = search.flags(pricer.pairs(used=True))
    search.favoured = search.flags(pricer.pairs(used=False))
    dives = _dives(run, pricer)
    if dives is not None:
        _first_looks(search, dives, lambda other: other.rounding(used, pricer.whole(), part(FIRST_SHARE)), left)
        run.offer(search.plan)
    prover = _prover(run, pricer, search)
    given_up: list[Prover] = []
    turns = _Turns(merging=dives is not None)
    waited = turn = 0
    while left() > 0:
        if dives is None and turn == 0:
            better = search.rounding(used, pricer.whole(), part(KERNEL_SHARE)) or search.kernel(
                used, part(KERNEL_SHARE), KERNEL_NODES
            )
        elif dives is None and turn == KERNEL_TURN and len(run.problem.pairs) <= MOST_PROVED:
            better = search.kernel(search.favoured, part(SECOND_SHARE), KERNEL_NODES)
        elif dives is not None and turns.merging:
            better = search.merge(dives, left)
        else:
            better = search.step(left)
        turn += 1
        if dives is not None:
            turns.told(better)
        if better:
            run.offer(search.plan)
            anew = prover is not None and prover.told(float(run.plan.value - run.base))
            if prover is not None and anew and prover.running and prover.age < RESTART_SHARE * left():
                prover.stop(0.0)
                given_up.append(prover)
                prover = _prover(run, pricer, search)
        if prover is not None and not prover.running:
            if waited >= WAITED:
                break
            waited += prover.finished
    if prover is not None:
        prover.stop(PATIENCE)
        run.offer(search.plan)
        _take(run, prover)
    for old in given_up:
        old.stop(PATIENCE)


@dataclass(slots=True)
class _Turns:
    """Which kind of search comes next: one goes on until it has brought nothing a few times, then it is the other's."""

    merging: bool
    idle: int = 0

    def told(self, better: bool) -> None:
        """The last one brought something, or not."""
        self.idle = 0 if better else self.idle + 1
        if self.idle >= (IDLE_MERGES if self.merging else IDLE_STEPS):
            self.merging, self.idle = not self.merging, 0


def _dives(run: _Run, pricer: Pricer) -> Dives | None:
    """What makes quick plans; None where sets of windows cannot be listed, or there are too many proposals for it."""
    if not isinstance(pricer.pricing, Sets) or len(run.problem.candidates) > MOST_DIVED:
        return None
    keep = pricer.promising(PROMISING, MOST_PROMISING)
    return Dives(run.problem, pricer.pricing, pricer.unit, keep) if keep.any() else None


def _first_looks(search: Search, dives: Dives, rounding: Callable[[Search], bool], left: Callable[[], float]) -> None:
    """Quick plans on one core and the rounded relaxation on the other; the better plan of the two goes on.

    Both are waited for, so that the same seed goes on from the same plan.
    """
    other = Search(search.instance, search.problem, search.plan, 0, search.grid)
    with ThreadPoolExecutor(1) as pool:
        rounded = pool.submit(rounding, other)
        search.merge(dives, left, first=True)
        rounded.result()
    if other.plan.value > search.plan.value:
        search.plan = other.plan


def _prover(run: _Run, pricer: Pricer, search: Search) -> Prover | None:
    """The proof's thread, on what a better plan can still use; None where it would be of no use."""
    problem = run.problem
    better = float(run.plan.value + run.step - run.base)
    keep = pricer.useful(better) if run.grid else pricer.useful(float(run.plan.value - run.base))
    if not keep.any():
        run.lower(float(run.plan.value - run.base))
        return None
    # The plan stays possible, so that the proof can begin from it.
    keep |= search.used()
    if int(keep.sum()) > MOST_PROVED:
        return None
    part = part_of(problem, keep, problem.budget, problem.counts, problem.forced, problem.groups)
    start = {(p, w): amount for p, w, amount in run.plan.grants}
    model = model_of(part)
    sets = pricing_of(part, model.unit, run.left) if pricer.pricing.exact else None
    value = float(run.plan.value - run.base)
    prover = Prover(model, start, value, run.grid, sets if isinstance(sets, Sets) else None, run.left)
    prover.start()
    return prover


def _take(run: _Run, prover: Prover) -> None:
    """What the proof ended with."""
    if prover.found is not None:
        problem = prover.model.problem
        needs = {p: int(problem.need[p]) for p in problem.candidates.tolist()}
        run.offer(
            plan_of(
                run.instance,
                settle(prover.found, limits_of(prover.model.problem.pairs), needs, problem.budget.tolist()),
            )
        )
    run.lower(max(prover.bound, float(run.plan.value - run.base)))
