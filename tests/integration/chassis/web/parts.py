"""A small service: notes that people write. It has a page for everything that the chassis promises about pages."""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel, select
from starlette.responses import JSONResponse, Response

from services.chassis.db import named_metadata
from services.chassis.errors import Conflict, DatabaseBusy, FieldError, Forbidden, Invalid, NotFound
from services.chassis.forms import REQUIRED, FormState, Reader, upload
from services.chassis.messaging import messaging_tables
from services.chassis.service import Component, Context, Service
from services.chassis.settings import Settings
from services.chassis.web import PUBLIC, SIGNED_IN, Visit, allow, visit_of

PAGE = """{% extends "layout.html" %}{% block title %}Notes{% endblock %}{% block content %}
{{ ui.page_head("Notes") }}<ul>{% for note in notes %}<li>{{ note }}</li>{% endfor %}</ul>
{{ ui.error_summary(form) }}{{ ui.form_open("/notes?kind=" ~ kind, once_only=True) }}
{{ ui.field(form, "text", "Text", required=True) }}{{ ui.button("Save") }}{{ ui.form_close() }}
<p id="sums">{{ 45000|amount("USD") }} {{ "high"|label("priorities") }} {{ _("Yes") }}</p>
{% endblock %}"""
REASONS = {
    "not-found": NotFound("x"), "conflict": Conflict("x"), "busy": DatabaseBusy("x"), "forbidden": Forbidden("x"),
    "invalid": Invalid([FieldError("text", REQUIRED, (("label", "Amount"),))]), "bug": RuntimeError("secret detail"),
}  # fmt: skip


class Table(SQLModel, registry=registry(metadata=named_metadata())):
    """Base of the tables."""


class Note(Table, table=True):
    """One note."""

    id: int | None = Field(default=None, primary_key=True)
    text: str


class NewNote(BaseModel):
    """A note as JSON."""

    text: str


ROUTER = APIRouter(prefix="/notes")
V = Annotated[Visit, Depends(visit_of("notes"))]


def _page(visit: Visit, form: FormState, status: int = 200, kind: str = "") -> Response:
    with visit.service.read() as session:
        notes = [note.text for note in session.exec(select(Note))]
    return visit.render("notes/page.html", status, notes=notes, form=form, kind=kind)


def _add(context: Context, text: str) -> None:
    context.session.add(Note(text=text))


@ROUTER.get("", dependencies=[allow(SIGNED_IN)])
async def notes(visit: V, page: int = 1, kind: str = "") -> Response:
    return _page(visit, FormState(), kind=kind)


@ROUTER.get("/open", dependencies=[allow(PUBLIC)])
async def open_page(visit: V, q: str = "") -> Response:
    return _page(visit, FormState({"text": q}))


@ROUTER.post("", dependencies=[allow("lead", "coordinator")])
async def write(visit: V, kind: str = "") -> Response:
    form = await visit.form()
    reader = Reader(form)
    text = reader.text("text", label="Amount", required=True)
    try:
        reader.check()
    except Invalid as invalid:
        if visit.is_autosave:
            return visit.unsaved(invalid.errors)
        return _page(visit, FormState.of(form, invalid.errors), 400)
    await visit.work(lambda context: _add(context, text))
    return visit.saved() if visit.is_autosave else visit.redirect("/notes", notice="Saved")


@ROUTER.post("/open", dependencies=[allow(PUBLIC)])
async def write_open(visit: V) -> Response:
    form = await visit.form()
    file = upload(form, "letter")
    return JSONResponse({
        "fields": [[name, value] for name, value in form.multi_items() if isinstance(value, str) and name != "csrf"],
        "file": [file.filename, len(await file.read())] if file else None,
    })  # fmt: skip


@ROUTER.post("/api", dependencies=[allow("coordinator")])
async def write_json(visit: V, note: NewNote) -> Response:
    await visit.work(lambda context: _add(context, note.text))
    return JSONResponse({"text": note.text}, 201)


@ROUTER.get("/fails/{how}", dependencies=[allow(PUBLIC)])
async def fails(visit: V, how: str) -> Response:
    raise REASONS[how]


@ROUTER.post("/fails/{how}", dependencies=[allow(PUBLIC)])
async def fails_after_reading(visit: V, how: str) -> Response:
    await visit.form()
    raise REASONS[how]


@ROUTER.get("/number/{number}", dependencies=[allow(PUBLIC)])
async def number(visit: V, number: int) -> Response:
    return JSONResponse({"number": number})


@ROUTER.get("/coordinators", dependencies=[allow("coordinator", "secretariat")])
async def coordinators(visit: V) -> Response:
    return JSONResponse({"name": visit.person.name, "traceparent": visit.traceparent})


def open_notes(settings: Settings, folder: Path) -> Service:
    """The service on a fresh database, with its template and style in `folder`."""
    (folder / "templates" / "notes").mkdir(parents=True)
    (folder / "templates" / "notes" / "page.html").write_text(PAGE, encoding="utf-8")
    (folder / "static").mkdir()
    (folder / "static" / "notes.css").write_text("p { margin: 0 }", encoding="utf-8")
    component = Component(
        name="notes", metadata=Table.metadata, messaging=MESSAGING, migrations=folder, router=ROUTER,
        templates=folder / "templates", locale=folder / "locale", static=folder / "static",
    )  # fmt: skip
    service = Service(component, settings)
    Table.metadata.create_all(service.db.engine)
    return service


MESSAGING = messaging_tables(Table.metadata)
