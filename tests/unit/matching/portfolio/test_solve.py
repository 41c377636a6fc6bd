"""The solver on instances of its own making: limits, seeds, shapes that are out of the ordinary."""

from random import Random

import pytest

from services.matching.portfolio.instance import instance_of
from services.matching.portfolio.solve import solve
from services.matching.portfolio.verify import faults
from tests.bench.portfolio_instances import KINDS, STYLES, make, styled
from tests.unit.matching.portfolio.build import Json, action, instance, proposal, window


def answer(data: Json, seconds: float = 60.0, seed: int = 0) -> Json:
    read = instance_of(data)
    found = solve(read, seconds, seed).as_json(read)
    assert faults(data, found) == []
    return found


@pytest.mark.parametrize("seconds", [0.0, 0.01, 0.3])
@pytest.mark.parametrize("kind", KINDS)
def test_whatever_the_time_limit_the_plan_is_right_and_at_least_greedy(kind: str, seconds: float) -> None:
    found = answer(make(80, 30, kind, 5), seconds)
    assert found["value"] >= found["greedy_value"] > 0
    assert found["bound"] >= found["value"]


@pytest.mark.parametrize("kind", KINDS)
def test_small_ones_are_proven(kind: str) -> None:
    found = answer(make(14, 7, kind, 3))
    assert (found["status"], found["gap"]) == ("optimal", 0)


@pytest.mark.parametrize("style", STYLES)
def test_instances_of_other_styles_are_solved_rightly(style: str) -> None:
    assert answer(styled(16, 8, style, 2))["gap"] == 0
    found = answer(styled(80, 30, style, 4), 0.3)
    assert found["bound"] >= found["value"] >= found["greedy_value"] > 0


def test_the_same_seed_gives_the_same_plan() -> None:
    data = make(24, 10, "tight", 11)
    first = answer(data, seed=4)
    for _ in range(2):
        again = answer(data, seed=4)
        assert (again["grants"], again["value"]) == (first["grants"], first["value"])


def test_the_order_of_the_file_does_not_change_the_value() -> None:
    data = make(16, 8, "tight", 2)
    value = answer(data)["value"]
    random = Random(1)
    for key in ("actions", "proposals", "windows", "eligible"):
        random.shuffle(data[key])
    assert answer(data)["value"] == value


def test_an_empty_instance_has_an_empty_plan() -> None:
    found = answer(instance([], [], [], []))
    assert (found["grants"], found["value"], found["bound"], found["gap"]) == ([], 0, 0, 0)
    assert found["status"] == "optimal"


def test_what_needs_no_grant_is_funded_without_one() -> None:
    found = answer(instance(proposals=[proposal(cost=50, confirmed=50)], windows=[]))
    assert (found["grants"], found["value"]) == ([], 4)


def test_the_second_and_third_count_half_and_a_quarter_and_the_fourth_nothing() -> None:
    four = [proposal(f"p{n}", 10) for n in range(4)]
    assert answer(instance(proposals=four))["value"] == 7


def test_a_proposal_is_paid_together_where_no_window_can_alone() -> None:
    windows = [window("w", 100, 0, 40), window("v", 100, 0, 40), window("u", 100, 20, 40)]
    assert answer(instance(windows=windows))["grants"] == [["p", "w", 40], ["p", "v", 40], ["p", "u", 20]]
    assert answer(instance(windows=windows, most=2))["grants"] == []


def test_more_than_three_windows_may_be_allowed() -> None:
    windows = [window(f"w{n}", 20, 20, 20) for n in range(5)]
    assert len(answer(instance(windows=windows, most=5))["grants"]) == 5
    assert answer(instance(windows=windows, most=4))["grants"] == []


@pytest.mark.parametrize(
    ("ratio", "cost", "funded"), [(0.1, 110, True), (0.1, 109, False), (2, 300, True), (2, 299, False)]
)
def test_cofinancing_is_reckoned_exactly(ratio: float, cost: int, funded: bool) -> None:
    """A grant of 100 with a ratio of 0.1 is right in 110, although 100 * 1.1 is more than that in floating point."""
    data = instance(proposals=[proposal(cost=cost, confirmed=cost - 100)], windows=[window(ratio=ratio)])
    assert bool(answer(data)["grants"]) is funded


def test_money_is_moved_so_that_both_fit() -> None:
    """The larger window alone could pay either; only when `p` leaves it both are funded."""
    data = instance(
        [action("a", 4), action("b", 4)],
        [proposal("p", 60, 0, ("a",)), proposal("q", 80, 0, ("b",))],
        [window("big", 100, 0, 100), window("small", 40, 40, 40)],
        [["p", "big"], ["q", "big"], ["p", "small"], ["q", "small"]],
    )
    found = answer(data)
    assert found["value"] == 8
    assert found["status"] == "optimal"


def test_great_sums_are_exact() -> None:
    cost = 999_999_999_999
    data = instance(
        proposals=[proposal(cost=cost)],
        windows=[window("w", cost, 1, cost // 2), window("v", cost, 1, cost // 2 + 1, 0.9999999)],
    )
    found = answer(data)
    assert sum(amount for _, _, amount in found["grants"]) == cost


def test_weights_may_be_fractions() -> None:
    found = answer(instance([action("a", 0.1), action("b", 1e-7)], [proposal(actions=("a", "b"))]))
    assert found["value"] == pytest.approx(0.1000001)
    assert found["bound"] >= found["value"]
