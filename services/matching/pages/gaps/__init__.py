"""The funding-gap map: sections by states or species, what is behind each cell, its months, and how to take it along.

Counts are for everybody who is signed in. Amounts, and whose proposals they are, are for staff; an organisation sees
its own proposals.
"""

from datetime import date
from typing import Final

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from services.chassis.errors import NotFound
from services.chassis.i18n import use_language
from services.chassis.paging import Page, page_number
from services.chassis.sheets import CSV, XLSX, csv_of
from services.chassis.web import SIGNED_IN, allow
from services.matching import words
from services.matching.pages.access import V, follow_the_calendar
from services.matching.pages.facets import chips
from services.matching.pages.gaps import cells, drilling, export
from services.matching.pages.gaps.looking import DAYS, FILTERS, View, look, turned
from services.matching.queries.current import current_to
from services.matching.queries.gaps import dated_windows
from services.matching.rules.gaps import STANDINGS, Axis, closing_unused
from services.matching.words import gaps as gap_words

ROUTER: Final = APIRouter()
SIZE: Final = 25
MONTHS: Final = 13
"""So many months are drawn, this one included."""
_AXES: Final[tuple[Axis, ...]] = ("state", "species")


@ROUTER.get("/gaps", dependencies=[allow(SIGNED_IN)])
async def gap_page(visit: V) -> Response:
    """The heat map."""
    await follow_the_calendar(visit)
    with visit.service.read() as session:
        view = look(visit, session)
        if view is None:
            return visit.render("matching/gaps.html", view=None, current=current_to(session), say=words)
        story = view.story(session, visit, view.months[-MONTHS:])
        pursued = {one.window_id for plea in view.pleas.values() for one in plea.pursuits if one.stage != "declined"}
        closing = closing_unused(view.gaps, dated_windows(session), pursued, today=visit.now.date(), days=view.days)
    return visit.render(
        "matching/gaps.html", view=view, drawn=cells.draw(view, visit.lang), current=view.current, say=words,
        gap=gap_words, chips=chips(view.facets), standings=tuple(reversed(STANDINGS)), story=story, days=DAYS,
        closing=[] if view.month else closing, today=visit.now.date(), filters=FILTERS,
        beside=_beside(view, visit.lang),
    )  # fmt: skip


@ROUTER.get("/gaps/cell", dependencies=[allow(SIGNED_IN)])
async def gap_cell(visit: V) -> Response:
    """The actions behind a cell, a row, a column or the whole map."""
    await follow_the_calendar(visit)
    section_asked, column = (visit.request.query_params.get(name) or None for name in ("section", "column"))
    with visit.service.read() as session:
        view = look(visit, session)
        if view is None:
            raise NotFound("no programme")
        section = _section(section_asked, view)
        if column is not None and column not in view.map.columns:
            raise NotFound(column)
        gaps = drilling.gaps_in(view, section, column)
        number = page_number(view.asked.page, len(gaps), SIZE)
        shown = gaps[(number - 1) * SIZE : number * SIZE]
        rows = drilling.behind(session, view, shown, column, visit.person.organisation_id)
    cell = view.map.total
    if section is not None:
        cell = view.map.rows[section] if column is None else view.map.cell(section, column)
    elif column is not None:
        cell = view.map.foot[column]
    title = next((one.section_title for one in view.known.values() if one.need.section == section), None)
    return visit.render(
        "matching/gap_cell.html", view=view, page=Page(rows, number, SIZE, len(gaps)), section=section, title=title,
        column=column, cell=cell, gap=gap_words, say=words, standings=tuple(reversed(STANDINGS)),
        current=view.current, chips=chips(view.facets),
        newest=view.programme.programme_id == view.programmes[0].programme_id,
    )  # fmt: skip


@ROUTER.get("/gaps/history", dependencies=[allow(SIGNED_IN)])
async def gap_history(visit: V) -> Response:
    """How the map has come along, month by month."""
    with visit.service.read() as session:
        view = look(visit, session)
        if view is None:
            raise NotFound("no programme")
        story = view.story(session, visit, view.months)
    return visit.render(
        "matching/gap_history.html", view=view, story=story, drawn=story[-MONTHS:], gap=gap_words, say=words,
        standings=tuple(reversed(STANDINGS)), current=view.current, chips=chips(view.facets),
        order=STANDINGS,
    )  # fmt: skip


@ROUTER.get("/gaps.xlsx", dependencies=[allow(SIGNED_IN)])
async def gap_workbook(visit: V) -> Response:
    """What the filters keep, as a workbook."""
    await follow_the_calendar(visit)
    with visit.service.read() as session:
        view = _needed(look(visit, session))
        maps = [(axis, view.map if axis == view.axis else turned(session, view, axis)[1]) for axis in _AXES]
    book = export.Book(view, maps, visit.lang)

    def write() -> bytes:
        with use_language(visit.lang):
            return export.workbook(book)

    return _file(await run_in_threadpool(write), XLSX, f"{_name(view, visit.now.date())}.xlsx")


@ROUTER.get("/gaps.csv", dependencies=[allow(SIGNED_IN)])
async def gap_table(visit: V) -> Response:
    """The cells of the map that was asked for, a line each."""
    await follow_the_calendar(visit)
    with visit.service.read() as session:
        view = _needed(look(visit, session))
    with use_language(visit.lang):
        content = csv_of(export.cells_sheet(view, visit.lang))
    return _file(content, CSV, f"{_name(view, visit.now.date())}-{view.axis}.csv")


def _needed(view: View | None) -> View:
    if view is None:
        raise NotFound("no programme")
    return view


def _section(asked: str | None, view: View) -> int | None:
    """The section that the address names. Raises NotFound for one that the map does not have."""
    if asked is None:
        return None
    if not asked.isascii() or not asked.isdigit() or int(asked[:9]) not in view.map.sections:
        raise NotFound(asked)
    return int(asked[:9])


def _file(content: bytes, kind: str, name: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "private, no-store"}
    return Response(content, media_type=kind, headers=headers)


def _name(view: View, today: date) -> str:
    when = f"{view.month:%Y-%m}" if view.month else f"{today:%Y-%m-%d}"
    return f"funding-gaps-{view.programme.programme_id}-{when}"


def _beside(view: View, language: str) -> str:
    count, money = view.beside
    with use_language(language):
        return export.beside_text(count, money.whole, language) if count and view.staff else ""
