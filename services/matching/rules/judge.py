"""A proposal against a window: all findings, the verdict, and the fit unless the verdict is no."""

from datetime import date

from contracts.values import Tri
from contracts.windows import WindowTerms
from services.matching.rules.answers import Setting
from services.matching.rules.eligibility import findings
from services.matching.rules.facts import ProposalFacts, Rates
from services.matching.rules.findings import Judgement, overall_of
from services.matching.rules.fit import fit
from services.matching.rules.history import NO_HISTORY, History
from services.matching.rules.weights import Weights


def judge(
    proposal: ProposalFacts, terms: WindowTerms, *, today: date, rates: Rates, weights: Weights,
    history: History = NO_HISTORY,
) -> Judgement:  # fmt: skip
    """Judge one pair. `today` is the day at the funder's, in whose zone a deadline falls; `history` its donor's."""
    setting = Setting(today, rates)
    found = findings(proposal, terms, setting)
    verdicts = [finding.verdict for finding in found]
    overall = overall_of(verdicts)
    counts = {answer: verdicts.count(answer) for answer in Tri}
    judged = Judgement(found, overall, counts[Tri.YES], counts[Tri.UNKNOWN], counts[Tri.NO])
    if overall == "not_eligible":
        return judged
    total, parts = fit(proposal, terms, setting, weights, history)
    return Judgement(found, overall, judged.yes, judged.unknown, judged.no, total, parts)
