"""Two people of one organisation write at once: nobody's words are overwritten, and nothing typed is lost."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from services.chassis.service import Service
from services.chassis.settings import Settings
from tests.integration.projects.proposal_desk import FILLED, Desk, desk_of

AUTOSAVE = {"x-autosave": "1", "accept": "application/json"}


@pytest.fixture
def desk(make_service: Callable[..., Service], client: Callable[..., TestClient], settings: Settings) -> Desk:
    return desk_of(make_service, client, settings)


def test_the_second_to_save_sees_both_texts_and_may_bring_them_together(desk: Desk) -> None:
    url = desk.start()
    page = f"{url}/summary"
    opened = desk.hidden(page)
    desk.sign_in("applicant", name="Bolat First")
    desk.save(page, {"written_in": "en", "title-en": "Bolat’s title"})
    desk.sign_in("lead", name="Aigul Second")
    mine = {**opened, "csrf": desk.hidden(page)["csrf"], "written_in": "en", "title-en": "Aigul’s title"}
    answer = desk.client.post(page, data=mine)
    assert answer.status_code == 409
    assert "Bolat First has saved this section while you were writing" in answer.text
    assert "Bolat’s title" in answer.text
    assert ">\nAigul’s title</textarea>" in answer.text
    assert desk.json(url)["draft"]["summary"]["texts"]["title"]["versions"]["en"]["text"] == "Bolat’s title"
    # The form that came back carries the newer revision: sent again, it is saved.
    assert 'name="revision" value="1"' in answer.text
    assert desk.client.post(page, data={**mine, "revision": "1"}).status_code == 303
    assert desk.json(url)["draft"]["summary"]["texts"]["title"]["versions"]["en"]["text"] == "Aigul’s title"


def test_lines_are_shown_side_by_side_too(desk: Desk) -> None:
    url = desk.start()
    page = f"{url}/budget"
    opened = desk.hidden(page)
    desk.save(page, FILLED["budget"])
    changed = {**FILLED["budget"], "lines-0-description": "Rangers and horses"}
    answer = desk.client.post(page, data={**opened, **changed})
    assert answer.status_code == 409
    assert "Rangers and horses" in answer.text
    assert "Saved by Aigul Test" in answer.text


def test_different_sections_never_clash(desk: Desk) -> None:
    url = desk.start()
    opened = desk.hidden(f"{url}/dates")
    desk.save(f"{url}/summary", FILLED["summary"])
    assert desk.client.post(f"{url}/dates", data={**opened, **FILLED["dates"]}).status_code == 303


def test_the_same_form_sent_twice_is_no_clash(desk: Desk) -> None:
    url = desk.start()
    for section in ("summary", "budget", "contacts"):
        data = {**desk.hidden(f"{url}/{section}"), **FILLED[section]}
        assert [desk.client.post(f"{url}/{section}", data=data).status_code for _ in range(2)] == [303, 303]
        assert desk.json(url)["sections"][section]["revision"] == 1


def test_an_autosave_answers_with_the_time_and_the_revision_to_go_on_with(desk: Desk) -> None:
    url = desk.start()
    page = f"{url}/summary"
    first = desk.save(page, {"title-en": "One", "written_in": "en"}, headers=AUTOSAVE)
    assert first.status_code == 200
    told = first.json()
    assert told["revision"] == 1
    assert len(told["saved_at"]) == 5
    data = {**desk.hidden(page), "title-en": "Two", "written_in": "en", "revision": str(told["revision"])}
    assert desk.client.post(page, data=data, headers=AUTOSAVE).json()["revision"] == 2


def test_an_autosave_that_cannot_be_kept_says_why(desk: Desk) -> None:
    url = desk.start()
    page = f"{url}/budget"
    answer = desk.save(page, {"lines-0-amount": "a lot", "lines-0-description": "Rangers"}, headers=AUTOSAVE)
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["field"] == "lines-0-amount"
    opened = desk.hidden(page)
    desk.save(page, FILLED["budget"])
    late = desk.client.post(page, data={**opened, "lines-0-description": "Other"}, headers=AUTOSAVE)
    assert late.status_code == 409
    assert "Aigul Test has saved this section" in late.json()["errors"][0]["message"]


def test_what_was_typed_while_the_lead_submitted_is_shown_again(desk: Desk) -> None:
    url = desk.start()
    desk.complete(url)
    page = f"{url}/summary"
    opened = desk.hidden(page)
    assert desk.submit(url).status_code == 303
    data = {**opened, **FILLED["summary"], "problem-en": "A better text"}
    answer = desk.client.post(page, data=data)
    assert answer.status_code == 409
    assert "A better text" in answer.text
    assert "Withdraw it first" in answer.text
    assert desk.client.post(page, data=data, headers=AUTOSAVE).status_code == 409
    assert desk.client.get(page).headers["location"] == url
