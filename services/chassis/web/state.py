"""What the pages share, and what is known of one request before its route is found."""

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.datastructures import FormData, Headers
from starlette.requests import Request, cookie_parser
from starlette.types import Scope

from services.chassis.clock import Clock
from services.chassis.i18n import choose_language
from services.chassis.security import (
    BROWSER_COOKIE,
    LANGUAGE_COOKIE,
    SESSION_COOKIE,
    Session,
    User,
    csrf_token,
    open_session,
)
from services.chassis.service import Service
from services.chassis.settings import Settings
from services.chassis.tracing import is_traceparent
from services.chassis.web.rendering import Renderer

SCOPE_KEY: Final = "cami"
_BROWSER_ID: Final = re.compile(r"[A-Za-z0-9_-]{16,32}")

Check = Callable[[], str | None]
"""Answers what is wrong, or None when all is well. Called by `/readyz`, from any thread."""


@dataclass
class Web:
    """What all requests share. Read-only after start."""

    settings: Settings
    services: Mapping[str, Service]
    renderer: Renderer
    checks: tuple[Check, ...]
    gauges: tuple[Callable[[], None], ...]
    clock: Clock


@dataclass
class Asked:
    """One request: its language, who asks, its trace. Cheap to make; the session is verified on first use."""

    web: Web
    headers: Headers
    traceparent: str
    """The caller's step of the trace, or ""; our own step from the moment the request is looked at."""
    method: str
    path: str
    query: str
    cookies: dict[str, str] = field(default_factory=dict)
    form: FormData | None = None
    _session: Session | None = None
    _session_read: bool = False
    _browser: str = ""
    new_browser: bool = False
    _language: str = ""

    @property
    def trace(self) -> str:
        """The W3C trace id, 32 hexadecimal digits. It is the request's id too; error pages show its beginning."""
        return self.traceparent[3:35]

    @property
    def session(self) -> Session | None:
        """The verified session, if there is one."""
        if not self._session_read:
            self._session = open_session(self.cookies.get(SESSION_COOKIE), self.web.settings, self.web.clock())
            self._session_read = True
        return self._session

    @property
    def user(self) -> User | None:
        """Who is signed in."""
        return self.session.user if self.session else None

    @property
    def language(self) -> str:
        """The language of the answer."""
        if not self._language:
            self._language = choose_language(self.cookies.get(LANGUAGE_COOKIE), self.headers.get("accept-language"))
        return self._language

    @property
    def browser(self) -> str:
        """A random id of this browser; made when it has none yet, and then the answer sets it as a cookie."""
        if not self._browser:
            self._browser = self.cookies.get(BROWSER_COOKIE, "")
            if not _BROWSER_ID.fullmatch(self._browser):
                self._browser, self.new_browser = secrets.token_urlsafe(16), True
        return self._browser

    @property
    def binding(self) -> str:
        """What anti-forgery tokens are bound to: the session, or the browser of somebody who is not signed in."""
        return f"session:{self.session.id}" if self.session else f"browser:{self.browser}"

    def csrf(self) -> str:
        """A fresh token for a form of this person."""
        return csrf_token(self.web.settings.key, self.binding)

    @property
    def wants_json(self) -> bool:
        """Whether a machine asks: it takes JSON, or calls an API, and does not name HTML."""
        accept = self.headers.get("accept", "")
        return "text/html" not in accept and ("json" in accept or "/api/" in self.path)

    def address(self) -> tuple[str, str]:
        """Path and query of the page; in the answer to a form, of the page that held the form."""
        if self.method not in ("GET", "HEAD"):
            referer = urlsplit(self.headers.get("referer", ""))
            if referer.netloc == self.headers.get("host") and referer.path.startswith("/"):
                return referer.path, referer.query
        return self.path, self.query

    def now(self) -> datetime:
        """The present moment in UTC."""
        return self.web.clock()


def ask(web: Web, scope: Scope) -> Asked:
    """Begin a request."""
    headers = Headers(scope=scope)
    given = headers.get("traceparent", "")
    cookie = headers.get("cookie")
    asked = Asked(
        web, headers, given if is_traceparent(given) else "", scope["method"], scope["path"],
        scope.get("query_string", b"").decode("latin-1"), cookie_parser(cookie) if cookie else {},
    )  # fmt: skip
    scope[SCOPE_KEY] = asked
    return asked


def asked_of(request: Request) -> Asked:
    """The state of `request`, which the outermost layer has put there."""
    found: Any = request.scope[SCOPE_KEY]
    asked: Asked = found
    return asked
