"""Tables to take away: XLSX workbooks and CSV files, made from the same rows.

Numbers and days are written as numbers and days, so that one can go on reckoning with them. Text is always text: what
begins like a formula is never one.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final, Literal

Cell = str | int | Decimal | date | datetime | None
Kind = Literal["text", "number", "money", "share", "day", "moment"]
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
"""Media type of a workbook."""
CSV: Final = "text/csv; charset=utf-8"

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Column:
    """One column: its head in the reader's language, what its cells are, and how many characters wide it is."""

    title: str
    kind: Kind = "text"
    width: int = 0


@dataclass(frozen=True)
class Shade:
    """How a cell of a heat map is filled: one of five steps, 1 is the lightest; 0 leaves it as it is."""

    step: int
    hatched: bool = False


@dataclass(frozen=True)
class Sheet:
    """A table with a name. Cells that are None stay empty; `share` is a part of one (0.25 shows as 25 %)."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    above: Sequence[Sequence[str]] = ()
    """Lines over the head. A CSV file has none of what follows."""
    shades: Mapping[tuple[int, int], Shade] = field(default_factory=dict)
    """(row, column), both from 0."""
    names: int = 0
    """So many columns at the left stay in sight."""
    total: bool = False
    """Whether the last row is set apart as the total."""


def notes_sheet(title: str, lines: Sequence[str]) -> Sheet:
    """A sheet of sentences: what was chosen, at which rates, when."""
    return Sheet(title, [Column(title, width=100)], [[line] for line in lines])


def xlsx(sheets: Sequence[Sheet]) -> bytes:
    """A workbook. The first row of each sheet stays in sight and can be filtered by."""
    # The library that writes them, with what it needs itself, is a tenth of a start: it comes with the first workbook.
    from services.chassis.workbooks import written

    return written(sheets)


def csv_of(sheet: Sheet) -> bytes:
    """The same as CSV (RFC 4180) in UTF-8 with a mark at its beginning, by which spreadsheets know it."""
    made = io.StringIO()
    writer = csv.writer(made)
    writer.writerow([_harmless(column.title) for column in sheet.columns])
    writer.writerows([_plain(cell) for cell in row] for row in sheet.rows)
    return made.getvalue().encode("utf-8-sig")


def _plain(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return cell.astimezone(UTC).isoformat(timespec="seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    return "" if cell is None else _harmless(cell) if isinstance(cell, str) else str(cell)


def _harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
