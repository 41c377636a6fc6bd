"""Kept documents: their bytes lie in the service's own database, each under the hash of its content.

So every replica can serve what another has printed, a document and its row become true in one transaction, and a copy
of the database is a copy of all there is.
"""

import logging
from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from services.chassis.service import Progress, Service
from services.reports.tables import KeptFileRow

LOG = logging.getLogger("cami.reports")


def keep(session: Session, content: bytes, at: datetime) -> str:
    """Keep `content` with the caller's transaction, once however often it is kept; answers its SHA-256 (hex)."""
    digest = sha256(content).hexdigest()
    connection = session.connection()
    row = {"sha256": digest, "content": content, "size": len(content), "kept_at": at}
    connection.execute(_insert(connection.dialect.name), row)
    return digest


def exists(session: Session, digest: str) -> bool:
    """Whether it is there."""
    return session.exec(select(KeptFileRow.size).where(KeptFileRow.sha256 == digest)).first() is not None


def content_of(session: Session, digest: str) -> bytes | None:
    """The bytes that were kept under this hash; None when there are none."""
    return session.exec(select(col(KeptFileRow.content)).where(KeptFileRow.sha256 == digest)).first()


def take_over(service: Service, progress: Progress) -> None:
    """Bring files into the database that an earlier version kept in the data folder.

    A file is deleted after the database has it. One whose content is not what its name says stays where it is.
    """
    folder = service.settings.data_dir / "documents"
    files = sorted(folder.glob("*.pdf")) if folder.is_dir() else []
    for number, path in enumerate(files, 1):
        _take_over(service, path)
        progress("Moving printed documents into the database", number, len(files))


def _take_over(service: Service, path: Path) -> None:
    try:
        content = path.read_bytes()
    except FileNotFoundError:  # another replica has just taken it
        return
    if sha256(content).hexdigest() != path.stem:
        LOG.warning("%s is damaged and was left where it is; the document can be made again", path)
        return
    with service.work() as context:
        keep(context.session, content, context.now)
    path.unlink(missing_ok=True)


@cache
def _insert(dialect: str) -> Insert:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return insert(KeptFileRow).on_conflict_do_nothing()
