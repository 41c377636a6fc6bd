"""Who may call what, and whose forms are taken."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi import APIRouter
from starlette.testclient import TestClient

from contracts.envelope import new_id
from services.chassis.security import SESSION_COOKIE, User, seal_session
from services.chassis.service import Service
from services.chassis.settings import Settings
from services.chassis.web import PUBLIC, SIGNED_IN, access_table, allow, create_app
from tests import support
from tests.integration.chassis.web.conftest import SignIn, token_of


def test_nobody_signed_in_is_sent_to_sign_in_and_back(web: TestClient) -> None:
    answer = web.get("/notes?kind=a b&page=2")
    assert answer.status_code == 303
    target = urlsplit(answer.headers["location"])
    assert target.path == "/accounts/sign-in"
    back = urlsplit(parse_qs(target.query)["next"][0])
    assert (back.path, parse_qs(back.query)) == ("/notes", {"kind": ["a b"], "page": ["2"]})


def test_the_wrong_role_is_told_which_one_is_needed(web: TestClient, sign_in: SignIn) -> None:
    sign_in("lead")
    answer = web.get("/notes/coordinators")
    assert answer.status_code == 403
    assert "Fundraising coordinator" in answer.text
    assert "Secretariat" in answer.text


@pytest.mark.parametrize("role", ["coordinator", "secretariat", "administrator"])
def test_the_right_role_passes(web: TestClient, sign_in: SignIn, role: str) -> None:
    sign_in(role)
    assert web.get("/notes/coordinators").json()["name"] == "Aigul Test"


def test_a_session_that_is_over_or_forged_is_none(web: TestClient, web_settings: Settings) -> None:
    user = User(new_id(), None, "", "A", frozenset({"coordinator"}))
    old = seal_session(user, web_settings, datetime.now(UTC) - timedelta(hours=13))
    other = Settings(data_dir=web_settings.data_dir, secret_key="other")
    forged = seal_session(user, other, datetime.now(UTC))
    for value in (old, forged, "nonsense", ""):
        web.cookies.clear()
        web.cookies.set(SESSION_COOKIE, value)
        assert web.get("/notes/coordinators").status_code == 303


def test_machines_are_told_in_problem_json(web: TestClient, sign_in: SignIn) -> None:
    web.headers["accept"] = "application/json"
    answer = web.get("/notes/coordinators")
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"]
    sign_in("lead")
    body = web.get("/notes/coordinators").json()
    assert body["status"] == 403
    assert body["needed"] == ["coordinator", "secretariat"]
    assert {"type", "title", "detail", "instance", "trace"} <= set(body)


def test_a_form_of_ours_is_taken(web: TestClient, sign_in: SignIn) -> None:
    sign_in("lead")
    answer = web.post("/notes", data={"csrf": token_of(web, "/notes"), "text": "Hello"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/notes")
    page = web.get("/notes")
    assert "<li>Hello</li>" in page.text
    assert "Saved" in page.text
    assert 'class="flash"' in page.text
    assert 'class="flash"' not in web.get("/notes").text, "a notice is shown once"


@pytest.mark.parametrize("csrf", [None, "", "x", "A" * 54, "é"])
def test_a_foreign_or_stale_form_changes_nothing_and_loses_nothing(
    web: TestClient, sign_in: SignIn, csrf: str | None
) -> None:
    sign_in("lead")
    data = {"text": "What I <typed>", "password": "sesame-9", **({} if csrf is None else {"csrf": csrf})}
    answer = web.post("/notes?kind=a", data=data)
    assert answer.status_code == 403
    assert "open too long" in answer.text
    assert 'value="What I &lt;typed&gt;"' in answer.text
    assert "sesame-9" not in answer.text
    assert 'action="/notes?kind=a"' in answer.text
    assert "<li>" not in web.get("/notes").text.split("<main")[1]
    fresh = support.csrf_of(answer.text.split("<main")[1])
    again = web.post("/notes?kind=a", data={"text": "What I <typed>", "csrf": fresh})
    assert again.status_code == 303
    assert "What I &lt;typed&gt;" in web.get("/notes").text


def test_a_form_from_another_site_is_not_offered_again(web: TestClient, sign_in: SignIn) -> None:
    sign_in("lead")
    foreign = ({"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://evil.example"})
    for headers in foreign:
        answer = web.post("/notes", data={"text": "planted"}, headers=headers)
        assert answer.status_code == 403
        assert "planted" not in answer.text


def test_a_token_is_bound_to_the_session(web: TestClient, sign_in: SignIn) -> None:
    before = token_of(web)
    sign_in("lead")
    first = token_of(web)
    assert web.post("/notes", data={"text": "a", "csrf": before}).status_code == 403
    sign_in("lead")
    assert web.post("/notes", data={"text": "a", "csrf": first}).status_code == 403


def test_what_was_typed_outlives_the_session(web: TestClient) -> None:
    answer = web.post("/notes", data={"text": "Three pages of text", "csrf": "old"})
    assert answer.status_code == 401
    assert 'value="Three pages of text"' in answer.text
    assert "/accounts/sign-in" in answer.text
    assert web.post("/notes", data={"csrf": "old"}).headers["location"] == "/accounts/sign-in"


def test_json_carries_its_token_in_a_header(web: TestClient, sign_in: SignIn) -> None:
    sign_in("coordinator")
    web.headers["accept"] = "application/json"
    assert web.post("/notes/api", json={"text": "a"}).status_code == 403
    page = web.get("/notes", headers={"accept": "text/html"}).text
    meta = page.split('name="csrf-token" content="')[1].split('"')[0]
    assert web.post("/notes/api", json={"text": "a"}, headers={"x-csrf-token": meta}).status_code == 201
    wrong = web.post("/notes/api", json={"txt": "a"}, headers={"x-csrf-token": meta})
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["field"] == "text"
    headers = {"x-csrf-token": meta, "content-type": "application/json"}
    broken = web.post("/notes/api", content=b'{"text": "\xff"}', headers=headers)
    assert broken.status_code in (400, 422)


def test_autosave_answers_in_json_in_the_readers_language(web: TestClient, sign_in: SignIn) -> None:
    sign_in("lead")
    web.cookies.set("cami_lang", "ru")
    headers = {"x-autosave": "1", "accept": "application/json"}
    token = token_of(web, "/notes")
    assert "saved_at" in web.post("/notes", data={"csrf": token, "text": "a"}, headers=headers).json()
    refused = web.post("/notes", data={"csrf": token, "text": ""}, headers=headers)
    assert refused.status_code == 400
    assert refused.json() == {"errors": [{"field": "text", "message": "Сумма: заполните это поле."}]}
    stale = web.post("/notes", data={"csrf": "x", "text": "b"}, headers=headers)
    assert stale.status_code == 403
    assert "Обновите" in stale.json()["detail"]
    again = web.post("/notes", data={"csrf": stale.json()["csrf"], "text": "b"}, headers=headers)
    assert again.status_code == 200
    foreign = web.post("/notes", data={"csrf": "x"}, headers={**headers, "sec-fetch-site": "cross-site"})
    assert "csrf" not in foreign.json()
    web.cookies.delete(SESSION_COOKIE)
    assert "новом окне" in web.post("/notes", data={"text": "b"}, headers=headers).json()["detail"]


def _app_with(notes: Service, settings: Settings, *dependencies: Any) -> None:
    router = APIRouter(prefix="/bare")

    @router.get("/page", dependencies=list(dependencies))
    async def page() -> None:
        return None

    component = notes.component
    changed = Service(type(component)(**{**vars(component), "router": router}), settings, db=notes.db)
    create_app({"notes": changed}, settings)


def test_the_program_does_not_start_with_an_open_door(notes: Service, web_settings: Settings) -> None:
    with pytest.raises(RuntimeError, match="GET /bare/page must declare exactly one"):
        _app_with(notes, web_settings)
    with pytest.raises(RuntimeError, match="it has 2"):
        _app_with(notes, web_settings, allow(PUBLIC), allow("lead"))


@pytest.mark.parametrize("roles", [(), ("boss",), (PUBLIC, "lead"), (SIGNED_IN, PUBLIC)])
def test_allow_takes_known_roles_only(roles: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="allow"):
        allow(*roles)


def test_the_table_of_access(web: TestClient) -> None:
    table = access_table(web.app)  # type: ignore[arg-type]
    assert ("GET", "/notes", "signed_in") in table
    assert ("POST", "/notes", "lead, coordinator") in table
    assert ("GET", "/healthz", "public") in table
    assert table == sorted(table)
