"""The board of pursuits: what stands on it, filters, order, totals, and what can be taken away."""

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from openpyxl import load_workbook

from contracts.windows import CallRule
from services.chassis.sheets import XLSX
from tests.integration.matching.conftest import NGO, Pages
from tests.integration.matching.events import NOW, hand, published, submitted, withdrawn
from tests.integration.matching.pursuing import move
from tests.unit.matching.build import window

ONE, TWO, THREE = UUID(int=1), UUID(int=2), UUID(int=3)
TODAY = date(2026, 11, 22)


@pytest.fixture
def board(pages: Pages) -> Pages:
    """Three proposals: Darwin has granted one, Rufford is asked for one, one has missed Whitley's deadline."""

    def with_deadline(day: date) -> CallRule:
        return CallRule(cycle="annual", deadline=day)

    service = pages.service
    hand(
        service,
        published(window("rufford", name="Small Grant", call=with_deadline(date(2027, 1, 31)))),
        published(window("darwin", name="Main", donor_id="defra", donor_name="Defra")),
        published(window("whitley", name="Award", donor_id="whitley", donor_name="Whitley", status="recurring",
                         call=with_deadline(date(2026, 11, 30)))),
        submitted(ONE, reference="CAMI-2026-0001"),
        submitted(TWO, reference="CAMI-2026-0002", species=["saiga"], states=["KAZ"]),
        submitted(THREE, reference="CAMI-2026-0003"),
    )  # fmt: skip
    move(service, ONE, "submitted", 10000, window_id="darwin", owner="Dina Test", reason="They asked for it")
    move(service, ONE, "awarded", 10000, window_id="darwin", owner="Dina Test", day=TODAY)
    service.clock = lambda: NOW + timedelta(hours=1)
    move(service, TWO, "contacted", 8700, currency="EUR", window_id="rufford", owner="Aigul Test", reason="By phone")
    service.clock = lambda: NOW + timedelta(hours=2)
    move(service, THREE, "concept_note", window_id="whitley", owner="", reason="Sent")
    service.clock = lambda: NOW + timedelta(days=10)  # Whitley's deadline passes meanwhile
    return pages


def stages(html: str) -> dict[str, list[str]]:
    """Stage -> references of its cards, in their order."""
    found = {}
    for part in html.split('<section class="board__column"')[1:]:
        stage = re.search(r"stage-(\w+)", part)
        assert stage
        found[stage.group(1)] = re.findall(r"CAMI-2026-000\d", part)
    return found


def taken_away(pages: Pages, query: str = "") -> list[dict[str, str]]:
    """The rows of the plain table."""
    body = pages.client.get(f"/matching/pursuits.csv?{query}").content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(body)))


def test_the_board_shows_each_pursuit_at_its_stage_with_totals(board: Pages) -> None:
    page = board.get("/matching/pursuits")
    found = stages(page)
    assert found == {
        "identified": [], "contacted": ["CAMI-2026-0002"], "concept_note": ["CAMI-2026-0003"], "submitted": [],
        "awarded": ["CAMI-2026-0001"], "declined": [],
    }  # fmt: skip
    assert "EUR\xa08,700" in page
    assert page.count("USD\xa010,000") == 4  # two cards, and the totals of their stages
    assert "1 without an amount" in page
    assert "planning rates of" in page
    assert page.count("card--late") == 1
    assert "Current to" in page


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("stage=awarded", {"1"}), ("stage=awarded&stage=contacted", {"1", "2"}), ("donor=defra", {"1"}),
        ("owner=Aigul+Test", {"2"}), ("owner=-", {"3"}), ("state=KAZ", {"2"}), ("species=saiga", {"2"}),
        ("late=overdue", {"3"}), ("q=whitley", {"3"}), ("q=dina+main", {"1"}), ("species=saiga&stage=awarded", set()),
    ],
)  # fmt: skip
def test_filters_hold_for_the_board_and_for_what_is_taken_away(board: Pages, query: str, kept: set[str]) -> None:
    page = board.get(f"/matching/pursuits?{query}")
    assert {reference[-1] for cards in stages(page).values() for reference in cards} == kept
    if kept:
        assert f"/matching/pursuits.xlsx?{query.replace('&', '&amp;')}" in page
    rows = list(
        csv.DictReader(io.StringIO(board.client.get(f"/matching/pursuits.csv?{query}").content.decode("utf-8-sig")))
    )
    assert {row["Reference of the proposal"][-1] for row in rows} == kept


@pytest.mark.parametrize(
    ("sort", "order"), [("deadline", "321"), ("amount", "123"), ("moved", "321")]
)  # fmt: skip
def test_the_order_is_as_asked_for(board: Pages, sort: str, order: str) -> None:
    assert "".join(row["Reference of the proposal"][-1] for row in taken_away(board, f"sort={sort}")) == order


def test_a_deadline_is_missed_when_its_day_is_over_where_the_funder_is(pages: Pages) -> None:
    last = date(2026, 11, 30)
    for number, zone in ((1, "America/Los_Angeles"), (2, "Pacific/Auckland")):
        call = CallRule(cycle="annual", deadline=last, zone=zone)
        hand(pages.service, published(window(f"w{number}", call=call)))
        hand(pages.service, submitted(UUID(int=number), reference=f"CAMI-2026-000{number}"))
        move(pages.service, UUID(int=number), "contacted", window_id=f"w{number}")

    def missed(moment: datetime) -> list[str]:
        pages.service.clock = lambda: moment
        rows = taken_away(pages)
        marked = [row["Reference of the proposal"][-1] for row in rows if row["Missed"]]
        assert [row["Reference of the proposal"][-1] for row in taken_away(pages, "late=overdue")] == marked
        assert pages.get("/matching/pursuits").count("card--late") == len(marked)
        return marked

    assert missed(datetime(2026, 11, 30, 9, tzinfo=UTC)) == []
    assert missed(datetime(2026, 11, 30, 12, tzinfo=UTC)) == ["2"]  # it is December in Auckland
    assert missed(datetime(2026, 12, 1, 7, tzinfo=UTC)) == ["2"]  # and not in Los Angeles
    assert missed(datetime(2026, 12, 1, 9, tzinfo=UTC)) == ["1", "2"]


def test_the_workbook_holds_amounts_and_days_and_says_what_was_chosen(board: Pages) -> None:
    answer = board.client.get("/matching/pursuits.xlsx?donor=rufford")
    assert answer.headers["content-type"] == XLSX
    assert "pursuits.xlsx" in answer.headers["content-disposition"]
    book = load_workbook(io.BytesIO(answer.content))
    head, row = book["Pursuits"].iter_rows(values_only=True)
    found: dict[str, Any] = dict(zip(head, row, strict=True))
    assert (found["Reference of the proposal"], found["Stage"], found["Amount"], found["Currency"]) == (
        "CAMI-2026-0002", "Contacted", 8700, "EUR",
    )  # fmt: skip
    assert found["Amount in US dollars"] == 10000
    assert found["Deadline"].date() == date(2027, 1, 31)
    about = [cell for (cell,) in book["About this table"].iter_rows(values_only=True)]
    assert "Donor: Rufford Foundation" in about
    assert any(line.startswith("US dollars at planning rates of 1") for line in about)


def test_an_empty_board_says_what_to_do(pages: Pages) -> None:
    page = pages.get("/matching/pursuits")
    assert "Nothing is being pursued yet" in page
    assert taken_away(pages) == []


def test_what_fits_no_filter_says_so_and_an_unknown_value_is_told(board: Pages) -> None:
    assert "No pursuit fits all of this" in board.get("/matching/pursuits?donor=defra&stage=declined")
    assert "stage=won" in board.get("/matching/pursuits?stage=won")


def test_a_long_stage_is_cut_on_the_board_and_whole_on_its_own_page(board: Pages) -> None:
    for number in range(10, 30):
        hand(board.service, submitted(UUID(int=number), reference=f"CAMI-2026-00{number}"))
        move(board.service, UUID(int=number), "contacted", window_id="rufford")
    page = board.get("/matching/pursuits")
    assert "All 21 at this stage" in page
    assert 'href="/matching/pursuits?stage=contacted"' in page
    alone = board.get("/matching/pursuits?stage=contacted")
    assert len(re.findall("data-row-link", alone)) == 21


def test_withdrawn_and_overfunded_proposals_are_marked(board: Pages) -> None:
    move(board.service, ONE, "submitted", 9000, window_id="rufford")
    move(board.service, ONE, "awarded", 9000, window_id="rufford", day=TODAY)
    hand(board.service, withdrawn(submitted(THREE)))
    page = board.get("/matching/pursuits")
    assert page.count("Awards come to more than is asked for") == 2
    assert page.count(">Withdrawn<") == 1


def test_only_those_who_coordinate_see_the_board(board: Pages) -> None:
    board.be("lead", organisation=NGO)
    for path in ("/matching/pursuits", "/matching/pursuits.csv", "/matching/pursuits.xlsx"):
        board.get(path, 403)
