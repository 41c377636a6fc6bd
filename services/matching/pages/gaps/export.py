"""The funding-gap map as a workbook, and as a table. Both hold what the filters keep, in the reader's language."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Final

from openpyxl import Workbook
from openpyxl.cell import Cell as SheetCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from contracts.vocabulary import label
from services.chassis import formats
from services.chassis.i18n import gettext
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

Value = str | int | Decimal | None
FILLS: Final = ("E2EEEC", "BDDAD6", "8FBFB9", "3B7F7B", "0F5C5C")
"""The five steps of the page's heat map (tokens.css)."""
_HATCH: Final = "lightUp"
_RISKY: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Book:
    """All that the workbook holds, read while the database is at hand."""

    view: View
    maps: Sequence[tuple[Axis, GapMap]]
    language: str


def workbook(book: Book) -> bytes:
    """The workbook: the map by state and by species, the actions, and how it is counted."""
    made = Workbook()
    made.remove(made.worksheets[0])
    for axis, table in book.maps:
        _map_sheet(made.create_sheet(_title(axis_name(axis))), book, axis, table)
    _rows_sheet(made.create_sheet(_title(gettext("Actions"))), action_rows(book.view, book.language))
    _how_sheet(made.create_sheet(_title(gettext("How this is counted"))), book)
    out = BytesIO()
    made.save(out)
    return out.getvalue()


def plain(view: View, language: str) -> str:
    """The cells of the map as a table with a line for each: opened by any program."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in cell_rows(view, language):
        writer.writerow([_safe(value) for value in row])
    return out.getvalue()


def cell_rows(view: View, language: str) -> list[list[Value]]:
    """A head, then a line for each cell, each total of a section and the total of all."""
    head = [
        gettext("Section"), gettext("Title"), axis_name(view.axis), gettext("All need"),
        *(standing_word(standing) for standing in reversed(STANDINGS)), gettext("Orphaned, no window"),
        gettext("Need unmet, per cent"),
    ]  # fmt: skip
    if view.staff:
        head += [f"{measure_name(measure)}, USD" for measure in MONEY]
    titles = {known.need.section: known.section_title.text(language) for known in view.known.values()}
    rows: list[list[Value]] = [list(head)]
    every = gettext("Each action once")
    for section in view.map.sections:
        for column in view.map.columns:
            cell = view.map.cell(section, column)
            if cell.need or (view.staff and cell.money.whole):
                place = column_label(view.axis, column)
                rows.append([section, titles[section], place, *_figures(cell, view.staff)])
        rows.append([section, titles[section], every, *_figures(view.map.rows[section], view.staff)])
    rows.append([None, gettext("All sections"), every, *_figures(view.map.total, view.staff)])
    return rows


def _figures(cell: Cell, staff: bool) -> list[Value]:
    unmet = value_of(cell, "unmet")
    found: list[Value] = [cell.need, *reversed(cell.counts), cell.count("orphaned") - cell.payable]
    found.append(None if unmet is None else unmet.quantize(Decimal("0.1")))
    return [*found, *(value_of(cell, measure) for measure in MONEY)] if staff else found


def action_rows(view: View, language: str) -> list[list[Value]]:
    """A head, then a line for each action that the filters keep."""
    head = [
        gettext("Action"), gettext("Title"), gettext("Section"), gettext("Priority"), gettext("How far it has come"),
        gettext("Proposals"), gettext("Windows that could pay"), gettext("Range states"), gettext("Species"),
    ]  # fmt: skip
    if view.staff:
        head += [f"{measure_name(measure)}, USD" for measure in MONEY]
    return [list(head), *(_action_row(view, gap, language) for gap in view.gaps)]


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


def _map_sheet(sheet: Worksheet, book: Book, axis: Axis, table: GapMap) -> None:
    view = book.view
    measure = view.measure
    columns = [column for column in table.columns if column != OUTSIDE or measure in MONEY]
    text = f"{measure_name(measure)}, USD" if measure in MONEY else measure_text(measure)
    intro: list[list[Value]] = [[text], [gettext("Hatched: nobody has proposed anything there.")]]
    for row in [*intro, *_about(view, book.language), []]:
        sheet.append(row)
    labels = [column_label(axis, column) for column in columns]
    sheet.append([gettext("Section"), gettext("Title"), *labels, gettext("Each action once")])
    head = sheet.max_row
    most = most_of((table.cell(section, column) for section in table.sections for column in columns), measure)
    titles = {known.need.section: known.section_title.text(book.language) for known in view.known.values()}
    for section in table.sections:
        cells = [table.cell(section, column) for column in columns]
        values = [_number(value_of(cell, measure), measure) for cell in (*cells, table.rows[section])]
        sheet.append([section, titles[section], *values])
        for place, cell in enumerate(cells, start=3):
            target = sheet.cell(sheet.max_row, place)
            assert isinstance(target, SheetCell)
            _paint(target, step_of(value_of(cell, measure), most), cell.all_orphaned and measure not in MONEY)
    foot = [_number(value_of(cell, measure), measure) for cell in (*(table.foot[c] for c in columns), table.total)]
    sheet.append([None, gettext("All sections"), *foot])
    _dress(sheet, head, [8, 44, *[max(9, 62 // max(1, len(columns)))] * len(columns), 12], foot=True)
    sheet.cell(1, 1).font = Font(bold=True, size=13)


def _number(value: Decimal | None, measure: str) -> int | Decimal | None:
    if value is None:
        return None
    if measure == "unmet":
        return value.quantize(Decimal("0.1"))
    return value if measure in MONEY else int(value)


def _paint(cell: SheetCell, step: int, hatch: bool) -> None:
    cell.alignment = Alignment(horizontal="center", vertical="center")
    if step:
        dark = step > 3
        cell.font = Font(color="FFFFFF" if dark else "1B2321")
        fill = FILLS[step - 1]
        cell.fill = (
            PatternFill(_HATCH, fgColor="9DB8B5" if dark else "81877F", bgColor=fill)
            if hatch
            else PatternFill("solid", fgColor=fill)
        )


def _rows_sheet(sheet: Worksheet, rows: Iterable[Sequence[Value]]) -> None:
    for row in rows:
        sheet.append(list(row))
    _dress(sheet, 1, [9, 60, 36, 16, 16, 11, 13, 40, 40, 16, 16, 20])
    sheet.auto_filter.ref = sheet.dimensions


def _how_sheet(sheet: Worksheet, book: Book) -> None:
    for row in _about(book.view, book.language):
        sheet.append(row)
    sheet.append([])
    for title, text in how_counted():
        sheet.append([title, text])
    count, money = book.view.beside
    if count and book.view.staff:
        sheet.append([gettext("Beside the map"), beside_text(count, money.whole, book.language)])
    _dress(sheet, 0, [34, 100])


def beside_text(count: int, usd: Decimal, language: str) -> str:
    """What is told of proposals that address no action of the Programme as it is today."""
    return gettext(
        "Proposals that address no action of the Programme as it is now: %(count)s, with %(money)s.",
        count=count, money=formats.amount(usd, "USD", language),
    )  # fmt: skip


def _about(view: View, language: str) -> list[list[Value]]:
    """What the figures are of: programme, month, filters, and the event they are current to."""
    years = f"{view.programme.first_year}–{view.programme.last_year}"
    rows: list[list[Value]] = [[gettext("Programme of Work"), years]]
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


def _dress(sheet: Worksheet, head: int, widths: Sequence[int], *, foot: bool = False) -> None:
    """Widths, a bold head that stays in sight, wrapped text; and no text that a program takes for a formula."""
    for place, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    for row in sheet.iter_rows():
        for cell in row:
            if cell.data_type == "f" and isinstance(cell, SheetCell):
                cell.data_type = "s"
            if isinstance(cell.value, str) and cell.row > head:
                cell.alignment = Alignment(wrap_text=True, vertical="top")
            if isinstance(cell.value, Decimal):
                cell.number_format = "#,##0.00" if cell.value.as_tuple().exponent == -2 else "0.0"
    if head:
        for name in sheet[head]:
            name.font = Font(bold=True)
            name.border = Border(bottom=Side("thin"))
            name.alignment = Alignment(wrap_text=True, vertical="bottom")
        sheet.freeze_panes = f"C{head + 1}"
        sheet.print_title_rows = f"{head}:{head}"
    if foot:
        for sum_ in sheet[sheet.max_row]:
            sum_.font = Font(bold=True)
            sum_.border = Border(top=Side("thin"))
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _title(text: str) -> str:
    """A sheet's title: at most 31 characters, and none that a workbook forbids."""
    return "".join(letter for letter in text if letter not in "[]:*?/\\")[:31]


def _safe(value: Value) -> Value:
    """Text that a spreadsheet would take for a formula begins with an apostrophe."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_RISKY) else value
