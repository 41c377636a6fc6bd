"""A visit: one request to one service, as its pages see it."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from contracts.vocabulary import LANGUAGES
from services.chassis.errors import FieldError
from services.chassis.forms import error_text
from services.chassis.i18n import translate, translate_plural, use_language
from services.chassis.security import (
    BROWSER_COOKIE,
    NOTICE_COOKIE,
    Session,
    User,
    open_notice,
    seal_notice,
    set_cookie,
)
from services.chassis.service import Context, Service
from services.chassis.settings import Settings
from services.chassis.web.bodies import read_form
from services.chassis.web.state import Asked, Web, asked_of

Result = TypeVar("Result")
_YEAR_SECONDS = 365 * 24 * 3600


class Visit:
    """One request. Made anew for each; used on the event loop, except that `work` calls its function in a thread."""

    def __init__(self, request: Request, service: Service | None = None) -> None:
        self.request = request
        self.asked: Asked = asked_of(request)
        self._service = service

    @property
    def web(self) -> Web:
        """What all requests share."""
        return self.asked.web

    @property
    def service(self) -> Service:
        """The service whose page this is."""
        if self._service is None:
            raise RuntimeError("this page belongs to no service")
        return self._service

    @property
    def settings(self) -> Settings:
        """The settings of this process."""
        return self.web.settings

    @property
    def session(self) -> Session | None:
        """The verified session, if somebody is signed in."""
        return self.asked.session

    @property
    def user(self) -> User | None:
        """Who is signed in, or None."""
        return self.asked.user

    @property
    def person(self) -> User:
        """Who is signed in, on pages that `allow` keeps for people who are. Raises RuntimeError elsewhere."""
        if self.asked.user is None:
            raise RuntimeError("nobody is signed in; guard this route with allow()")
        return self.asked.user

    @property
    def lang(self) -> str:
        """The reader's language: en, ru or fr."""
        return self.asked.language

    @property
    def now(self) -> datetime:
        """The present moment in UTC."""
        return self._service.clock() if self._service else self.asked.now()

    @property
    def traceparent(self) -> str:
        """The W3C trace context of this request."""
        return self.asked.traceparent

    @property
    def is_autosave(self) -> bool:
        """Whether the page's script saves while the person writes; answer with `saved()` or `unsaved()`, not a page."""
        return self.asked.headers.get("x-autosave") == "1"

    def gettext(self, message: str, /, **params: object) -> str:
        """`message` in the reader's language."""
        return translate(self.lang, message, **params)

    def ngettext(self, singular: str, plural: str, number: int, /, **params: object) -> str:
        """The form of a countable message for `number` in the reader's language."""
        return translate_plural(self.lang, singular, plural, number, **params)

    async def form(self) -> FormData:
        """The form that was sent. Raises HTTPException 400 or 413, which become pages."""
        if self.asked.form is None:
            self.asked.form = await read_form(self.request, self.settings.max_body_bytes)
        return self.asked.form

    async def work(self, function: Callable[[Context], Result]) -> Result:
        """Call `function` in one write transaction, in a thread; answers its result after the commit.

        It may be called again, see `Service.run`. Raises what `function` raises, and what `Database.write` raises.
        """
        return await run_in_threadpool(
            self.service.run, function, traceparent=self.asked.traceparent, correlation=self.asked.trace
        )

    def render(self, template: str, status: int = 200, **context: Any) -> Response:
        """The page `template` in the reader's language."""
        asked = self.asked
        notice = open_notice(asked.cookies.get(NOTICE_COOKIE), self.settings)
        values: Mapping[str, Any] = {
            "visit": self, "user": asked.user, "lang": asked.language,
            "notice": notice.get(asked.language, "") if notice else "", **context,
        }  # fmt: skip
        response = HTMLResponse(self.web.renderer.render(template, asked.language, self.asked, values), status)
        if notice:
            response.delete_cookie(NOTICE_COOKIE, path="/")
        self.keep_browser(response)
        return response

    def redirect(self, url: str, notice: str | None = None, **params: object) -> Response:
        """303 to `url`, where the page shows `notice` (a msgid, filled from `params`) once."""
        response = RedirectResponse(url, 303)
        if notice:
            texts = {language: translate(language, notice, **params) for language in LANGUAGES}
            set_cookie(response, NOTICE_COOKIE, seal_notice(texts, self.settings), self.settings, max_age=60)
        self.keep_browser(response)
        return response

    def saved(self, at: datetime | None = None) -> Response:
        """The answer to an autosave that worked."""
        moment = (at or self.now).astimezone(UTC)
        return JSONResponse({"saved_at": f"{moment:%H:%M} UTC", "at": moment.isoformat(timespec="seconds")})

    def unsaved(self, errors: Iterable[FieldError]) -> Response:
        """The answer to an autosave that could not be kept, with the reasons in the reader's language."""
        with use_language(self.lang):
            told = [{"field": error.field, "message": error_text(error)} for error in errors]
        return JSONResponse({"errors": told}, 400)

    def keep_browser(self, response: Response) -> None:
        """Remember this browser, if a form of the page was bound to it."""
        if self.asked.new_browser:
            set_cookie(response, BROWSER_COOKIE, self.asked.browser, self.settings, max_age=_YEAR_SECONDS)


def visit_of(name: str) -> Callable[[Request], Awaitable[Visit]]:
    """A dependency that gives the visit of a request to service `name`."""

    async def visit(request: Request) -> Visit:
        return Visit(request, asked_of(request).web.services[name])

    return visit
