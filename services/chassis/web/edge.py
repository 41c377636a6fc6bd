"""The outermost layer: limits, security headers, the trace, the log line, and the page for what nobody expected."""

import asyncio
import logging
import time
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from prometheus_client import Histogram
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis.i18n import N_, translate
from services.chassis.tracing import Step, Trail, step
from services.chassis.web.problems import problem, unexpected
from services.chassis.web.state import SCOPE_KEY, Web, ask

LOG = logging.getLogger("cami.access")
REQUEST_SECONDS: Final = Histogram("cami_http_request_seconds", "Time of one request", ["method", "route", "status"])

SECURITY_HEADERS: Final = (
    (
        b"content-security-policy",
        b"default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
PRIVATE: Final = (b"cache-control", b"private, no-cache")
MAX_QUERY_FIELDS: Final = 400
BROKEN_ADDRESS: Final = N_("The address holds characters that cannot be read. Please use a link of our pages.")
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
GONE: Final = 499
"""Status in the log, and nowhere else, of a request whose sender left before it was complete."""
QUIET: Final = frozenset({"/healthz", "/readyz", "/metrics"})
THROWN_AWAY: Final = 16
"""Of a body that is too large, up to so many times the limit is read and thrown away before it is answered: a browser
that is cut off while it still sends does not show our page, it says that the connection broke."""
SILENCE_SECONDS: Final = 5.0
"""How long the rest of such a body may keep us waiting."""


class Edge:
    """Pure ASGI; nothing is buffered."""

    def __init__(self, app: ASGIApp, web: Web) -> None:
        self.app = app
        self.web = web

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        head = scope["method"] == "HEAD"
        if head:  # answered like GET, without the body
            scope = {**scope, "method": "GET"}
        asked = ask(self.web, scope)
        method = "HEAD" if head else scope["method"]
        first = scope["path"].split("/", 2)[1:2]
        trail = Trail(asked.traceparent, service=first[0] if first and first[0] in self.web.services else "")
        with step(method if method in METHODS else "HTTP", "server", trail) as request:
            asked.traceparent = request.trail.traceparent
            await self._answer(scope, receive, send, request, method, started)

    async def _answer(
        self, scope: Scope, receive: Receive, send: Send, work: Step, method: str, started: float
    ) -> None:  # fmt: skip
        status, head = 0, method == "HEAD"
        reference = scope[SCOPE_KEY].trace.encode()

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _add_headers(message, reference)
            elif head and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        try:
            refused = self._refuse(scope)
            if refused is not None:
                if refused.status_code == 413:
                    await _throw_away(receive, THROWN_AWAY * self.web.settings.max_body_bytes)
                await refused(scope, receive, answer)
            else:
                await self.app(scope, _limited(receive, self.web.settings.max_body_bytes), answer)
        except ClientDisconnect:  # somebody closed the page while it was still sending: nobody is there to be answered
            status = status or GONE
        except Exception as error:
            work.fail(error)
            response = unexpected(Request(scope), error)
            if not status:
                await response(scope, receive, answer)
        finally:
            self._note(scope, work, method, status, time.perf_counter() - started)

    def _note(self, scope: Scope, work: Step, method: str, status: int, seconds: float) -> None:
        """Measure and log. The route stands for its addresses, so that no path a stranger made up becomes a label."""
        path, route = scope["path"], _route_of(scope)
        if "{token}" in route:  # who can read the log must not be able to sign in with what stands there
            path = route
        known = method if method in METHODS else "other"
        REQUEST_SECONDS.labels(known, route, status).observe(seconds)
        work.describe(
            f"{known} {route}",
            {"http.route": route, "http.request.method": known, "http.response.status_code": status},
        )
        if status >= 500:
            work.fail(f"status {status}")
        level = logging.DEBUG if path in QUIET or "/static/" in path else logging.INFO
        if LOG.isEnabledFor(level):
            figures = {"method": method, "path": path, "status": status, "ms": round(seconds * 1000, 1)}
            shown = path.encode("unicode_escape").decode()
            LOG.log(level, "%s %s %s %s ms", method, shown, status, figures["ms"], extra=figures)

    def _refuse(self, scope: Scope) -> Response | None:
        """An answer for a request that no page should have to read."""
        raw: bytes = scope.get("raw_path") or scope["path"].encode("utf-8", "surrogatepass")
        query: bytes = scope.get("query_string", b"")
        if not (_readable(raw) and _readable(query)) or query.count(b"&") >= MAX_QUERY_FIELDS:
            # The page is rendered without the unreadable parts, which would come up again in its links.
            scope["path"], scope["query_string"] = "/", b""
            request = Request(scope)
            return problem(request, 400, detail=translate(scope[SCOPE_KEY].language, BROKEN_ADDRESS))
        length = scope[SCOPE_KEY].headers.get("content-length", "0")
        if length.isascii() and length.isdigit() and int(length) > self.web.settings.max_body_bytes:
            return problem(Request(scope), 413, headers={"connection": "close"})
        return None


def _route_of(scope: Scope) -> str:
    """The route as it is declared, `/projects/proposals/{proposal_id}`; "none" for an address that leads nowhere.

    A router within a router knows its own part alone; what stands before that are plain words of the address.
    """
    route: str | None = getattr(scope.get("route"), "path", None)
    if route is None:
        return "none"
    path: str = scope["path"]
    before = path.count("/") - route.count("/")
    if before > 0 and ":path}" not in route:
        route = "/".join(path.split("/")[: before + 1]) + route
    return route


def _readable(part: bytes) -> bool:
    if b"%" not in part and part.isascii():
        return b"\0" not in part
    decoded = unquote_to_bytes(part)
    try:
        decoded.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b"\0" not in decoded


def _limited(receive: Receive, limit: int) -> Receive:
    """Count the bytes that really arrive: a body sent in chunks announces no length."""
    total = 0

    async def counted() -> Message:
        nonlocal total
        message = await receive()
        if message["type"] == "http.request":
            total += len(message.get("body", b""))
            if total > limit:
                if message.get("more_body"):
                    await _throw_away(receive, THROWN_AWAY * limit)
                raise HTTPException(413, headers={"connection": "close"})
        return message

    return counted


async def _throw_away(receive: Receive, limit: int) -> None:
    """Read what is left of a body, but at most about `limit` bytes of it."""
    try:
        while limit > 0:
            async with asyncio.timeout(SILENCE_SECONDS):
                message = await receive()
            limit -= len(message.get("body", b""))
            if not message.get("more_body"):
                return
    except TimeoutError:
        return


def _add_headers(message: Any, reference: bytes) -> None:
    headers: list[tuple[bytes, bytes]] = [*message.get("headers", ()), (b"x-request-id", reference)]
    names = {name for name, _ in headers}
    headers += [pair for pair in SECURITY_HEADERS if pair[0] not in names]
    if b"cache-control" not in names:
        headers.append(PRIVATE)
    message["headers"] = headers
