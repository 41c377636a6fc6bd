"""Solving again from an earlier answer: never worse for it, and what no longer holds is left aside."""

from dataclasses import replace
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.portfolio.attain import possible
from services.matching.portfolio.instance import instance_of
from services.matching.portfolio.plan import Plan
from services.matching.portfolio.problem import problem_of
from services.matching.portfolio.solve import solve
from services.matching.portfolio.verify import faults
from services.matching.portfolio.wishes import Wishes
from tests.bench.portfolio_instances import make
from tests.unit.matching.portfolio.build import Json, best_value, instance, proposal, small_instances, window

PLENTY = 60.0


@settings(max_examples=80)
@given(small_instances(), st.data())
def test_a_changed_instance_is_solved_rightly_from_the_old_answer(data: Json, draws: st.DataObject) -> None:
    """Any change at all: budgets, limits, costs and pairs may differ."""
    old = solve(instance_of(data), PLENTY)
    changed = {
        **data,
        "windows": [{**row} for row in data["windows"]],
        "proposals": [{**row} for row in data["proposals"]],
    }
    for row in changed["windows"]:
        row["budget"] = max(0, row["budget"] + draws.draw(st.integers(-4, 4)))
        row["max_grant"] += draws.draw(st.integers(0, 2))
    for row in changed["proposals"]:
        row["cost"] = max(0, row["cost"] + draws.draw(st.sampled_from([0, 0, 1, -1])))
    changed["eligible"] = [pair for pair in data["eligible"] if draws.draw(st.integers(0, 4))]
    changed["max_windows_per_proposal"] = draws.draw(st.sampled_from([1, 2, 3]))
    read = instance_of(changed)
    found = solve(read, PLENTY, 0, start=old)
    assert found.plan.value == best_value(changed)
    assert faults(changed, found.as_json(read)) == []


def test_without_time_the_old_plan_is_kept_where_it_is_possible() -> None:
    data = make(60, 25, "tight", 1)
    read = instance_of(data)
    old = solve(read, 1.0)
    again = solve(read, 0.0, start=old.plan)
    assert again.plan.value >= old.plan.value
    poorer = {**data, "windows": [{**row, "budget": row["budget"] * 9 // 10} for row in data["windows"]]}
    found = solve(instance_of(poorer), 0.0, start=old)
    assert faults(poorer, found.as_json(instance_of(poorer))) == []


def test_room_is_made_for_what_must_be_funded() -> None:
    read = instance_of(make(60, 25, "tight", 1))
    old = solve(read, 1.0)
    left_out = sorted(set(problem_of(read).candidates.tolist()) - old.plan.funded)
    tried = 0
    for p in left_out[:8]:
        again = solve(read, 0.0, 0, Wishes(must=frozenset({p})), start=old)
        assert p in again.plan.funded
        tried += again.plan.value > old.plan.value * Fraction(9, 10)
    assert tried > 4


def test_grants_that_break_a_rule_are_left_out() -> None:
    data = instance(
        proposals=[proposal("p", 60), proposal("q", 60), proposal("r", 60)],
        windows=[window("w", 100, 10, 60), window("v", 100, 10, 60)],
        eligible=[["p", "w"], ["q", "w"], ["r", "v"]],
    )
    problem = problem_of(instance_of(data))
    plan = Plan(grants=((0, 0, 60), (1, 0, 60), (2, 0, 60)))
    assert possible(problem, plan.grants) == [(0, 0, 60)]
    assert possible(problem, [(0, 0, 5), (0, 1, 55)]) == []
    assert possible(problem, [(0, 0, 30), (0, 0, 30)]) == []
    assert possible(replace(problem, most=0), [(0, 0, 60)]) == []
