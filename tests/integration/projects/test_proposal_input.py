"""Bad input: the error stands at the field and in the summary, and what was typed stays."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from services.chassis.service import Service
from services.chassis.settings import Settings
from tests.integration.projects.proposal_desk import FILLED, Desk, desk_of


@pytest.fixture
def desk(make_service: Callable[..., Service], client: Callable[..., TestClient], settings: Settings) -> Desk:
    return desk_of(make_service, client, settings)


@pytest.mark.parametrize(
    ("section", "field", "value"),
    [
        ("budget", "lines-0-amount", "ten thousand"),
        ("budget", "lines-0-amount", "-5"),
        ("budget", "lines-0-amount", "1.234.567,891"),
        ("budget", "lines-0-amount", "99999999999999999999"),
        ("budget", "lines-1-currency", "XXX"),
        ("budget", "lines-1-category", "bribes"),
        ("budget", "lines-1-year", "11"),
        ("budget", "currency", "DOGE"),
        ("cofinancing", "lines-0-amount", "5 euros"),
        ("cofinancing", "lines-0-status", "surely"),
        ("dates", "starts", "31.02.2027"),
        ("dates", "ends", "2200-01-01"),
        ("contacts", "lines-0-email", "aigul at example"),
        ("contacts", "lines-0-name", "x" * 201),
        ("species", "species", "unicorn"),
        ("species", "states", "ATL"),
        ("summary", "written_in", "de"),
        ("summary", "title-ru-origin", "oracle"),
        ("actions", "programme", "another"),
    ],
)
def test_an_error_stands_at_its_field_and_the_rest_stays(desk: Desk, section: str, field: str, value: str) -> None:
    url = desk.start()
    page = f"{url}/{section}"
    answer = desk.save(page, {**FILLED[section], field: value})
    assert answer.status_code == 400
    assert 'id="error-summary"' in answer.text
    assert f'href="#f-{field}"' in answer.text
    if section in ("budget", "cofinancing", "contacts"):
        assert "Rangers" in answer.text or "Ministry" in answer.text or "aigul" in answer.text
    if field.endswith(("amount", "starts", "email", "name")):
        assert f'value="{value}"' in answer.text
    assert desk.json(url)["sections"][section]["revision"] == 0


def test_several_mistakes_are_told_at_once(desk: Desk) -> None:
    url = desk.start()
    data = {**FILLED["budget"], "lines-0-amount": "x", "lines-1-amount": "y"}
    answer = desk.save(f"{url}/budget", data)
    assert "2 things need your attention" in answer.text
    assert "Line 1, Amount: " in answer.text
    assert "Line 2, Amount: " in answer.text


@pytest.mark.parametrize(("section", "field", "limit"), [
    ("budget", "description", 200), ("cofinancing", "source_name", 50), ("contacts", "name", 20),
])  # fmt: skip
def test_one_line_too_many_is_refused_and_all_of_them_are_shown_again(
    desk: Desk, section: str, field: str, limit: int
) -> None:
    url = desk.start()
    page = f"{url}/{section}"
    lines = {f"lines-{n}-{field}": f"line number {n}" for n in range(limit + 1)}
    answer = desk.save(page, lines)
    assert answer.status_code == 400
    assert f"{limit}" in answer.text.split('id="error-summary"', 1)[1].split("</div>", 1)[0]
    assert f'value="line number {limit}"' in answer.text
    del lines[f"lines-{limit}-{field}"]
    assert desk.save(page, lines).status_code == 303
    assert len(desk.json(url)["draft"][section]["lines"]) == limit


def test_a_full_budget_in_which_everything_is_filled_in_fits_one_form(desk: Desk) -> None:
    url = desk.start()
    data: dict[str, Any] = {"currency": "USD"}
    for n in range(200):
        data |= {
            f"lines-{n}-id": "", f"lines-{n}-description": f"Line {n}", f"lines-{n}-category": "travel",
            f"lines-{n}-year": "1", f"lines-{n}-amount": "1", f"lines-{n}-currency": "EUR",
        }  # fmt: skip
    assert desk.save(f"{url}/budget", data).status_code == 303
    assert desk.client.get(f"{url}/budget").status_code == 200


def test_any_script_and_any_length_is_kept_as_it_was_typed(desk: Desk) -> None:
    url = desk.start()
    text = 'Сайгак « 高鼻羚羊 » 🦌 <script>alert(1)</script> & "q" %s %(x)s {{ 7*7 }}\nsecond line'
    data = {"written_in": "ru", "title-ru": "Сайгак 🦌", "problem-ru": text, "approach-ru": "я" * 50_000}
    assert desk.save(f"{url}/summary", data).status_code == 303
    texts = desk.json(url)["draft"]["summary"]["texts"]
    assert texts["problem"]["versions"]["ru"]["text"] == text
    assert len(texts["approach"]["versions"]["ru"]["text"]) == 50_000
    assert "<script>alert(1)" not in desk.client.get(f"{url}/summary").text
    check = desk.client.get(f"{url}/check").text
    assert "This text has 50\u202f000 characters" in check


def test_a_text_that_no_draft_can_hold_is_refused_and_shown_again(desk: Desk) -> None:
    url = desk.start()
    answer = desk.save(f"{url}/summary", {"written_in": "en", "problem-en": "a" * 200_001})
    assert answer.status_code == 400
    assert "a" * 200_001 in answer.text


def test_ids_of_other_lines_are_not_taken_over(desk: Desk) -> None:
    first, second = desk.start("One"), desk.start("Two")
    desk.save(f"{first}/budget", FILLED["budget"])
    lines = desk.json(first)["draft"]["budget"]["lines"]
    stolen = {**FILLED["budget"], "lines-0-id": lines[0]["line_id"], "lines-1-id": "garbage"}
    assert desk.save(f"{second}/budget", stolen).status_code == 303
    assert desk.json(first)["draft"]["budget"]["lines"] == lines
    assert desk.json(second)["draft"]["budget"]["lines"][0]["line_id"] != lines[0]["line_id"]


def test_strange_revisions_and_buttons_do_no_harm(desk: Desk) -> None:
    url = desk.start()
    for revision in ("", "x", "-1", "99999999999999999999", "²"):
        answer = desk.save(f"{url}/dates", {**FILLED["dates"], "revision": revision})
        assert answer.status_code in (303, 409)
    for button in ({"remove": "lines-99"}, {"remove": "x"}, {"then": "nowhere"}, {"add": "other"}):
        assert desk.save(f"{url}/budget", button).status_code == 303
    assert desk.client.get(f"{url}/budget?blank=999").status_code == 200
    assert desk.client.get(f"{url}/budget?blank=-1").status_code == 200


def test_a_line_of_a_huge_number_is_one_line(desk: Desk) -> None:
    url = desk.start()
    answer = desk.save(f"{url}/budget", {"lines-9999-amount": "abc"})
    assert answer.status_code == 400
    shown = re.findall(r'name="lines-(\d+)-amount"', answer.text)
    assert len(shown) < 10
    assert 'value="abc"' in answer.text
    assert f'href="#f-lines-{shown[-1]}-amount"' in answer.text


def test_gaps_between_lines_close_up_and_an_autosave_keeps_the_names_of_the_page(desk: Desk) -> None:
    url = desk.start()
    data = {"lines-1-amount": "x", "lines-7-amount": "y", "lines-8-amount": "5"}
    told = desk.save(f"{url}/budget", data, headers={"x-autosave": "1", "accept": "application/json"})
    assert [error["field"] for error in told.json()["errors"]] == ["lines-1-amount", "lines-7-amount"]
    hidden = {name: value for name, value in desk.hidden(f"{url}/budget").items() if not name.startswith("lines-")}
    answer = desk.client.post(f"{url}/budget", data={**hidden, **data})
    assert [name in answer.text for name in ("#f-lines-0-amount", "#f-lines-1-amount", "#f-lines-7-amount")] == [
        True, True, False,
    ]  # fmt: skip


def test_a_revision_of_five_thousand_digits_is_no_revision(desk: Desk) -> None:
    url = desk.start()
    page = f"{url}/dates"
    assert desk.save(page, {"starts": "2027-03-01"}).status_code == 303
    assert desk.save(page, {"starts": "2027-04-01", "revision": "9" * 5000}).status_code == 409
