"""The figures of a proposal, computed from its lines. Decimal throughout; every sum adds up to the cent as shown."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from services.projects.values.proposals import Budget, Cofinancing

Convert = Callable[[Decimal, str, str], Decimal]
"""(amount, its currency, target currency) -> the amount in the target currency, to the cent."""
BASE: Final = "USD"
ZERO: Final = Decimal("0.00")


@dataclass(frozen=True)
class Totals:
    """Amounts are in `currency` where nothing else is said. A line without an amount counts nowhere."""

    currency: str
    years: tuple[int, ...]
    """Project years with an amount, in order; 0 stands for a line whose year is not chosen yet."""
    categories: tuple[str, ...]
    """Categories with an amount, in the order of the lines; "" for a line whose category is not chosen yet."""
    cells: Mapping[tuple[str, int], Decimal]
    """(category, year) -> amount; absent where there is none."""
    by_category: Mapping[str, Decimal]
    by_year: Mapping[int, Decimal]
    total: Decimal
    cofinancing: Decimal
    confirmed: Decimal
    """Co-financing that is confirmed or realised."""
    cash: Decimal
    in_kind: Decimal
    requested: Decimal
    """Total less co-financing; negative when there is more co-financing than budget."""
    total_usd: Decimal
    cofinancing_usd: Decimal
    requested_usd: Decimal
    converted_from: tuple[str, ...]
    """Currencies other than `currency` that were converted, in order of appearance."""

    @property
    def confirmed_share(self) -> Decimal | None:
        """Part of the co-financing that is confirmed or realised, from 0 to 1; None without co-financing."""
        return self.confirmed / self.cofinancing if self.cofinancing > 0 else None

    @property
    def ratio(self) -> Decimal | None:
        """Co-financing divided by the request, as donors count it; None when nothing is requested."""
        return self.cofinancing / self.requested if self.requested > 0 else None


def totals(budget: Budget, cofinancing: Cofinancing, convert: Convert) -> Totals:
    """All figures of a proposal. Each line is converted and rounded first, so that columns add up as they are shown.

    Raises what `convert` raises for a currency without a rate.
    """
    target = budget.currency
    cells: dict[tuple[str, int], Decimal] = {}
    by_category: dict[str, Decimal] = {}
    by_year: dict[int, Decimal] = {}
    foreign: dict[str, None] = {}
    total = total_usd = ZERO
    for line in budget.lines:
        if line.amount is None:
            continue
        amount = convert(line.amount, line.currency, target)
        key = (line.category, line.year or 0)
        cells[key] = cells.get(key, ZERO) + amount
        by_category[key[0]] = by_category.get(key[0], ZERO) + amount
        by_year[key[1]] = by_year.get(key[1], ZERO) + amount
        total += amount
        total_usd += convert(line.amount, line.currency, BASE)
        foreign[line.currency] = None
    brought = confirmed = cash = in_kind = brought_usd = ZERO
    for source in cofinancing.lines:
        if source.amount is None:
            continue
        amount = convert(source.amount, source.currency, target)
        brought += amount
        brought_usd += convert(source.amount, source.currency, BASE)
        confirmed += amount if source.status in ("confirmed", "realised") else ZERO
        cash += amount if source.kind == "cash" else ZERO
        in_kind += amount if source.kind == "in_kind" else ZERO
        foreign[source.currency] = None
    return Totals(
        currency=target, years=tuple(sorted(by_year, key=lambda year: year or 99)), categories=tuple(by_category),
        cells=cells, by_category=by_category, by_year=by_year, total=total, cofinancing=brought, confirmed=confirmed,
        cash=cash, in_kind=in_kind, requested=total - brought, total_usd=total_usd, cofinancing_usd=brought_usd,
        requested_usd=total_usd - brought_usd, converted_from=tuple(code for code in foreign if code != target),
    )  # fmt: skip
