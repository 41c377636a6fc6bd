"""Input that no page of ours would send: an answer under 500 always, with a page that says what to do."""

from urllib.parse import urlencode

import pytest

from services.demo.browser import Browser
from tests.e2e.conftest import Prepared
from tests.e2e.people import Town
from tests.e2e.plain import Wire, assert_calm, spoken, wire_of
from tests.e2e.program import Running

FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=x"
PART = b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n'
MEBIBYTE = 1024 * 1024
LIMIT = 2 * MEBIBYTE


@pytest.fixture(scope="module")
def nobody(program: Running, town: Town) -> Wire:
    """Somebody who is not signed in, with a browser's cookie and a good token."""
    return wire_of(town.browser(), "/accounts/sign-in")


@pytest.fixture(scope="module")
def lead(town: Town, prepared: Prepared) -> Wire:
    """The lead of the NGO that has a complete draft."""
    return wire_of(town.sign_in(prepared.email).browser)


@pytest.fixture(scope="module")
def staff(coordinator: Browser) -> Wire:
    """A coordinator."""
    return wire_of(coordinator)


def chunks(count: int, size: int) -> bytes:
    """A body sent piece by piece, whose length nobody announces."""
    piece = b"%x\r\n" % size + b"a" * size + b"\r\n"
    return piece * count + b"0\r\n\r\n"


def test_a_body_that_announces_that_it_is_too_large(nobody: Wire) -> None:
    for path, size in (("/accounts/sign-in", LIMIT + 1), ("/accounts/register", 5 * LIMIT), ("/", LIMIT + 1)):
        answer = nobody.ask("POST", path, b"a" * size, content_type=FORM)
        assert answer.status == 413, path
        assert_calm(answer, path)
        assert "2" in answer.text


def test_a_body_that_turns_out_to_be_too_large(program: Running, nobody: Wire) -> None:
    head = (
        f"POST /accounts/sign-in HTTP/1.1\r\nhost: x\r\ncookie: {nobody.cookie}\r\ncontent-type: {FORM}\r\n"
        "accept: text/html\r\naccept-language: ru\r\ntransfer-encoding: chunked\r\n\r\n"
    )
    said = spoken(program.address, head.encode() + chunks(40, 64 * 1024))
    assert said.startswith(b"HTTP/1.1 413 ")
    assert b'lang="ru"' in said


def test_a_body_of_the_greatest_size_that_fits_is_read(nobody: Wire) -> None:
    body = b"email=" + b"a" * (LIMIT - 6)
    answer = nobody.ask("POST", "/accounts/sign-in", body, content_type=FORM)
    assert answer.status == 400
    assert_calm(answer, "a large form")


@pytest.mark.parametrize(
    "path",
    ["/%ff", "/projects/actions/%ff", "/projects/actions?q=%ff", "/projects/actions?%ff=1", "/%00",
     "/projects/actions?q=%00", "/projects/actions/9.1%00", "/accounts/sign-in?next=%c3%28",
     "/language/%ff", "/static/%ff", "/%c0%ae%c0%ae/"],
)  # fmt: skip
def test_an_address_that_cannot_be_read(nobody: Wire, path: str) -> None:
    answer = nobody.ask("GET", path)
    assert answer.status == 400
    assert_calm(answer, path)


@pytest.mark.parametrize(
    "line",
    [
        b"GET /\xff\xfe HTTP/1.1",
        b"GET /\xd1\x81 HTTP/1.1",
        b"GET / HTTP/9.9",
        b"\x16\x03\x01\x02",
        b"G\0T / HTTP/1.1",
        b"NONSENSE / HTTP/1.1",
    ],
)
def test_a_request_line_that_is_none(program: Running, line: bytes) -> None:
    said = spoken(program.address, line + b"\r\nhost: x\r\nconnection: close\r\n\r\n")
    assert not said or said.split()[1].startswith((b"2", b"4")), said[:200]
    assert b"Traceback" not in said


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (FORM, b"email=%ff&password=x"),
        (FORM, b"email=\xff\xfe&password=x"),
        (FORM, b"%ff=1"),
        (FORM, b"&&&==&=&%"),
        (FORM, b"email=%00&password=%00"),
        (FORM, b"email=a%0d%0aset-cookie:x=1&password=y"),
        (FORM + "; charset=utf-16", "email=a".encode("utf-16")),
        (PARTS, PART % b"email" + b"\xff\xfe\r\n--x--\r\n"),
        (PARTS, PART % b"\xff" + b"a\r\n--x--\r\n"),
        (PARTS, PART % b"email" + b"no end"),
        (PARTS, b"nothing of the kind"),
        ("multipart/form-data", b"--x\r\n"),
        ("multipart/form-data; boundary=" + "x" * 5000, b"--x\r\n"),
        ("application/json", b"{"),
        ("application/json", b"[" * 100_000),
        ("text/plain", b"email=a"),
        ("", b"email=a"),
        ("\xff/\xff", b"email=a"),
    ],
)  # fmt: skip
def test_a_form_that_cannot_be_read(nobody: Wire, kind: str, body: bytes) -> None:
    for path in ("/accounts/sign-in", "/accounts/register"):
        answer = nobody.ask("POST", path, body, content_type=kind)
        assert answer.status == 400, path
        assert_calm(answer, f"{kind[:40]} {body[:40]!r}")


def test_more_fields_than_any_form_has(lead: Wire, prepared: Prepared) -> None:
    body = "&".join(f"lines-{n}-description=x" for n in range(10_000)).encode()
    for path in ("/accounts/me", f"/projects/proposals/{prepared.proposal}/budget"):
        answer = lead.ask("POST", path, body, content_type=FORM)
        assert answer.status == 400
        assert_calm(answer, path)
    parts = "".join(f'--x\r\nContent-Disposition: form-data; name="f{n}"\r\n\r\n1\r\n' for n in range(10_000))
    answer = lead.ask(
        "POST", "/accounts/me", f"{parts}--x--\r\n".encode(), content_type="multipart/form-data; boundary=x"
    )
    assert answer.status == 400
    assert_calm(answer, "multipart")


@pytest.mark.parametrize(
    "cookie",
    ["cami_session=\xff\xfe", "cami_session=" + "a" * 6000, "cami_session=.", "cami_session=e30.e30", "cami_lang=xx",
     "cami_lang=\xff", "cami_notice=nonsense", "cami_notice=e30.AAAA", "cami_browser=\"'<>", "=;=;;", "cami_session",
     "a=b;" * 500],
)  # fmt: skip
def test_cookies_that_nobody_was_given(nobody: Wire, cookie: str) -> None:
    for path in ("/", "/accounts/sign-in", "/projects/actions"):
        answer = nobody.ask("GET", path, cookie=cookie)
        assert answer.status == 200, path
        assert_calm(answer, cookie[:40])
    assert nobody.ask("GET", "/reports", cookie=cookie).status == 303


@pytest.mark.parametrize("language", ["xx", "EN", "ru-RU", "..", "en%2f..", "<b>", "a" * 3000])
def test_a_language_that_we_do_not_have(nobody: Wire, language: str) -> None:
    answer = nobody.ask("GET", f"/language/{language}?next=//evil.example/")
    assert answer.status == 404
    assert_calm(answer, language[:40])


@pytest.mark.parametrize(
    ("asked", "given"),
    [("xx", "en"), ("*", "en"), ("", "en"), ("ru;q=abc", "ru"), ("fr;q=0.1,ru;q=0.9", "ru"),
     ("ru-KG,ru;q=0.9", "ru"), (";;,,q=", "en"), ("fr," * 4000, "fr"), ("x" * 20_000, "en")],
)  # fmt: skip
def test_odd_wishes_for_a_language(nobody: Wire, asked: str, given: str) -> None:
    answer = nobody.ask("GET", "/", accept_language=asked, cookie="")
    assert answer.status == 200
    if asked != "ru;q=abc":
        assert f'<html lang="{given}">' in answer.text


def test_a_document_in_a_language_that_we_do_not_have(staff: Wire) -> None:
    for path in ("/reports/windows/whitley/briefing.pdf?lang=xx", "/reports/windows/whitley/briefing.pdf?lang=%00"):
        answer = staff.ask("GET", path)
        assert answer.status in (400, 404)
        assert_calm(answer, path)


@pytest.mark.parametrize("token", ["", "x", "A" * 54, "é", "a" * 10_000, "%00", "\xff"])
def test_a_form_without_a_good_token_is_offered_again(lead: Wire, token: str) -> None:
    body = urlencode({"name": "Nurgul Sadykova again", "language": "en", "csrf": token}).encode()
    stale = Wire(lead.address, lead.cookie)
    answer = stale.ask("POST", "/accounts/me", body, content_type=FORM)
    stale.close()
    assert answer.status == 403
    assert_calm(answer, f"token {token[:20]!r}")
    assert "Nurgul Sadykova again" in answer.text, "what was typed is not lost"
    foreign = lead.ask(
        "POST", "/accounts/me", body, content_type=FORM, x_csrf_token=token, origin="http://evil.example"
    )
    assert foreign.status == 403
    assert "Nurgul Sadykova again" not in foreign.text, "a form of another site is not offered again"


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/accounts/sign-out"), ("POST", "/"), ("DELETE", "/accounts/me"), ("PUT", "/projects/actions"),
     ("PATCH", "/matching"), ("POST", "/projects/actions"), ("GET", "/donors/windows/whitley/close"), ("TRACE", "/"),
     ("OPTIONS", "/")],
)  # fmt: skip
def test_a_method_that_an_address_does_not_have(staff: Wire, method: str, path: str) -> None:
    answer = staff.ask(method, path)
    assert answer.status == 405
    assert_calm(answer, f"{method} {path}")


def test_a_get_of_what_only_a_form_may_do_changes_nothing(lead: Wire, prepared: Prepared) -> None:
    for part in ("submit", "withdraw", "delete", "restore"):
        answer = lead.ask("GET", f"/projects/proposals/{prepared.proposal}/{part}")
        assert answer.status in (404, 405), part
        assert_calm(answer, part)


@pytest.mark.parametrize(
    "query",
    ["q=" + "a" * 60_000, "&".join(["species=argali"] * 399), "&" * 10_000, "a" * 30_000, "q=" + "%25" * 10_000],
)
def test_enormous_queries(nobody: Wire, staff: Wire, query: str) -> None:
    for wire, path in ((nobody, "/projects/actions"), (staff, "/donors/windows"), (staff, "/matching/actions")):
        answer = wire.ask("GET", f"{path}?{query}")
        assert answer.status in (200, 400, 414, 431), path
        assert_calm(answer, path)


def test_head_is_answered_like_get_without_a_body(nobody: Wire) -> None:
    for path in ("/", "/projects/actions", "/healthz", "/nothing"):
        shown, head = nobody.ask("GET", path), nobody.ask("HEAD", path)
        assert head.status == shown.status, path
        assert head.body == b"", path
