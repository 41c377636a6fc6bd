"""What the pages of this service share: who may see what, asking for a document, and waiting for it."""

import asyncio
from typing import Annotated, Final
from urllib.parse import quote
from uuid import UUID

from fastapi import Depends
from starlette.responses import Response

from contracts.vocabulary import LANGUAGES
from services.chassis.errors import Conflict, NotFound
from services.chassis.i18n import N_
from services.chassis.web import Visit, visit_of
from services.reports import queries, store
from services.reports.documents.typography import clip
from services.reports.handlers import documents
from services.reports.handlers.documents import Wish
from services.reports.queries import Printed
from services.reports.tables import READY, DocumentRow

V = Annotated[Visit, Depends(visit_of("reports"))]
SECRETARIAT: Final = ("coordinator", "secretariat")
ERRORS: Final = {
    "interrupted": N_("The program was interrupted each time it began this document. If it happens again, tell the "
                      "secretariat which document it is."),
    "timeout": N_("The document took longer than one document may. A shorter text, or fewer lines, may help."),
    "failed": N_("The document could not be made. Please try again; if it happens again, tell the secretariat."),
}  # fmt: skip
NOBODY: Final = UUID(int=0)
"""Stands for the organisation of people who have none: nothing belongs to it."""
MOST_LOOKS: Final = 15
"""How often a page looks again by itself for something that is under way."""


def own_organisation(visit: Visit) -> UUID | None:
    """The organisation whose documents alone this person sees; None for people who see all."""
    person = visit.person
    return None if person.has(*SECRETARIAT) else person.organisation_id or NOBODY


def as_uuid(text: str) -> UUID:
    """The id in an address. Raises NotFound for what is none."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(text) from None


def as_language(visit: Visit, text: str) -> str:
    """The language of a document: the one asked for, else the reader's. Raises NotFound for one that we do not have."""
    if not text:
        return visit.lang
    if text not in LANGUAGES:
        raise NotFound(text)
    return text


def looks(again: str) -> int:
    """How often the page has looked already, out of its address."""
    return min(int(again), MOST_LOOKS) if again.isascii() and again.isdigit() and len(again) < 4 else 0


async def ask(visit: Visit, wish: Wish) -> DocumentRow:
    """Ask for a document and wake the printer."""
    try:
        row = await visit.work(lambda context: documents.ask_for(context, wish))
    except Conflict:  # somebody asked for the same at this very moment: theirs is there now
        row = await visit.work(lambda context: documents.ask_for(context, wish))
    if row.state != READY:
        visit.service.extras.wake()
    return row


async def ready(visit: Visit, document_id: UUID, *, seconds: float = 25.0) -> Printed | None:
    """The document once it is there; None when it failed or takes longer than `seconds`."""
    loop, pause = asyncio.get_running_loop(), 0.02
    end = loop.time() + seconds
    while True:
        with visit.service.read() as session:
            printed = queries.document(session, document_id)
        if printed is None or not printed.under_way:
            return printed if printed and printed.state == READY else None
        if loop.time() > end:
            return None
        await asyncio.sleep(pause)
        pause = min(pause * 1.3, 0.25)


async def serve(visit: Visit, row: DocumentRow) -> Response:
    """The document itself when it is there soon, else the page that shows how far it is."""
    printed = await ready(visit, row.id)
    return answer(visit, printed) if printed else visit.redirect(f"/reports/documents/{row.id}")


def answer(visit: Visit, printed: Printed, *, download: bool = False) -> Response:
    """The kept document, or word that the browser has it already. Raises NotFound when its bytes are lost."""
    etag = f'"{printed.sha256}"'
    if visit.request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers={"etag": etag, "cache-control": "private, no-cache"})
    with visit.service.read() as session:
        content = store.content_of(session, printed.sha256)
    if content is None:
        raise NotFound(printed.sha256)
    response = Response(content, media_type="application/pdf")
    response.headers["content-disposition"] = disposition(printed, download=download)
    response.headers["cache-control"] = "private, no-cache"
    response.headers["etag"] = etag
    response.headers["content-language"] = printed.language
    return response


def disposition(printed: Printed, *, download: bool) -> str:
    """Content-Disposition with a name that any system can keep, and the real one in UTF-8 beside it."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "-" for c in printed.reference)
    plain = f"{plain.strip('-.') or 'document'}-{printed.language}.pdf"
    full = "".join(c for c in f"{printed.reference} {clip(printed.subject_name, 80)} ({printed.language}).pdf"
                   if c.isprintable() and c not in '\\/:*?"<>|')  # fmt: skip
    kind = "attachment" if download else "inline"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(full, safe='')}"


def not_here_yet(visit: Visit, again: str, address: str) -> Response:
    """404 for what is unknown, not this person's, or still on its way: the page looks again for a while."""
    seen = looks(again)
    following = f"{address}?again={seen + 1}" if seen < MOST_LOOKS else ""
    return visit.render("reports/missing.html", 404, following=following, pause=2 if seen < 5 else 5)
