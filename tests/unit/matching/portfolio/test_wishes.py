"""Wishes: what must be funded, must not, and one of several; a plan that breaks one is never given."""

from typing import Any

import pytest
from hypothesis import given, settings

from services.matching.portfolio.bounds import Pricer
from services.matching.portfolio.instance import InstanceError, instance_of
from services.matching.portfolio.plan import plan_of, step_of
from services.matching.portfolio.prices import proven
from services.matching.portfolio.problem import problem_of
from services.matching.portfolio.solve import solve
from services.matching.portfolio.verify import faults
from services.matching.portfolio.wishes import Unattainable, Wishes, asked_of, wishes_of
from tests.bench.portfolio_instances import make
from tests.unit.matching.portfolio.build import Json, action, best_wished, instance, proposal, window, wished_instances

PLENTY = 60.0


def answer(data: Json, seconds: float = PLENTY) -> Json:
    read = instance_of(data)
    found = solve(read, seconds, 0, wishes_of(data, read)).as_json(read)
    assert faults(data, found) == []
    return found


@settings(max_examples=150)
@given(wished_instances())
def test_the_plan_is_the_best_that_keeps_the_wishes(data: Json) -> None:
    read = instance_of(data)
    best = best_wished(data)
    if best is None:
        with pytest.raises(Unattainable) as caught:
            solve(read, PLENTY, 0, wishes_of(data, read))
        assert caught.value.proven
        return
    found = solve(read, PLENTY, 0, wishes_of(data, read))
    assert found.plan.value == best
    assert found.status == "optimal"
    assert faults(data, found.as_json(read)) == []


@settings(max_examples=80)
@given(wished_instances())
def test_prices_bound_every_plan_that_keeps_the_wishes(data: Json) -> None:
    read = instance_of(data)
    best = best_wished(data)
    if best is None:
        return
    asked = asked_of(read, wishes_of(data, read))
    problem = problem_of(asked.instance, asked.must, asked.groups)
    if not len(problem.candidates):
        return
    pricer = Pricer(problem, 1.0, lambda: PLENTY)
    pricer.run()
    assert pricer.best is not None
    assert proven(float(plan_of(asked.instance, []).value) + pricer.best.bound, step_of(read)) >= float(best)


def two(budget: int) -> Json:
    """One window; `rich` is worth more for a dollar than `poor` and `idle`."""
    return instance(
        [action("a", 8), action("b", 1)],
        [proposal("rich", 60, 0, ("a",)), proposal("poor", 60, 0, ("b",)), proposal("idle", 60, 0, ())],
        [window("w", budget, 0, 60)],
    )


def test_a_poor_proposal_is_funded_when_it_must_be() -> None:
    assert answer({**two(60), "must_fund": ["poor"]})["value"] == 1
    assert answer({**two(120), "must_fund": ["idle"]})["value"] == 8


def test_what_must_not_be_funded_is_not() -> None:
    assert answer({**two(60), "must_not_fund": ["rich"]})["grants"] == [["poor", "w", 60]]


def test_what_needs_no_grant_counts_unless_it_must_not() -> None:
    data = instance(proposals=[proposal("p", 50, 50)], windows=[])
    assert answer({**data, "must_fund": ["p"]})["value"] == 4
    assert answer({**data, "must_not_fund": ["p"]})["value"] == 0


def test_one_of_several_is_enough_and_the_best_one_is_taken() -> None:
    assert answer({**two(60), "at_least_one_of": [["poor", "idle"]]})["value"] == 1
    assert answer({**two(60), "at_least_one_of": [["poor", "rich"], ["rich", "idle"]]})["value"] == 8


@pytest.mark.parametrize(
    ("wishes", "message"),
    [
        ({"must_fund": ["rich", "poor", "idle"]}, 'together: "poor", "idle" must be funded'),
        ({"must_fund": ["rich"], "at_least_one_of": [["rich"], ["poor"], ["idle"]]}, "of this together"),
        ({"must_fund": ["rich"], "must_not_fund": ["rich"]}, '"rich": must be funded and must not be'),
        ({"must_not_fund": ["rich", "poor"], "at_least_one_of": [["rich", "poor"]]}, "at_least_one_of[0]: all of"),
    ],
    ids=["money", "groups", "both", "group"],
)
def test_wishes_that_no_plan_keeps_are_named(wishes: Json, message: str) -> None:
    data = {**two(119), **wishes}
    read = instance_of(data)
    with pytest.raises(Unattainable) as caught:
        solve(read, PLENTY, 0, wishes_of(data, read))
    assert message in str(caught.value)
    assert caught.value.status == "unattainable"


def test_only_the_wishes_that_stand_against_each_other_are_named() -> None:
    data = instance(
        proposals=[proposal("p", 60), proposal("q", 60), proposal("far", 60)],
        windows=[window("w", 100, 0, 60), window("v", 100, 0, 60)],
        eligible=[["p", "w"], ["q", "w"], ["far", "v"]],
    )
    data = {**data, "must_fund": ["far", "p", "q"]}
    read = instance_of(data)
    with pytest.raises(Unattainable, match=r'together: "p", "q" must be funded$'):
        solve(read, PLENTY, 0, wishes_of(data, read))
    lone = {**data, "must_fund": ["far"], "eligible": [["p", "w"]]}
    with pytest.raises(Unattainable, match='"far": must be funded, but no windows open to it can pay'):
        solve(instance_of(lone), PLENTY, 0, wishes_of(lone, read))


@pytest.mark.parametrize("seconds", [0.0, 0.05, 0.5])
def test_whatever_the_time_limit_a_plan_keeps_the_wishes_or_there_is_none(seconds: float) -> None:
    data = make(60, 20, "very tight", 3)
    names = [row["id"] for row in data["proposals"]]
    data |= {"must_fund": names[:2], "must_not_fund": names[5:20], "at_least_one_of": [names[20:30], names[25:28]]}
    read = instance_of(data)
    try:
        found = solve(read, seconds, 0, wishes_of(data, read))
    except Unattainable:
        return
    assert faults(data, found.as_json(read)) == []


def test_a_position_that_is_no_proposal_is_refused() -> None:
    with pytest.raises(IndexError, match="no proposal at position 3"):
        solve(instance_of(two(60)), 0, 0, Wishes(must=frozenset({3})))


@pytest.mark.parametrize(
    ("wishes", "message"),
    [
        ({"must_fund": "rich"}, 'must_fund: must be a list, not "rich"'),
        ({"must_fund": ["x"]}, 'must_fund[0]: there is no proposal "x"'),
        ({"must_not_fund": ["rich", "rich"]}, 'must_not_fund[1]: proposal "rich" is there twice'),
        ({"at_least_one_of": ["rich"]}, 'at_least_one_of[0]: must be a list, not "rich"'),
        ({"at_least_one_of": [["rich"], []]}, "at_least_one_of[1]: must name a proposal"),
        ({"at_least_one_of": [["rich", None]]}, "at_least_one_of[0][1]: must be a text or a whole number, not null"),
    ],
)
def test_wishes_that_cannot_be_read_are_refused_with_their_place(wishes: dict[str, Any], message: str) -> None:
    data = {**two(60), **wishes}
    with pytest.raises(InstanceError) as caught:
        wishes_of(data, instance_of(data))
    assert str(caught.value) == message
