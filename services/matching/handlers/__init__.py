"""Events in, verdicts out. Each handler may run twice, or late, without harm."""

from contracts.events import ActionPublished, ProgrammeImported, ProposalSubmitted, ProposalWithdrawn, WindowPublished
from services.chassis.service import Routes
from services.matching.handlers.actions import on_action_published, on_programme_imported
from services.matching.handlers.calendar import catch_up, overdue_pairings, overdue_windows
from services.matching.handlers.decisions import decide_pair
from services.matching.handlers.proposals import on_proposal_submitted, on_proposal_withdrawn
from services.matching.handlers.windows import on_window_published

__all__ = ["ROUTES", "catch_up", "decide_pair", "overdue_pairings", "overdue_windows"]

ROUTES: Routes = {
    WindowPublished: on_window_published,
    ProposalSubmitted: on_proposal_submitted,
    ProposalWithdrawn: on_proposal_withdrawn,
    ActionPublished: on_action_published,
    ProgrammeImported: on_programme_imported,
}
