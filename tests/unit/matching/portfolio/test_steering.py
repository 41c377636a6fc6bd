"""The steering curve against brute force, and each of its plans against the independent verifier."""

from fractions import Fraction
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.portfolio import steering
from services.matching.portfolio.instance import instance_of
from services.matching.portfolio.plan import Grant
from services.matching.portfolio.steering import Point, Steering
from services.matching.portfolio.verify import faults
from tests.unit.matching.portfolio import build
from tests.unit.matching.portfolio.build import Json, small_instances

CODES = ["argali", "kiang", "saiga", "snow_leopard"]
FLAGSHIP = "snow_leopard"


@st.composite
def cases(draw: st.DrawFn) -> tuple[Json, list[set[str]], set[int]]:
    data = draw(small_instances())
    species = [draw(st.sets(st.sampled_from(CODES))) for _ in data["proposals"]]
    paying = draw(st.sets(st.sampled_from(range(len(data["windows"]))))) if data["windows"] else set()
    return data, species, paying


def ways_to_fund(data: Json, paying: set[int]) -> set[frozenset[int]]:
    """Every set of proposals that some whole-dollar grants fund, each with a grant of a paying window."""
    ways = [[way for way in build._ways(data, row) if any(way[w] for w in paying)] for row in data["proposals"]]
    found: set[frozenset[int]] = set()

    def go(at: int, left: tuple[int, ...], chosen: frozenset[int]) -> None:
        if at == len(ways):
            found.add(chosen)
            return
        go(at + 1, left, chosen)
        for way in ways[at]:
            after = tuple(have - given for have, given in zip(left, way, strict=True))
            if min(after) >= 0:
                go(at + 1, after, chosen | {at})

    go(0, tuple(row["budget"] for row in data["windows"]), frozenset())
    return found


def value(data: Json, species: list[set[str]], chosen: frozenset[int]) -> Fraction:
    named = [data["proposals"][p] for p in chosen if FLAGSHIP in species[p]]
    total = Fraction(0)
    for row in data["actions"]:
        times = min(3, sum(row["id"] in one["actions"] for one in named))
        total += sum((Fraction(str(row["weight"])) / 2**turn for turn in range(times)), Fraction(0))
    return total


def pareto(data: Json, species: list[set[str]], paying: set[int]) -> list[tuple[Fraction, int]]:
    """(value, species carried) of every plan that no other one beats in both, most value first."""
    reached = {
        (value(data, species, chosen), len(set().union(*(species[p] for p in chosen)) - {FLAGSHIP}))
        for chosen in ways_to_fund(data, paying)
    }
    best = [
        one
        for one in reached
        if not any(other != one and other[0] >= one[0] and other[1] >= one[1] for other in reached)
    ]
    return sorted(best, key=lambda one: (-one[0], one[1]))


def curve(data: Json, species: list[set[str]], paying: set[int] | None = None, seconds: float = 60) -> list[Point]:
    return list(Steering(instance_of(data), species, [FLAGSHIP], paying).curve(seconds))


@settings(max_examples=150, deadline=None)
@given(cases())
def test_the_curve_is_every_trade_off_that_there_is(case: tuple[Json, list[set[str]], set[int]]) -> None:
    data, species, paying = case
    points = curve(data, species, paying)
    assert all(point.proven for point in points)
    assert [(point.value, len(point.carried)) for point in points] == pareto(data, species, paying)
    for point in points:
        answer: dict[str, Any] = {
            "grants": [[data["proposals"][p]["id"], data["windows"][w]["id"], x] for p, w, x in point.grants],
            "value": 0, "bound": 0, "gap": 0, "greedy_value": 0, "status": "feasible",
        }  # fmt: skip
        broken = [fault for fault in faults(data, answer) if not fault.startswith(("the value", "the bound"))]
        assert broken == []
        assert all(any(p == q and w in paying for q, w, _ in point.grants) for p in point.funded)
        assert set(point.carried) == set().union(*(species[p] for p in point.funded)) - {FLAGSHIP}


def test_a_little_less_for_the_flagship_carries_others_too() -> None:
    """One proposal on snow leopards alone is worth 10, one that shares its ground 9; there is money for one."""
    data = build.instance(
        actions=[build.action("a", 10), build.action("b", 9)],
        proposals=[build.proposal("alone", actions=("a",)), build.proposal("shared", actions=("b",))],
    )
    points = curve(data, [{FLAGSHIP}, {FLAGSHIP, "argali", "kiang"}])
    assert [(point.value, point.carried) for point in points] == [(10, ()), (9, ("argali", "kiang"))]
    assert [point.funded for point in points] == [(0,), (1,)]


def test_others_may_pay_beside_the_donor_but_never_instead_of_it() -> None:
    data = build.instance(
        proposals=[build.proposal("p", cost=100), build.proposal("q", cost=50)],
        windows=[build.window("donor", budget=30, most=30), build.window("other", budget=200, most=200)],
        eligible=[["p", "donor"], ["p", "other"], ["q", "other"]],
    )
    species = [{FLAGSHIP}, {FLAGSHIP, "argali"}]
    assert [point.funded for point in curve(data, species, {0})] == [(0,)]
    assert sum(x for _, w, x in curve(data, species, {0})[0].grants if w == 0) >= 1


def test_with_nothing_to_fund_the_curve_is_one_empty_plan() -> None:
    (point,) = curve(build.instance(proposals=[]), [])
    assert (point.funded, point.value, point.proven) == ((), 0, True)


def test_combinations_of_the_brute_force_are_not_empty() -> None:
    data = build.instance(proposals=[build.proposal("p"), build.proposal("q")], windows=[build.window(budget=200)])
    assert len(ways_to_fund(data, {0})) == sum(len(list(combinations(range(2), size))) for size in range(3))


@pytest.mark.parametrize("second", [None, ([(0, 0, 100)], False), ([], True)])
def test_a_point_is_not_proven_when_the_second_search_was_not(
    monkeypatch: pytest.MonkeyPatch, second: tuple[list[Grant], bool] | None
) -> None:
    """It was cut short with nothing, or with something; or lost value when its amounts were made whole."""
    monkeypatch.setattr(steering._Model, "most_carried", lambda *_: second)
    (point,) = curve(build.instance(), [{FLAGSHIP}])
    assert (point.funded, point.value, point.proven) == ((0,), 4, False)


def test_a_point_is_not_proven_when_whole_dollars_were_not_found_for_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert curve(build.instance(), [{FLAGSHIP}])[0].proven
    monkeypatch.setattr(steering, "settle", lambda *_: [])
    (point,) = curve(build.instance(), [{FLAGSHIP}])
    assert (point.funded, point.proven) == ((), False)
