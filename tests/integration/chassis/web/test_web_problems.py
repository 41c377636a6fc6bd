"""Every error is a page that says what happened and what to do, in the reader's language."""

import json
import logging

import pytest
from starlette.testclient import TestClient

from services.chassis.tracing import here
from tests.integration.chassis.web.conftest import SignIn, token_of

WORDS = {
    "not-found": (404, "There is no such page", "Такой страницы нет", "Cette page n’existe pas"),
    "conflict": (409, "Somebody was faster", "Кто-то успел раньше", "Quelqu’un a été plus rapide"),
    "busy": (503, "Busy just now", "Система сейчас занята", "Système occupé"),
    "forbidden": (403, "not for your role", "не для вашей роли", "pas pour votre rôle"),
    "invalid": (400, "This request cannot be read", "Запрос не удалось прочитать", "Cette demande est illisible"),
    "bug": (500, "Something went wrong on our side", "на нашей стороне", "de notre côté"),
}


@pytest.mark.parametrize("how", WORDS)
def test_error_pages(web: TestClient, how: str) -> None:
    status, *words = WORDS[how]
    for language, text in zip(("en", "ru", "fr"), words, strict=True):
        web.cookies.set("cami_lang", language)
        answer = web.get(f"/notes/fails/{how}")
        assert answer.status_code == status
        assert text in answer.text
        assert f'<html lang="{language}">' in answer.text
        assert "secret detail" not in answer.text
        assert "Traceback" not in answer.text


def test_busy_says_when_to_come_back_and_keeps_what_was_typed(web: TestClient) -> None:
    assert web.get("/notes/fails/busy").headers["retry-after"] == "2"
    answer = web.post("/notes/fails/busy", data={"csrf": token_of(web), "text": "Three pages"})
    assert answer.status_code == 503
    assert 'value="Three pages"' in answer.text


def test_the_reference_of_an_unexpected_error_is_in_the_log(web: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    traces: set[str] = set()

    def note(_record: logging.LogRecord) -> bool:
        traces.add(here().trace)
        return True

    caplog.handler.addFilter(note)
    try:
        with caplog.at_level(logging.ERROR, "cami.web"):
            answer = web.get("/notes/fails/bug")
    finally:
        caplog.handler.removeFilter(note)
    record = next(record for record in caplog.records if record.name == "cami.web")
    trace = answer.headers["x-request-id"]
    assert len(trace) == 32
    assert f"<code>{trace[:12]}</code>" in answer.text
    assert traces == {trace}
    assert "secret detail" in str(record.exc_info)


@pytest.mark.parametrize(("how", "status"), [(how, words[0]) for how, words in WORDS.items()])
def test_problem_json(web: TestClient, how: str, status: int) -> None:
    answer = web.get(f"/notes/fails/{how}", headers={"accept": "application/json"})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status
    assert body["title"]
    assert "secret detail" not in json.dumps(body)


def test_a_wrong_parameter_is_named(web: TestClient, sign_in: SignIn) -> None:
    sign_in("lead")
    answer = web.get("/notes?page=two")
    assert answer.status_code == 422
    assert "“page”" in answer.text
    assert web.get("/notes/number/two").status_code == 404
    assert web.get("/notes/number/2").json() == {"number": 2}


def test_unknown_addresses_and_methods(web: TestClient) -> None:
    assert web.get("/nothing/here").status_code == 404
    answer = web.delete("/notes")
    assert answer.status_code == 405
    assert "does not work that way" in answer.text
    assert web.request("BREW", "/notes").status_code == 405


def test_a_slash_too_many_is_forgiven_and_leads_nowhere_else(web: TestClient) -> None:
    assert web.get("/notes/open/").headers["location"] == "/notes/open"
    assert web.get("http://testserver//evil.example/").status_code == 404
    assert web.get("/").status_code == 200


def test_an_api_answers_in_json_unless_a_browser_asks(web: TestClient) -> None:
    answer = web.get("/notes/api/nothing", headers={"accept": "*/*"})
    assert answer.headers["content-type"] == "application/problem+json"
    assert web.get("/notes/api/nothing").headers["content-type"].startswith("text/html")


def test_mistakes_are_shown_at_the_field_and_in_a_linked_summary(web: TestClient, sign_in: SignIn) -> None:
    sign_in("lead")
    answer = web.post("/notes", data={"csrf": token_of(web, "/notes"), "text": " "})
    assert answer.status_code == 400
    assert '<a href="#f-text">Amount: please fill this in.</a>' in answer.text
    assert 'id="f-text-error"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "<span>Please fill this in.</span>" in answer.text
