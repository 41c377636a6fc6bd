"""The documents that people asked for."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import load_only
from sqlalchemy.orm.interfaces import ORMOption
from sqlmodel import Session, col, func, select

from services.chassis.paging import Page, page_number
from services.reports.tables import QUEUED, RENDERING, DocumentRow

PAGE_SIZE = 25
_LISTED = (
    DocumentRow.id, DocumentRow.kind, DocumentRow.subject, DocumentRow.subject_name, DocumentRow.reference,
    DocumentRow.organisation_id, DocumentRow.language, DocumentRow.state, DocumentRow.error, DocumentRow.asked_by,
    DocumentRow.asked_at, DocumentRow.rendered_at, DocumentRow.pages, DocumentRow.size, DocumentRow.sha256,
    DocumentRow.title, DocumentRow.attempts,
)  # fmt: skip
"""All but the documents' text, which is long."""


@dataclass(frozen=True)
class Printed:
    """A document as pages show it."""

    id: UUID
    kind: str
    subject: str
    subject_name: str
    reference: str
    organisation_id: UUID | None
    language: str
    state: str
    error: str
    asked_by: str
    asked_at: datetime
    rendered_at: datetime | None
    pages: int | None
    size: int | None
    sha256: str
    title: str

    @property
    def under_way(self) -> bool:
        """Whether it is still being made."""
        return self.state in (QUEUED, RENDERING)


def documents(session: Session, *, organisation_id: UUID | None, page: int = 1) -> Page[Printed]:
    """Documents by when they were last asked for; only those of `organisation_id` unless that is None."""
    query, count = select(DocumentRow).options(_brief()), select(func.count()).select_from(DocumentRow)
    if organisation_id is not None:
        query = query.where(DocumentRow.organisation_id == organisation_id)
        count = count.where(DocumentRow.organisation_id == organisation_id)
    total = session.exec(count).one()
    number = page_number(page, total, PAGE_SIZE)
    rows = session.exec(
        query.order_by(col(DocumentRow.asked_at).desc(), col(DocumentRow.id).desc())
        .offset((number - 1) * PAGE_SIZE)
        .limit(PAGE_SIZE)
    )
    return Page([_printed(row) for row in rows], number, PAGE_SIZE, total)


def printed_of(session: Session, kind: str, subject: str, limit: int = 12) -> list[Printed]:
    """The newest documents about one proposal or window."""
    rows = session.exec(
        select(DocumentRow)
        .options(_brief())
        .where(DocumentRow.subject == subject, DocumentRow.kind == kind)
        .order_by(col(DocumentRow.asked_at).desc())
        .limit(limit)
    )
    return [_printed(row) for row in rows]


def document(session: Session, document_id: UUID) -> Printed | None:
    """One document."""
    row = session.exec(select(DocumentRow).options(_brief()).where(DocumentRow.id == document_id)).first()
    return _printed(row) if row else None


def waiting(session: Session) -> int:
    """How many documents are still to be made."""
    return session.exec(
        select(func.count()).select_from(DocumentRow).where(col(DocumentRow.state).in_((QUEUED, RENDERING)))
    ).one()


def unfinished(session: Session) -> dict[str, int]:
    """State -> how many documents wait in it, for those that are not made yet."""
    states = col(DocumentRow.state)
    query = select(states, func.count()).where(states.in_((QUEUED, RENDERING))).group_by(states)
    return {str(state): int(count) for state, count in session.exec(query)}


def _brief() -> ORMOption:
    return load_only(*_LISTED)  # type: ignore[arg-type]


def _printed(row: DocumentRow) -> Printed:
    return Printed(
        row.id, row.kind, row.subject, row.subject_name, row.reference, row.organisation_id, row.language, row.state,
        row.error, row.asked_by, row.asked_at, row.rendered_at, row.pages, row.size, row.sha256, row.title,
    )  # fmt: skip
