"""Who gets in as whom: ids that come out of forms, closed accounts, passwords tried at the wrong door, languages."""

import re
from typing import Any
from uuid import UUID

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from contracts.envelope import new_id
from services.accounts import cli, handlers, welcome
from services.accounts.commands import InvitePerson, SignIn
from services.accounts.component import COMPONENT
from services.accounts.tables import PersonRow
from services.chassis.errors import Conflict, FieldError
from services.chassis.security import LANGUAGE_COOKIE, SESSION_COOKIE
from services.chassis.service import Service
from services.chassis.settings import Settings
from tests.conftest import MakeClient, MakeService
from tests.support import csrf_of, form_post, sign_in

ONCE = "01a20284-b874-73ce-b417-3486988698c6"
REGISTRATION = {
    "once": ONCE, "name": "Steppe Watch", "legal_form": "association", "country": "KGZ", "year_founded": "2009",
    "income": "180000", "income_currency": "USD", "registration_number": "KG-77", "person_name": "Aigul Asanova",
    "email": "aigul@example.org", "password": "saiga river lantern", "language": "ru",
}  # fmt: skip


@pytest.fixture
def service(make_service: MakeService) -> Service:
    made = make_service(COMPONENT)
    welcome.load(made, lambda *_: None)
    return made


@pytest.fixture
def browser(client: MakeClient, service: Service) -> TestClient:
    return client(COMPONENT)


def _person(service: Service, email: str) -> PersonRow:
    with service.read() as session:
        found = handlers.by_email(session, email)
    assert found
    return found


def _as(browser: TestClient, settings: Settings, person: PersonRow) -> None:
    sign_in(browser, settings, *person.roles, organisation=person.organisation_id, person=person.id)


def _register(browser: TestClient, **changes: str) -> Any:
    shown = browser.get("/accounts/register").text
    return browser.post("/accounts/register", data={"csrf": csrf_of(shown), **REGISTRATION, **changes})


@pytest.mark.parametrize("victim", ["administrator", "coordinator", "lead"])
@pytest.mark.parametrize("attacker", ["lead", "coordinator"])
def test_the_id_of_another_person_in_the_form_gives_no_link_to_their_account(
    browser: TestClient, settings: Settings, service: Service, attacker: str, victim: str
) -> None:
    _as(browser, settings, _person(service, f"{attacker}@example.org"))
    data = {
        "once": str(_person(service, f"{victim}@example.org").id), "name": "Anybody", "email": "anybody@example.org",
        "role": "applicant", "organisation": str(welcome.ORGANISATION_ID), "language": "en",
    }  # fmt: skip
    answer = form_post(browser, "/accounts/people", data)
    assert answer.status_code == 409
    assert "/accounts/link/" not in answer.text


def test_the_same_invitation_twice_is_one_person_with_a_link_each_time(service: Service) -> None:
    command = InvitePerson(UUID(ONCE), "Bek", "Bek@Example.org", "applicant", welcome.ORGANISATION_ID)
    links = set()
    for _ in range(2):
        with service.work() as context:
            _, token = handlers.invite_person(context, command, None)
        links.add(token)
    assert len(links) == 2
    other = InvitePerson(UUID(ONCE), "Bek", "bek@example.org", "lead", welcome.ORGANISATION_ID)
    with pytest.raises(Conflict), service.work() as context:
        handlers.invite_person(context, other, None)


def test_the_session_of_a_closed_account_cannot_renew_itself(
    browser: TestClient, settings: Settings, service: Service
) -> None:
    lead = _person(service, "lead@example.org")
    _as(browser, settings, lead)
    shown = browser.get("/accounts/me")
    with service.work() as context:
        row = context.session.get(PersonRow, lead.id)
        assert row
        row.active = False
    data = {"csrf": csrf_of(shown.text), "name": "Still here", "language": "en", "new_password": "a door of my own"}
    answer = browser.post("/accounts/me", data=data)
    assert answer.status_code == 404
    assert SESSION_COOKIE not in answer.headers.get("set-cookie", "")
    assert _person(service, "lead@example.org").password_hash is None


def test_passwords_tried_on_the_registration_form_are_counted(browser: TestClient, service: Service) -> None:
    _register(browser)
    browser.cookies.clear()
    for _ in range(5):
        answer = _register(browser, password="wrong wrong wrong")
        assert answer.status_code == 400
        assert SESSION_COOKIE not in browser.cookies
    with service.work() as context:
        outcome = handlers.sign_in(context, SignIn(REGISTRATION["email"], REGISTRATION["password"]))
    assert isinstance(outcome, FieldError)


def test_a_closed_account_does_not_come_back_by_registering_again(browser: TestClient, service: Service) -> None:
    _register(browser)
    with service.work() as context:
        row = handlers.by_email(context.session, REGISTRATION["email"])
        assert row
        row.active = False
    browser.cookies.clear()
    assert _register(browser).status_code == 400
    assert SESSION_COOKIE not in browser.cookies


def test_a_profile_that_is_saved_by_a_double_click_is_no_conflict(
    browser: TestClient, settings: Settings, service: Service
) -> None:
    _as(browser, settings, _person(service, "lead@example.org"))
    fields = ("name", "legal_form", "country", "year_founded", "income", "income_currency", "registration_number")
    data = {name: REGISTRATION[name] for name in fields} | {"revision": "1"}
    answers = [form_post(browser, "/accounts/organisation", data).status_code for _ in range(2)]
    assert answers == [303, 303]


def test_pages_speak_the_language_that_a_person_has_chosen(
    browser: TestClient, settings: Settings, service: Service
) -> None:
    _register(browser)
    assert browser.cookies[LANGUAGE_COOKIE] == "ru"
    browser.cookies.clear()
    form_post(browser, "/accounts/sign-in", {name: REGISTRATION[name] for name in ("email", "password")})
    assert browser.cookies[LANGUAGE_COOKIE] == "ru"
    form_post(browser, "/accounts/me", {"name": "Aigul", "language": "fr", "new_password": ""})
    assert browser.cookies[LANGUAGE_COOKIE] == "fr"
    assert re.search(r'<html[^>]* lang="fr"', browser.get("/accounts/me").text)


def test_a_language_chosen_in_this_browser_outlives_signing_in(browser: TestClient) -> None:
    _register(browser)
    browser.cookies.clear()
    browser.get("/language/fr")
    form_post(browser, "/accounts/sign-in", {name: REGISTRATION[name] for name in ("email", "password")})
    assert browser.cookies[LANGUAGE_COOKIE] == "fr"


def test_the_command_line_gives_no_link_that_would_not_work(service: Service) -> None:
    with service.work() as context:
        person, _ = handlers.invite_person(
            context, InvitePerson(new_id(), "C", "c@example.org", "coordinator", None), None
        )
        person.active = False
        context.session.add(person)

    class Opened:
        def __enter__(self) -> Service:
            return service

        def __exit__(self, *_: object) -> None:
            return None

    arguments = ["invite", "--email", "c@example.org", "--name", "C", "--role", "coordinator"]
    result = CliRunner().invoke(cli.app(Opened), arguments)
    assert result.exit_code == 1
    assert "closed" in str(result.exception)


def test_many_people_come_page_by_page(browser: TestClient, settings: Settings, service: Service) -> None:
    with service.work() as context:
        for number in range(120):
            command = InvitePerson(
                new_id(), f"N {number:03}", f"n{number}@example.org", "lead", welcome.ORGANISATION_ID
            )
            handlers.add_person(context, command, None)
    _as(browser, settings, _person(service, "administrator@example.org"))
    seen: set[str] = set()
    for page in ("1", "2", "3"):
        shown = set(re.findall(r"[\w.]+@example\.org", browser.get(f"/accounts/people?page={page}").text))
        assert len(shown) <= 50
        seen |= shown
    assert len(seen) == 120 + len(welcome.PEOPLE)
    assert browser.get("/accounts/people?page=x").status_code == 200
