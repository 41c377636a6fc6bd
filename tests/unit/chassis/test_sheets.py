"""Tables to take away: what a spreadsheet reads out of them is what was put in."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from services.chassis.sheets import Column, Sheet, csv_of, notes_sheet, xlsx

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


def opened(workbook: bytes) -> Any:
    return load_workbook(io.BytesIO(workbook))


def test_a_workbook_holds_numbers_and_days_as_such_and_text_as_text() -> None:
    made = opened(xlsx([SHEET, notes_sheet("About", ["Planning rates of 1 November 2026"])]))
    page = made["Pursuits"]
    head, first, second = page.iter_rows()
    assert [cell.value for cell in head] == [column.title for column in SHEET.columns]
    assert [cell.value for cell in first[:4]] == ["=1+1 & <b>", 3, 1234.5, 0.25]
    assert [cell.value.isoformat() for cell in first[4:]] == ["2027-01-31T00:00:00", "2026-11-22T12:00:00"]
    assert [cell.data_type for cell in first] == ["s", "n", "n", "n", "d", "d"]
    assert [cell.value for cell in second] == ["Снежный барс", None, None, None, None, None]
    assert (page.freeze_panes, page.auto_filter.ref) == ("A2", "A1:F3")
    assert made["About"]["A2"].value == "Planning rates of 1 November 2026"


def test_two_sheets_of_one_name_are_two() -> None:
    assert opened(xlsx([SHEET, SHEET])).sheetnames == ["Pursuits", "Pursuits (2)"]


def test_csv_says_the_same_and_holds_no_formula() -> None:
    rows = list(csv.reader(io.StringIO(csv_of(SHEET).decode("utf-8-sig"))))
    assert rows[1] == ["'=1+1 & <b>", "3", "1234.50", "0.25", "2027-01-31", "2026-11-22T12:00:00+00:00"]
    assert rows[2] == ["Снежный барс", "", "", "", "", ""]


@given(st.lists(st.text(), min_size=1, max_size=5))
def test_any_title_and_any_text_make_a_workbook_that_can_be_read(texts: list[str]) -> None:
    made = xlsx([Sheet(text, [Column(text)], [[text]]) for text in texts])
    names = opened(made).sheetnames
    assert len({name.casefold() for name in names}) == len(texts)
    assert all(0 < len(name) <= 31 and not set("[]:*?/\\") & set(name) for name in names)
