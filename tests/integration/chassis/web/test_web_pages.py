"""What every page has: headers, languages, static files, health."""

import re

import html5lib
import pytest
from starlette.testclient import TestClient

from services.chassis.service import Service
from services.chassis.settings import Settings
from services.chassis.web import create_app
from tests.integration.chassis.web.conftest import SignIn

PAGES = ("/", "/style", "/notes/open", "/nothing", "/notes/fails/bug")


@pytest.mark.parametrize("path", [*PAGES, "/healthz", "/static/cami.css", "/language/ru"])
def test_security_headers(web: TestClient, path: str) -> None:
    headers = web.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    for part in ("object-src 'none'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'"):
        assert part in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]


@pytest.mark.parametrize("language", ["en", "ru", "fr"])
@pytest.mark.parametrize("path", PAGES)
def test_pages_are_valid_and_hold_nothing_inline(web: TestClient, sign_in: SignIn, path: str, language: str) -> None:
    web.cookies.set("cami_lang", language)
    for signed_in in (False, True):
        if signed_in:
            sign_in("coordinator")
        text = web.get(path, follow_redirects=False).text
        if not text:
            continue
        html5lib.HTMLParser(strict=True).parse(text)
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|javascript:", text)
        ids = re.findall(r'\sid="([^"]+)"', text)
        assert len(ids) == len(set(ids)), "an id stands twice"
        for reference in re.findall(r'\s(?:for|aria-labelledby|aria-describedby)="([^"]+)"', text):
            assert set(reference.split()) <= set(ids), reference


def test_literals_in_templates_are_written_in_the_readers_language(web: TestClient) -> None:
    """Jinja works filters of literals out when it compiles; ours must wait for the reader."""
    shown = {}
    for language in ("en", "ru", "fr"):
        web.cookies.set("cami_lang", language)
        shown[language] = re.search(r'id="sums">(.*?)</p>', web.get("/notes/open").text)[1]  # type: ignore[index]
    assert shown == {
        "en": "USD\xa045,000 High Yes", "ru": "45\u202f000\xa0USD Высокий Да", "fr": "45\u202f000\xa0USD Haute Oui"
    }  # fmt: skip


def test_what_people_type_is_escaped(web: TestClient) -> None:
    page = web.get("/notes/open", params={"q": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in page


def test_the_language_switch(web: TestClient) -> None:
    answer = web.get("/language/ru", params={"next": "/notes/open?q=a"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/notes/open?q=a")
    assert "cami_lang=ru" in answer.headers["set-cookie"]
    assert '<html lang="ru">' in web.get("/notes/open").text
    for target in ("https://evil.example", "//evil.example", "/\\evil.example"):
        assert web.get("/language/fr", params={"next": target}).headers["location"] == "/"
    for unknown in ("de", "EN", "../ru", "x" * 500):
        assert web.get(f"/language/{unknown}").status_code == 404


def test_the_browsers_language_is_taken_up(web: TestClient) -> None:
    assert '<html lang="fr">' in web.get("/", headers={"accept-language": "fr-CH, en;q=0.5"}).text
    assert '<html lang="en">' in web.get("/", headers={"accept-language": "xx"}).text


@pytest.mark.parametrize(
    ("role", "home"),
    [("lead", "/projects/proposals"), ("applicant", "/projects/proposals"), ("coordinator", "/matching"),
     ("secretariat", "/matching"), ("administrator", "/matching")],
)  # fmt: skip
def test_people_come_home_by_their_role(web: TestClient, sign_in: SignIn, role: str, home: str) -> None:
    assert web.get("/").status_code == 200
    sign_in(role)
    assert web.get("/").headers["location"] == home


def test_static_files_are_kept_for_ever_under_an_address_of_their_own(web: TestClient) -> None:
    page = web.get("/notes/open").text
    address = re.search(r'href="(/static/[^"]+/cami.css)"', page)[1]  # type: ignore[index]
    answer = web.get(address, headers={"accept-encoding": "gzip"})
    assert answer.headers["content-type"].startswith("text/css")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "--paper" in answer.text
    assert web.get(address, headers={"if-none-match": answer.headers["etag"]}).status_code == 304
    assert web.get("/static/cami.css").headers["cache-control"] == "no-cache"
    assert web.get("/notes/static/notes.css").text == "p { margin: 0 }"
    for path in ("/static/none.css", "/static/..%2Fweb%2Fapp.py", "/static/", "/notes/static/../parts.py"):
        assert web.get(path).status_code == 404


def test_pages_are_compressed_and_private(web: TestClient) -> None:
    answer = web.get("/style", headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["cache-control"] == "private, no-cache"
    assert "content-encoding" not in web.get("/style", headers={"accept-encoding": "identity"}).headers
    assert "</html>" in answer.text


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(web: TestClient) -> None:
    cookie = web.get("/").headers["set-cookie"].lower()
    assert "cami_browser=" in cookie
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "set-cookie" not in web.get("/").headers


def test_head_is_answered_like_get_without_the_body(web: TestClient) -> None:
    answer = web.head("/notes/open")
    assert (answer.status_code, answer.text) == (200, "")
    assert answer.headers["content-type"].startswith("text/html")


def test_a_trace_is_taken_up_or_begun(web: TestClient, sign_in: SignIn) -> None:
    sign_in("coordinator")
    trace = "0af7651916cd43dd8448eb211c80319c"
    given = web.get("/notes/coordinators", headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"}).json()
    assert re.fullmatch(rf"00-{trace}-[0-9a-f]{{16}}-01", given["traceparent"])
    assert "b7ad6b7169203331" not in given["traceparent"]
    assert (
        web.get("/style", headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"}).headers["x-request-id"] == trace
    )
    for wrong in ("nonsense", f"00-{'0' * 32}-b7ad6b7169203331-01", f"00-{trace}-{'0' * 16}-01", "00-x-y-01"):
        made = web.get("/notes/coordinators", headers={"traceparent": wrong}).json()["traceparent"]
        assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", made)
        assert "0" * 32 not in made


def test_health(web: TestClient, notes: Service, web_settings: Settings) -> None:
    assert web.get("/healthz").json() == {"status": "ok"}
    assert web.get("/readyz").json() == {"status": "ok", "parts": {"database:notes": "ok"}}
    web.get("/made/up")
    figures = web.get("/metrics").text
    assert 'cami_http_request_seconds_count{method="GET",route="/healthz",status="200"}' in figures
    assert "made/up" not in figures

    read = []

    def broken() -> None:
        raise RuntimeError("no bus")

    def relay() -> str | None:
        return "behind by 3 minutes"

    def consumer() -> str | None:
        raise RuntimeError("password=hidden")

    app = create_app({"notes": notes}, web_settings, checks=(relay, consumer), gauges=(broken, lambda: read.append(1)))
    with TestClient(app) as client:
        answer = client.get("/readyz")
        assert client.get("/metrics").status_code == 200
    assert read == [1]
    assert answer.status_code == 503
    parts = answer.json()["parts"]
    assert parts == {"database:notes": "ok", "relay": "behind by 3 minutes", "consumer": "RuntimeError"}


def test_a_database_that_is_gone_is_told(web: TestClient, notes: Service, web_settings: Settings) -> None:
    notes.close()
    file = web_settings.data_dir / "notes.sqlite3"
    file.unlink()
    file.mkdir()
    answer = web.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"] == {"database:notes": "DatabaseBusy"}


def test_the_language_links_of_an_answer_to_a_form_lead_to_the_forms_page(web: TestClient, sign_in: SignIn) -> None:
    sign_in("lead")
    page = "http://testserver/notes?kind=a"
    answer = web.post("/notes/open", data={"text": "a"}, headers={"referer": page})
    assert "/language/ru?next=/notes%3Fkind%3Da" in answer.text
    for elsewhere in ("https://evil.example/notes", "nonsense", ""):
        answer = web.post("/notes/open", data={"text": "a"}, headers={"referer": elsewhere})
        assert "/language/ru?next=/notes/open" in answer.text


def test_the_access_line_holds_no_query_and_no_form(web: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "cami.access"):
        web.get("/notes/open?q=secret%0Ainjected")
        web.post("/notes/open", data={"text": "secret"})
        web.get("/a%0Ab")
    lines = [record.getMessage() for record in caplog.records if record.name == "cami.access"]
    assert [line.rsplit(" ", 2)[0] for line in lines] == [
        "GET /notes/open 200", "POST /notes/open 403", "GET /a\\nb 404"
    ]  # fmt: skip
    assert not any("secret" in line or "\n" in line for line in lines)
