"""Printing a briefing on a funding window, for a meeting with its donor."""

from typing import Final

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from contracts.vocabulary import LANGUAGES
from services.chassis.errors import Invalid, NotFound
from services.chassis.forms import FormState, Reader
from services.chassis.i18n import LANGUAGE_NAMES, N_
from services.chassis.web import Visit, allow
from services.reports import queries
from services.reports.documents.briefing import compose_briefing
from services.reports.handlers.documents import Wish
from services.reports.pages.common import SECRETARIAT, V, as_language, ask, not_here_yet, serve
from services.reports.sources import BriefingSource
from services.reports.tables import DocumentRow

MAX_WORDS: Final = 200
"""Letters of a search that are looked at."""
ROUTER = APIRouter(prefix="/reports/windows")


@ROUTER.get("", dependencies=[allow(*SECRETARIAT)])
async def windows(visit: V, q: str = "") -> Response:
    """Windows that a briefing can be printed for. `q`: words of the names of windows and donors."""
    with visit.service.read() as session:
        known = queries.window_lines(session)
    words = q.strip()[:MAX_WORDS]
    wanted = words.casefold().split()
    found = [line for line in known if all(word in f"{line.name} {line.donor_name}".casefold() for word in wanted)]
    return visit.render("reports/windows.html", windows=found, known=known, words=words)


@ROUTER.get("/{window_id}/briefing.pdf", dependencies=[allow(*SECRETARIAT)])
async def file(visit: V, window_id: str, lang: str = "") -> Response:
    """The briefing as PDF, made now if it has not been yet. Raises NotFound."""
    language = as_language(visit, lang)
    source = _source(visit, window_id)
    if source is None:
        raise NotFound(window_id)
    return await serve(visit, await _ask(visit, source, language))


@ROUTER.get("/{window_id}", dependencies=[allow(*SECRETARIAT)])
async def window(visit: V, window_id: str, again: str = "") -> Response:
    """Choose a language and print; the briefings printed before."""
    source = _source(visit, window_id)
    if source is None:
        return not_here_yet(visit, again, f"/reports/windows/{window_id}" if _plain(window_id) else "")
    return _page(visit, source, FormState({"language": visit.lang}))


@ROUTER.post("/{window_id}/print", dependencies=[allow(*SECRETARIAT)])
async def print_(visit: V, window_id: str) -> Response:
    """Start printing. Raises NotFound."""
    source = _source(visit, window_id)
    if source is None:
        raise NotFound(window_id)
    form = await visit.form()
    try:
        reader = Reader(form)
        language = reader.choice("language", LANGUAGES, label=N_("Language of the document"), required=True)
        reader.check()
    except Invalid as error:
        return _page(visit, source, FormState.of(form, error.errors), 400)
    row = await _ask(visit, source, language)
    return visit.redirect(f"/reports/documents/{row.id}")


def _source(visit: Visit, window_id: str) -> BriefingSource | None:
    with visit.service.read() as session:
        return queries.briefing_source(session, window_id)


def _plain(window_id: str) -> bool:
    return window_id.isascii() and len(window_id) <= 80 and all(c.isalnum() or c in "-_" for c in window_id)


def _page(visit: Visit, source: BriefingSource, form: FormState, status: int = 200) -> Response:
    with visit.service.read() as session:
        printed = queries.printed_of(session, "briefing", source.terms.window_id)
    return visit.render(
        "reports/window.html", status, terms=source.terms, origin=source.origin, printed=printed, form=form,
        actions=sum(pairing.count for pairing in source.pairings), proposals=len(source.fitting),
        newest=source.newest, languages=[(code, LANGUAGE_NAMES[code]) for code in LANGUAGES],
    )  # fmt: skip


async def _ask(visit: Visit, source: BriefingSource, language: str) -> DocumentRow:
    terms = source.terms
    composed = await run_in_threadpool(compose_briefing, source, language)
    return await ask(
        visit,
        Wish(
            kind="briefing", subject=terms.window_id, subject_name=f"{terms.name}, {terms.donor_name}",
            reference=terms.window_id, organisation_id=None, language=language, html=composed.html,
            title=composed.title, asked_by=visit.person.name, fallbacks=composed.fallbacks,
            most_pages=composed.most_pages,
        ),
    )  # fmt: skip
