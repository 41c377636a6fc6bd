"""Amounts, duration and co-financing."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from contracts.envelope import new_id
from contracts.events import BudgetLine, CofinancingLine
from contracts.values import Money, Tri
from contracts.windows import AmountRule, CofinancingRule, DurationRule
from services.chassis.money import Rates, convert
from services.matching.rules.facts import Cofinancing, facts_of
from tests.integration.matching.events import submitted
from tests.unit.matching.build import asking, proposal, window
from tests.unit.matching.test_eligibility import finding


def amount(**rule: Any) -> AmountRule:
    return AmountRule(**{key: Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value
                         for key, value in rule.items()})  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "asked", "verdict", "reason"),
    [
        (amount(), asking(1), Tri.YES, "minimum_none"),
        (amount(minimum_known=False), asking(1), Tri.UNKNOWN, "minimum_unknown"),
        (amount(minimum=10000), asking(10000), Tri.YES, "minimum_met"),
        (amount(minimum=10000), asking(9999), Tri.NO, "minimum_missed"),
        (amount(minimum=10000, minimum_known=False), asking(9999), Tri.UNKNOWN, "minimum_unverified"),
        (amount(minimum=10000, currency="GBP"), asking(20000), Tri.YES, "minimum_met"),
        (amount(minimum=10000, currency="GBP"), asking(13500), Tri.UNKNOWN, "minimum_near"),
        (amount(minimum=10000, currency="GBP"), asking(5000), Tri.NO, "minimum_missed"),
        (amount(minimum=10000, currency="GBP"), asking(10000, "GBP", 13158), Tri.YES, "minimum_met"),
        (amount(minimum=10000, currency="XAU"), asking(10000), Tri.UNKNOWN, "amount_no_rate"),
    ],
)
def test_minimum(rule: AmountRule, asked: dict[str, Any], verdict: Tri, reason: str) -> None:
    found = finding("amount_minimum", proposal(**asked), window(amount=rule))
    assert (found.verdict, found.reason) == (verdict, reason)


@pytest.mark.parametrize(
    ("rule", "asked", "verdict", "reason"),
    [
        (amount(), asking(10**9), Tri.YES, "maximum_none"),
        (amount(maximum_known=False), asking(1), Tri.UNKNOWN, "maximum_unknown"),
        (amount(maximum=10000), asking(10000), Tri.YES, "maximum_kept"),
        (amount(maximum=10000), asking("10000.01"), Tri.NO, "maximum_passed"),
        (amount(maximum=10000, maximum_known=False), asking(50000), Tri.UNKNOWN, "maximum_unverified"),
        (amount(maximum=10000, maximum_known=False), asking(10000), Tri.YES, "maximum_kept"),
        (amount(maximum=10000, currency="GBP"), asking(10000), Tri.YES, "maximum_kept"),
        (amount(maximum=10000, currency="GBP"), asking(12500), Tri.UNKNOWN, "maximum_near"),
        (amount(maximum=10000, currency="GBP"), asking(14000), Tri.UNKNOWN, "maximum_near"),
        (amount(maximum=10000, currency="GBP"), asking(20000), Tri.NO, "maximum_passed"),
        (amount(maximum=10000, currency="XAU"), asking(1), Tri.UNKNOWN, "amount_no_rate"),
    ],
)
def test_maximum(rule: AmountRule, asked: dict[str, Any], verdict: Tri, reason: str) -> None:
    found = finding("amount_maximum", proposal(**asked), window(amount=rule))
    assert (found.verdict, found.reason) == (verdict, reason)


@pytest.mark.parametrize(
    ("least", "most", "months", "verdict"),
    [
        (None, None, 600, Tri.YES), (12, 24, 12, Tri.YES), (12, 24, 24, Tri.YES), (12, 24, 11, Tri.NO),
        (12, 24, 25, Tri.NO), (None, 18, 18, Tri.YES), (180, None, 36, Tri.NO),
    ],
)  # fmt: skip
def test_duration(least: int | None, most: int | None, months: int, verdict: Tri) -> None:
    rule = DurationRule(minimum=least, maximum=most)
    assert finding("duration", proposal(duration_months=months), window(duration=rule)).verdict is verdict


def brought(cash: int = 0, in_kind: int = 0, hoped: int = 0, hoped_in_kind: int = 0) -> Cofinancing:
    return Cofinancing(Decimal(cash), Decimal(in_kind), Decimal(hoped), Decimal(hoped_in_kind))


SEVEN_TO_ONE = {"mode": "portfolio_target", "ratio": Decimal(7)}
ONE_TO_ONE = {"mode": "required", "ratio": Decimal(1), "required": Tri.YES}


@pytest.mark.parametrize(
    ("rule", "have", "verdict", "reason"),
    [
        ({"mode": "none"}, brought(), Tri.YES, "cofinancing_not_asked"),
        ({"mode": "unknown"}, brought(), Tri.UNKNOWN, "cofinancing_perhaps_missing"),
        ({"mode": "unknown"}, brought(cash=5), Tri.UNKNOWN, "cofinancing_unknown"),
        ({"mode": "encouraged", "required": Tri.NO}, brought(), Tri.YES, "cofinancing_encouraged"),
        ({"mode": "encouraged"}, brought(), Tri.UNKNOWN, "cofinancing_perhaps_missing"),
        ({"mode": "encouraged"}, brought(hoped=1), Tri.YES, "cofinancing_brought"),
        ({**SEVEN_TO_ONE, "required": Tri.YES}, brought(), Tri.NO, "cofinancing_missing"),
        (SEVEN_TO_ONE, brought(cash=1), Tri.YES, "portfolio_below"),
        (SEVEN_TO_ONE, brought(cash=105000), Tri.YES, "portfolio_met"),
        ({"mode": "portfolio_target", "required": Tri.NO}, brought(), Tri.YES, "portfolio_nothing"),
        (ONE_TO_ONE, brought(cash=15000), Tri.YES, "cofinancing_enough"),
        (ONE_TO_ONE, brought(cash=10000, hoped=5000), Tri.UNKNOWN, "cofinancing_indicative"),
        (ONE_TO_ONE, brought(cash=10000, in_kind=5000), Tri.UNKNOWN, "cofinancing_needs_in_kind"),
        (ONE_TO_ONE, brought(cash=10000), Tri.NO, "cofinancing_short"),
        ({**ONE_TO_ONE, "counts_in_kind": Tri.YES}, brought(in_kind=15000), Tri.YES, "cofinancing_enough"),
        ({**ONE_TO_ONE, "counts_in_kind": Tri.NO}, brought(cash=14999, in_kind=99999), Tri.NO, "cofinancing_short"),
        ({"mode": "required"}, brought(hoped=1), Tri.YES, "cofinancing_brought"),
        ({"mode": "required"}, brought(), Tri.NO, "cofinancing_missing"),
        ({"mode": "required"}, brought(in_kind=9), Tri.UNKNOWN, "cofinancing_only_in_kind"),
        ({"mode": "required", "counts_in_kind": Tri.NO}, brought(in_kind=9), Tri.NO, "cofinancing_missing"),
        ({"mode": "required", "counts_in_kind": Tri.YES}, brought(in_kind=9), Tri.YES, "cofinancing_brought"),
    ],
)
def test_cofinancing(rule: dict[str, Any], have: Cofinancing, verdict: Tri, reason: str) -> None:
    found = finding("cofinancing", proposal(cofinancing=have), window(cofinancing=CofinancingRule(**rule)))
    assert (found.verdict, found.reason) == (verdict, reason)


def test_a_target_that_is_missed_warns_and_never_refuses() -> None:
    rule = CofinancingRule(mode="portfolio_target", ratio=Decimal(7), required=Tri.YES)
    found = finding("cofinancing", proposal(cofinancing=brought(cash=1)), window(cofinancing=rule))
    assert found.verdict is Tri.YES
    assert found.warning
    assert found.params["need_money"] == "105000 USD"


@pytest.mark.parametrize(("brought_euros", "verdict"), [("6333.48", Tri.YES), ("6333.40", Tri.NO)])
@pytest.mark.parametrize("mode", ["required", "portfolio_target"])
def test_one_for_one_in_euros_does_not_fail_by_a_cent_of_conversion(
    mode: str, brought_euros: str, verdict: Tri
) -> None:
    rates = Rates({"USD": Decimal(1), "EUR": Decimal("0.87")}, date(2026, 11, 1), "planning")
    lines = [Decimal(amount) for amount in ("7623.88", "487.59", "2583.61", "1971.88")]
    mine = Decimal(brought_euros)
    told = submitted(
        budget=[
            BudgetLine(line_id=new_id(), description="x", category="personnel", year=1,
                       money=Money(amount=line, currency="EUR"), usd=convert(line, "EUR", "USD", rates).amount)
            for line in lines
        ],
        cofinancing=[
            CofinancingLine(line_id=new_id(), source_name="Own", source="own", kind="cash", status="confirmed",
                            money=Money(amount=mine, currency="EUR"), usd=convert(mine, "EUR", "USD", rates).amount),
        ],
    )  # fmt: skip
    requested = sum((line.usd for line in told.budget), Decimal(0)) - told.cofinancing[0].usd
    facts = facts_of(told.model_copy(update={"requested_usd": requested}))
    assert facts.cofinancing.total < requested
    found = finding(
        "cofinancing", facts, window(cofinancing=CofinancingRule.model_validate({**ONE_TO_ONE, "mode": mode}))
    )
    if mode == "required":
        assert found.verdict is verdict
    else:
        assert found.reason == ("portfolio_met" if verdict is Tri.YES else "portfolio_below")


def test_where_nothing_is_converted_a_cent_is_a_cent() -> None:
    facts = facts_of(submitted())
    assert facts.rounding == 0
