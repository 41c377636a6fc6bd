"""Rows of matching, one module a subject: copies of other services' facts, verdicts, and what people decide."""

from services.chassis.messaging import messaging_tables, tables_of
from services.matching.tables.answers import NO_PROPOSAL, Answer, QuestionAnswer
from services.matching.tables.base import Table
from services.matching.tables.copies import LIVE, ActionCopy, ProgrammeCopy, ProposalCopy, WindowCopy
from services.matching.tables.lives import ProposalLife
from services.matching.tables.pairs import ActionPair, Pair, PairDecision
from services.matching.tables.portfolios import PlanRun, Scenario, ScenarioVersion
from services.matching.tables.pursuits import Pursuit, PursuitMove
from services.matching.tables.renewals import Renewal
from services.matching.tables.studies import Study
from services.matching.tables.weights import WeightsInForce, WeightsVersion

__all__ = [
    "CONSULTED",
    "COPIES",
    "FACTS",
    "LIVE",
    "MESSAGING",
    "NO_PROPOSAL",
    "ActionCopy",
    "ActionPair",
    "Answer",
    "Pair",
    "PairDecision",
    "PlanRun",
    "ProgrammeCopy",
    "ProposalCopy",
    "ProposalLife",
    "Pursuit",
    "PursuitMove",
    "QuestionAnswer",
    "Renewal",
    "Scenario",
    "ScenarioVersion",
    "Study",
    "Table",
    "WeightsInForce",
    "WeightsVersion",
    "WindowCopy",
]

MESSAGING = messaging_tables(Table.metadata)
CONSULTED = tables_of(PairDecision, PursuitMove, WeightsVersion, QuestionAnswer, Renewal)
"""What people have decided, and what else steps read again; rows are only ever added."""
FACTS = (*CONSULTED, *tables_of(Scenario, ScenarioVersion, PlanRun, Study))
"""What people have made here: nothing else can bring it back."""
COPIES = tables_of(
    WindowCopy, ProposalCopy, ProposalLife, ProgrammeCopy, ActionCopy, Pair, ActionPair, Pursuit, WeightsInForce, Answer
)  # fmt: skip
"""All that follows from events, the calendar and decisions."""
