"""One window: its rules with their evidence, its history, closing and opening it again."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from contracts import vocabulary
from services.chassis.errors import Conflict, FieldError, Invalid
from services.chassis.forms import FormState
from services.chassis.i18n import N_
from services.chassis.web import SIGNED_IN, Visit, allow, visit_of
from services.donors import forms, handlers, queries, rules
from services.donors.commands import CloseWindow, ReopenWindow
from services.donors.pages.common import EDITORS, author_of, words

ROUTER = APIRouter(prefix="/donors")
V = Annotated[Visit, Depends(visit_of("donors"))]
CHANGED = N_("Somebody else changed this window meanwhile. Please look at its terms and send this once more.")


@ROUTER.get("/windows/{window_id}", dependencies=[allow(SIGNED_IN)])
async def window(visit: V, window_id: str) -> Response:
    """Every rule with its value, its evidence, and how sure we are."""
    return _page(visit, window_id, None)


@ROUTER.get("/windows/{window_id}/history", dependencies=[allow(SIGNED_IN)])
async def history(visit: V, window_id: str) -> Response:
    """What each revision changed."""
    with visit.service.read() as session:
        found = queries.window(session, window_id)
        differences = queries.differences(session, window_id)
    return visit.render("donors/history.html", view=found, differences=differences, **words())


@ROUTER.post("/windows/{window_id}/close", dependencies=[allow(*EDITORS)])
async def close(visit: V, window_id: str) -> Response:
    """Take the window out of use."""
    form = await visit.form()
    try:
        revision, reason = forms.read_reason(form)
    except Invalid as error:
        return _page(visit, window_id, FormState.of(form, error.errors), 400)
    command = CloseWindow(window_id, revision, reason, author_of(visit.person))
    try:
        await visit.work(lambda context: handlers.close_window(context, command))
    except Conflict:
        return _page(visit, window_id, FormState.of(form, [FieldError("reason", CHANGED)]), 409)
    return visit.redirect(f"/donors/windows/{window_id}", notice=N_("The window is closed. Rankings follow."))


@ROUTER.post("/windows/{window_id}/reopen", dependencies=[allow(*EDITORS)])
async def reopen(visit: V, window_id: str) -> Response:
    """Take the window into use again."""
    form = await visit.form()
    try:
        revision, status, reason = forms.read_reopening(form)
    except Invalid as error:
        return _page(visit, window_id, FormState.of(form, error.errors), 400)
    command = ReopenWindow(window_id, revision, status, reason, author_of(visit.person))
    try:
        await visit.work(lambda context: handlers.reopen_window(context, command))
    except Conflict:
        return _page(visit, window_id, FormState.of(form, [FieldError("reason", CHANGED)]), 409)
    return visit.redirect(f"/donors/windows/{window_id}", notice=N_("The window is open again. Rankings follow."))


def _page(visit: Visit, window_id: str, form: FormState | None, status: int = 200) -> Response:
    with visit.service.read() as session:
        found = queries.window(session, window_id)
        before = queries.status_before_closing(session, window_id) if found.is_closed else ""
    statuses = [option for option in vocabulary.options("window_statuses", visit.lang) if option[0] != rules.CLOSED]
    typed = form.values if form else {"status": before}
    form = FormState({**typed, "revision": str(found.terms.revision)}, form.errors if form else [])
    return visit.render(
        "donors/window.html", status, view=found, terms=found.terms, may_edit=visit.person.has(*EDITORS),
        form=form, statuses=statuses, **words(),
    )  # fmt: skip
