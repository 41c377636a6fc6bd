"""The verifier finds each rule that is broken."""

from collections.abc import Callable
from typing import Any

import pytest

from services.matching.portfolio.verify import faults
from tests.unit.matching.portfolio.build import Json, action, instance, proposal, window

DATA = instance(
    [action("a", 4), action("b", 1)],
    [proposal("p", 100, 40, ("a",)), proposal("q", 50, 0, ("a", "b")), proposal("free", 10, 10, ("b",))],
    [window("w", 80, 20, 60, 0.5), window("v", 100, 10, 60), window("far", 100, 0, 60), window("poor", 5, 0, 60)],
    [["p", "w"], ["p", "v"], ["q", "v"], ["q", "w"], ["p", "poor"]],
    most=2,
)


def answer() -> dict[str, Any]:
    return {
        "grants": [["p", "w", 50], ["p", "v", 10], ["q", "v", 50]], "value": 7.5, "bound": 8, "gap": 0.0625,
        "greedy_value": 6, "seconds": 0.1, "status": "time_limit",
    }  # fmt: skip


def test_a_right_answer_has_no_faults() -> None:
    assert faults(DATA, answer()) == []


def _grants(*grants: list[Any]) -> Callable[[Json], None]:
    return lambda found: found.update(grants=list(grants))


def _figure(**figures: object) -> Callable[[Json], None]:
    return lambda found: found.update(figures)


WRONG = [
    (_grants(["p", "w", 50], ["p", "v", 11], ["q", "v", 50]), "p needs 60 and receives 61"),
    (_grants(["p", "w", 50], ["q", "v", 50]), "p needs 60 and receives 50"),
    (_grants(["p", "w", 19], ["p", "v", 41], ["q", "v", 50]), "is 19, less than 20"),
    (_grants(["p", "v", 61]), "is 61, more than 60"),
    (_grants(["p", "v", 60], ["q", "v", 50]), "v spends 110 of 100"),
    (_grants(["p", "v", 60], ["q", "w", 50]), "too little co-financing in 50"),
    (_grants(["p", "far", 60]), "p is not eligible for far"),
    (_grants(["p", "v", 30], ["p", "v", 30]), "v gives to p twice"),
    (_grants(["p", "w", 45], ["p", "v", 10], ["p", "poor", 5]), "p has 3 grants"),
    (_grants(["x", "w", 50]), "does not exist"),
    (_grants(["p", "w", 50.0], ["p", "v", 10]), "no whole dollars"),
    (_grants(["p", "w", 0]), "no whole dollars"),
    (_grants(["free", "v", 10]), "free needs 0 and receives 10"),
    (_figure(value=8.5), "the value is 7.5, not 8.5"),
    (_figure(bound=7), "the bound 7 is below the value 7.5"),
    (_figure(gap=0.01), "the gap 0.01 is not that of"),
    (_figure(greedy_value=7.75), "greedy is worth 7.75"),
    (_figure(status="optimal"), "the status is optimal"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "message"), WRONG, ids=[message for _, message in WRONG])
def test_each_broken_rule_is_found(change: Callable[[Json], None], message: str) -> None:
    tampered = answer()
    change(tampered)
    assert any(message in fault for fault in faults(DATA, tampered)), faults(DATA, tampered)
