"""The same proposals with fewer applications: never other proposals, never broken rules, never more work."""

import random
from fractions import Fraction
from typing import Any

import pytest

from services.matching.planning.tidy import tidied, work
from services.matching.portfolio.instance import Action, Instance, Proposal, Window
from services.matching.portfolio.plan import Plan, plan_of
from services.matching.portfolio.solve import solve
from services.matching.portfolio.verify import faults


def made(needs: list[int], windows: list[tuple[int, int, int]], most: int = 3) -> Instance:
    """Every proposal with every window; windows are (budget, smallest, largest)."""
    return Instance(
        (Action("a", Fraction(1)),),
        tuple(Proposal(f"p{n}", need, 0, (0,)) for n, need in enumerate(needs)),
        tuple(Window(f"w{n}", budget, low, high, Fraction(0)) for n, (budget, low, high) in enumerate(windows)),
        tuple((p, w) for p in range(len(needs)) for w in range(len(windows))),
        most,
    )


def as_json(instance: Instance) -> dict[str, Any]:
    return {
        "actions": [{"id": "a", "weight": 1}],
        "proposals": [{"id": one.id, "cost": one.cost, "confirmed_cofinancing": 0, "actions": ["a"]}
                      for one in instance.proposals],
        "windows": [{"id": one.id, "budget": one.budget, "min_grant": one.min_grant, "max_grant": one.max_grant,
                     "cofinancing_ratio": 0} for one in instance.windows],
        "eligible": [[instance.proposals[p].id, instance.windows[w].id] for p, w in instance.eligible],
        "max_windows_per_proposal": instance.max_windows,
    }  # fmt: skip


def test_two_halves_become_one_grant() -> None:
    instance = made([10_000], [(10_000, 0, 10_000), (10_000, 0, 10_000)])
    scattered = plan_of(instance, [(0, 0, 9_999), (0, 1, 1)])
    found = tidied(instance, scattered, {}, 5, 0)
    assert len(found.grants) == 1
    assert found.grants[0][2] == 10_000
    assert (found.value, found.funded) == (scattered.value, scattered.funded)


def test_a_certain_grant_is_taken_before_one_that_rests_on_answers() -> None:
    instance = made([10_000], [(10_000, 0, 10_000), (10_000, 0, 10_000)])
    found = tidied(instance, plan_of(instance, [(0, 0, 10_000)]), {(0, 0): 1.1, (0, 1): 1.0}, 5, 0)
    assert found.grants == ((0, 1, 10_000),)


def test_a_plan_that_cannot_be_tidier_stays_as_it_is() -> None:
    instance = made([10_000], [(6_000, 0, 6_000), (6_000, 0, 6_000)])
    plan = plan_of(instance, [(0, 0, 6_000), (0, 1, 4_000)])
    assert tidied(instance, plan, {}, 5, 0) == plan
    assert tidied(instance, Plan(), {}, 5, 0) == Plan()


@pytest.mark.parametrize("seed", range(6))
def test_a_tidy_plan_funds_the_same_within_the_rules_with_no_more_work(seed: int) -> None:
    chance = random.Random(seed)
    instance = made(
        [chance.randrange(1_000, 60_000) for _ in range(8)],
        [(chance.randrange(20_000, 90_000), chance.choice([0, 1_000, 5_000]), 50_000) for _ in range(5)],
    )
    answer = solve(instance, 5)
    effort = {pair: 1 + chance.random() for pair in instance.eligible}
    found = tidied(instance, answer.plan, effort, 5, 0)
    told = answer.as_json(instance) | {
        "grants": [[f"p{p}", f"w{w}", amount] for p, w, amount in found.grants],
    }
    assert faults(as_json(instance), told) == []
    assert found.funded == answer.plan.funded
    assert work(found.grants, effort) <= work(answer.plan.grants, effort)
