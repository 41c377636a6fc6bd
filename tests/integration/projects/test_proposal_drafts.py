"""A draft: started once, saved at every step whatever is missing, put away and taken back."""

import re
from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from services.chassis.service import Service
from services.chassis.settings import Settings
from services.projects.values.proposals import SECTIONS
from tests.integration.projects.proposal_desk import FILLED, Desk, desk_of


@pytest.fixture
def desk(make_service: Callable[..., Service], client: Callable[..., TestClient], settings: Settings) -> Desk:
    return desk_of(make_service, client, settings)


def test_a_form_sent_twice_starts_one_draft(desk: Desk) -> None:
    hidden = desk.hidden("/projects/proposals/new")
    data = {**hidden, "written_in": "ru", "title": "Сайгак"}
    first, second = (desk.client.post("/projects/proposals/new", data=data) for _ in range(2))
    assert first.status_code == second.status_code == 303
    assert first.headers["location"] == second.headers["location"]
    assert desk.client.get("/projects/proposals").text.count('<li class="result">') == 1
    content = desk.json(first.headers["location"])
    assert re.fullmatch(r"CAMI-20\d\d-0001", content["reference"])
    assert content["draft"]["summary"]["texts"]["title"]["versions"]["ru"]["text"] == "Сайгак"


def test_every_draft_has_a_reference_of_its_own(desk: Desk) -> None:
    references = {desk.json(desk.start())["reference"] for _ in range(3)}
    assert len(references) == 3


def test_a_forged_or_missing_id_renews_the_form_and_keeps_the_title(desk: Desk) -> None:
    hidden = desk.hidden("/projects/proposals/new")
    for forged in ("", "no id", "00000000-0000-4000-8000-000000000000"):
        data = {**hidden, "id": forged, "written_in": "fr", "title": "Corridors «saïga»"}
        answer = desk.client.post("/projects/proposals/new", data=data)
        assert answer.status_code == 400
        assert "Corridors «saïga»" in answer.text
    assert "No proposal yet" in desk.client.get("/projects/proposals").text


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_can_be_saved_empty_and_full(desk: Desk, section: str) -> None:
    url = desk.start(title="")
    assert desk.save(f"{url}/{section}", {}).status_code == 303
    assert desk.json(url)["sections"][section]["state"] == "not_started"
    assert desk.save(f"{url}/{section}", FILLED[section]).status_code == 303
    state = desk.json(url)["sections"][section]
    assert state["state"] == "done"
    assert state["revision"] == 1


def test_a_half_filled_line_is_kept_and_an_empty_one_is_not(desk: Desk) -> None:
    url = desk.start()
    desk.save(f"{url}/budget", {
        "currency": "USD", "lines-0-currency": "USD", "lines-1-description": "Collars", "lines-1-currency": "EUR",
    })  # fmt: skip
    content = desk.json(url)
    (line,) = content["draft"]["budget"]["lines"]
    assert (line["description"], line["amount"]) == ("Collars", None)
    assert [gap["field"] for gap in content["gaps"] if gap["section"] == "budget"] == [
        "lines-0-category", "lines-0-year", "lines-0-amount",
    ]  # fmt: skip
    check = desk.client.get(f"{url}/check").text
    assert f'href="{url}/budget#f-lines-0-category"' in check
    assert 'id="f-lines-0-category"' in desk.client.get(f"{url}/budget").text


def test_lines_are_added_and_removed_without_scripts(desk: Desk) -> None:
    url = desk.start()
    page = f"{url}/budget"
    answer = desk.save(page, {**FILLED["budget"], "add": "lines"})
    assert answer.status_code == 303
    shown = desk.client.get(answer.headers["location"]).text
    assert 'value="10000"' in shown
    assert 'id="f-lines-3-description"' in shown
    answer = desk.save(page, {**FILLED["budget"], "remove": "lines-0"})
    assert answer.status_code == 303
    assert [line["description"] for line in desk.json(url)["draft"]["budget"]["lines"]] == ["Collars"]


def test_lines_keep_their_ids_through_edits(desk: Desk) -> None:
    url = desk.start()
    page = f"{url}/budget"
    desk.save(page, FILLED["budget"])
    before = [line["line_id"] for line in desk.json(url)["draft"]["budget"]["lines"]]
    desk.save(page, {**FILLED["budget"], "lines-0-amount": "12000", "lines-1-id": before[1], "lines-0-id": before[0]})
    assert [line["line_id"] for line in desk.json(url)["draft"]["budget"]["lines"]] == before


def test_ticks_outside_the_search_are_kept(desk: Desk) -> None:
    url = desk.start()
    page = f"{url}/actions"
    desk.save(page, {"actions": ["1.1", "2.1"]})
    answer = desk.save(page, {"actions": ["1.1", "2.1"], "q": "argali", "then": "search"})
    found = answer.headers["location"].split("#")[0]
    assert found == f"{page}?q=argali"
    assert desk.hidden(found)["shown"] == "1.2"
    desk.client.post(page, data={**desk.hidden(found), "actions": "1.2"})
    assert desk.json(url)["draft"]["actions"]["ids"] == ["1.1", "1.2", "2.1"]


def test_species_and_states_that_the_actions_name_can_be_ticked_at_once(desk: Desk) -> None:
    url = desk.start()
    desk.save(f"{url}/actions", {"actions": ["1.1", "2.1"]})
    shown = desk.client.get(f"{url}/species").text
    assert "Named by 2 of your actions" in shown
    desk.save(f"{url}/species", {"species": ["argali"], "then": "suggested"})
    draft = desk.json(url)["draft"]["species"]
    assert draft["species"] == ["argali", "saiga"]


def test_a_changed_text_marks_its_translation_as_older_until_it_is_said_to_match(desk: Desk) -> None:
    url = desk.start()
    page = f"{url}/summary"
    both = {"written_in": "en", "title-en": "One", "title-ru": "Один", "title-ru-origin": "machine"}
    desk.save(page, both)
    desk.save(page, {**both, "title-en": "Two"})
    title = desk.json(url)["draft"]["summary"]["texts"]["title"]["versions"]
    assert (title["ru"]["stale"], title["ru"]["origin"]) == (True, "machine")
    assert "Older than the text" in desk.client.get(page).text
    desk.save(page, {**both, "title-en": "Two", "title-ru-current": "1"})
    assert desk.json(url)["draft"]["summary"]["texts"]["title"]["versions"]["ru"]["stale"] is False


def test_the_buttons_lead_on(desk: Desk) -> None:
    url = desk.start()
    assert desk.save(f"{url}/dates", {"then": "next"}).headers["location"] == f"{url}/budget"
    assert desk.save(f"{url}/contacts", {"then": "next"}).headers["location"] == f"{url}/check"
    assert desk.save(f"{url}/dates", {"then": "list"}).headers["location"] == url
    assert desk.save(f"{url}/dates", {"then": "stay"}).headers["location"] == f"{url}/dates"


def test_a_deleted_draft_can_be_restored(desk: Desk) -> None:
    url = desk.start()
    hidden = {"csrf": desk.hidden(url)["csrf"]}
    for _ in range(2):
        assert desk.client.post(f"{url}/delete", data=hidden).headers["location"] == "/projects/proposals"
    listed = desk.client.get("/projects/proposals").text
    assert "1 deleted draft" in listed
    assert '<li class="result">' not in listed
    assert desk.client.get(f"{url}/dates").status_code == 303
    assert desk.client.post(f"{url}/dates", data={**hidden, "starts": "2027-01-01"}).status_code == 409
    for _ in range(2):
        assert desk.client.post(f"{url}/restore", data=hidden).headers["location"] == url
    assert '<li class="result">' in desk.client.get("/projects/proposals").text


def test_the_page_of_all_questions_is_public_in_three_languages(desk: Desk) -> None:
    desk.client.cookies.clear()
    for language, word in (
        ("en", "All questions of a proposal"),
        ("ru", "Все вопросы"),
        ("fr", "Toutes les questions"),
    ):
        answer = desk.client.get("/projects/proposals/questions", headers={"accept-language": language})
        assert answer.status_code == 200
        assert word in answer.text
