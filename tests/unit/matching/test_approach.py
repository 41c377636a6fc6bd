"""The order in which to approach the windows of a package."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.values import Tri
from contracts.windows import CallRule, CofinancingRule, IntermediaryRule
from services.matching.rules.approach import Approach, Partner, approach
from services.matching.rules.facts import Cofinancing
from services.matching.rules.purses import purse_of
from tests.unit.matching.build import TODAY, WEIGHTS, asking, proposal, window

ANSWER = 120
MATCH = CofinancingRule(mode="required", ratio=Decimal(1), required=Tri.YES, counts_in_kind=Tri.NO)


def partner(window_id: str, usd: int, have: Cofinancing | None = None, unknown: int = 0, **changed: Any) -> Partner:
    terms = window(window_id, **{"donor_id": window_id, **changed})
    in_hand = have or Cofinancing()
    return Partner(terms, TODAY, proposal(**asking(usd), cofinancing=in_hand), in_hand, Decimal(usd), unknown)


def until(day: date, cycle: str = "annual") -> CallRule:
    return CallRule(cycle=cycle, deadline=day)


def order(plan: Approach) -> list[str]:
    return [step.window_id for step in plan.steps]


def why(plan: Approach, window_id: str) -> list[str]:
    return [reason.code for step in plan.steps if step.window_id == window_id for reason in step.reasons]


def test_what_has_to_be_begun_soonest_comes_first_then_the_largest() -> None:
    agency = IntermediaryRule(intermediary=Tri.YES, endorsement=Tri.NO, who="An agency")
    plan = approach(
        [
            partner("small", 1000), partner("large", 9000),
            partner("soon", 500, call=until(TODAY + timedelta(60))),
            partner("long", 500, call=until(TODAY + timedelta(170)), intermediary=agency),
        ],
        WEIGHTS, ANSWER,
    )  # fmt: skip
    assert order(plan) == ["long", "soon", "large", "small"]  # the agency makes it begin in 20 days, not in 30
    assert why(plan, "long") == ["agency", "deadline"]
    assert why(plan, "large") == ["any_time", "largest"]
    soon = plan.steps[1]
    assert (soon.begin, soon.apply, soon.days) == (TODAY + timedelta(30), TODAY + timedelta(60), 30)
    assert plan.finish == TODAY + timedelta(170 + ANSWER)


def test_a_deadline_that_is_only_usual_is_called_expected() -> None:
    call = CallRule(cycle="annual", deadline=TODAY + timedelta(60), deadline_certain=False)
    plan = approach([partner("usual", 500, call=call)], WEIGHTS, ANSWER)
    assert why(plan, "usual") == ["deadline_usual"]


def test_letters_come_before_the_window_that_asks_for_them_and_it_waits_for_the_answer() -> None:
    picky = partner("picky", 5000, call=until(TODAY + timedelta(40)), cofinancing=MATCH)
    plan = approach([picky, partner("other", 5000)], WEIGHTS, ANSWER)
    assert order(plan) == ["other", "picky"]
    assert why(plan, "other")[0] == "brings_letters"
    assert why(plan, "picky")[0] == "needs_letters"
    assert plan.steps[1].after == ("other",)
    assert "next_round" in why(plan, "picky")  # the letter is there in 150 days: the deadline of next year
    assert plan.steps[1].apply == (TODAY + timedelta(40)).replace(year=2028)
    assert plan.finish is not None
    assert not plan.waits


def test_what_is_in_hand_needs_no_letters_of_others() -> None:
    confirmed = partner("picky", 5000, Cofinancing(Decimal(5000)), cofinancing=MATCH, call=until(date(2027, 1, 31)))
    assert order(approach([partner("other", 9000), confirmed], WEIGHTS, ANSWER)) == ["picky", "other"]
    hoped = partner("picky", 5000, Cofinancing(indicative_cash=Decimal(5000)), cofinancing=MATCH)
    plan = approach([partner("other", 4000), hoped], WEIGHTS, ANSWER)
    assert "own_letters" in why(plan, "picky")
    assert all(not step.after for step in plan.steps)


def test_two_that_wait_for_each_other_are_told_of() -> None:
    pair = [partner(name, 5000, cofinancing=MATCH) for name in ("a", "b")]
    plan = approach(pair, WEIGHTS, ANSWER)
    assert order(plan) == ["a", "b"]
    assert plan.waits == ("a",)
    assert why(plan, "b")[0] == "needs_letters"


def test_money_that_goes_with_a_larger_grant_comes_after_it() -> None:
    child = partner("child", 9000, fund="gef", call=CallRule(cycle="with_parent"))
    plan = approach([child, partner("parent", 1000, fund="gef")], WEIGHTS, ANSWER)
    assert order(plan) == ["parent", "child"]
    assert "needs_parent" in why(plan, "child")
    assert plan.finish is None


def test_a_deadline_that_cannot_be_met_and_open_questions_are_said() -> None:
    late = partner("late", 500, unknown=2, call=until(TODAY + timedelta(10), "irregular"))
    plan = approach([late], WEIGHTS, ANSWER)
    assert why(plan, "late") == ["deadline_short", "answers_first"]
    assert (plan.steps[0].apply, plan.finish) == (None, None)


@st.composite
def partners(draw: st.DrawFn) -> list[Partner]:
    rules = st.sampled_from([CofinancingRule(mode="none", required=Tri.NO), MATCH,
                             CofinancingRule(mode="required", required=Tri.YES, counts_in_kind=Tri.NO)])  # fmt: skip
    calls = st.sampled_from([CallRule(cycle="rolling"), until(date(2027, 3, 1)), until(date(2027, 9, 1)), CallRule()])
    have = Cofinancing(Decimal(draw(st.sampled_from([0, 0, 400]))))
    return [
        partner(
            f"w{number}", draw(st.integers(1, 9)) * 100, have, cofinancing=draw(rules), call=draw(calls),
            fund=draw(st.sampled_from([None, None, "gef"])),
        )
        for number in range(draw(st.integers(1, 4)))
    ]  # fmt: skip


def enough(one: Partner, before: list[Partner]) -> bool:
    others = sum(other.usd for other in before if purse_of(other.terms) != purse_of(one.terms))
    rule = one.terms.cofinancing
    if rule.mode != "required":
        return True
    return one.in_hand.confirmed + others >= (one.usd * rule.ratio if rule.ratio else Decimal(1))


@settings(max_examples=150, deadline=None)
@given(partners())
def test_an_order_keeps_to_what_each_needs_wherever_one_does(chosen: list[Partner]) -> None:
    plan = approach(chosen, WEIGHTS, ANSWER)
    by_id = {one.window_id: one for one in chosen}
    steps = [by_id[window_id] for window_id in order(plan)]
    assert sorted(order(plan)) == sorted(by_id)
    unmet = [one.window_id for at, one in enumerate(steps) if not enough(one, steps[:at])]
    assert list(plan.waits) == unmet
    # However they are ordered, somebody who could go next does: if none of those that are left can, none ever will.
    done: list[Partner] = []
    left = list(chosen)
    while able := [one for one in left if enough(one, done)]:
        done.append(able[0])
        left.remove(able[0])
    assert bool(unmet) == bool(left)
    for step in plan.steps:
        before = order(plan)[: order(plan).index(step.window_id)]
        assert set(step.after) <= set(before)
        needed = [by_id[window_id] for window_id in step.after]
        if needed and step.window_id not in plan.waits:
            assert enough(by_id[step.window_id], needed)
            assert not enough(by_id[step.window_id], needed[:-1])
