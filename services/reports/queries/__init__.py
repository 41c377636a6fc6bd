"""The read side: what documents are made from, and the documents that there are."""

from services.reports.queries.documents import Printed, document, documents, printed_of, unfinished, waiting
from services.reports.queries.sources import (
    ProposalLine,
    WindowLine,
    briefing_source,
    proposal_lines,
    proposal_source,
    window_lines,
)

__all__ = [
    "Printed", "ProposalLine", "WindowLine", "briefing_source", "document", "documents", "printed_of",
    "proposal_lines", "proposal_source", "unfinished", "waiting", "window_lines",
]  # fmt: skip
