"""What reports tells: documents."""

from typing import Literal
from uuid import UUID

from contracts.events.payload import Payload
from contracts.values import Language


class DocumentRendered(Payload):
    """A document has been printed and kept."""

    document_id: UUID
    kind: Literal["proposal", "briefing"]
    subject: str
    language: Language
    pages: int
    sha256: str
