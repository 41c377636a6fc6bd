"""Events in, verdicts out. Each handler may run twice, or late, without harm."""

from collections.abc import Callable, Mapping
from typing import Final
from uuid import UUID

from contracts.events import ActionPublished, ProgrammeImported, ProposalSubmitted, ProposalWithdrawn, WindowPublished
from services.chassis.service import Context, Routes
from services.matching.handlers.actions import on_action_published, on_programme_imported
from services.matching.handlers.answers import ANSWER, answer_question, redo_answer, take_answer_back
from services.matching.handlers.calendar import CALENDAR, catch_up, overdue_pairings, overdue_windows
from services.matching.handlers.decisions import DECISION, decide_pair, redo_decision
from services.matching.handlers.proposals import on_proposal_submitted, on_proposal_withdrawn
from services.matching.handlers.pursuits import PURSUIT, move_pursuit, redo_pursuit, undo_move
from services.matching.handlers.renewing import RENEWAL, redo_renewal, renew_some
from services.matching.handlers.reweighing import (
    REFIT,
    WEIGHTS,
    put_weights,
    redo_refit,
    redo_weights,
)
from services.matching.handlers.windows import on_window_published

__all__ = [
    "ROUTES",
    "STEPS",
    "answer_question",
    "catch_up",
    "decide_pair",
    "move_pursuit",
    "overdue_pairings",
    "overdue_windows",
    "put_weights",
    "renew_some",
    "take_answer_back",
    "undo_move",
]

ROUTES: Routes = {
    WindowPublished: on_window_published,
    ProposalSubmitted: on_proposal_submitted,
    ProposalWithdrawn: on_proposal_withdrawn,
    ActionPublished: on_action_published,
    ProgrammeImported: on_programme_imported,
}


def _redo_calendar(context: Context, _key: UUID) -> None:
    catch_up(context)


STEPS: Final[Mapping[str, Callable[[Context, UUID], None]]] = {
    CALENDAR: _redo_calendar,
    DECISION: redo_decision,
    PURSUIT: redo_pursuit,
    WEIGHTS: redo_weights,
    REFIT: redo_refit,
    ANSWER: redo_answer,
    RENEWAL: redo_renewal,
}
"""What changes verdicts or stages without an event: how to do it again."""
