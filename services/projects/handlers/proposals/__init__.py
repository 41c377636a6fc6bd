"""Handlers of proposals: load, let the rules decide, save, emit."""

from services.projects.handlers.proposals.drafts import (
    NotNow,
    Saved,
    SectionChanged,
    applied,
    delete_draft,
    newest_programme,
    restore_draft,
    save_section,
    start_proposal,
)
from services.projects.handlers.proposals.submission import NotReady, converter, submit_proposal, withdraw_proposal

__all__ = [
    "NotNow", "NotReady", "Saved", "SectionChanged", "applied", "converter", "delete_draft",
    "newest_programme", "restore_draft", "save_section", "start_proposal", "submit_proposal", "withdraw_proposal",
]  # fmt: skip
