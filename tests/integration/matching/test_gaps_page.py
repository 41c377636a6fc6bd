"""The funding-gap map as people see it: figures, who sees what, what is behind a cell, and what is taken away."""

import csv
from io import BytesIO, StringIO

import html5lib
import pytest
from openpyxl import load_workbook

from services.matching.queries.current import current_to
from tests.integration.matching.conftest import OTHER_NGO, Pages
from tests.integration.matching.mapping import LONE, NGO, SHARED, inventory, propose, table_of
from tests.integration.matching.pursuing import move

ONCE = "Each action once"


@pytest.fixture
def gaps(pages: Pages) -> Pages:
    """Four actions, and two proposals, of which one is with a donor."""
    inventory(pages.service)
    propose(pages.service, SHARED, "3.1", "9.1", states=["KGZ", "MNG"], organisation=NGO)
    propose(pages.service, LONE, "3.2", states=["KAZ"], organisation=OTHER_NGO)
    move(pages.service, SHARED, "submitted", 9000)
    return pages


def test_the_map_counts_actions_where_they_are_needed(gaps: Pages) -> None:
    table = table_of(gaps.get("/matching/gaps"))
    assert table.columns == ["Kazakhstan", "Kyrgyzstan", "Mongolia", "Whole region", ONCE]
    assert table.rows == {
        "3": ["1", "0", "1", "", "0"], "9": ["", "0", "", "", "0"], "31": ["", "", "", "1", "1"],
        "all": ["1", "0", "1", "1", "1"],
    }  # fmt: skip
    assert table.hatched == {("3", "Mongolia"), ("31", "Whole region")}
    pending = table_of(gaps.get("/matching/gaps?measure=pending"))
    assert pending.rows["all"] == ["0", "2", "0", "0", "2"]
    need = table_of(gaps.get("/matching/gaps?measure=need"))
    assert need.rows["3"] == ["2", "1", "1", "", "2"], "the total counts each action once"
    assert table_of(gaps.get("/matching/gaps?measure=unmet")).rows["all"] == ["100"] * 5


def test_money_is_split_over_actions_and_places_and_adds_up(gaps: Pages) -> None:
    asked = table_of(gaps.get("/matching/gaps?measure=asked"))
    # 9,000 of the 15,000 are with a donor: half for 3.1, half for 9.1; Mongolia is no state of either.
    assert (asked.figure("3", "Kyrgyzstan"), asked.figure("9", "Kyrgyzstan"), asked.rows["all"][-1]) == ("5", "5", "9")
    open_ = table_of(gaps.get("/matching/gaps?measure=open"))
    assert open_.figure("3", "Kazakhstan") == "15"
    assert open_.rows["all"][-1] == "21"
    species = table_of(gaps.get("/matching/gaps?measure=open&axis=species"))
    assert "Elsewhere" in species.columns, "9.1 is for the saiga, and the proposal is not"
    assert species.rows["all"][-1] == "21"


def test_amounts_are_for_staff_and_proposals_for_whose_they_are(gaps: Pages) -> None:
    cell = "/matching/gaps/cell?section=3"
    staff = gaps.get(cell)
    assert "CAMI-11" in staff
    assert "CAMI-12" in staff
    assert "With the donor" in staff
    assert "Money pending" in staff
    gaps.be("lead", organisation=NGO)
    own = gaps.get(cell)
    assert "CAMI-11" in own
    assert "CAMI-12" not in own
    assert "1 proposal of another organisation" in own
    assert "With the donor" not in own
    assert "Money" not in own
    page = gaps.get("/matching/gaps?measure=asked")
    assert "Part of the address was not understood" in page
    assert "Money" not in page.partition('id="how"')[0]
    assert table_of(page).rows["all"][-1] == "1", "the measure is the usual one"
    gaps.client.cookies.clear()
    assert gaps.client.get("/matching/gaps", follow_redirects=False).status_code == 303


def test_behind_a_cell_stand_its_actions_most_orphaned_first(gaps: Pages) -> None:
    page = gaps.get("/matching/gaps/cell?column=KAZ")
    assert page.index("Action 3.1") < page.index("Action 3.2"), "3.1 is orphaned there, 3.2 is proposed"
    assert "Small Grant" in page
    assert "/matching/windows/a" in page
    gaps.get("/matching/gaps/cell?section=4", 404)
    gaps.get("/matching/gaps/cell?section=x", 404)
    gaps.get("/matching/gaps/cell?column=NPL", 404)
    assert "Action 31.5" in gaps.get("/matching/gaps/cell?column=region")
    assert gaps.get("/matching/gaps/cell").count("Action ") >= 4


def test_filters_choose_actions_and_the_columns_of_their_own_map(gaps: Pages) -> None:
    low = table_of(gaps.get("/matching/gaps?measure=need&priority=low"))
    assert low.rows == {"9": ["1", "1"], "all": ["1", "1"]}
    state = table_of(gaps.get("/matching/gaps?measure=orphaned&state=KAZ"))
    assert state.columns == ["Kazakhstan", "Whole region", ONCE]
    assert state.rows["3"] == ["1", "", "1"], "what happens elsewhere does not count now"
    assert "Range state: Kazakhstan" in gaps.get("/matching/gaps?state=KAZ")
    funding = table_of(gaps.get("/matching/gaps?measure=need&funding=pending"))
    assert funding.rows["all"][-1] == "2"
    assert "No action fits all of this" in gaps.get("/matching/gaps?q=zzz")
    assert "priority=x" in gaps.get("/matching/gaps?priority=x")
    assert "state=KAZ" in gaps.get("/matching/gaps?state=KAZ&measure=need"), "links keep the filters"


def test_the_workbook_holds_what_the_page_shows(gaps: Pages) -> None:
    query = "?measure=need&priority=high&priority=high_medium"
    table = table_of(gaps.get(f"/matching/gaps{query}"))
    answer = gaps.client.get(f"/matching/gaps.xlsx{query}")
    assert "attachment" in answer.headers["content-disposition"]
    book = load_workbook(BytesIO(answer.content))
    assert book.sheetnames == ["By range state", "By species", "Actions", "How this is counted"]
    rows = [list(row) for row in book["By range state"].iter_rows(values_only=True)]
    head = next(row for row in rows if row[0] == "Section")
    assert head[2 : 2 + len(table.columns)] == table.columns
    (three,) = (row for row in rows if row[0] == 3)
    assert ["" if one is None else str(one) for one in three[2 : 2 + len(table.columns)]] == table.rows["3"]
    assert [str(one) for one in rows[-1][2 : 2 + len(table.columns)]] == table.rows["all"]
    assert [row[0] for row in book["Actions"].iter_rows(min_row=2, values_only=True)] == ["3.1", "3.2"]
    told = [text for row in book["How this is counted"].iter_rows(values_only=True) for text in row if text]
    with gaps.service.read() as session:
        current = current_to(session)
    assert current is not None
    assert current.event_id in told
    assert "Priority: High; Priority: High to medium" in told
    cells = [cell for row in book["By range state"].iter_rows() for cell in row if cell.fill.patternType == "lightUp"]
    assert [cell.value for cell in cells] == [1], "Mongolia alone is hatched"


def test_money_is_taken_away_by_staff_alone(gaps: Pages) -> None:
    def lines() -> list[list[str]]:
        text = gaps.client.get("/matching/gaps.csv").content.decode("utf-8-sig")
        return list(csv.reader(StringIO(text)))

    staff = lines()
    assert staff[0][-3:] == ["Money awarded, USD", "Money pending, USD", "Money not yet asked for, USD"]
    assert staff[-1][-3:] == ["0.00", "9000.00", "21000.00"]
    (kaz,) = (line for line in staff if line[0] == "3" and line[2] == "Kazakhstan")
    assert kaz[3:9] == ["2", "0", "0", "0", "1", "1"]
    gaps.be("applicant", organisation=NGO)
    assert not [text for line in lines() for text in line if "USD" in text or "9000" in text]
    book = load_workbook(BytesIO(gaps.client.get("/matching/gaps.xlsx").content))
    assert not [c for sheet in book for row in sheet.iter_rows(values_only=True) for c in row if "USD" in str(c)]


def test_words_that_a_workbook_cannot_hold_do_no_harm(gaps: Pages) -> None:
    for path in ("/matching/gaps.xlsx?q=%01%3D1", "/matching/gaps.csv?q=%01", "/matching/gaps?q=%01&month=2026-13"):
        assert gaps.client.get(path).status_code == 200


def test_without_a_programme_the_map_says_what_is_missing(pages: Pages) -> None:
    assert "No Programme of Work is here yet" in pages.get("/matching/gaps")
    for path in ("/matching/gaps/cell", "/matching/gaps/history", "/matching/gaps.xlsx", "/matching/gaps.csv"):
        pages.get(path, 404)


@pytest.mark.parametrize("language", ["en", "ru", "fr"])
@pytest.mark.parametrize(
    "path", ["/matching/gaps?measure=open", "/matching/gaps/cell?section=3", "/matching/gaps/history"]
)
def test_the_markup_is_strict_in_every_language(gaps: Pages, language: str, path: str) -> None:
    gaps.client.get(f"/language/{language}", follow_redirects=False)
    page = gaps.get(path)
    assert html5lib.HTMLParser(strict=True).parse(page).get("lang") == language
