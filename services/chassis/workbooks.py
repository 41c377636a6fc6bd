"""How sheets become an XLSX workbook. Loaded with the first one that is asked for: see `sheets.xlsx`."""

import io
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

from services.chassis.sheets import Kind, Shade, Sheet

_FORMATS: Final[dict[Kind, str]] = {
    "text": "General", "number": "#,##0", "money": "#,##0.00", "share": "0.0%", "day": "yyyy-mm-dd",
    "moment": "yyyy-mm-dd hh:mm",
}  # fmt: skip
_WIDTHS: Final[dict[Kind, int]] = {"text": 28, "number": 10, "money": 16, "share": 10, "day": 12, "moment": 17}
_TITLE_LIMIT: Final = 31
_CELL_LIMIT: Final = 32767
_HEAD_FONT: Final = Font(bold=True)
_HEAD_LINE: Final = Border(bottom=Side(style="thin"))
_TOTAL_LINE: Final = Border(top=Side(style="thin"))
_STEPS: Final = ("E2EEEC", "BDDAD6", "8FBFB9", "3B7F7B", "0F5C5C")
"""Those of a heat map on a page (tokens.css), with the ink that can be read on each, and that of a hatch."""
_INKS: Final = ("1B2321", "1B2321", "1B2321", "FFFFFF", "FFFFFF")
_HATCHES: Final = ("81877F", "81877F", "55605B", "9DB8B5", "9DB8B5")
_MIDDLE: Final = Alignment(horizontal="center", vertical="center")
_A4: Final = 9
_TOP: Final = Alignment(vertical="top")
_WRAPPED: Final = Alignment(vertical="top", wrap_text=True)
_NOT_XML: Final = re.compile("[^\\t\\n -\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")


def written(sheets: Sequence[Sheet]) -> bytes:
    """A workbook with a sheet for each of `sheets`."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for sheet, name in zip(sheets, _names([sheet.title for sheet in sheets]), strict=True):
        _fill(book.create_sheet(name), sheet)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _names(titles: Sequence[str]) -> list[str]:
    """Names that a workbook takes: no more than 31 characters, some of which are forbidden, and no name twice."""
    names: list[str] = []
    for title in titles:
        clean = "".join(" " if letter in "[]:*?/\\\t\n" else letter for letter in _readable(title))
        clean = clean.strip(" '")[:_TITLE_LIMIT].rstrip(" '") or "-"
        name, number = clean, 2
        while name.casefold() in {other.casefold() for other in names}:
            name, number = f"{clean[: _TITLE_LIMIT - 4]} ({number})", number + 1
        names.append(name)
    return names


def _fill(page: Any, sheet: Sheet) -> None:
    for line, texts in enumerate(sheet.above, start=1):
        for number, text in enumerate(texts, start=1):
            _text(page.cell(line, number), text).alignment = _TOP
    top = len(sheet.above) + 1
    for number, column in enumerate(sheet.columns, start=1):
        head = _text(page.cell(top, number), column.title)
        head.font, head.border = _HEAD_FONT, _HEAD_LINE
        page.column_dimensions[get_column_letter(number)].width = column.width or _WIDTHS[column.kind]
    for line, row in enumerate(sheet.rows, start=top + 1):
        for number, (value, column) in enumerate(zip(row, sheet.columns, strict=True), start=1):
            if value is None or value == "":
                continue
            cell = page.cell(line, number)
            if isinstance(value, str):
                _text(cell, value)
                continue
            cell.value = value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value
            cell.number_format, cell.alignment = _FORMATS[column.kind], _TOP
    for (line, number), shade in sheet.shades.items():
        _shade(page.cell(top + 1 + line, number + 1), shade)
    if sheet.total and sheet.rows:
        for number in range(1, len(sheet.columns) + 1):
            cell = page.cell(top + len(sheet.rows), number)
            cell.font, cell.border = _HEAD_FONT, _TOTAL_LINE
    last = get_column_letter(len(sheet.columns))
    page.freeze_panes = f"{get_column_letter(sheet.names + 1)}{top + 1}"
    page.auto_filter.ref = f"A{top}:{last}{top + len(sheet.rows) - (1 if sheet.total else 0)}"
    page.print_title_rows = f"{top}:{top}"
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", _A4
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _shade(cell: Any, shade: Shade) -> None:
    cell.alignment = _MIDDLE
    if shade.step:
        place = shade.step - 1
        cell.font = Font(color=_INKS[place])
        cell.fill = (
            PatternFill("lightUp", fgColor=_HATCHES[place], bgColor=_STEPS[place])
            if shade.hatched
            else PatternFill("solid", fgColor=_STEPS[place])
        )


def _text(cell: Any, text: str) -> Any:
    """Put text into a cell, and nothing but text."""
    cell.value = _readable(text)[:_CELL_LIMIT]
    cell.data_type, cell.alignment = "s", _WRAPPED
    return cell


def _readable(text: str) -> str:
    """`text` without what XML cannot hold."""
    return _NOT_XML.sub("", text)
