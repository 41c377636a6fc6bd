"""Pages that are the same for everyone but for the token of their forms: made once, then only the token is put in.

The list of actions is what most visits begin with, and making it anew each time would be most of its cost. A page is
kept for one key (which must change when what it shows changes), language, address and person.
"""

import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any, Final

from starlette.responses import HTMLResponse, Response

from services.chassis.security import NOTICE_COOKIE, User
from services.chassis.web import Visit

MOST: Final = 128
"""Pages that are kept, the least used are dropped first. One has some 60 kB."""
_TOKEN: Final = secrets.token_urlsafe(24)
"""Stands where the token goes. Nobody knows it, so that no search for it puts a token into the words of a page."""


@dataclass(frozen=True)
class _AnyVisit:
    """Reads a page for all later visits of the same person: its token is a mark that is replaced each time."""

    user: User | None
    at: tuple[str, str]
    moment: datetime

    def csrf(self) -> str:
        """The mark."""
        return _TOKEN

    def now(self) -> datetime:
        """The moment when the page was made; a page that is kept must not depend on it."""
        return self.moment

    def address(self) -> tuple[str, str]:
        """Path and query of the page."""
        return self.at


class KeptPages:
    """Some pages of one template. Thread-safe."""

    def __init__(self, template: str) -> None:
        self._template = template
        self._pages: OrderedDict[tuple[Any, ...], str] = OrderedDict()
        self._lock = Lock()

    def render(self, visit: Visit, key: object, context: Callable[[], Mapping[str, Any]]) -> Response:
        """The page for `key`; `context` is only called when it is not kept. `key` is compared by value."""
        asked = visit.asked
        if NOTICE_COOKIE in asked.cookies:  # what it says is for this visit alone
            return visit.render(self._template, **context())
        reader = _AnyVisit(asked.user, asked.address(), asked.now())
        whole = (key, asked.language, reader.user, reader.at)
        page = self._pages.get(whole)
        if page is None:
            values = {"visit": visit, "user": asked.user, "lang": asked.language, "notice": "", **context()}
            page = visit.web.renderer.render(self._template, asked.language, reader, values)
        with self._lock:
            self._pages[whole] = page
            self._pages.move_to_end(whole)
            while len(self._pages) > MOST:
                self._pages.popitem(last=False)
        response = HTMLResponse(page.replace(_TOKEN, asked.csrf()))
        visit.keep_browser(response)
        return response
