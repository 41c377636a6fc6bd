"""Errors as people see them: what happened and what to do, in their language; problem+json for machines."""

import logging
import re
from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from services.chassis.errors import CamiError, Invalid
from services.chassis.forms import error_text
from services.chassis.i18n import N_, translate, use_language
from services.chassis.security import CSRF_FIELD, safe_next
from services.chassis.web.access import NotSignedIn, StaleForm, WrongRole, from_own_page, sign_in_url
from services.chassis.web.state import asked_of
from services.chassis.web.visit import Visit

LOG = logging.getLogger("cami.web")
_CODE: Final = re.compile(r"[A-Za-z0-9_.:-]*")  # what a list, a box or a hidden field sends; people write words
SIGNED_OUT: Final = N_("You have been signed out. Sign in in a new window; your text stays in this page.")
TOO_LONG_OPEN: Final = N_("This page was open too long. Please reload it.")

_TEXTS: Final[Mapping[int, tuple[str, str]]] = {
    400: (
        N_("This request cannot be read"),
        N_("Something in the address or the form is damaged. Please go back and try once more."),
    ),
    401: (N_("Please sign in"), N_("This page is for people who are signed in.")),
    403: (
        N_("This page is not for your role"),
        N_("You are signed in, but this needs a role that you do not have."),
    ),
    404: (
        N_("There is no such page"),
        N_("The address may be mistyped or out of date, or the page is not yours to see."),
    ),
    405: (N_("This address does not work that way"), N_("Please go back and use the buttons of the page.")),
    409: (
        N_("Somebody was faster"),
        N_("What you asked for contradicts what is already there. Please go back, reload the page and look again."),
    ),
    413: (
        N_("This is too large"),
        N_("What was sent is larger than %(limit)s MB. Please go back: what you typed is still there. Shorten it or "
           "choose a smaller file, then send it again."),
    ),
    422: (
        N_("Part of the address is not right"),
        N_("The value of “%(parameter)s” in the address cannot be used here. Please go back and choose again."),
    ),
    500: (
        N_("Something went wrong on our side"),
        N_("It is not your doing, and it has been noted. Please go back and try again; if it happens again, tell the "
           "secretariat and quote the reference below."),
    ),
    503: (
        N_("Busy just now"),
        N_("The program could not get to your request in time. Nothing was changed: please wait a moment and try "
           "again."),
    ),
}  # fmt: skip


def problem(request: Request, status: int, *, detail: str = "", headers: Mapping[str, str] | None = None,
            extra: Mapping[str, Any] | None = None, **params: object) -> Response:  # fmt: skip
    """The answer for `status`. `detail` is a text for the person, already translated."""
    visit = Visit(request)
    title, text = _TEXTS.get(status) or _TEXTS[400 if status < 500 else 500]
    params = {"limit": visit.settings.max_body_bytes // (1024 * 1024), "parameter": "", **params}
    asked = visit.asked
    title, text = translate(asked.language, title), translate(asked.language, text, **params)
    if asked.wants_json:
        body = {"type": "about:blank", "title": title, "status": status, "detail": detail or text}
        body |= {"instance": request.url.path, "trace": asked.trace, **(extra or {})}
        return JSONResponse(body, status, headers=headers, media_type="application/problem+json")
    response = visit.render(
        "problem.html", status, code=status, title=title, text=text, detail=detail, reference=asked.trace[:12],
        typed=_typed(asked.form) if status == 503 else [], action=_own_address(request), **(extra or {}),
    )  # fmt: skip
    response.headers.update(headers or {})
    return response


async def _cami_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, CamiError)
    if error.status >= 500:
        LOG.warning("%s: %s", type(error).__name__, error)
    headers = {"retry-after": "2"} if error.status == 503 else None
    return problem(request, error.status, headers=headers)


async def _invalid(request: Request, error: Exception) -> Response:
    """A page that does not show its form again still says which field was wrong."""
    assert isinstance(error, Invalid)
    with use_language(asked_of(request).language):
        texts = [(e.field, error_text(e)) for e in error.errors]
    extra = {"errors": [{"field": field, "message": text} for field, text in texts]}
    return problem(request, 400, detail=" ".join(text for _, text in texts), extra=extra)


async def _not_signed_in(request: Request, _error: Exception) -> Response:
    asked = asked_of(request)
    if asked.wants_json:
        detail = translate(asked.language, SIGNED_OUT) if asked.headers.get("x-autosave") else ""
        return problem(request, 401, detail=detail, headers={"www-authenticate": 'Cookie realm="cami"'})
    if typed := _typed(asked.form):
        same_site = from_own_page(asked)
        return _resend(request, 401, typed if same_site else [], signed_out=True)
    return RedirectResponse(sign_in_url(request) if request.method in ("GET", "HEAD") else "/accounts/sign-in", 303)


async def _wrong_role(request: Request, error: Exception) -> Response:
    assert isinstance(error, WrongRole)
    return problem(request, 403, extra={"needed": list(error.roles)})


async def _stale_form(request: Request, error: Exception) -> Response:
    assert isinstance(error, StaleForm)
    asked = asked_of(request)
    if asked.wants_json:
        # The page's own script gets a new token and tries once more: the page need not be reloaded, nor text lost.
        fresh = asked.headers.get("x-autosave") and error.same_site
        extra = {"csrf": asked.csrf()} if fresh else {}
        response = problem(request, 403, detail=translate(asked.language, TOO_LONG_OPEN), extra=extra)
        Visit(request).keep_browser(response)
        return response
    return _resend(request, 403, _typed(asked.form) if error.same_site else [], signed_out=False)


def _resend(request: Request, status: int, typed: list[tuple[str, str]], *, signed_out: bool) -> Response:
    files = [name for name, value in (asked_of(request).form or {}).items() if isinstance(value, UploadFile)]
    shown = [value for _name, value in typed if not _CODE.fullmatch(value.strip())]
    return Visit(request).render(
        "resend.html", status, typed=typed, shown=shown, files=files, signed_out=signed_out,
        action=_own_address(request),
    )  # fmt: skip


def _own_address(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def _typed(form: Any) -> list[tuple[str, str]]:
    """What was typed, to be offered again. Passwords are not: they would stand in the page."""
    if form is None:
        return []
    return [(name, value) for name, value in form.multi_items()
            if isinstance(value, str) and name != CSRF_FIELD and "password" not in name]  # fmt: skip


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    path = request.url.path
    if error.status_code == 404 and request.method == "GET" and path.endswith("/") and safe_next(path) == path != "/":
        return RedirectResponse(safe_next(path.rstrip("/")), 307)
    detail = translate(asked_of(request).language, error.detail) if error.status_code == 400 else ""
    return problem(request, error.status_code, detail=detail, headers=error.headers)


async def _malformed(request: Request, error: Exception) -> Response:
    """422 is for malformed input only: a value in the address, or JSON, that is not what it must be."""
    assert isinstance(error, RequestValidationError)
    errors = [
        {"field": ".".join(str(part) for part in e["loc"][1:]) or str(e["loc"][0]), "message": e["msg"]}
        for e in error.errors()
    ]  # fmt: skip
    path_is_wrong = any(e["loc"][0] == "path" for e in error.errors())
    if path_is_wrong:
        return problem(request, 404)
    return problem(request, 422, parameter=errors[0]["field"], extra={"errors": errors})


def unexpected(request: Request, error: BaseException) -> Response:
    """The page of last resort. The reference on it is the beginning of the trace id in the log."""
    LOG.error("unexpected error on %s %s", request.method, request.url.path, exc_info=error)
    try:
        return problem(request, 500)
    except Exception:  # the page itself is what failed
        LOG.exception("the page for unexpected errors failed too")
        return PlainTextResponse(f"Something went wrong on our side. Reference {asked_of(request).trace[:12]}", 500)


def install(app: FastAPI) -> None:
    """Let `app` answer every error with ours."""
    app.add_exception_handler(CamiError, _cami_error)
    app.add_exception_handler(Invalid, _invalid)
    app.add_exception_handler(NotSignedIn, _not_signed_in)
    app.add_exception_handler(WrongRole, _wrong_role)
    app.add_exception_handler(StaleForm, _stale_form)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _malformed)
