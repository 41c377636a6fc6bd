"""Pages about Programmes of Work: the list of actions, one action, the programme as a whole; and the JSON of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from time import monotonic
from typing import Annotated, Any, Final
from weakref import WeakKeyDictionary

from fastapi import APIRouter, Depends
from markupsafe import Markup
from starlette.responses import JSONResponse, Response

from services.chassis.db import Database
from services.chassis.errors import NotFound
from services.chassis.i18n import use_language
from services.chassis.security import User
from services.chassis.web import PUBLIC, Visit, allow, visit_of
from services.projects.pages import programme_texts as texts
from services.projects.pages.kept import KeptPages
from services.projects.queries.actions import Selection, find, read_selection
from services.projects.queries.programmes import ProgrammeHead, ProgrammeView, heads, programme_of

ROUTER: Final = APIRouter(prefix="/projects")
V = Annotated[Visit, Depends(visit_of("projects"))]


@dataclass(frozen=True)
class Shelf:
    """The programme that a page is about, and all that there are."""

    view: ProgrammeView
    heads: tuple[ProgrammeHead, ...]

    @property
    def base(self) -> str:
        """Where this programme's pages stand: the newest one has the short addresses."""
        return "/projects" if self.view.id == self.heads[0].id else f"/projects/programmes/{self.view.id}"

    @property
    def actions(self) -> str:
        """Address of the list of actions."""
        return f"{self.base}/actions"

    @property
    def overview(self) -> str:
        """Address of the page on the whole programme."""
        return f"{self.base}/programme" if self.base == "/projects" else self.base

    def action(self, action_id: str) -> str:
        """Address of one action."""
        return f"{self.actions}/{action_id}"

    def windows(self, action_id: str) -> str:
        """Address of the windows that could pay for one action; pages of another service, which may not be running."""
        newest = self.view.id == self.heads[0].id
        return f"/matching/actions/{action_id}" + ("" if newest else f"?programme={self.view.id}")

    def switch(self, page: str) -> list[tuple[str, str, bool]]:
        """(label, address, whether it is this one) of each programme; empty when there is only one."""
        if len(self.heads) < 2:
            return []
        shelves = [(head, head.id == self.heads[0].id) for head in self.heads]
        return [
            (f"{head.start}–{head.end}", _address(head.id, page, newest), head.id == self.view.id)
            for head, newest in shelves
        ]


def _address(programme_id: str, page: str, newest: bool) -> str:
    if newest:
        return f"/projects/{page}"
    return f"/projects/programmes/{programme_id}" + ("/actions" if page == "actions" else "")


@ROUTER.get("/actions", dependencies=[allow(PUBLIC)])
async def actions(visit: V) -> Response:
    """The actions of the newest programme."""
    return _list(visit, None)


@ROUTER.get("/programmes/{programme_id}/actions", dependencies=[allow(PUBLIC)])
async def actions_of(visit: V, programme_id: str) -> Response:
    """The actions of one programme."""
    return _list(visit, programme_id)


@ROUTER.get("/actions/{action_id}", dependencies=[allow(PUBLIC)])
async def action(visit: V, action_id: str) -> Response:
    """One action of the newest programme; an address of one that only an older programme has leads there."""
    shelf = _shelf(visit, None)
    if action_id in shelf.view.by_id:
        return _action(visit, shelf, action_id)
    for head in shelf.heads[1:]:
        if action_id in _shelf(visit, head.id).view.by_id:
            return visit.redirect(_shelf(visit, head.id).action(action_id))
    raise NotFound(action_id)


@ROUTER.get("/programmes/{programme_id}/actions/{action_id}", dependencies=[allow(PUBLIC)])
async def action_of(visit: V, programme_id: str, action_id: str) -> Response:
    """One action of one programme."""
    return _action(visit, _shelf(visit, programme_id), action_id)


@ROUTER.get("/programme", dependencies=[allow(PUBLIC)])
async def programme(visit: V) -> Response:
    """The newest programme as a whole."""
    return _overview(visit, None)


@ROUTER.get("/programmes/{programme_id}", dependencies=[allow(PUBLIC)])
async def programme_page(visit: V, programme_id: str) -> Response:
    """One programme as a whole."""
    return _overview(visit, programme_id)


@ROUTER.get("/api/actions", dependencies=[allow(PUBLIC)])
async def api_actions(visit: V) -> Response:
    """Actions as JSON, with the filters of the page and `programme` as parameters; `all=1` for one page of all."""
    parameters = visit.request.query_params.multi_items()
    shelf = _shelf(visit, visit.request.query_params.get("programme"))
    selection, ignored = read_selection(shelf.view, parameters)
    return JSONResponse(texts.list_as_json(shelf.view, find(shelf.view, selection), ignored))


@ROUTER.get("/api/actions/{action_id}", dependencies=[allow(PUBLIC)])
async def api_action(visit: V, action_id: str) -> Response:
    """One action as JSON; `programme` names another programme than the newest."""
    shelf = _shelf(visit, visit.request.query_params.get("programme"))
    found = shelf.view.by_id.get(action_id)
    if found is None:
        raise NotFound(action_id)
    return JSONResponse(texts.as_json(shelf.view, found))


@dataclass
class _Known:
    """What was read of the programmes, and when: at which commit of this process, and at which moment."""

    commits: int
    until: float
    shelves: dict[str, Shelf]
    newest: Shelf | None


_known: Final[WeakKeyDictionary[Database, _Known]] = WeakKeyDictionary()


def _shelf(visit: Visit, programme_id: str | None) -> Shelf:
    """The programme asked for, or the newest. Asks the database after every commit of this process, and else no more
    often than other processes' news may be late. Raises NotFound."""
    db = visit.service.db
    known = _known.get(db)
    if known is None or known.commits != db.commits or monotonic() > known.until:
        commits, until = db.commits, monotonic() + visit.settings.poll_seconds
        with visit.service.read() as session:
            found = heads(session)
            shelves = {head.id: Shelf(programme_of(session, head), found) for head in found}
        known = _known[db] = _Known(commits, until, shelves, next(iter(shelves.values()), None))
    shelf = known.shelves.get(programme_id) if programme_id else known.newest
    if shelf is None:
        raise NotFound(programme_id or "there is no programme")
    return shelf


def _list(visit: Visit, programme_id: str | None) -> Response:
    try:
        shelf = _shelf(visit, programme_id)
    except NotFound:
        if programme_id is not None:
            raise
        return visit.render("projects/actions.html", shelf=None, body="", ignored=[])
    key = _Key(visit.web.renderer, shelf)

    def context() -> Mapping[str, Any]:
        selection, ignored = read_selection(shelf.view, visit.request.query_params.multi_items())
        with use_language(visit.lang):
            notices = [texts.named_value(name, value) for name, value in ignored]
        return {"shelf": shelf, "body": _list_body(key, visit.lang, selection), "ignored": notices}

    return _LISTS.render(visit, key, context)


_LISTS: Final = KeptPages("projects/actions.html")


@dataclass(frozen=True)
class _Canonical:
    """Stands for the reader while a part that is the same for all readers is made: nobody, at its plain address."""

    path: str
    query: str
    user: User | None = None

    def csrf(self) -> str:
        """There is no form to protect in such a part."""
        raise RuntimeError("a shared part of a page must not hold a form that changes something")

    def now(self) -> datetime:
        """There is no time in such a part either."""
        raise RuntimeError("a shared part of a page must not depend on the time")

    def address(self) -> tuple[str, str]:
        """Path and query without what does not belong to the selection."""
        return self.path, self.query


class _Key:
    """A programme at one revision under one address, as the key of a part that is kept."""

    def __init__(self, renderer: Any, shelf: Shelf) -> None:
        self.renderer, self.shelf = renderer, shelf
        self._identity = (id(renderer), id(shelf.view), shelf.base, shelf.heads)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)


@lru_cache(maxsize=64)
def _list_body(key: _Key, language: str, selection: Selection) -> Markup:
    """Filters and results. They are the same for everyone, so a page that many ask for is made once.

    The key keeps the programme alive, so that an `id` is never that of another one.
    """
    shelf = key.shelf
    found = find(shelf.view, selection)
    reader = _Canonical(shelf.actions, selection.query().removeprefix("?"))
    with use_language(language):
        context: Mapping[str, Any] = texts.list_context(shelf.view, found, shelf.actions)
    return Markup(key.renderer.render("projects/actions_body.html", language, reader, context))  # noqa: S704 - escaped by Jinja


def _action(visit: Visit, shelf: Shelf, action_id: str) -> Response:
    found = shelf.view.by_id.get(action_id)
    if found is None:
        raise NotFound(action_id)
    with use_language(visit.lang):
        context = texts.action_context(shelf.view, found, shelf.actions, shelf.overview)
    return visit.render("projects/action.html", shelf=shelf, action=found, **context)


def _overview(visit: Visit, programme_id: str | None) -> Response:
    shelf = _shelf(visit, programme_id)
    with use_language(visit.lang):
        context = texts.overview_context(shelf.view)
    return visit.render("projects/programme.html", shelf=shelf, **context)
