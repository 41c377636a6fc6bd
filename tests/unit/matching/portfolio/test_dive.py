"""Quick plans, what they are made of, and what choosing among several of them brings."""

from random import Random

import numpy as np
import pytest

from services.matching.portfolio.bounds import Pricer
from services.matching.portfolio.dive import Dives
from services.matching.portfolio.greedy import build, dollars
from services.matching.portfolio.instance import instance_of
from services.matching.portfolio.model import limits_of
from services.matching.portfolio.neighbourhood import Search
from services.matching.portfolio.plan import Plan, plan_of
from services.matching.portfolio.pricing import Sets
from services.matching.portfolio.problem import Flags, Problem, problem_of
from services.matching.portfolio.settle import settle
from services.matching.portfolio.verify import faults
from tests.bench.portfolio_instances import KINDS, make
from tests.unit.matching.portfolio.build import Json, action, instance, proposal, window

UNIT = 1000.0


def never() -> bool:
    return False


def priced(data: Json) -> tuple[Problem, Pricer]:
    problem = problem_of(instance_of(data))
    pricer = Pricer(problem, UNIT, lambda: 60.0)
    pricer.start(build(problem, dollars(problem)))
    pricer.run()
    return problem, pricer


def dives_of(problem: Problem, pricer: Pricer, keep: Flags | None = None) -> Dives:
    assert isinstance(pricer.pricing, Sets)
    return Dives(problem, pricer.pricing, UNIT, np.ones(len(problem.pairs), dtype=bool) if keep is None else keep)


def settled(data: Json, problem: Problem, wanted: dict[tuple[int, int], float]) -> Plan:
    needs = {p: int(problem.need[p]) for p in problem.candidates.tolist()}
    return plan_of(instance_of(data), settle(wanted, limits_of(problem.pairs), needs, problem.budget.tolist()))


def as_json(data: Json, plan: Plan) -> Json:
    names = [row["id"] for row in data["proposals"]], [row["id"] for row in data["windows"]]
    grants = [[names[0][p], names[1][w], amount] for p, w, amount in plan.grants]
    value = float(plan.value)
    return {
        "grants": grants, "value": value, "bound": value, "gap": 0.0, "greedy_value": value, "seconds": 0.0,
        "status": "optimal",
    }  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_quick_plan_is_a_right_plan_and_funds_something(kind: str) -> None:
    data = make(40, 18, kind, 3)
    problem, pricer = priced(data)
    plan = settled(data, problem, dives_of(problem, pricer).plan(Random(1), {}, never))
    assert plan.grants
    assert faults(data, as_json(data, plan)) == []


def test_what_was_decided_survives_whole_dollars() -> None:
    data = make(60, 25, "tight", 5)
    problem, pricer = priced(data)
    wanted = dives_of(problem, pricer).plan(Random(2), {}, never)
    plan = settled(data, problem, wanted)
    assert plan.funded >= {p for p, _ in wanted}


def test_luck_makes_plans_that_differ_and_the_same_luck_the_same_plan() -> None:
    problem, pricer = priced(make(60, 25, "very tight", 1))
    plans = [sorted(dives_of(problem, pricer).plan(Random(seed), {}, never)) for seed in (1, 2, 3, 1)]
    assert plans[0] == plans[3]
    assert len({tuple(plan) for plan in plans}) > 1


def test_ways_that_are_kept_are_in_the_plan() -> None:
    data = make(60, 25, "tight", 2)
    problem, pricer = priced(data)
    dives = dives_of(problem, pricer)
    ways: dict[int, set[int]] = {}
    for p, w, _ in build(problem, dollars(problem)):
        ways.setdefault(p, set()).add(w)
    kept = {p: frozenset(ways[p]) for p in sorted(ways)[::2]}
    wanted = dives.plan(Random(4), kept, never)
    found: dict[int, set[int]] = {}
    for p, w in wanted:
        found.setdefault(p, set()).add(w)
    assert kept
    assert {p: frozenset(found[p]) for p in kept} == kept


def test_only_promising_pairs_are_used() -> None:
    problem, pricer = priced(make(60, 25, "many pairs", 2))
    few = pricer.promising(0.05, 200)
    assert 0 < few.sum() < len(problem.pairs)
    pairs = set(zip(problem.pairs.proposal[few].tolist(), problem.pairs.window[few].tolist(), strict=True))
    assert set(dives_of(problem, pricer, few).plan(Random(1), {}, never)) <= pairs


def test_every_proposal_that_is_promising_keeps_some_pairs_when_there_are_too_many() -> None:
    problem, pricer = priced(make(60, 25, "many pairs", 2))
    all_of_them, few = pricer.promising(0.05, 10**6), pricer.promising(0.05, 50)
    assert few.sum() < all_of_them.sum()
    assert (all_of_them | ~few).all()
    assert set(problem.pairs.proposal[few].tolist()) == set(problem.pairs.proposal[all_of_them].tolist())


def test_what_a_pair_loses_is_what_its_best_set_loses() -> None:
    problem, pricer = priced(make(12, 6, "tight", 4))
    best, sets = pricer.best, pricer.pricing
    assert best is not None
    assert isinstance(sets, Sets)
    total = sets.costs(best.money, best.fee)
    found = sets.losses(best.money, best.fee, best.gain)
    for pair in range(len(problem.pairs)):
        with_it = (sets.members == pair).any(1)
        own = sets.owners == np.searchsorted(problem.candidates, problem.pairs.proposal[pair])
        if not with_it.any():
            assert found[pair] == np.inf
            continue
        most = max(0.0, float((best.gain[sets.owners] - total)[own].max()))
        assert found[pair] == pytest.approx(most - float((best.gain[sets.owners] - total)[with_it].max()))


def test_nothing_comes_of_a_plan_that_is_over_or_cannot_be() -> None:
    data = instance(proposals=[proposal("p", 100)], windows=[window("w", 100)])
    problem, pricer = priced(data)
    dives = dives_of(problem, pricer)
    assert dives.plan(Random(1), {}, lambda: True) == {}
    assert dives.plan(Random(1), {}, never) == {(0, 0): pytest.approx(100.0)}


def test_a_merge_finds_what_none_of_the_plans_has() -> None:
    """One large grant stands in the way of two that are worth more together: only choosing anew finds them."""
    data = instance(
        actions=[action("a", 5), action("b", 3), action("c", 3)],
        proposals=[
            proposal("large", 100, 0, ("a",)), proposal("one", 60, 0, ("b",)), proposal("two", 40, 0, ("c",)),
        ],
        windows=[window("w", 100)],
    )  # fmt: skip
    problem, pricer = priced(data)
    parsed = instance_of(data)
    search = Search(parsed, problem, plan_of(parsed, [(0, 0, 100)]), 1, 0.25)
    assert search.merge(dives_of(problem, pricer), lambda: 60.0)
    assert float(search.plan.value) == 6.0


@pytest.mark.parametrize("first", [True, False])
def test_a_merge_never_makes_a_plan_worse_and_keeps_wishes(first: bool) -> None:
    data = make(40, 18, "very tight", 7)
    parsed = instance_of(data)
    possible = problem_of(parsed).candidates.tolist()
    worst = min(possible, key=lambda p: len(parsed.proposals[p].actions) / parsed.proposals[p].need)
    assert worst not in plan_of(parsed, build(problem_of(parsed), dollars(problem_of(parsed)))).funded
    problem = problem_of(parsed, [worst])
    pricer = Pricer(problem, UNIT, lambda: 60.0)
    pricer.run()
    search = Search(parsed, problem, plan_of(parsed, []), 1, 0.25)
    dives = dives_of(problem, pricer)
    for _ in range(4):
        before = search.plan.value
        better = search.merge(dives, lambda: 60.0, first=first)
        assert search.plan.value >= before
        assert better is (search.plan.value > before)
        assert not search.plan.grants or worst in search.plan.funded
    assert search.plan.grants
