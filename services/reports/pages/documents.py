"""The documents there are: the list, one that is under way, and the file itself."""

from fastapi import APIRouter
from starlette.responses import Response

from services.chassis.errors import NotFound
from services.chassis.web import SIGNED_IN, allow
from services.reports import queries, store
from services.reports.handlers import documents
from services.reports.pages.common import ERRORS, MOST_LOOKS, V, answer, as_uuid, looks, own_organisation
from services.reports.queries import Printed
from services.reports.tables import READY

ROUTER = APIRouter(prefix="/reports")


@ROUTER.get("", dependencies=[allow(SIGNED_IN)])
async def printed(visit: V, page: str = "1") -> Response:
    """Documents printed lately."""
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1
    with visit.service.read() as session:
        found = queries.documents(session, organisation_id=own_organisation(visit), page=number)
    return visit.render("reports/documents.html", page=found)


@ROUTER.get("/documents/{document_id}.pdf", dependencies=[allow(SIGNED_IN)])
async def file(visit: V, document_id: str, download: str = "") -> Response:
    """The file; while there is none, the page that says why. Raises NotFound."""
    found = _own(visit, document_id)
    if found.state != READY or _lost(visit, found):
        return visit.redirect(f"/reports/documents/{found.id}")
    return answer(visit, found, download=bool(download))


@ROUTER.get("/documents/{document_id}", dependencies=[allow(SIGNED_IN)])
async def document(visit: V, document_id: str, again: str = "") -> Response:
    """How far a document is; it may be left and found again. Raises NotFound."""
    found = _own(visit, document_id)
    seen = looks(again)
    waits = found.under_way and seen < MOST_LOOKS
    return visit.render(
        "reports/document.html", document=found, error=ERRORS.get(found.error, ""),
        lost=_lost(visit, found),
        following=f"/reports/documents/{found.id}?again={seen + 1}" if waits else "", pause=1 if seen < 5 else 4,
    )  # fmt: skip


@ROUTER.post("/documents/{document_id}/retry", dependencies=[allow(SIGNED_IN)])
async def retry(visit: V, document_id: str) -> Response:
    """Have a document that failed, or whose file is gone, made again. Raises NotFound."""
    found = _own(visit, document_id)
    await visit.work(lambda context: documents.retry(context, found.id))
    visit.service.extras.wake()
    return visit.redirect(f"/reports/documents/{found.id}")


def _lost(visit: V, found: Printed) -> bool:
    """Whether the document was made and its bytes are not there any more."""
    if found.state != READY:
        return False
    with visit.service.read() as session:
        return not store.exists(session, found.sha256)


def _own(visit: V, document_id: str) -> Printed:
    """The document, if this person may see it. Raises NotFound: another's looks like none."""
    organisation = own_organisation(visit)
    with visit.service.read() as session:
        found = queries.document(session, as_uuid(document_id))
    if found is None or (organisation is not None and found.organisation_id != organisation):
        raise NotFound(document_id)
    return found
