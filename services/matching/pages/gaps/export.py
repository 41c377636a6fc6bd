"""The funding-gap map as a workbook, and as a table. Both hold what the filters keep, in the reader's language."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from contracts.vocabulary import label
from services.chassis import formats
from services.chassis.i18n import gettext
from services.chassis.sheets import Cell as Value
from services.chassis.sheets import Column, Kind, Shade, Sheet, xlsx
from services.matching.pages.gaps.cells import most_of, step_of, value_of
from services.matching.pages.gaps.looking import View
from services.matching.rules.gaps import OUTSIDE, STANDINGS, ActionGap, Axis, Cell, GapMap
from services.matching.words.gaps import (
    MONEY,
    axis_name,
    column_label,
    how_counted,
    measure_name,
    measure_text,
    standing_word,
)

_TENTH: Final = Decimal("0.001")
"""Of a per cent, as a part of one."""


@dataclass(frozen=True)
class Book:
    """All that the workbook holds, read while the database is at hand."""

    view: View
    maps: Sequence[tuple[Axis, GapMap]]
    language: str


def workbook(book: Book) -> bytes:
    """The workbook: the map by state and by species, the actions, and how it is counted."""
    maps = [_map_sheet(book, axis, table) for axis, table in book.maps]
    return xlsx([*maps, actions_sheet(book.view, book.language), _how_sheet(book)])


def cells_sheet(view: View, language: str) -> Sheet:
    """A line for each cell, each total of a section and the total of all, with every measure."""
    columns = [
        Column(gettext("Section"), "number"), Column(gettext("Title")), Column(axis_name(view.axis)),
        Column(gettext("All need"), "number"),
        *(Column(standing_word(standing), "number") for standing in reversed(STANDINGS)),
        Column(gettext("Orphaned, no window"), "number"), Column(gettext("Need unmet"), "share"), *_money(view),
    ]  # fmt: skip
    titles = {known.need.section: known.section_title.text(language) for known in view.known.values()}
    rows: list[list[Value]] = []
    every = gettext("Each action once")
    for section in view.map.sections:
        for column in view.map.columns:
            cell = view.map.cell(section, column)
            if cell.need or (view.staff and cell.money.whole):
                place = column_label(view.axis, column)
                rows.append([section, titles[section], place, *_figures(cell, view.staff)])
        rows.append([section, titles[section], every, *_figures(view.map.rows[section], view.staff)])
    rows.append([None, gettext("All sections"), every, *_figures(view.map.total, view.staff)])
    return Sheet(axis_name(view.axis), columns, rows)


def _money(view: View) -> list[Column]:
    return [Column(f"{measure_name(measure)}, USD", "money") for measure in MONEY] if view.staff else []


def _figures(cell: Cell, staff: bool) -> list[Value]:
    found: list[Value] = [cell.need, *reversed(cell.counts), cell.count("orphaned") - cell.payable]
    found.append(_share(cell))
    return [*found, *cell.money] if staff else found


def _share(cell: Cell) -> Decimal | None:
    unmet = cell.unmet
    return None if unmet is None else (Decimal(unmet.numerator) / Decimal(unmet.denominator)).quantize(_TENTH)


def actions_sheet(view: View, language: str) -> Sheet:
    """A line for each action that the filters keep."""
    columns = [
        Column(gettext("Action"), width=9), Column(gettext("Title"), width=60), Column(gettext("Section"), width=36),
        Column(gettext("Priority"), width=16), Column(gettext("How far it has come"), width=18),
        Column(gettext("Proposals"), "number"), Column(gettext("Windows that could pay"), "number", width=13),
        Column(gettext("Range states"), width=40), Column(gettext("Species"), width=40), *_money(view),
    ]  # fmt: skip
    rows = [_action_row(view, gap, language) for gap in view.gaps]
    return Sheet(gettext("Actions"), columns, rows, names=1)


def _action_row(view: View, gap: ActionGap, language: str) -> list[Value]:
    known, need = view.known[gap.need.action_id], gap.need
    row: list[Value] = [
        need.action_id, known.title.text(language), known.section_title.text(language),
        label("priorities", need.priority, language) if need.priority else gettext("No priority stated"),
        standing_word(gap.standing), len(gap.pleas), len(gap.payers),
        ", ".join(label("states", code, language) for code in sorted(need.states)),
        ", ".join(label("species", code, language) for code in sorted(need.species)),
    ]  # fmt: skip
    return [*row, *gap.sums] if view.staff else row


def _map_sheet(book: Book, axis: Axis, table: GapMap) -> Sheet:
    measure = book.view.measure
    kind: Kind = "money" if measure in MONEY else "share" if measure == "unmet" else "number"
    columns = [column for column in table.columns if column != OUTSIDE or measure in MONEY]
    most = most_of((table.cell(section, column) for section in table.sections for column in columns), measure)
    titles = {known.need.section: known.section_title.text(book.language) for known in book.view.known.values()}
    rows: list[list[Value]] = []
    shades: dict[tuple[int, int], Shade] = {}
    for line, section in enumerate(table.sections):
        cells = [table.cell(section, column) for column in columns]
        rows.append([section, titles[section], *(_value(one, measure) for one in (*cells, table.rows[section]))])
        for number, cell in enumerate(cells, start=2):
            value = value_of(cell, measure)
            if value is not None:
                hatched = cell.all_orphaned and measure not in MONEY
                shades[line, number] = Shade(step_of(value, most, measure), hatched)
    foot = [_value(one, measure) for one in (*(table.foot[column] for column in columns), table.total)]
    rows.append([None, gettext("All sections"), *foot])
    heads = [column_label(axis, column) for column in columns]
    text = f"{measure_name(measure)}, USD" if measure in MONEY else measure_text(measure)
    return Sheet(
        axis_name(axis),
        [
            Column(gettext("Section"), "number", width=8), Column(gettext("Title"), width=44),
            *(Column(head, kind, width=12) for head in heads), Column(gettext("Each action once"), kind, width=14),
        ],
        rows, names=2, total=True, shades=shades,
        above=[[text], [gettext("Hatched: nobody has proposed anything there.")], *about(book.view, book.language), []],
    )  # fmt: skip


def _value(cell: Cell, measure: str) -> Value:
    if measure == "unmet":
        return _share(cell)
    value = value_of(cell, measure)
    return value if value is None or measure in MONEY else int(value)


def _how_sheet(book: Book) -> Sheet:
    rows: list[Sequence[Value]] = [*about(book.view, book.language), *how_counted()]
    count, money = book.view.beside
    if count and book.view.staff:
        rows.append([gettext("Beside the map"), beside_text(count, money.whole, book.language)])
    title = gettext("How this is counted")
    return Sheet(title, [Column(title, width=34), Column("", width=100)], rows)


def beside_text(count: int, usd: Decimal, language: str) -> str:
    """What is told of proposals that address no action of the Programme as it is today."""
    return gettext(
        "Proposals that address no action of the Programme as it is now: %(count)s, with %(money)s.",
        count=count, money=formats.amount(usd, "USD", language),
    )  # fmt: skip


def about(view: View, language: str) -> list[list[str]]:
    """What the figures are of: programme, month, filters, and the event they are current to."""
    rows = [[gettext("Programme of Work"), f"{view.programme.first_year}–{view.programme.last_year}"]]
    if view.month:
        rows.append([gettext("At the end of"), formats.month(view.month, language)])
    chosen = [
        f"{facet.label}: {text}"
        for facet in view.facets
        for value, text, _count in facet.options
        if value in facet.chosen
    ]
    if view.asked.words:
        chosen.append(f"“{view.asked.words}”")
    rows.append([gettext("Filters"), "; ".join(chosen) or gettext("None")])
    if view.current:
        rows.append([gettext("Current to"), formats.moment(view.current.at, language)])
        rows.append([gettext("Event"), view.current.event_id])
    return rows
