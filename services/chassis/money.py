"""Amounts in other currencies, at dated rates whose source is shown. Decimal throughout; never a float."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from contracts.vocabulary import planning_rates
from services.chassis.errors import CamiError

CENT: Final = Decimal("0.01")


class UnknownCurrency(CamiError):
    """There is no rate for this currency."""

    status = 400


@dataclass(frozen=True)
class Rates:
    """Units of each currency for one US dollar, on one date, from one source."""

    units_per_usd: dict[str, Decimal]
    date: date
    source: str

    def units(self, currency: str) -> Decimal:
        """Units of `currency` for one US dollar. Raises UnknownCurrency."""
        try:
            return self.units_per_usd[currency]
        except KeyError:
            known = ", ".join(sorted(self.units_per_usd))
            raise UnknownCurrency(f"no exchange rate for {currency!r}; there are rates for {known}") from None


@dataclass(frozen=True)
class Converted:
    """An amount after conversion, with all that is needed to check it."""

    amount: Decimal
    """In the target currency, to the cent."""
    rate: Decimal
    """Units of the target currency for one unit of the original."""
    date: date
    source: str


def shipped_rates() -> Rates:
    """The planning rates that the program ships with."""
    units, day, source = planning_rates()
    return Rates(units, date.fromisoformat(day), source)


def convert(amount: Decimal, source: str, target: str, rates: Rates | None = None) -> Converted:
    """`amount` of currency `source` in currency `target`, rounded half-even to cents. Raises UnknownCurrency."""
    used = rates or shipped_rates()
    if source == target:
        used.units(source)
        return Converted(amount.quantize(CENT, ROUND_HALF_EVEN), Decimal(1), used.date, used.source)
    # Multiply before dividing: a rate rounded first would carry its error into the amount.
    exact = amount * used.units(target) / used.units(source)
    rate = used.units(target) / used.units(source)
    return Converted(exact.quantize(CENT, ROUND_HALF_EVEN), rate, used.date, used.source)
