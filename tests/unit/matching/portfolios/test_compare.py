"""Plans side by side: no money is lost between them, and a proposal that is out has no amount."""

import io
from typing import Any
from uuid import UUID

import openpyxl

from services.matching.pages.portfolios.sheets import comparison_workbook
from services.matching.rules.portfolios.compare import Compared, Named, compare
from services.matching.rules.portfolios.record import record_of, request_of
from services.matching.rules.portfolios.seen import seen
from tests.unit.matching.build import window
from tests.unit.matching.portfolios.build import candidate, made, verdict


def named(number: int, grants: list[tuple[int, str, int]]) -> Named:
    """A plan of two proposals and of two windows of one name."""
    live = made([candidate(1), candidate(2)], [window("a"), window("b")], [verdict(1, "a"), verdict(2, "b")])
    nothing: dict[str, Any] = {"funded": [], "grants": [], "bound": 0}
    told = [[str(UUID(int=proposal)), window_id, dollars] for proposal, window_id, dollars in grants]
    answer = {
        "grants": told, "funded": [proposal for proposal, _, _ in told], "bound": 0, "gap": 0, "status": "optimal",
    }  # fmt: skip
    others = {"greedy": nothing, "pursuits": nothing}
    return Named(UUID(int=number), f"Plan {number}", seen(request_of(live), record_of(live), answer, others, None))


def compared() -> Compared:
    return compare([named(1, [(1, "a", 10000), (2, "b", 10000)]), named(2, [(1, "a", 10000)])])


def test_two_windows_of_one_name_give_the_money_of_both() -> None:
    assert [row.amounts for row in compared().windows] == [(20000, 10000)]


def test_a_proposal_that_is_out_has_an_empty_cell() -> None:
    book = openpyxl.load_workbook(io.BytesIO(comparison_workbook(compared(), [[], ["Closed: A."]])))
    rows = [[cell.value for cell in row] for row in book["Proposals"].iter_rows(min_row=2)]
    assert [row[1:] for row in rows if row[0]] == [[10000, 10000], [10000, None]]


def test_what_each_plan_assumes_stands_in_the_workbook() -> None:
    book = openpyxl.load_workbook(io.BytesIO(comparison_workbook(compared(), [[], ["Closed: A."]])))
    figures = {row[0].value: [cell.value for cell in row[1:]] for row in book["Figures"].iter_rows()}
    assert figures["Smallest grant where a donor states none"] == ["25% of the largest grant"] * 2
    told = [[cell.value for cell in row] for row in book["Otherwise than today"].iter_rows(min_row=2)]
    assert ["Plan 1", "Nothing is otherwise than today."] in told
    assert ["Plan 2", "Closed: A."] in told
