"""The arithmetic of documents: which currency a table speaks, its rows and totals, shares, project years. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final, Literal

from contracts.events import ProposalSubmitted
from contracts.values import Money

ZERO: Final = Decimal(0)
CENT: Final = Decimal("0.01")
YEARS_PER_TABLE: Final = 6
"""Columns of years that fit beside each other on the page."""


@dataclass(frozen=True)
class Matrix:
    """Category by project year, in one currency. `cells[row][column]` are sums of budget lines."""

    categories: tuple[str, ...]
    years: tuple[int, ...]
    cells: tuple[tuple[Decimal, ...], ...]
    row_totals: tuple[Decimal, ...]
    column_totals: tuple[Decimal, ...]
    total: Decimal

    def parts(self) -> list[tuple[int, ...]]:
        """Positions of the years of each table where there are too many for one."""
        places = range(len(self.years))
        return [tuple(places[at : at + YEARS_PER_TABLE]) for at in range(0, len(self.years), YEARS_PER_TABLE)]


@dataclass(frozen=True)
class Budget:
    """A proposal's budget as it is tabled."""

    currency: str
    """The currency of the sums: the proposal's own where every line is in it, else US dollars."""
    mixed: bool
    """True when lines are in several currencies, or in another than the proposal's."""
    amounts: tuple[Decimal, ...]
    """Worth of each line in `currency`."""
    matrix: Matrix
    rounding: Decimal
    """What the proposal's total has beyond the sum of the lines, from rounding each of them; usually zero."""

    @property
    def total(self) -> Decimal:
        """The total as the proposal states it, in `currency`."""
        return self.matrix.total + self.rounding


def budget(proposal: ProposalSubmitted, category_order: Sequence[str]) -> Budget:
    """Table the budget of `proposal`, its categories in the order of the vocabulary."""
    mixed = any(line.money.currency != proposal.currency for line in proposal.budget)
    currency = "USD" if mixed else proposal.currency
    amounts = tuple(line.usd if mixed else line.money.amount for line in proposal.budget)
    present = {line.category for line in proposal.budget}
    categories = [code for code in category_order if code in present]
    categories += sorted(present - set(categories))
    years = tuple(range(1, max((line.year for line in proposal.budget), default=1) + 1))
    sums = {(category, year): ZERO for category in categories for year in years}
    for line, amount in zip(proposal.budget, amounts, strict=True):
        sums[line.category, line.year] = sums.get((line.category, line.year), ZERO) + amount
    cells = tuple(tuple(sums[category, year] for year in years) for category in categories)
    matrix = Matrix(
        tuple(categories), years, cells, tuple(sum(row, ZERO) for row in cells),
        tuple(sum((row[i] for row in cells), ZERO) for i in range(len(years))), sum(amounts, ZERO),
    )  # fmt: skip
    stated = proposal.total_usd if mixed else proposal.total.amount
    return Budget(currency, mixed, amounts, matrix, stated - matrix.total)


def decimals(amounts: Iterable[Decimal]) -> int:
    """Decimals that a column of `amounts` shows: none when all are whole, else two, so that the marks align."""
    return 0 if all(amount == amount.to_integral_value() for amount in amounts) else 2


def share(part: Decimal, whole: Decimal) -> Decimal | None:
    """`part` of `whole` as a fraction; None when there is no whole."""
    return None if whole <= ZERO else part / whole


@dataclass(frozen=True)
class Segment:
    """One piece of the bar that shows who pays. `kind` is requested, cash or in_kind; amounts are in US dollars."""

    kind: Literal["requested", "cash", "in_kind"]
    name: str
    """Of the source; empty for what is requested and for `others`."""
    usd: Decimal
    firm: bool
    """Confirmed or realised."""
    others: int = 0
    """How many sources are drawn as one."""


def who_pays(proposal: ProposalSubmitted, most: int = 5) -> list[Segment]:
    """The pieces of the whole: what is requested, then co-financing, firm and large first; small ones together."""
    lines = sorted(
        (line for line in proposal.cofinancing if line.usd > ZERO),
        key=lambda line: (line.status == "indicative", -line.usd, line.source_name),
    )
    segments: list[Segment] = []
    if proposal.requested_usd > ZERO:
        segments.append(Segment("requested", "", proposal.requested_usd, firm=False))
    shown = lines if len(lines) <= most else lines[: most - 1]
    segments += [Segment(line.kind, line.source_name, line.usd, line.status != "indicative") for line in shown]
    if rest := lines[len(shown) :]:
        segments.append(
            Segment("cash", "", sum((line.usd for line in rest), ZERO),
                    all(line.status != "indicative" for line in rest), len(rest))
        )  # fmt: skip
    return segments


@dataclass(frozen=True)
class ProjectYear:
    """One year of a project and its place on the project's time line (0 to 1)."""

    number: int
    first: date
    last: date
    begins: float
    ends: float


def project_years(starts: date, ends: date) -> list[ProjectYear]:
    """The years of a project that runs from `starts` to `ends`, both days included. At least one."""
    ends = max(starts, ends)
    length = (ends - starts).days + 1
    years: list[ProjectYear] = []
    first = starts
    while first <= ends and len(years) < 50:
        following = _anniversary(starts, len(years) + 1)
        last = min(ends, date.fromordinal(following.toordinal() - 1))
        years.append(
            ProjectYear(
                len(years) + 1, first, last,
                (first - starts).days / length, ((last - starts).days + 1) / length,
            )
        )  # fmt: skip
        first = following
    return years


@dataclass(frozen=True)
class Rate:
    """Units of a currency for one US dollar. `applied`: worked out from the lines, the event does not state it."""

    currency: str
    units: Decimal
    applied: bool


def rates(proposal: ProposalSubmitted) -> list[Rate]:
    """The exchange rates behind the proposal's figures, other than the dollar's own."""
    money: list[tuple[Money, Decimal]] = [(line.money, line.usd) for line in proposal.budget]
    money += [(line.money, line.usd) for line in proposal.cofinancing]
    money += [(proposal.total, proposal.total_usd)]
    found: dict[str, Rate] = {}
    for amount, usd in sorted(money, key=lambda pair: -pair[1]):  # the largest line tells the rate best
        code = amount.currency
        if code == "USD" or code in found:
            continue
        if stated := proposal.rates.get(code):
            found[code] = Rate(code, stated, applied=False)
        elif usd > ZERO:
            units = amount.amount / usd
            found[code] = Rate(code, units.quantize(Decimal("0.0001"), ROUND_HALF_EVEN), applied=True)
    return sorted(found.values(), key=lambda rate: rate.currency)


def how_many_fit(first: Sequence[float], second: Sequence[float], room: float, note: float) -> tuple[int, int]:
    """How many rows of two lists fit into the height `room`, given the height of each row.

    The lists take turns, so that a long one does not push out the other. For each list that is cut the height `note`
    is kept for "and 17 more".
    """
    lists, taken, used = (first, second), [0, 0], 0.0
    growing = [i for i in (0, 1) if lists[i]]
    while growing:
        i = min(growing, key=lambda which: (taken[which], which))
        after = [taken[0] + (i == 0), taken[1] + (i == 1)]
        height = used + lists[i][taken[i]]
        notes = sum(note for which in (0, 1) if after[which] < len(lists[which]))
        if height + notes > room:
            growing.remove(i)
            continue
        used, taken = height, after
        if taken[i] == len(lists[i]):
            growing.remove(i)
    return taken[0], taken[1]


def _anniversary(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return date(day.year + years, 3, 1)
