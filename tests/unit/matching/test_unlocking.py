"""What the process of a study makes of plans that were not proven in time, and of jobs that contradict themselves."""

from fractions import Fraction
from typing import Any

import pytest

from services.matching.planning import study
from services.matching.portfolio.instance import Instance
from services.matching.portfolio.plan import Answer, Grant, plan_of
from tests.unit.matching.portfolio import build

MONEY = {"id": "new-money", "min_grant": 1, "max_grant": None, "cofinancing_ratio": 0}


def job(**changed: Any) -> dict[str, Any]:
    """One proposal for 100 dollars, a window that could pay for it, and 100 dollars of new money."""
    return {
        "kind": "unlock", "request": build.instance(), "effort": [1.0], "amount": 100, "more": [50], "seconds": 1.0,
        "options": [{"for": "", "window": MONEY, "eligible": ["p"], "effort": [1.0]}], **changed,
    }  # fmt: skip


def found(asked: dict[str, Any]) -> dict[str, Any]:
    *progress, last = study.results(asked)
    steps = [(one["done"], one["steps"]) for one in progress]
    assert steps == [(number, len(steps)) for number in range(1, len(steps) + 1)]
    result: dict[str, Any] = last["result"]
    return result


def searching(monkeypatch: pytest.MonkeyPatch, *grants: list[Grant]) -> None:
    """Let the solver find these plans, one after the other, and prove none; the last one ever after."""
    left = list(grants)

    def solve(instance: Instance, *_: Any, **__: Any) -> Answer:
        plan = plan_of(instance, left.pop(0) if len(left) > 1 else left[0])
        return Answer(plan, 8.0, Fraction(0), 1.0, "time_limit")

    monkeypatch.setattr(study, "solve", solve)


def test_money_is_not_praised_for_what_a_longer_search_finds_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    searching(monkeypatch, [], [(0, 0, 100)])
    result = found(job())
    assert result["base"]["value"] == 4
    assert result["base"]["funded"] == ["p"]
    assert [point["value"] for point in result["points"]] == [4, 4]
    assert result["options"] == [{"for": "", "value": 4, "bound": 8}]


def test_money_is_praised_for_what_it_pays_for(monkeypatch: pytest.MonkeyPatch) -> None:
    searching(monkeypatch, [], [(0, 1, 100)], [(0, 1, 100)], [])
    result = found(job())
    assert (result["base"]["value"], result["base"]["bound"]) == (0, 8)
    assert [point["value"] for point in result["points"]] == [4, 4]


def test_more_money_is_never_worth_less(monkeypatch: pytest.MonkeyPatch) -> None:
    searching(monkeypatch, [(0, 0, 100)], [])
    result = found(job())
    assert [point["value"] for point in result["points"]] == [4, 4]
    assert [point["funded"] for point in result["points"]] == [["p"], ["p"]]


def test_nobody_who_could_take_the_money_is_an_answer_too() -> None:
    result = found(job(options=[]))
    assert (result["points"], result["options"], result["best"]) == ([], [], None)


def test_a_job_that_contradicts_itself_is_refused() -> None:
    (answer,) = study.results(job(request=build.instance(windows=[build.window(least=5, most=1)])))
    assert answer["error"]["code"] == "refused"


def test_a_plan_that_breaks_a_rule_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    searching(monkeypatch, [(0, 0, 99)])
    *_, last = study.results(job())
    assert last["error"]["code"] == "wrong"
