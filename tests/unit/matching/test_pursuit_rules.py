"""Which moves of a pursuit are allowed, and what each needs: a table, and random walks over it."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from contracts.values import Money
from services.matching.rules.facts import Rates
from services.matching.rules.pursuits import (
    CONCLUDED,
    STAGES,
    WORKING,
    PursuitStage,
    Standing,
    Surroundings,
    Wish,
    exceeds,
    goes_back,
    next_stages,
    problems,
    stage_of,
    usd_of,
    warnings,
)

RATES = Rates({"USD": Decimal(1), "EUR": Decimal("0.87"), "KGS": Decimal("87.4")}, date(2026, 11, 1))
DAY = date(2026, 11, 22)
HERE = Surroundings(RATES, Money(amount=Decimal(15000), currency="USD"), Money(amount=Decimal(10000), currency="EUR"))


def at(stage: PursuitStage, amount: Any = None, currency: str = "USD", day: date | None = None) -> Standing:
    return Standing(stage, None if amount is None else Decimal(amount), currency if amount else "", "Aigul", day)


def codes(now: Standing, wanted: Standing, reason: str = "", around: Surroundings = HERE) -> list[str]:
    return [problem.code for problem in problems(now, Wish(wanted, reason), around)]


TABLE = """
from          identified contacted concept_note submitted awarded declined
none          yes        yes       yes          yes       -       -
identified    yes        yes       yes          yes       -       -
contacted     reason     yes       yes          yes       yes     reason
concept_note  reason     reason    yes          yes       yes     reason
submitted     reason     reason    reason       yes       yes     reason
awarded       reason     reason    reason       reason    yes     reason
declined      reason     reason    reason       reason    -       yes
"""
HEAD, *LINES = [line.split() for line in TABLE.strip().splitlines()]


@pytest.mark.parametrize(("now", "to", "need"), [
    (line[0], to, need) for line in LINES for to, need in zip(HEAD[1:], line[1:], strict=True)
])  # fmt: skip
def test_the_table_of_moves(now: PursuitStage, to: PursuitStage, need: str) -> None:
    money = {"amount": 5000, "day": DAY}
    start, goal = at(now, **money), at(to, **money)
    if need == "-":
        assert codes(start, goal, "because") == ["not_from_here"]
        return
    assert codes(start, goal, "because") == []
    wants = {"declined": "reason_declined"}.get(to, "reason_back")
    assert codes(start, goal) == ([wants] if need == "reason" else [])


def test_an_award_needs_money_a_currency_and_a_day() -> None:
    now = at("submitted", 5000)
    assert codes(now, at("awarded")) == ["amount_needed", "day_needed"]
    assert codes(now, Standing("awarded", Decimal(5), "", day=DAY)) == ["currency_needed"]
    assert codes(now, Standing("awarded", Decimal(0), "USD", day=DAY)) == ["amount_positive"]
    assert codes(now, at("awarded", 5, "XAU", DAY)) == ["no_rate"]
    assert codes(now, at("awarded", 5, "EUR", DAY)) == []


def test_more_than_is_asked_or_than_the_window_gives_needs_a_reason() -> None:
    now = at("submitted", 5000)
    assert codes(now, at("awarded", 11494, "USD", DAY)) == []
    assert codes(now, at("awarded", 11495, "USD", DAY)) == ["reason_above_maximum"]
    assert codes(now, at("awarded", 15001, "USD", DAY)) == ["reason_above_asked"]
    assert codes(now, at("awarded", 15001, "USD", DAY), "They added an audit") == []
    assert codes(now, at("contacted", 99999), "because") == []  # what one asks for may be anything
    granted = at("awarded", 15001, "USD", DAY)
    assert codes(granted, granted) == []  # the reason has been given
    assert warnings(granted, HERE) == ("above_asked", "above_maximum")
    assert warnings(at("submitted"), HERE) == ()


def test_a_no_of_the_rules_needs_a_reason_to_begin_and_none_to_go_on() -> None:
    refused = Surroundings(RATES, HERE.asked, overall="not_eligible")
    assert codes(at("none"), at("contacted"), around=refused) == ["reason_despite"]
    assert codes(at("identified"), at("submitted"), around=refused) == ["reason_despite"]
    assert codes(at("none"), at("identified"), around=refused) == []
    assert codes(at("contacted"), at("submitted"), around=refused) == []


def test_dismissed_pairs_rest_and_withdrawn_proposals_take_only_answers() -> None:
    dismissed = Surroundings(RATES, HERE.asked, dismissed=True)
    withdrawn = Surroundings(RATES, HERE.asked, live=False)
    assert codes(at("contacted"), at("submitted"), around=dismissed) == ["dismissed"]
    assert codes(at("contacted"), at("submitted"), around=withdrawn) == ["withdrawn"]
    assert codes(at("submitted"), at("declined"), "Full", around=withdrawn) == []
    assert codes(at("submitted", 5), at("submitted", 6), around=withdrawn) == []


@pytest.mark.parametrize(("stored", "decision", "counts"), [
    ("none", "none", "none"), ("none", "shortlisted", "identified"), ("none", "dismissed", "none"),
    ("contacted", "none", "contacted"), ("contacted", "dismissed", "none"), ("submitted", "shortlisted", "submitted"),
    ("awarded", "dismissed", "awarded"), ("declined", "dismissed", "declined"),
])  # fmt: skip
def test_what_a_decision_makes_of_a_stage(stored: PursuitStage, decision: str, counts: str) -> None:
    assert stage_of(stored, decision) == counts


def test_amounts_are_compared_exactly_in_one_currency_and_at_planning_rates_in_two() -> None:
    assert usd_of(Decimal(8700), "EUR", RATES) == Decimal(10000)
    assert usd_of(Decimal(1), "KGS", RATES) == Decimal("0.01")
    assert usd_of(Decimal(1), "XAU", RATES) is None
    limit = Money(amount=Decimal(10000), currency="EUR")
    assert not exceeds(Decimal("10000.00"), "EUR", limit, RATES)
    assert exceeds(Decimal("10000.01"), "EUR", limit, RATES)
    assert exceeds(Decimal("11494.26"), "USD", limit, RATES)
    assert not exceeds(Decimal(10**9), "XAU", limit, RATES)  # without a rate nobody can say


class Walk(RuleBasedStateMachine):
    """A pursuit that is moved about at random, always with all that a move could need."""

    def __init__(self) -> None:
        super().__init__()
        self.now = Standing()
        self.visited: list[PursuitStage] = ["none"]

    @rule(to=st.sampled_from(STAGES), reason=st.sampled_from(["", "because"]))
    def move(self, to: PursuitStage, reason: str) -> None:
        wanted = at(to, 5000, "USD", DAY)
        found = codes(self.now, wanted, reason)
        if to not in next_stages(self.now.stage):
            assert found == ["not_from_here"]
            return
        if found:
            assert not reason, "with a reason everything that can be reached may be done"
            assert to == "declined" or goes_back(self.now.stage, to)
            return
        self.now = wanted
        self.visited.append(to)

    @invariant()
    def nothing_is_awarded_or_declined_out_of_the_blue(self) -> None:
        for before, after in zip(self.visited, self.visited[1:], strict=False):
            if after in CONCLUDED:
                assert before not in ("none", "identified")
            assert after != "none"

    @invariant()
    def a_way_on_is_always_open(self) -> None:
        assert set(WORKING) <= set(next_stages(self.now.stage))


TestWalk = Walk.TestCase
TestWalk.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


@given(st.sampled_from(STAGES), st.sampled_from(STAGES))
def test_what_goes_back_never_also_goes_forward(one: PursuitStage, other: PursuitStage) -> None:
    assert not (goes_back(one, other) and goes_back(other, one))
