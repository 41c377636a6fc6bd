"""Who sees which proposal. What is not theirs looks as if it were not there."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from contracts.envelope import new_id
from services.chassis.service import Service
from services.chassis.settings import Settings
from services.projects.values.proposals import SECTIONS
from tests import support
from tests.integration.projects.proposal_desk import Desk, desk_of


@pytest.fixture
def desk(make_service: Callable[..., Service], client: Callable[..., TestClient], settings: Settings) -> Desk:
    return desk_of(make_service, client, settings)


def pages_of(url: str) -> list[str]:
    return [url, f"{url}/check", url.replace("/projects/", "/projects/api/"), *(f"{url}/{one}" for one in SECTIONS)]


@pytest.mark.parametrize("submitted", [False, True])
def test_another_organisation_finds_nothing(desk: Desk, submitted: bool) -> None:
    url = desk.start()
    desk.complete(url)
    if submitted:
        desk.submit(url)
    desk.sign_in("lead", organisation=new_id())
    csrf = desk.hidden("/projects/proposals/new")["csrf"]
    assert [desk.client.get(page).status_code for page in pages_of(url)] == [404] * 11
    assert desk.client.get(f"{url}/versions/1").status_code == 404
    for what in ("submit", "withdraw", "delete", "restore", "summary"):
        answer = desk.client.post(f"{url}/{what}", data={"csrf": csrf, "version": "1", "title-en": "Mine now"})
        assert answer.status_code == 404, what
    assert "Saiga" not in desk.client.get("/projects/proposals").text


def test_an_id_that_is_taken_cannot_be_started_by_others(desk: Desk) -> None:
    url = desk.start()
    desk.sign_in("lead", organisation=new_id())
    hidden = desk.hidden("/projects/proposals/new")
    answer = desk.client.post("/projects/proposals/new", data={**hidden, "id": url.rsplit("/", 1)[1], "title": "x"})
    assert answer.status_code == 404


@pytest.mark.parametrize("role", ["coordinator", "secretariat", "administrator"])
def test_the_secretariat_reads_what_was_submitted_and_no_drafts(desk: Desk, role: str) -> None:
    draft, given = desk.start("Still a draft"), desk.start("Given away")
    desk.complete(given)
    desk.submit(given)
    desk.sign_in(role, organisation=None if role != "administrator" else new_id())
    assert desk.client.get(draft).status_code == 404
    shown = desk.client.get(given)
    assert shown.status_code == 200
    identity = given.rsplit("/", 1)[1]
    assert f'href="/matching/proposals/{identity}"' in shown.text
    assert f'href="/reports/proposals/{identity}"' in shown.text
    assert "Withdraw" not in shown.text.split("<main", 1)[1]
    assert desk.json(given)["submitted"]["version"] == 1
    assert "draft" not in desk.json(given)
    assert desk.client.get(f"{given}/summary").status_code == 403
    listed = desk.client.get("/projects/proposals").text
    assert "Our title" in listed
    assert "Still a draft" not in listed


def test_while_it_is_withdrawn_the_secretariat_sees_what_was_submitted(desk: Desk) -> None:
    url = desk.start()
    desk.complete(url)
    desk.submit(url)
    desk.save_to(url, f"{url}/withdraw", {"reason": "A better budget"})
    desk.save(f"{url}/summary", {"written_in": "en", "title-en": "Secret new title"})
    desk.sign_in("coordinator")
    for page in (url, "/projects/proposals", "/projects/proposals?q=secret"):
        assert "Secret new title" not in desk.client.get(page).text
    shown = desk.client.get(url).text
    assert "A better budget" in shown
    assert "Withdrawn" in shown


def test_nobody_is_asked_to_sign_in_and_nothing_shows(desk: Desk) -> None:
    url = desk.start()
    desk.client.cookies.clear()
    for page in (url, f"{url}/summary", "/projects/proposals", "/projects/proposals/new"):
        answer = desk.client.get(page)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/accounts/sign-in?next=")


def test_coordinators_do_not_write_and_people_without_organisation_neither(desk: Desk) -> None:
    desk.sign_in("coordinator")
    assert desk.client.get("/projects/proposals/new").status_code == 403


@pytest.mark.parametrize("address", ["not-an-id", "01890000-0000-7000-8000-000000000000", "%00", "x" * 300])
def test_addresses_that_lead_nowhere(desk: Desk, address: str) -> None:
    for tail in ("", "/summary", "/check", "/versions/1"):
        assert desk.client.get(f"/projects/proposals/{address}{tail}").status_code in (400, 404)


def test_a_section_that_does_not_exist(desk: Desk) -> None:
    url = desk.start()
    assert desk.client.get(f"{url}/budgets").status_code == 404
    assert desk.client.get(f"{url}/versions/x").status_code == 404


def test_an_applicant_of_no_organisation_sees_no_proposals(desk: Desk) -> None:
    url = desk.start()
    desk.complete(url)
    desk.submit(url)
    support.sign_in(desk.client, desk.settings, "lead")
    for page in (url, f"{url}/versions/1", url.replace("/projects/", "/projects/api/")):
        assert desk.client.get(page).status_code == 404, page
    listed = desk.client.get("/projects/proposals")
    assert listed.status_code == 403
    assert "Our title" not in listed.text
