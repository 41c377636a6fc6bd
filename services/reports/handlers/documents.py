"""The life of a document: asked for, taken up, finished or failed.

A row is the job and the document in one, and there is one row per content: whoever asks for the same thing again, or
clicks twice, is shown the same row. A renderer holds a lease that it renews; when it dies the lease runs out and
another takes the row up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col, select

from contracts.envelope import new_id
from contracts.events import DocumentRendered
from services.chassis import leases
from services.chassis.errors import NotFound
from services.chassis.pdf import input_hash
from services.chassis.service import Context
from services.reports.store import exists
from services.reports.tables import FAILED, QUEUED, READY, RENDERING, DocumentRow

LEASE: Final = timedelta(seconds=12)
"""Renewed every three seconds, so that clocks of replicas may be nine seconds apart."""
MOST_ATTEMPTS: Final = leases.MOST_ATTEMPTS
INTERRUPTED: Final = leases.INTERRUPTED


@dataclass(frozen=True)
class Wish:
    """A document that somebody wants, composed and ready to be rendered."""

    kind: Literal["proposal", "briefing"]
    subject: str
    subject_name: str
    reference: str
    organisation_id: UUID | None
    language: str
    html: str
    title: str
    asked_by: str
    fallbacks: tuple[str, ...] = ()
    most_pages: int | None = None


def ask_for(context: Context, wish: Wish) -> DocumentRow:
    """The row of this very content: the one there is, or a new one that waits to be rendered.

    Raises Conflict at the commit when somebody asked for the same at the same moment; asking again finds theirs.
    """
    key = input_hash(wish.html, (), language=wish.language, title=wish.title)
    row = context.session.exec(select(DocumentRow).where(DocumentRow.input_hash == key).with_for_update()).first()
    if row is None:
        row = DocumentRow(
            id=new_id(), kind=wish.kind, subject=wish.subject, subject_name=wish.subject_name,
            reference=wish.reference, organisation_id=wish.organisation_id, language=wish.language, input_hash=key,
            html=wish.html, title=wish.title, fallbacks=list(wish.fallbacks), most_pages=wish.most_pages,
            asked_by=wish.asked_by, asked_at=context.now,
            traceparent=context.traceparent, correlation=context.correlation,
        )  # fmt: skip
    elif row.state == FAILED or (row.state == READY and not exists(context.session, row.sha256)):
        _queue_again(context, row)
    row.asked_at = context.now
    context.session.add(row)
    return row


def retry(context: Context, document_id: UUID) -> DocumentRow:
    """Have a document rendered again that failed, or whose bytes are lost. Raises NotFound."""
    row = context.session.get(DocumentRow, document_id, with_for_update=True)
    if row is None:
        raise NotFound(str(document_id))
    if row.state == FAILED or (row.state == READY and not exists(context.session, row.sha256)):
        _queue_again(context, row)
        row.asked_at = context.now
        context.session.add(row)
    return row


def _queue_again(context: Context, row: DocumentRow) -> None:
    row.state, row.attempts, row.error, row.leased_until = QUEUED, 0, "", None
    row.traceparent, row.correlation = context.traceparent, context.correlation


def take_next(context: Context) -> DocumentRow | None:
    """The oldest document that nobody renders, now leased to the caller; None when there is none.

    One that was taken up and lost again and again is given up: it may be what kills the renderer.
    """
    free = leases.free(
        col(DocumentRow.state), col(DocumentRow.leased_until), context.now, LEASE, waits=QUEUED, works=RENDERING
    )  # fmt: skip
    while True:
        oldest = select(DocumentRow).where(free).order_by(col(DocumentRow.asked_at)).limit(1)
        row = context.session.exec(oldest.with_for_update(skip_locked=True)).first()  # one that another printer takes
        if row is None:
            return None
        if row.attempts >= MOST_ATTEMPTS:
            fail(context, row.id, INTERRUPTED)
            context.session.flush()
            continue
        taken = leases.written(
            context.session,
            update(DocumentRow)
            .where(col(DocumentRow.id) == row.id, free)
            .values(state=RENDERING, attempts=row.attempts + 1, leased_until=context.now + LEASE),
        )
        context.session.refresh(row)
        if taken:
            return row


def renew(context: Context, document_ids: Sequence[UUID]) -> None:
    """Keep the lease on documents that are being rendered."""
    context.session.connection().execute(
        update(DocumentRow)
        .where(col(DocumentRow.id).in_(document_ids), col(DocumentRow.state) == RENDERING)
        .values(leased_until=context.now + LEASE)
    )


def put_back(context: Context, document_id: UUID, *, counts: bool) -> None:
    """Let a document wait again. `counts`: the attempt was one, so that there is an end to them."""
    row = context.session.get(DocumentRow, document_id, with_for_update=True)
    if row is not None and row.state == RENDERING:
        row.state, row.leased_until = QUEUED, None
        row.attempts = row.attempts if counts else max(0, row.attempts - 1)
        context.session.add(row)


def finish(context: Context, document_id: UUID, *, pages: int, size: int, sha256: str) -> None:
    """The file is kept: say so, once."""
    row = context.session.get(DocumentRow, document_id, with_for_update=True)
    if row is None or row.state == READY:
        return
    row.state, row.error, row.leased_until = READY, "", None
    row.pages, row.size, row.sha256, row.rendered_at = pages, size, sha256, context.now
    context.session.add(row)
    context.emit(
        DocumentRendered(
            document_id=row.id, kind=row.kind, subject=row.subject, language=row.language, pages=pages, sha256=sha256,
        ),
        subject=str(row.id),
    )  # fmt: skip


def fail(context: Context, document_id: UUID, error: str) -> None:
    """Give a document up. `error` is a code that the page puts into words."""
    row = context.session.get(DocumentRow, document_id, with_for_update=True)
    if row is not None and row.state != READY:
        row.state, row.error, row.leased_until = FAILED, error, None
        context.session.add(row)
