"""Accounts as people use them: registering, signing in, letting colleagues in."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from services.accounts import handlers, welcome
from services.accounts.component import COMPONENT
from services.accounts.tables import OrganisationRow, PersonRow
from services.chassis.security import SESSION_COOKIE
from services.chassis.settings import Settings
from tests.conftest import MakeClient, MakeService
from tests.support import csrf_of, form_post, outbox_of, sign_in

PROFILE = {
    "name": "Снежный барс без границ", "legal_form": "association", "country": "KGZ", "year_founded": "2009",
    "income": "180 000,50", "income_currency": "USD", "registration_number": "KG-77",
}  # fmt: skip
PERSON = {
    "person_name": "Aigul Asanova",
    "email": "Aigul@Example.org",
    "password": "saiga river lantern",
    "language": "ru",
}


@pytest.fixture
def browser(client: MakeClient) -> TestClient:
    return client(COMPONENT)


def _register(browser: TestClient, **changes: str) -> Any:
    shown = browser.get("/accounts/register").text
    once = re.search(r'name="once" value="([^"]+)"', shown)
    assert once
    return browser.post(
        "/accounts/register", data={"csrf": csrf_of(shown), "once": once[1], **PROFILE, **PERSON, **changes}
    )


def test_registering_makes_an_organisation_a_lead_and_a_session(browser: TestClient, make_service: MakeService) -> None:
    answer = _register(browser)
    assert answer.status_code == 303
    assert SESSION_COOKIE in browser.cookies
    events = [event.data for event in outbox_of(make_service(COMPONENT))]
    assert [type(event).__name__ for event in events] == ["OrganisationRegistered", "PersonRegistered"]
    assert events[0].applicant_kind == "ngo_local"
    assert str(events[0].yearly_income.amount) == "180000.50"
    assert events[1].roles == ["lead"]


def test_a_double_click_registers_once(browser: TestClient, make_service: MakeService) -> None:
    shown = browser.get("/accounts/register").text
    data = {"csrf": csrf_of(shown), "once": "01a20284-b874-73ce-b417-3486988698c6", **PROFILE, **PERSON}
    first = browser.post("/accounts/register", data=data)
    browser.cookies.delete(SESSION_COOKIE)
    second = browser.post("/accounts/register", data=data)
    assert first.status_code == second.status_code == 303
    with make_service(COMPONENT).read() as session:
        assert len(session.exec(select(OrganisationRow)).all()) == 1
        assert len(session.exec(select(PersonRow)).all()) == 1


def test_the_double_click_needs_the_same_password(browser: TestClient) -> None:
    shown = browser.get("/accounts/register").text
    data = {"csrf": csrf_of(shown), "once": "01a20284-b874-73ce-b417-3486988698c6", **PROFILE, **PERSON}
    browser.post("/accounts/register", data=data)
    browser.cookies.delete(SESSION_COOKIE)
    again = browser.post("/accounts/register", data=data | {"password": "somebody else entirely"})
    assert again.status_code != 303
    assert SESSION_COOKIE not in browser.cookies


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""), ("legal_form", "guild"), ("country", "XXX"), ("year_founded", "soon"), ("year_founded", "1700"),
        ("year_founded", "2999"), ("income", "-5"), ("income", "much"), ("income_currency", "ZZZ"),
        ("registration_number", ""), ("person_name", ""), ("email", "nowhere"), ("password", "short"),
        ("password", ""),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named_and_what_was_typed_stays(browser: TestClient, field: str, value: str) -> None:
    answer = _register(browser, **{field: value})
    assert answer.status_code == 400
    assert f'href="#f-{field}"' in answer.text
    if field != "name":
        assert PROFILE["name"] in answer.text
    assert PERSON["password"] not in answer.text


def test_an_address_in_use_is_refused_whatever_its_case(browser: TestClient) -> None:
    _register(browser)
    browser.cookies.clear()
    answer = _register(browser, email="AIGUL@example.org")
    assert answer.status_code == 400
    assert 'href="#f-email"' in answer.text


def test_signing_in_and_out_with_a_password(browser: TestClient) -> None:
    _register(browser)
    browser.cookies.clear()
    wrong = form_post(browser, "/accounts/sign-in", {"email": "aigul@example.org", "password": "wrong wrong wrong"})
    assert wrong.status_code == 400
    assert SESSION_COOKIE not in browser.cookies
    right = form_post(
        browser, "/accounts/sign-in", {"email": "aigul@example.org", "password": PERSON["password"], "next": "/a?b=c"}
    )
    assert (right.status_code, right.headers["location"]) == (303, "/a?b=c")
    me = browser.get("/accounts/me")
    assert "Aigul Asanova" in me.text
    browser.post("/accounts/sign-out", data={"csrf": csrf_of(me.text)})
    assert browser.get("/accounts/me").status_code == 303


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example/", "\\\\evil", "javascript:alert(1)"])
def test_signing_in_never_leads_to_another_site(browser: TestClient, target: str) -> None:
    _register(browser)
    browser.cookies.clear()
    data = {"email": "aigul@example.org", "password": PERSON["password"], "next": target}
    assert form_post(browser, "/accounts/sign-in", data).headers["location"] == "/"


def test_five_wrong_passwords_close_the_door_even_to_the_right_one(browser: TestClient) -> None:
    _register(browser)
    browser.cookies.clear()
    for _ in range(5):
        form_post(browser, "/accounts/sign-in", {"email": "aigul@example.org", "password": "wrong wrong wrong"})
    answer = form_post(browser, "/accounts/sign-in", {"email": "aigul@example.org", "password": PERSON["password"]})
    assert answer.status_code == 400
    assert "15" in answer.text


def test_a_sign_in_link_works_once_and_not_by_looking_at_it(browser: TestClient, make_service: MakeService) -> None:
    service = make_service(COMPONENT)
    welcome.load(service, lambda *_: None)
    (_, link), *_rest = welcome.welcome_links(service, "")
    assert browser.get(link).status_code == 200
    assert browser.get(link).status_code == 200
    assert form_post(browser, link, {}).status_code == 303
    assert SESSION_COOKIE in browser.cookies
    browser.cookies.clear()
    assert browser.get(link).status_code == 404
    assert browser.get("/accounts/link/unknown").status_code == 404


def test_a_sign_in_link_grows_old(make_service: MakeService) -> None:
    service = make_service(COMPONENT)
    welcome.load(service, lambda *_: None)
    (_, link), *_rest = welcome.welcome_links(service, "")
    token = link.rsplit("/", 1)[1]
    now = datetime.now(UTC)
    with service.read() as session:
        assert handlers.person_of_link(session, token, now + timedelta(hours=23)) is not None
        assert handlers.person_of_link(session, token, now + timedelta(hours=25)) is None


def test_example_people_are_made_once(make_service: MakeService) -> None:
    service = make_service(COMPONENT)
    welcome.load(service, lambda *_: None)
    welcome.load(service, lambda *_: None)
    with service.read() as session:
        assert len(session.exec(select(PersonRow)).all()) == len(welcome.PEOPLE)
    assert len(outbox_of(service)) == len(welcome.PEOPLE) + 1


def _lead(browser: TestClient, settings: Settings, service: Any) -> None:
    welcome.load(service, lambda *_: None)
    with service.read() as session:
        person = handlers.by_email(session, "lead@example.org")
    sign_in(browser, settings, "lead", organisation=welcome.ORGANISATION_ID, person=person.id)


def test_a_lead_adds_a_colleague_and_gets_a_link(
    browser: TestClient, settings: Settings, make_service: MakeService
) -> None:
    _lead(browser, settings, make_service(COMPONENT))
    data = {"once": "01a20284-b874-73ce-b417-3486988698c6", "name": "Bek", "email": "bek@example.org"}
    answer = form_post(browser, "/accounts/people", data | {"role": "applicant"})
    assert answer.status_code == 200
    link = re.search(r"http://testserver(/accounts/link/[\w-]+)", answer.text)
    assert link
    assert "Bek" in browser.get("/accounts/people").text
    assert form_post(browser, "/accounts/people", data | {"role": "coordinator"}).status_code == 400


def test_a_lead_sees_and_changes_only_the_own_organisation(
    browser: TestClient, settings: Settings, make_service: MakeService
) -> None:
    service = make_service(COMPONENT)
    _lead(browser, settings, service)
    page = browser.get("/accounts/people").text
    assert "coordinator@example.org" not in page
    with service.read() as session:
        stranger = handlers.by_email(session, "coordinator@example.org")
        own = handlers.by_email(session, "lead@example.org")
    assert stranger
    assert own
    for change in ("link", "close"):
        assert (
            form_post(browser, "/accounts/people", {}, to=f"/accounts/people/{stranger.id}/{change}").status_code == 404
        )
    assert form_post(browser, "/accounts/people", {}, to=f"/accounts/people/{own.id}/close").status_code == 409


def test_a_closed_account_cannot_sign_in(browser: TestClient, settings: Settings, make_service: MakeService) -> None:
    _register(browser)
    service = make_service(COMPONENT)
    with service.read() as session:
        person = handlers.by_email(session, "aigul@example.org")
    assert person
    sign_in(browser, settings, "administrator")
    assert form_post(browser, "/accounts/people", {}, to=f"/accounts/people/{person.id}/close").status_code == 303
    browser.cookies.clear()
    answer = form_post(browser, "/accounts/sign-in", {"email": "aigul@example.org", "password": PERSON["password"]})
    assert answer.status_code == 400


def test_two_people_changing_the_profile_do_not_overwrite_each_other(
    browser: TestClient, settings: Settings, make_service: MakeService
) -> None:
    service = make_service(COMPONENT)
    _lead(browser, settings, service)
    first = form_post(browser, "/accounts/organisation", PROFILE | {"revision": "1", "name": "First"})
    second = form_post(browser, "/accounts/organisation", PROFILE | {"revision": "1", "name": "Second"})
    assert (first.status_code, second.status_code) == (303, 409)
    assert 'value="Second"' in second.text
    third = form_post(browser, "/accounts/organisation", PROFILE | {"revision": "2", "name": "Second"})
    assert third.status_code == 303
    revisions = [e.data.revision for e in outbox_of(service) if type(e.data).__name__ == "OrganisationRegistered"]
    assert revisions == [1, 2, 3]


def test_an_applicant_may_not_manage_people(browser: TestClient, settings: Settings) -> None:
    sign_in(browser, settings, "applicant", organisation=welcome.ORGANISATION_ID)
    assert browser.get("/accounts/people").status_code == 403
    assert browser.get("/accounts/organisation").status_code == 404
