"""Tables to take away: what a spreadsheet reads out of them is what was put in."""

import csv
import io
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from services.chassis.sheets import Column, Sheet, csv_of, notes_sheet, xlsx

NS = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SHEET = Sheet(
    "Pursuits",
    [Column("Window"), Column("Places", "number"), Column("US dollars", "money"), Column("Share", "share"),
     Column("Deadline", "day"), Column("Moved", "moment")],
    [
        ["=1+1 & <b>", 3, Decimal("1234.50"), Decimal("0.25"), date(2027, 1, 31), NOON],
        ["Снежный барс", None, None, None, None, None],
    ],
)  # fmt: skip


def part(workbook: bytes, name: str) -> Any:
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        assert archive.testzip() is None
        return etree.fromstring(archive.read(name))


def cells(workbook: bytes, number: int = 1) -> dict[str, str]:
    sheet = part(workbook, f"xl/worksheets/sheet{number}.xml")
    return {cell.get("r"): "".join(cell.itertext()) for cell in sheet.iterfind(".//x:c", NS)}


def test_a_workbook_holds_numbers_and_days_as_such_and_text_as_text() -> None:
    made = xlsx([SHEET, notes_sheet("About", ["Planning rates of 1 November 2026"])])
    found = cells(made)
    assert [found[f"{letter}1"] for letter in "ABCDEF"] == [column.title for column in SHEET.columns]
    assert (found["A2"], found["B2"], found["C2"], found["D2"]) == ("=1+1 & <b>", "3", "1234.50", "0.25")
    assert (found["E2"], found["F2"]) == ("46418", "46348.5")  # days since 30 December 1899
    assert found["A3"] == "Снежный барс"
    assert "B3" not in found
    assert cells(made, 2)["A2"] == "Planning rates of 1 November 2026"
    assert not part(made, "xl/worksheets/sheet1.xml").findall(".//x:f", NS)


def test_every_sheet_is_declared_and_every_style_is_there() -> None:
    made = xlsx([SHEET, SHEET])
    names = [sheet.get("name") for sheet in part(made, "xl/workbook.xml").iterfind(".//x:sheet", NS)]
    assert names == ["Pursuits", "Pursuits (2)"]
    styles = part(made, "xl/styles.xml").findall(".//x:cellXfs/x:xf", NS)
    used = {int(cell.get("s")) for cell in part(made, "xl/worksheets/sheet1.xml").iterfind(".//x:c", NS)}
    assert max(used) < len(styles)


def test_the_same_rows_make_the_same_file() -> None:
    assert xlsx([SHEET]) == xlsx([SHEET])


def test_csv_says_the_same_and_holds_no_formula() -> None:
    rows = list(csv.reader(io.StringIO(csv_of(SHEET).decode("utf-8-sig"))))
    assert rows[1] == ["'=1+1 & <b>", "3", "1234.50", "0.25", "2027-01-31", "2026-11-22T12:00:00+00:00"]
    assert rows[2] == ["Снежный барс", "", "", "", "", ""]


@given(st.lists(st.text(), min_size=1, max_size=5))
def test_any_title_and_any_text_make_a_workbook_that_can_be_read(texts: list[str]) -> None:
    made = xlsx([Sheet(text, [Column(text)], [[text]]) for text in texts])
    names = [sheet.get("name") for sheet in part(made, "xl/workbook.xml").iterfind(".//x:sheet", NS)]
    assert len({name.casefold() for name in names}) == len(texts)
    assert all(0 < len(name) <= 31 and not set("[]:*?/\\") & set(name) for name in names)
