"""What this service does: it keeps copies of what others publish, and the documents that people ask for."""

from typing import Final

from contracts.events import (
    ActionPublished,
    PairDecided,
    ProposalJudged,
    ProposalSubmitted,
    ProposalWithdrawn,
    WindowPairedWithActions,
    WindowPublished,
)
from services.chassis.service import Routes
from services.reports.handlers import copies

ROUTES: Final[Routes] = {
    ProposalSubmitted: copies.on_proposal_submitted,
    ProposalWithdrawn: copies.on_proposal_withdrawn,
    WindowPublished: copies.on_window_published,
    ActionPublished: copies.on_action_published,
    ProposalJudged: copies.on_proposal_judged,
    WindowPairedWithActions: copies.on_window_paired,
    PairDecided: copies.on_pair_decided,
}
"""Event -> handler."""
