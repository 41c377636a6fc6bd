"""Conversions show their rate, its date and its source, and are exact to the cent."""

from datetime import date
from decimal import Decimal

import pytest

from services.chassis.money import Rates, UnknownCurrency, convert, shipped_rates

RATES = Rates({"USD": Decimal(1), "EUR": Decimal("0.87"), "KZT": Decimal(525)}, date(2026, 11, 1), "A source")


@pytest.mark.parametrize(
    ("amount", "source", "target", "expected"),
    [
        ("100", "USD", "EUR", "87.00"), ("87", "EUR", "USD", "100.00"), ("1", "USD", "KZT", "525.00"),
        ("1000", "EUR", "KZT", "603448.28"), ("10.10", "USD", "USD", "10.10"), ("0", "KZT", "EUR", "0.00"),
        # Halves go to the even cent.
        ("0.125", "USD", "USD", "0.12"), ("0.135", "USD", "USD", "0.14"),
    ],
)  # fmt: skip
def test_conversion(amount: str, source: str, target: str, expected: str) -> None:
    converted = convert(Decimal(amount), source, target, RATES)
    assert converted.amount == Decimal(expected)
    assert converted.amount.as_tuple().exponent == -2
    assert (converted.date, converted.source) == (date(2026, 11, 1), "A source")


def test_the_rate_is_of_the_target_for_one_of_the_original() -> None:
    assert convert(Decimal(5), "USD", "KZT", RATES).rate == 525
    assert convert(Decimal(5), "USD", "USD", RATES).rate == 1


@pytest.mark.parametrize(("source", "target"), [("XXX", "USD"), ("USD", "XXX"), ("usd", "USD"), ("XXX", "XXX")])
def test_an_unknown_currency_is_named(source: str, target: str) -> None:
    with pytest.raises(UnknownCurrency, match=r"'(XXX|usd)'.*EUR, KZT, USD"):
        convert(Decimal(1), source, target, RATES)


def test_the_shipped_rates_have_a_date_and_a_source() -> None:
    rates = shipped_rates()
    assert rates.units("USD") == 1
    assert rates.date <= date(2030, 1, 1)
    assert rates.source
    assert convert(Decimal(100), "EUR", "USD").amount > 0
