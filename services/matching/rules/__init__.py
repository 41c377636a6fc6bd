"""The decisions of matching: pure functions over frozen values. A newcomer starts here.

`eligibility` asks twelve questions of a window on behalf of a proposal, `fit` says how well the two suit each other,
`actions` does both for an action of the Programme, `ranking` orders the answers and tells what has changed,
`changes` finds what would turn a refusal.
`questions` knows what an unknown asks, and puts people's answers into the terms of a window; `worth` says what to ask
first; `action_findings` and `shutting` say why a window could not pay, and which of its rules shuts out how much.
"""

from services.matching.rules.actions import ActionFacts, ActionVerdict, PreparedWindow, facts_of_action
from services.matching.rules.decisions import Stage, decide
from services.matching.rules.eligibility import RULES, evidence_by_rule
from services.matching.rules.facts import ProposalFacts, Rates, facts_of
from services.matching.rules.findings import Finding, Judgement, Overall, Params, Part, overall_of
from services.matching.rules.history import NO_HISTORY, History, Outcome
from services.matching.rules.judge import judge
from services.matching.rules.ranking import Change, Ranked, change_between, positions, sort_key
from services.matching.rules.shares import apportion
from services.matching.rules.weights import ACTION_PARTS, PROPOSAL_PARTS, Weights

__all__ = [
    "ACTION_PARTS", "NO_HISTORY", "PROPOSAL_PARTS", "RULES", "ActionFacts", "ActionVerdict", "Change", "Finding",
    "History", "Judgement", "Outcome", "Overall", "Params", "Part", "PreparedWindow", "ProposalFacts", "Ranked",
    "Rates", "Stage", "Weights", "apportion", "change_between", "decide", "evidence_by_rule", "facts_of",
    "facts_of_action", "judge", "overall_of", "positions", "sort_key",
]  # fmt: skip
