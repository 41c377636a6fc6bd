"""Requests as no browser sends them, byte for byte, and what every answer must be."""

import http.client
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import lxml.html

from services.demo.browser import Browser

NEVER_SHOWN = (
    "Traceback",
    "sqlalchemy",
    "sqlite3",
    "site-packages",
    "Internal Server Error",
    "File &#34;",
    "starlette",
)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8")


@dataclass
class Wire:
    """One connection to the program, in the name of whoever is signed in at a browser."""

    address: str
    cookie: str = ""
    token: str = ""
    language: str = "ru"
    _connection: http.client.HTTPConnection | None = field(default=None, repr=False)

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        """Send a request exactly as it is written here. Underscores in the names of headers stand for dashes."""
        sent = {"accept": "text/html", "accept-language": self.language, "x-csrf-token": self.token}
        sent |= {"cookie": self.cookie} | {name.replace("_", "-"): value for name, value in headers.items()}
        for attempt in (1, 2):
            if self._connection is None:
                found = urlsplit(self.address)
                self._connection = http.client.HTTPConnection(str(found.hostname), found.port, timeout=60)
            try:
                self._connection.request(method, path, body, {name: value for name, value in sent.items() if value})
                response = self._connection.getresponse()
                answer = Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                self.close()  # the program had closed the connection after an answer
                if attempt == 2:
                    raise
            else:
                if answer.headers.get("connection") == "close":
                    self.close()
                return answer
        raise AssertionError("not reached")

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def wire_of(browser: Browser, path: str = "/style", language: str = "ru") -> Wire:
    """The same person, without a browser around them, reading in `language`."""
    browser.open(f"/language/{language}?next={path}")
    cookies = "; ".join(f"{name}={value}" for name, value in browser._client.cookies.items())
    token = browser.page.xpath("string(//meta[@name='csrf-token']/@content)")
    browser.open(f"/language/en?next={path}")
    return Wire(str(browser._client.base_url).rstrip("/"), cookies, str(token), language)


def spoken(address: str, request: bytes) -> bytes:
    """Send bytes and answer all that comes back until the other side hangs up."""
    found = urlsplit(address)
    with socket.create_connection((str(found.hostname), found.port or 80), timeout=30) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts)


def assert_calm(answer: Answer, what: str, language: str = "ru") -> None:
    """An answer under 500; an error is a page in the reader's language; nothing of our insides is shown."""
    assert answer.status < 500, f"{what}: {answer.status}"
    if answer.headers.get("content-type", "").startswith("application/pdf"):
        return
    for words in NEVER_SHOWN:
        assert words.encode() not in answer.body, f"{what}: shows {words!r}"
    if answer.status >= 400:
        assert answer.headers["content-type"].startswith("text/html"), f"{what}: {answer.headers['content-type']}"
        page = lxml.html.fromstring(answer.text)
        assert page.get("lang") == language, what
        assert len(page.findall(".//h1")) == 1, what
        assert "default-src 'self'" in answer.headers["content-security-policy"], what
