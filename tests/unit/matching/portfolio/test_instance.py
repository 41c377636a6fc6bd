"""What an instance may say, and how it is told what is wrong with it."""

import json
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from services.matching.portfolio.instance import InstanceError, instance_of, read_instance
from tests.unit.matching.portfolio.build import Json, action, instance, proposal, window


def test_an_instance_is_read_as_it_is_written() -> None:
    found = read_instance(json.dumps(instance(windows=[window(ratio=0.1)], proposals=[proposal(cost=110)])))
    assert found.windows[0].ratio == Fraction(1, 10)
    assert found.eligible == ((0, 0),)
    assert found.proposals[0].actions == (0,)


def test_nothing_at_all_is_an_instance() -> None:
    found = instance_of(instance([], [], [], []))
    assert (found.actions, found.proposals, found.windows, found.eligible) == ((), (), (), ())


def test_more_confirmed_than_the_cost_leaves_no_need() -> None:
    assert instance_of(instance(proposals=[proposal(cost=5, confirmed=7)])).proposals[0].need == 0


def test_whole_dollars_may_be_written_with_a_point_and_identifiers_as_numbers() -> None:
    text = json.dumps(instance()).replace('"budget": 100', '"budget": 100.0').replace('"w"', "7")
    found = read_instance(text)
    assert (found.windows[0].budget, found.windows[0].id) == (100, 7)


def _set(path: str, value: object) -> Callable[[Json], None]:
    def change(data: Json) -> None:
        *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
        target: Any = data
        for part in way:
            target = target[part]
        target[last] = value

    return change


def _without(path: str, key: str) -> Callable[[Json], None]:
    def change(data: Json) -> None:
        target: Any = data
        for part in path.split("."):
            target = target[int(part) if part.isdigit() else part] if part else target
        del target[key]

    return change


WRONG = [
    (_set("actions", {}), "actions: must be a list, not an object"),
    (_set("actions.0", 3), "actions[0]: must be an object, not a number"),
    (_set("actions.0.weight", -1), "actions[0].weight: -1 is not between 0 and 1000000000"),
    (_set("actions.0.weight", "4"), 'actions[0].weight: must be a number, not "4"'),
    (_set("actions.0.weight", True), "actions[0].weight: must be a number, not true"),
    (_set("actions.0.id", ""), 'actions[0].id: must be a text or a whole number, not ""'),
    (_set("actions.1.id", "a"), 'actions[1].id: "a" is already the id of actions[0]'),
    (_set("proposals.1.id", "p"), 'proposals[1].id: "p" is already the id of proposals[0]'),
    (_set("windows.1.id", "w"), 'windows[1].id: "w" is already the id of windows[0]'),
    (_set("proposals.0.cost", 10.5), "proposals[0].cost: must be a whole number, not 10.5"),
    (_set("proposals.0.cost", -5), "proposals[0].cost: -5 is not between 0 and 1000000000000"),
    (_set("proposals.0.cost", float("nan")), "proposals[0].cost: NaN is not between 0 and 1000000000000"),
    (_set("windows.0.budget", float("inf")), "windows[0].budget: Infinity is not between 0 and 1000000000000"),
    (_set("windows.0.cofinancing_ratio", float("-inf")), "windows[0].cofinancing_ratio: -Infinity is not between 0"),
    (_set("proposals.0.id", float("nan")), "proposals[0].id: must be a text or a whole number, not NaN"),
    (_set("proposals.0.cost", 10**30), "is not between 0 and 1000000000000"),
    (_set("proposals.0.confirmed_cofinancing", None), "proposals[0].confirmed_cofinancing: must be a whole number"),
    (_set("proposals.0.actions", ["a", "a"]), 'proposals[0].actions[1]: action "a" is there twice'),
    (_set("proposals.0.actions", ["x"]), 'proposals[0].actions[0]: there is no action "x"'),
    (_set("windows.0.min_grant", 101), "windows[0].min_grant: 101 is more than max_grant, 100"),
    (_set("windows.0.cofinancing_ratio", -0.5), "windows[0].cofinancing_ratio: -0.5 is not between"),
    (_set("windows.0.budget", "much"), 'windows[0].budget: must be a whole number, not "much"'),
    (_set("eligible.0", ["p"]), 'eligible[0]: must be a pair [proposal, window], not ["p"]'),
    (_set("eligible.0", ["x", "w"]), 'eligible[0][0]: there is no proposal "x"'),
    (_set("eligible.0", ["p", "x"]), 'eligible[0][1]: there is no window "x"'),
    (_set("eligible.1", ["p", "w"]), 'eligible[1]: the pair "p", "w" is there twice'),
    (_set("max_windows_per_proposal", -1), "max_windows_per_proposal: -1 is not between 0 and 1000"),
    (_set("max_windows_per_proposal", 2.5), "max_windows_per_proposal: must be a whole number, not 2.5"),
    (_without("", "eligible"), "eligible: is missing"),
    (_without("", "max_windows_per_proposal"), "max_windows_per_proposal: is missing"),
    (_without("windows.1", "budget"), "windows[1].budget: is missing"),
    (_without("proposals.0", "actions"), "proposals[0].actions: is missing"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "message"), WRONG, ids=[message for _, message in WRONG])
def test_what_is_wrong_is_told_with_its_place(change: Callable[[Json], None], message: str) -> None:
    data = instance([action(), action("b")], [proposal(), proposal("q")], [window(), window("v")])
    change(data)
    with pytest.raises(InstanceError) as caught:
        read_instance(json.dumps(data))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "this is not JSON"),
        ("{", "this is not JSON"),
        ("[" * 100_000, "this is not JSON"),
        ("[]", "the instance must be an object, not a list"),
        ('{"actions": [{"id": "a", "weight": NaN}]}', "actions[0].weight: NaN is not between"),
        ('{"actions": [{"id": "a", "weight": 1e999999999}]}', "actions[0].weight"),
        ('{"actions": [{"id": "a", "weight": 1e-999999}]}', "actions[0].weight: has more than 30 decimals"),
        ('{"actions": [{"id": "a", "weight": ' + "9" * 5000 + "}]}", "this is not JSON"),
    ],
    ids=["empty", "open", "deep", "list", "nan", "huge", "tiny", "long"],
)
def test_what_is_no_instance_is_refused(text: str, message: str) -> None:
    with pytest.raises(InstanceError) as caught:
        read_instance(text)
    assert message in str(caught.value)
    assert len(str(caught.value)) < 200


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(InstanceError, match="this is not JSON"):
        read_instance(b"\xff\xfe\x00")
