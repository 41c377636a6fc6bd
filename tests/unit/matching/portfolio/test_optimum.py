"""Against brute force: the plan is the best there is, its bound a bound, whatever the small instance."""

import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.portfolio import pricing
from services.matching.portfolio.bounds import Pricer
from services.matching.portfolio.greedy import build, dollars
from services.matching.portfolio.instance import instance_of
from services.matching.portfolio.plan import plan_of, step_of
from services.matching.portfolio.prices import everything, proven
from services.matching.portfolio.problem import problem_of
from services.matching.portfolio.solve import solve
from services.matching.portfolio.verify import faults
from tests.unit.matching.portfolio.build import Json, best_value, small_instances

PLENTY = 60.0


@settings(max_examples=80)
@given(small_instances())
def test_the_plan_is_worth_what_brute_force_finds(data: Json) -> None:
    read = instance_of(data)
    found = solve(read, PLENTY)
    best = best_value(data)
    assert found.plan.value == best
    assert found.status == "optimal"
    assert found.gap <= 1e-9
    assert faults(data, found.as_json(read)) == []


@settings(max_examples=60)
@given(small_instances())
def test_every_bound_is_at_least_the_optimum(data: Json) -> None:
    read = instance_of(data)
    problem, best = problem_of(read), float(best_value(data))
    base = float(plan_of(read, []).value)
    assert proven(base + everything(problem), step_of(read)) >= best
    if not len(problem.candidates):
        return
    for unit in (1.0, 7.0):
        exact = Pricer(problem, unit, lambda: PLENTY)
        quick = Pricer(problem, unit, lambda: PLENTY)
        quick.pricing = pricing.Fill(problem, unit)
        for pricer in (exact, quick):
            pricer.start(build(problem, dollars(problem)))
            pricer.run()
            assert pricer.best is not None
            assert proven(base + pricer.best.bound, step_of(read)) >= best


@settings(max_examples=40)
@given(small_instances())
def test_what_the_prices_rule_out_is_in_no_better_plan(data: Json) -> None:
    read = instance_of(data)
    problem, best = problem_of(read), best_value(data)
    added = float(best - plan_of(read, []).value)
    if not len(problem.candidates):
        return
    pricer = Pricer(problem, 1.0, lambda: PLENTY)
    pricer.run()
    keep = pricer.useful(added)
    kept = {(p, w) for p, w in zip(problem.pairs.proposal[keep], problem.pairs.window[keep], strict=True)}
    names = {(read.proposals[p].id, read.windows[w].id) for p, w in kept}
    fewer = {**data, "eligible": [pair for pair in data["eligible"] if tuple(pair) in names]}
    assert best_value(fewer) == best


@settings(max_examples=60)
@given(small_instances())
def test_greedy_breaks_no_rule_and_is_no_better_than_the_best(data: Json) -> None:
    read = instance_of(data)
    problem = problem_of(read)
    plan = plan_of(read, build(problem, dollars(problem)))
    value = float(plan.value)
    shown = {
        "grants": [[read.proposals[p].id, read.windows[w].id, amount] for p, w, amount in plan.grants],
        "value": value, "bound": value, "gap": 0.0, "greedy_value": value, "seconds": 0.0, "status": "optimal",
    }  # fmt: skip
    assert faults(data, shown) == []
    assert plan.value <= best_value(data)


@given(small_instances())
def test_every_value_is_a_multiple_of_the_step(data: Json) -> None:
    read = instance_of(data)
    step, best = step_of(read), best_value(data)
    assert best == 0 if step == 0 else (best / step).denominator == 1
    assert math.isclose(proven(float(best), step), float(best), rel_tol=1e-5)


@pytest.mark.parametrize("step", [Fraction(1, 4), Fraction(1, 40), Fraction(1, 400), Fraction(0)])
def test_a_bound_is_lowered_to_what_a_plan_can_be_worth(step: Fraction) -> None:
    value = 1739 * step
    assert proven(float(value), step) == float(value)
    assert proven(float(value) + 0.9 * float(step), step) == float(value)
    assert proven(math.inf, step) == (math.inf if step else 0.0)


@given(st.floats(0, 1e6), st.fractions(min_value=Fraction(1, 10**9), max_value=10))
def test_no_value_below_a_bound_is_ruled_out(bound: float, step: Fraction) -> None:
    most = math.floor(Fraction(bound) / step) * step
    assert proven(bound, step) >= float(most)
