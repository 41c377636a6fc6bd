"""Tables to take away: XLSX workbooks and CSV files, made from the same rows.

Numbers and days are written as numbers and days, so that one can go on reckoning with them. Text is always text: what
begins like a formula is never one. The same rows give the same bytes.
"""

import csv
import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final, Literal
from xml.sax.saxutils import escape, quoteattr

Cell = str | int | Decimal | date | datetime | None
Kind = Literal["text", "number", "money", "share", "day", "moment"]
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
"""Media type of a workbook."""
CSV: Final = "text/csv; charset=utf-8"

_STYLES: Final[dict[Kind, int]] = {"text": 2, "number": 3, "money": 4, "share": 5, "day": 6, "moment": 7}
_WIDTHS: Final[dict[Kind, int]] = {"text": 28, "number": 10, "money": 16, "share": 10, "day": 12, "moment": 17}
_TITLE_LIMIT: Final = 31
_CELL_LIMIT: Final = 32767
_EPOCH: Final = date(1899, 12, 30)
_STAMP: Final = (2000, 1, 1, 0, 0, 0)
_NOT_XML: Final = re.compile("[^\\t\\n -\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Column:
    """One column: its head in the reader's language, what its cells are, and how many characters wide it is."""

    title: str
    kind: Kind = "text"
    width: int = 0


@dataclass(frozen=True)
class Sheet:
    """A table with a name. Cells that are None stay empty; `share` is a part of one (0.25 shows as 25 %)."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]


def notes_sheet(title: str, lines: Sequence[str]) -> Sheet:
    """A sheet of sentences: what was chosen, at which rates, when."""
    return Sheet(title, [Column(title, width=100)], [[line] for line in lines])


def xlsx(sheets: Sequence[Sheet]) -> bytes:
    """A workbook. The first row of each sheet stays in sight and can be filtered by."""
    names = _names([sheet.title for sheet in sheets])
    numbers = range(1, len(sheets) + 1)
    files = {
        "[Content_Types].xml": _TYPES % "".join(
            f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_OFFICE}.worksheet+xml"/>' for n in numbers
        ),
        "_rels/.rels": _ROOT,
        "xl/workbook.xml": f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_REL}"><sheets>' + "".join(
            f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(names, start=1)
        ) + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}">' + "".join(
            f'<Relationship Id="rId{n}" Type="{_REL}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers
        ) + f'<Relationship Id="rId{len(sheets) + 1}" Type="{_REL}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": _STYLE_SHEET,
    }  # fmt: skip
    files |= {f"xl/worksheets/sheet{n}.xml": _worksheet(sheet) for n, sheet in zip(numbers, sheets, strict=True)}
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, _STAMP), content.encode(), zipfile.ZIP_DEFLATED)
    return made.getvalue()


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


def _worksheet(sheet: Sheet) -> str:
    widths = "".join(
        f'<col min="{n}" max="{n}" width="{column.width or _WIDTHS[column.kind]}" customWidth="1"/>'
        for n, column in enumerate(sheet.columns, start=1)
    )
    head = "".join(_text(_place(n, 1), column.title, 1) for n, column in enumerate(sheet.columns))
    body = "".join(
        f'<row r="{line}">'
        + "".join(
            _cell(_place(n, line), cell, _STYLES[column.kind])
            for n, (cell, column) in enumerate(zip(row, sheet.columns, strict=True))
        )
        + "</row>"
        for line, row in enumerate(sheet.rows, start=2)
    )
    last = _place(max(len(sheet.columns) - 1, 0), len(sheet.rows) + 1)
    return (
        f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2"'
        f' activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>{widths}</cols>'
        f'<sheetData><row r="1">{head}</row>{body}</sheetData><autoFilter ref="A1:{last}"/></worksheet>'
    )


def _place(column: int, line: int) -> str:
    """`A1` for column 0 and line 1."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{line}"


def _cell(place: str, cell: Cell, style: int) -> str:
    if cell is None or cell == "":
        return ""
    if isinstance(cell, str):
        return _text(place, cell, _STYLES["text"])
    return f'<c r="{place}" s="{style}"><v>{_value(cell)}</v></c>'


def _value(cell: int | Decimal | date | datetime) -> str:
    if isinstance(cell, datetime):
        moment = cell.astimezone(UTC)
        seconds = moment.hour * 3600 + moment.minute * 60 + moment.second
        return f"{(moment.date() - _EPOCH).days + Decimal(seconds) / 86400:f}"
    if isinstance(cell, date):
        return str((cell - _EPOCH).days)
    return f"{cell:f}" if isinstance(cell, Decimal) else str(cell)


def _text(place: str, text: str, style: int) -> str:
    kept = escape(_readable(text)[:_CELL_LIMIT])
    return f'<c r="{place}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{kept}</t></is></c>'


def _readable(text: str) -> str:
    """`text` without what XML cannot hold."""
    return _NOT_XML.sub("", text)


_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REL: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_TYPES: Final = (
    f'{_HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels"'
    ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml"'
    f' ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{_OFFICE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_OFFICE}.styles+xml"/>%s</Types>'
)
_ROOT: Final = (
    f'{_HEAD}<Relationships xmlns="{_PACKAGE}"><Relationship Id="rId1" Type="{_REL}/officeDocument"'
    ' Target="xl/workbook.xml"/></Relationships>'
)
# The styles, by number: 0 none, 1 the head, then those of `_STYLES`.
_STYLE_SHEET: Final = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><numFmts count="3"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm"/><numFmt numFmtId="166" formatCode="0.0%%"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/>'
    '</font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill'
    ' patternType="gray125"/></fill></fills><borders count="2"><border><left/><right/><top/><bottom/><diagonal/>'
    '</border><border><left/><right/><top/><bottom style="thin"/><diagonal/></border></borders><cellStyleXfs count="1">'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="8">'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="1" xfId="0" applyAlignment="1"><alignment wrapText="1"'
    ' vertical="top"/></xf>'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0" applyAlignment="1"><alignment wrapText="1"'
    ' vertical="top"/></xf>'
    + "".join(
        f'<xf numFmtId="{number}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyAlignment="1">'
        '<alignment vertical="top"/></xf>'
        for number in (3, 4, 166, 164, 165)
    )
    + '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
).replace("%%", "%")
