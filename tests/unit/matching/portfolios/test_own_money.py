"""A donor's money is no co-financing for more of it: in plans as in packages, by one rule."""

from decimal import Decimal
from fractions import Fraction
from itertools import combinations, product
from random import Random
from typing import Any

import pytest

from contracts.values import Tri
from contracts.windows import AmountRule, CofinancingRule, WindowTerms
from services.matching.portfolio.instance import Proposal, Window
from services.matching.rules.blending import Offer, span
from services.matching.rules.portfolios import Live
from services.matching.rules.portfolios.own_money import Pairs, without_own_money
from services.matching.rules.portfolios.record import live_from, record_of, request_of
from tests.unit.matching.build import window
from tests.unit.matching.portfolios.build import award, candidate, made, verdict

HALF = CofinancingRule(mode="required", ratio=Decimal("0.5"), required=Tri.YES)


def of_purse(window_id: str, fund: str | None, most: int, **terms: Any) -> WindowTerms:
    return window(window_id, fund=fund, amount=AmountRule(maximum=Decimal(most)), **terms)


def two(first: str | None, second: str | None, own: int = 0, most: int = 5000) -> Live:
    """A proposal that asks for 10 000 dollars, and two windows of half of it each; one calls for co-financing."""
    terms = [of_purse("a", first, most, cofinancing=HALF), of_purse("b", second, most)]
    return made(
        [candidate(1, requested=Decimal(10000), confirmed=Decimal(own))], terms, [verdict(1, "a"), verdict(1, "b")]
    )


def test_two_grants_of_one_purse_do_not_co_finance_each_other() -> None:
    together = two("gef", "gef")
    assert (len(together.pairs), together.own_money) == (1, 1)
    apart = two("gef", "other")
    assert (len(apart.pairs), apart.own_money) == (2, 0)
    same_donor = two(None, None)  # a donor's windows of no fund are of one purse too
    assert same_donor.own_money == 1


def test_what_can_break_no_rule_stays() -> None:
    enough = two("gef", "gef", own=2500)  # half of 5 000 from elsewhere
    assert (len(enough.pairs), enough.own_money) == (2, 0)
    short = two("gef", "gef", own=2499)
    assert short.own_money == 1
    silent = made(
        [candidate(1)], [of_purse("a", "gef", 5000), of_purse("b", "gef", 5000)], [verdict(1, "a"), verdict(1, "b")]
    )
    assert silent.own_money == 0  # no rule, nothing to break


@pytest.mark.parametrize(("fund", "left"), [("gef", 0), ("other", 1)])
def test_money_that_the_purse_has_granted_is_no_co_financing_either(fund: str, left: int) -> None:
    terms = [of_purse("a", "gef", 7000, cofinancing=HALF), of_purse("b", fund, 5000)]
    live = made(
        [candidate(1, requested=Decimal(10000), confirmed=Decimal(0))], terms, [verdict(1, "a")], [award(1, "b", 4000)]
    )
    assert len(live.pairs) == left  # 6 000 more would call for 3 000 beside them


def test_how_many_pairs_are_left_out_is_kept_with_the_plan() -> None:
    live = two("gef", "gef")
    assert live_from(request_of(live), record_of(live)).own_money == 1
    before = record_of(live)
    del before["own_money"]
    assert live_from(request_of(live), before).own_money == 0


@pytest.mark.parametrize("seed", range(40))
def test_no_plan_on_the_pairs_that_stay_breaks_what_packages_hold_to(seed: int) -> None:
    """Every split that an instance allows on what stays is one that the windows' offers allow in a package."""
    draw = Random(seed)
    windows = [
        Window(w, draw.randint(3, 9), draw.randint(1, 3), draw.randint(3, 9), Fraction(draw.randint(0, 4), 2))
        for w in range(4)
    ]
    purses = [draw.choice("xy") for _ in windows]
    proposal = Proposal(0, draw.randint(6, 14), draw.randint(0, 5), ())
    granted = {(0, "x"): draw.randint(0, proposal.confirmed)}
    pairs: Pairs = {(0, w): ("eligible", ()) for w in range(4)}
    kept = [w for _, w in without_own_money(pairs, [proposal], windows, purses, granted, 3)]
    for size in (1, 2, 3):
        for chosen in combinations(kept, size):
            grants = [range(max(1, windows[w].min_grant), windows[w].max_grant + 1) for w in chosen]
            for amounts in product(*grants):
                allowed = all(
                    amount <= windows[w].budget and amount * (1 + windows[w].ratio) <= proposal.cost
                    for w, amount in zip(chosen, amounts, strict=True)
                )
                if sum(amounts) != proposal.need or not allowed:
                    continue
                offers = [
                    Offer(str(w), purses[w], amount, amount, windows[w].ratio,
                          proposal.cost - granted.get((0, purses[w]), 0))
                    for w, amount in zip(chosen, amounts, strict=True)
                ]  # fmt: skip
                assert span(offers) is not None, (chosen, amounts)
