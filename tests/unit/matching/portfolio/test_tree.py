"""Branch and bound on prices, against brute force: it ends with the best plan, and no bound on the way is too low."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.portfolio.instance import Instance, instance_of
from services.matching.portfolio.joint import Joint, joint_of
from services.matching.portfolio.model import model_of, quiet
from services.matching.portfolio.plan import plan_of, step_of
from services.matching.portfolio.pricing import Sets, pricing_of
from services.matching.portfolio.problem import Problem, part_of, problem_of
from services.matching.portfolio.prover import Prover
from services.matching.portfolio.settle import settle
from services.matching.portfolio.tree import Tree
from services.matching.portfolio.wishes import asked_of, wishes_of
from tests.bench.portfolio_instances import make
from tests.unit.matching.portfolio.build import (
    Json,
    action,
    best_value,
    best_wished,
    instance,
    proposal,
    small_instances,
    window,
    wished_instances,
)

PLENTY = 60.0
NEAR = 1e-4


def sets_of(problem: Problem, unit: float) -> Sets:
    found = pricing_of(problem, unit, lambda: PLENTY)
    assert isinstance(found, Sets)
    return found


def value_of(read: Instance, problem: Problem, given: dict[tuple[int, int], float]) -> float:
    pairs = problem.pairs
    keys = zip(pairs.proposal.tolist(), pairs.window.tolist(), strict=True)
    limits = dict(zip(keys, zip(pairs.low.tolist(), pairs.high.tolist(), strict=True), strict=True))
    needs = {p: int(problem.need[p]) for p in problem.candidates.tolist()}
    return float(plan_of(read, settle(given, limits, needs, problem.budget.tolist())).value)


def tree_of(problem: Problem, grid: float, told: list[float], value: float = 0.0, joint: Joint | None = None) -> Tree:
    model = model_of(problem)
    sets = sets_of(problem, model.unit)
    return Tree(model, sets, joint or joint_of(model), value, grid, lambda: False, told.append)


@settings(max_examples=80)
@given(small_instances())
def test_the_tree_ends_with_the_best_plan_and_its_bounds_hold(data: Json) -> None:
    read = instance_of(data)
    problem, base = problem_of(read), float(plan_of(read, []).value)
    best = float(best_value(data)) - base
    if not len(problem.candidates):
        return
    for grid in (0.0, float(step_of(read))):
        told: list[float] = []
        tree = tree_of(problem, grid, told)
        assert tree.run()
        assert min(told) >= best - NEAR
        assert abs(min(told) - best) <= NEAR
        if best > 0:
            assert tree.found is not None
            assert abs(value_of(read, problem, tree.found) - base - best) <= NEAR


@settings(max_examples=40)
@given(small_instances())
def test_from_the_best_plan_nothing_better_is_found(data: Json) -> None:
    read = instance_of(data)
    problem = problem_of(read)
    best = float(best_value(data) - plan_of(read, []).value)
    if not len(problem.candidates):
        return
    told: list[float] = []
    tree = tree_of(problem, float(step_of(read)), told, best)
    assert tree.run()
    assert tree.found is None
    assert min(told) == best


@settings(max_examples=120)
@given(wished_instances())
def test_with_wishes_it_ends_with_the_best_plan_that_keeps_them(data: Json) -> None:
    read, best = instance_of(data), best_wished(data)
    if best is None:
        return
    asked = asked_of(read, wishes_of(data, read))
    problem = problem_of(asked.instance, asked.must, asked.groups)
    base = float(plan_of(asked.instance, []).value)
    if not len(problem.candidates):
        return
    told: list[float] = []
    step = float(step_of(read))
    tree = tree_of(problem, step, told, -1.0 - step)
    assert tree.run()
    assert abs(min(told) + base - float(best)) <= NEAR
    assert tree.found is not None
    assert {p for p, _ in tree.found} >= set(problem.forced.tolist())
    assert abs(value_of(asked.instance, problem, tree.found) - float(best)) <= NEAR


@settings(max_examples=80)
@given(small_instances(), st.randoms(use_true_random=False))
def test_any_prices_of_the_joint_rows_prove_a_bound(data: Json, luck: Random) -> None:
    read = instance_of(data)
    problem = problem_of(read)
    best = float(best_value(data) - plan_of(read, []).value)
    if not len(problem.candidates):
        return
    tree = tree_of(problem, 0.0, [])
    for _ in range(5):
        prices = np.array([luck.choice([0.0, luck.random(), 9 * luck.random()]) for _ in tree.joint.limit])
        assert tree.bound_at(prices, *tree.left(())) >= best - NEAR


@settings(max_examples=60)
@given(small_instances(), st.randoms(use_true_random=False))
def test_a_set_costs_what_its_cheapest_amounts_cost(data: Json, luck: Random) -> None:
    problem = problem_of(instance_of(data))
    if not len(problem.candidates):
        return
    sets = sets_of(problem, 3.0)
    prices, fees = (np.array([luck.uniform(-1, 2) for _ in range(sets.none)]) for _ in range(2))
    every = np.arange(len(sets.owners))
    amounts = sets.amounts(every, prices)
    by_unit, by_grant = np.append(prices, 0.0)[sets.members], np.append(fees, 0.0)[sets.members]
    assert np.allclose(sets.costs_of(prices, fees), (by_unit * amounts + by_grant).sum(1))
    assert np.allclose(amounts.sum(1), problem.need[problem.candidates][sets.owners] / 3.0)
    assert (amounts >= sets.low - 1e-9).all()
    assert (amounts <= sets.low + sets.more + 1e-9).all()


@settings(max_examples=40, deadline=None)
@given(small_instances())
def test_the_proof_with_the_cuts_of_the_root_is_right(data: Json) -> None:
    read = instance_of(data)
    problem = problem_of(read)
    best = float(best_value(data) - plan_of(read, []).value)
    if not len(problem.candidates):
        return
    model = model_of(problem)
    prover = Prover(model, {}, 0.0, float(step_of(read)), sets_of(problem, model.unit), lambda: PLENTY)
    prover.start()
    prover.wait(PLENTY)
    assert prover.finished
    assert prover.bound >= best - NEAR


@pytest.mark.parametrize("kind", ["tight", "very tight", "narrow grants", "co-financing", "overlap"])
@pytest.mark.parametrize("seed", [1, 2])
def test_cuts_keep_the_best_plan_and_the_proof_with_them_agrees_with_the_whole_model(kind: str, seed: int) -> None:
    problem = problem_of(instance_of(make(24, 9, kind, seed, 30)))
    model = model_of(problem)
    highs = quiet(PLENTY)
    highs.passModel(model.lp)
    highs.run()
    values, best = np.array(highs.getSolution().col_value), float(highs.getInfo().objective_function_value)
    prover = Prover(model, {}, 0.0, 0.25, sets_of(problem, model.unit), lambda: PLENTY)
    prover.start()
    prover.wait(PLENTY)
    joint = joint_of(model)
    if prover.cuts is not None:
        joint = joint.with_rows(prover.cuts)
    used = np.bincount(joint.row, weights=joint.value * values[joint.column], minlength=len(joint.limit))
    assert (used <= joint.limit + NEAR).all()
    assert prover.finished
    assert abs(prover.bound - best) <= NEAR
    told: list[float] = []
    assert tree_of(problem, 0.25, told).run()
    assert abs(min(told) - best) <= NEAR
    assert min(told) == told[-1]


def test_some_of_these_have_cuts() -> None:
    problem = problem_of(instance_of(make(30, 10, "very tight", 1, 40)))
    model = model_of(problem)
    prover = Prover(model, {}, 0.0, 0.25, sets_of(problem, model.unit), lambda: PLENTY)
    prover.start()
    prover.wait(PLENTY)
    assert prover.cuts is not None
    assert len(prover.cuts.limit)


def test_the_search_learns_once_which_pairs_the_proof_has_met() -> None:
    problem = problem_of(instance_of(make(30, 10, "very tight", 1, 40)))
    model = model_of(problem)
    prover = Prover(model, {}, 0.0, 0.25, sets_of(problem, model.unit), lambda: PLENTY)
    assert prover.met() == []
    prover.start()
    prover.wait(PLENTY)
    met = prover.met()
    pairs = set(zip(problem.pairs.proposal.tolist(), problem.pairs.window.tolist(), strict=True))
    assert 0 < len(met) < len(pairs)
    assert set(met) <= pairs
    assert prover.met() == []


def test_what_is_told_of_a_better_plan_is_not_looked_for_again() -> None:
    problem = problem_of(instance_of(make(24, 9, "tight", 1, 30)))
    told: list[float] = []
    alone = tree_of(problem, 0.25, told)
    assert alone.run()
    again: list[float] = []
    tree = tree_of(problem, 0.25, again)

    def tell(bound: float) -> None:
        again.append(bound)
        tree.value = max(tree.value, alone.value)

    tree.tell = tell
    assert tree.run()
    assert abs(min(again) - alone.value) <= NEAR
    assert tree.nodes <= alone.nodes


def test_slivers_that_the_relaxation_uses_are_no_part_of_a_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    """HiGHS's tolerance lets it take a millionth of a pair whose smallest grant is a thousand times as much."""
    windows = [window("v", 300, 50, 100), window("w", 300, 50, 100)]
    problem = problem_of(instance_of(instance([action()], [proposal("p"), proposal("q")], windows)))
    tree = tree_of(problem, 0.25, [])
    assert problem.pairs.window.tolist() == [0, 1, 0, 1]
    monkeypatch.setattr(tree.master, "plan", lambda: {(0, 0): 99.99, (0, 1): 0.01, (1, 0): 100.0})
    assert tree._plan(np.array([0, 2])) == {(0, 0): 99.99, (1, 0): 100.0}
    monkeypatch.setattr(tree.master, "plan", lambda: {(0, 0): 100.0, (1, 0): 0.01, (1, 1): 0.01})
    assert tree._plan(np.array([0])) is None


def test_what_is_open_are_slivers_where_choices_make_no_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    windows = [window("v", 300, 50, 100), window("w", 300, 50, 100)]
    problem = problem_of(instance_of(instance([action()], [proposal("p"), proposal("q")], windows)))
    tree = tree_of(problem, 0.25, [])
    monkeypatch.setattr(tree.master, "short", lambda: False)
    monkeypatch.setattr(tree.master, "shares", lambda many: (np.ones(2), np.array([1.0, 0.0, 1e-7, 1e-7])))
    monkeypatch.setattr(tree.master, "plan", lambda: {(0, 0): 100.0, (1, 0): 0.01, (1, 1): 0.01})
    assert set(tree._open((), 8.0)) == set(tree.model.z[[2, 3]].tolist())
    assert tree.found is None


def test_a_part_of_a_problem_has_its_own_tree() -> None:
    problem = problem_of(instance_of(make(14, 7, "tight", 3)))
    keep = problem.pairs.window != int(problem.pairs.window[0])
    part = part_of(problem, keep, problem.budget, problem.counts, problem.forced, problem.groups)
    whole, some = list[float](), list[float]()
    assert tree_of(problem, 0.25, whole).run()
    assert tree_of(part, 0.25, some).run()
    assert min(some) <= min(whole)
