"""Whole US dollars: a plan counts no cents, and rounds so that it never promises too much."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from services.matching.rules.facts import Rates


def in_usd(amount: Decimal, currency: str, rates: Rates, rounding: str) -> int | None:
    """Whole US dollars at planning rates; None without a rate."""
    units = Decimal(1) if currency == "USD" else rates.units_per_usd.get(currency)
    return None if not units else int((amount / units).to_integral_value(rounding))


def floor(amount: Decimal) -> int:
    """Whole dollars, never more than there are."""
    return int(amount.to_integral_value(ROUND_FLOOR))


def ceiling(amount: Decimal) -> int:
    """Whole dollars, never fewer than are needed."""
    return int(amount.to_integral_value(ROUND_CEILING))
