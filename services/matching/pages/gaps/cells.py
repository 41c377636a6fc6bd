"""Cells of the heat map as they are drawn: a figure, one of five steps, a hatch where nobody has proposed anything."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from contracts.values import LocalizedText
from services.chassis import formats
from services.matching.pages.gaps.looking import View
from services.matching.rules.gaps import OUTSIDE, Cell
from services.matching.words.gaps import MONEY, column_label

STEPS = 5
THOUSAND = Decimal(1000)


@dataclass(frozen=True)
class Shown:
    """One cell."""

    text: str
    """Its figure; empty where there is no need (or, for money, no money)."""
    step: int
    """0 for nothing, then one of five, the darkest is most."""
    hatch: bool
    href: str


@dataclass(frozen=True)
class Row:
    """One section."""

    section: int
    title: LocalizedText
    href: str
    cells: list[Shown]
    total: Shown


@dataclass(frozen=True)
class Column:
    """One state or species."""

    code: str
    label: str
    href: str
    total: Shown


@dataclass(frozen=True)
class Step:
    """One line of the legend."""

    step: int
    text: str


@dataclass(frozen=True)
class Drawn:
    """The whole heat map."""

    rows: list[Row]
    columns: list[Column]
    total: Shown
    legend: list[Step]


def value_of(cell: Cell, measure: str) -> Decimal | None:
    """What a measure says of a cell: actions, per cent or US dollars. None where there is nothing to say."""
    if measure in MONEY:
        money: Decimal = getattr(cell.money, MONEY[measure])
        return money if cell.need or money else None
    if not cell.need:
        return None
    if measure == "need":
        return Decimal(cell.need)
    if measure == "stranded":
        return Decimal(cell.count("orphaned") - cell.payable)
    if measure == "unmet":
        share = cell.unmet or 0
        return Decimal(share.numerator) * 100 / Decimal(share.denominator)
    return Decimal(cell.counts[("orphaned", "proposed", "pursued", "pending", "funded").index(measure)])


def figure(value: Decimal | None, measure: str, language: str) -> str:
    """The figure in a cell. Money stands in thousands, a share in whole per cent that are 0 or 100 only if it is."""
    if value is None:
        return ""
    if measure in MONEY:
        if 0 < value < THOUSAND / 2:
            return "<1"
        return formats.number((value / THOUSAND).quantize(Decimal(1), ROUND_HALF_UP), language)
    if measure == "unmet":
        whole = value.quantize(Decimal(1), ROUND_HALF_UP)
        if whole == 100 and value < 100:
            whole = Decimal(99)
        if whole == 0 and value > 0:
            whole = Decimal(1)
        return formats.number(whole, language)
    return formats.number(value, language)


def bound(step: int, most: Decimal, measure: str) -> Decimal:
    """The highest value of a step: fifths of the most; for money halves of it, halves of these and so on, since a few
    large sums would leave all others in the first fifth."""
    if measure in MONEY:
        return most / 2 ** (STEPS - step) if step else Decimal(0)
    return most * step / STEPS


def step_of(value: Decimal | None, most: Decimal, measure: str) -> int:
    """0 for nothing, then the first step that it is not above."""
    if not value or not most:
        return 0
    return next((step for step in range(1, STEPS) if value <= bound(step, most, measure)), STEPS)


def most_of(cells: Iterable[Cell], measure: str) -> Decimal:
    """The value at the dark end of the scale."""
    if measure == "unmet":
        return Decimal(100)
    return max((value_of(cell, measure) or Decimal(0) for cell in cells), default=Decimal(0))


def draw(view: View, language: str) -> Drawn:
    """The heat map that was asked for."""
    gaps, measure = view.map, view.measure
    columns = [column for column in gaps.columns if column != OUTSIDE or measure in MONEY]
    most = most_of((gaps.cell(section, column) for section in gaps.sections for column in columns), measure)

    def shown(cell: Cell, section: int | None, column: str | None, coloured: bool = True) -> Shown:
        value = value_of(cell, measure)
        hatch = coloured and cell.all_orphaned and measure not in MONEY
        step = step_of(value, most, measure) if coloured else 0
        return Shown(figure(value, measure, language), step, hatch, _href(view, section, column))

    titles = {known.need.section: known for known in view.known.values()}
    rows = [
        Row(
            section, titles[section].section_title, _href(view, section, None),
            [shown(gaps.cell(section, column), section, column) for column in columns],
            shown(gaps.rows[section], section, None, coloured=False),
        )
        for section in gaps.sections
    ]  # fmt: skip
    heads = [
        Column(
            column, column_label(view.axis, column, language), _href(view, None, column),
            shown(gaps.foot[column], None, column, coloured=False),
        )
        for column in columns
    ]  # fmt: skip
    return Drawn(rows, heads, shown(gaps.total, None, None, coloured=False), _legend(most, measure, language))


def _href(view: View, section: int | None, column: str | None) -> str:
    return view.address("/matching/gaps/cell", section=section, column=column)


def _legend(most: Decimal, measure: str, language: str) -> list[Step]:
    """The range of each step; steps that no value can be in are left out."""
    steps = []
    for step in range(1, STEPS + 1):
        low, high = bound(step - 1, most, measure), bound(step, most, measure)
        if measure in MONEY or measure == "unmet":
            text = f"{figure(low, measure, language)}–{figure(high, measure, language)}"
        else:
            first, last = int(low) + 1, int(high)
            if first > last:
                continue
            text = formats.number(first, language)
            text = text if first == last else f"{text}–{formats.number(last, language)}"
        if most:
            steps.append(Step(step, text))
    return steps
