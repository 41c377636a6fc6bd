"""The solver: a plan at once, then prices and a bound, then search and proof side by side until they meet."""

import time
from dataclasses import replace
from typing import Final

from services.matching.portfolio.attain import attain, keepable, possible
from services.matching.portfolio.bounds import Pricer
from services.matching.portfolio.greedy import POWERS, build, dollars, largest_first, smallest_first
from services.matching.portfolio.instance import Instance
from services.matching.portfolio.model import UNITS
from services.matching.portfolio.plan import Answer, Plan, plan_of, step_of
from services.matching.portfolio.prices import everything
from services.matching.portfolio.problem import problem_of
from services.matching.portfolio.run import Run
from services.matching.portfolio.searching import search_and_prove
from services.matching.portfolio.wishes import Wishes, asked_of

NO_WISHES: Final = Wishes()
PRICING_SHARE: Final = 0.4
"""The part of the time that the prices may take."""


def solve(
    instance: Instance,
    time_limit: float,
    seed: int = 0,
    wishes: Wishes = NO_WISHES,
    start: Plan | Answer | None = None,
) -> Answer:
    """The best plan that keeps the wishes and is found within `time_limit` seconds, and a proven bound.

    `start` is a plan or an answer to begin from, of this instance or of one much like it: what of it is possible here
    is used. The same seed gives the same plan, unless the clock cut the work short (decision 46 says when it may).

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
    run = Run(asked.instance, problem, started, time_limit, step_of(instance), empty.value, first, float("inf"))
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


def _improve(run: Run, seed: int) -> None:
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
        search_and_prove(run, pricer, seed)
