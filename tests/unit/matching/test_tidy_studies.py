"""Plans that studies tell are as tidy as portfolios: few grants, the same proposals, every rule kept."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from services.matching.planning import study
from services.matching.planning.tidy import tidied
from services.matching.portfolio.instance import instance_of
from services.matching.portfolio.plan import Answer, plan_of
from services.matching.portfolio.steering import Steering
from services.matching.portfolio.verify import faults
from tests.unit.matching.portfolio import build
from tests.unit.matching.portfolio.build import Json, small_instances
from tests.unit.matching.portfolio.test_steering import FLAGSHIP, cases

HASTY = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
FIGURES = {"value": 0, "bound": 0, "gap": 0, "greedy_value": 0, "status": "feasible"}


def broken(data: Json, grants: list[list[Any]]) -> list[str]:
    """Rules that the independent check finds broken; what the plan is worth is not asked."""
    wrong = faults(data, {"grants": grants, **FIGURES})
    return [one for one in wrong if not one.startswith(("the value", "the bound"))]


def last(job: dict[str, Any]) -> dict[str, Any]:
    *_, told = study.results(job)
    assert "result" in told, told
    result: dict[str, Any] = told["result"]
    return result


@HASTY
@given(cases())
def test_a_steered_plan_is_tidied_within_every_rule(case: tuple[Json, list[set[str]], set[int]]) -> None:
    data, species, paying = case
    donor = {data["windows"][w]["id"] for w in paying}
    named = {row["id"]: sorted(codes) for row, codes in zip(data["proposals"], species, strict=True)}
    job = {
        "kind": "steering", "request": data, "effort": [1.0] * len(data["eligible"]), "species": named,
        "preferred": [FLAGSHIP], "paying": sorted(donor), "others": True, "seconds": 20.0,
    }  # fmt: skip
    untidy = list(Steering(instance_of(data), species, [FLAGSHIP], paying).curve(20.0))
    points = last(job)["points"]
    assert len(points) == len(untidy)
    for point, before in zip(points, untidy, strict=True):
        assert broken(data, point["grants"]) == []
        assert point["funded"] == [data["proposals"][p]["id"] for p in before.funded]
        assert {p for p, w, _ in point["grants"] if w in donor} == {p for p, _, _ in point["grants"]}
        assert len(point["grants"]) <= len(before.grants)


@HASTY
@given(small_instances())
def test_what_money_unlocks_is_tidied_within_every_rule(data: Json) -> None:
    takers = [row["id"] for row in data["proposals"] if row["cost"] > row["confirmed_cofinancing"]]
    money = {"id": "new-money", "min_grant": 1, "max_grant": None, "cofinancing_ratio": 0}
    option = {"for": "", "window": money, "eligible": takers, "effort": [1.0] * len(takers)}
    job = {
        "kind": "unlock", "request": data, "effort": [1.0] * len(data["eligible"]), "amount": 6, "more": [4],
        "seconds": 5.0, "options": [option] if takers else [],
    }  # fmt: skip
    result = last(job)
    assert broken(data, result["base"]["grants"]) == []
    for point in result["points"]:
        added = {**money, "budget": point["amount"], "max_grant": point["amount"]}
        request = {
            **data, "windows": [*data["windows"], added],
            "eligible": [*data["eligible"], *([p, "new-money"] for p in takers)],
        }  # fmt: skip
        assert broken(request, point["grants"]) == []


def test_scattered_grants_become_one_and_the_donor_still_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another window could pay for all of it alone; the donor has to give to every proposal of its plan."""
    data = build.instance(windows=[build.window("own", least=1), build.window("other", least=1)])
    instance = instance_of(data)
    scattered = plan_of(instance, [(0, 0, 1), (0, 1, 99)])
    for work in ({(0, 0): 1.0, (0, 1): 1.0}, {(0, 0): 1.5, (0, 1): 1.0}):
        assert tidied(instance, scattered, work, 5, 0, frozenset({0})).grants == ((0, 0, 100),)
    assert tidied(instance, scattered, {(0, 0): 1.5, (0, 1): 1.0}, 5, 0).grants == ((0, 1, 100),)
    answer = Answer(scattered, 4.0, None, 1.0, "optimal")
    monkeypatch.setattr(study, "solve", lambda *_, **__: answer)
    job = {"kind": "unlock", "request": data, "effort": [1.0, 1.2], "amount": 5, "more": [], "seconds": 1.0}
    assert last({**job, "options": []})["base"]["grants"] == [["p", "own", 100]]


def test_a_plan_without_a_grant_of_the_donor_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    data = build.instance(windows=[build.window("own", least=1), build.window("other", least=1)])
    monkeypatch.setattr(study, "tidied", lambda instance, *_: plan_of(instance, [(0, 1, 100)]))
    job = {
        "kind": "steering", "request": data, "effort": [1.0, 1.0], "species": {"p": [FLAGSHIP]},
        "preferred": [FLAGSHIP], "paying": ["own"], "others": True, "seconds": 2.0,
    }  # fmt: skip
    *_, told = study.results(job)
    assert told["error"] == {"code": "wrong", "detail": "p has no grant of the donor"}
