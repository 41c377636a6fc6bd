"""Oversized and broken requests get an answer that says so, never a 500."""

import asyncio
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.integration.chassis.web.conftest import SignIn, token_of

FORM = {"content-type": "application/x-www-form-urlencoded"}


def multipart(name: bytes, value: bytes, filename: bytes | None = None) -> tuple[bytes, dict[str, str]]:
    """One part of a multipart body, byte for byte."""
    disposition = b'form-data; name="' + name + b'"' + (b'; filename="' + filename + b'"' if filename else b"")
    body = b"--XX\r\nContent-Disposition: " + disposition + b"\r\n\r\n" + value + b"\r\n--XX--\r\n"
    return body, {"content-type": "multipart/form-data; boundary=XX"}


def test_a_body_that_announces_too_much_is_refused(web: TestClient, sign_in: SignIn) -> None:
    sign_in("lead")
    answer = web.post("/notes", content=b"text=" + b"a" * 70_000, headers=FORM)
    assert answer.status_code == 413
    assert "too large" in answer.text
    assert answer.headers["connection"] == "close"


@pytest.mark.parametrize("path", ["/notes", "/notes/open", "/notes/api"])
def test_a_body_in_chunks_is_counted_as_it_comes(web: TestClient, sign_in: SignIn, path: str) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"text="
        for _ in range(80):
            yield b"a" * 1024

    sign_in("coordinator")
    kind = {"content-type": "application/json"} if path.endswith("api") else FORM
    assert web.post(path, content=chunks(), headers=kind).status_code == 413


def test_a_lie_about_the_length_is_no_way_round(web: TestClient) -> None:
    headers = {**FORM, "content-length": "9" * 30}
    assert web.post("/notes/open", content=b"a=b", headers=headers).status_code == 413
    assert web.post("/notes/open", content=b"a=b", headers={**FORM, "content-length": "-1"}).status_code < 500


@pytest.mark.parametrize(
    "address",
    ["/notes/%ff", "/%c3%28", "/notes?q=%ff", "/notes?%ff=1", "/notes/open?q=%ed%a0%80", "/notes/open?q=%00", "/a%00b",
     "/language/ru?next=%ff", "/static/%ff"],
)  # fmt: skip
def test_unreadable_addresses(web: TestClient, address: str) -> None:
    answer = web.get(address)
    assert answer.status_code == 400
    assert "characters that cannot be read" in answer.text
    assert "\ufffd" not in answer.text


def test_readable_addresses_of_any_script(web: TestClient) -> None:
    assert web.get("/notes/open?q=%D1%81%D0%B0%D0%B9%D0%B3%D0%B0%D0%BA").status_code == 200
    assert 'value="сайгак"' in web.get("/notes/open", params={"q": "сайгак"}).text
    assert web.get("/заметки").status_code == 404


def test_too_many_parameters(web: TestClient) -> None:
    assert web.get("/notes/open?" + "&".join("a=1" for _ in range(500))).status_code == 400


@pytest.mark.parametrize("body", [b"text=%ff", b"%ff=1", b"text=\xff", b"text=%ed%a0%80"])
def test_unreadable_forms(web: TestClient, body: bytes) -> None:
    answer = web.post("/notes/open", content=body, headers=FORM)
    assert answer.status_code == 400
    assert "UTF-8" in answer.text


@pytest.mark.parametrize(
    ("name", "value", "filename"),
    [(b"text", b"\xff", None), (b"\xff", b"a", None), (b"letter", b"a", b"\xff.pdf")],
)
def test_unreadable_multipart(web: TestClient, name: bytes, value: bytes, filename: bytes | None) -> None:
    body, headers = multipart(name, value, filename)
    answer = web.post("/notes/open", content=body, headers=headers)
    assert answer.status_code == 400
    assert "UTF-8" in answer.text


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "multipart/form-data"), (b"--XX\r\n", "multipart/form-data; boundary=XX"),
        (b"nonsense", "multipart/form-data; boundary=XX"),
        (b"--XX\r\n\r\na\r\n--XX--", "multipart/form-data; boundary=XX"),
        (b"--XX\r\nContent-Disposition: form-data\r\n\r\na\r\n--XX--\r\n", "multipart/form-data; boundary=XX"),
        (b"{", "application/json"), (b"a=1", "text/plain"), (b"\x00", "application/x-www-form-urlencoded"),
        (b"a=1", ""), (b"a=1", "multipart/form-data; boundary=" + "x" * 5000), (b"&&&=&=", FORM["content-type"]),
    ],
)  # fmt: skip
def test_broken_forms_are_never_a_500(web: TestClient, body: bytes, kind: str) -> None:
    for path in ("/notes/open", "/notes", "/notes/api", "/language/ru"):
        assert web.post(path, content=body, headers={"content-type": kind}).status_code < 500


def test_too_many_fields(web: TestClient) -> None:
    many = b"&".join(b"a=1" for _ in range(2100))
    assert web.post("/notes/open", content=many, headers=FORM).status_code == 400
    part = b'--XX\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    headers = {"content-type": "multipart/form-data; boundary=XX"}
    assert web.post("/notes/open", content=part * 1000 + b"--XX--\r\n", headers=headers).status_code == 403
    assert web.post("/notes/open", content=part * 2100 + b"--XX--\r\n", headers=headers).status_code in (400, 413)


def test_forms_and_files_arrive_whole(web: TestClient) -> None:
    token = token_of(web)
    data = {"csrf": token, "text": "Ж & ‘é’ + %\r\n2"}
    answer = web.post("/notes/open", data=data)
    assert answer.json() == {"fields": [["text", "Ж & ‘é’ + %\r\n2"]], "file": None}
    file = ("письмо.pdf", b"\xff\x00" * 100, "application/pdf")
    answer = web.post("/notes/open", data=data, files={"letter": file})
    assert answer.json()["file"] == ["письмо.pdf", 200]
    assert answer.json()["fields"] == [["text", "Ж & ‘é’ + %\r\n2"]]
    raw = b"csrf=" + token.encode() + "&text=сайгак".encode()
    assert web.post("/notes/open", content=raw, headers=FORM).json()["fields"] == [["text", "сайгак"]]
    empty = web.post("/notes/open", data=data, files={"letter": ("", b"")})
    assert empty.json()["file"] is None


async def _leave_half_way(app: Any, path: str) -> list[Any]:
    """Send the beginning of a form to `path`, then go; answers what the application sent back."""
    arrived = iter([{"type": "http.request", "body": b"text=a", "more_body": True}, {"type": "http.disconnect"}])
    sent: list[Any] = []

    async def receive() -> Any:
        return next(arrived)

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(name.encode(), value.encode()) for name, value in {**FORM, "host": "testserver"}.items()]
    await app(
        {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
         "path": path, "raw_path": path.encode(), "query_string": b"", "headers": headers, "server": ("testserver", 80),
         "client": ("127.0.0.1", 1), "root_path": ""},
        receive, send,
    )  # fmt: skip
    return sent


def test_somebody_who_leaves_while_sending_is_no_error_of_ours(
    web: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        assert asyncio.run(_leave_half_way(web.app, "/notes/open")) == []
    assert [record.levelname for record in caplog.records if record.name.startswith("cami")] == ["INFO"]
    assert "499" in caplog.text
