"""Time against readiness: the days that are left, beside those that what is still lacking will take."""

from datetime import date
from typing import Final

from contracts.values import Tri
from contracts.windows import WindowTerms
from services.matching.rules.answers import Setting
from services.matching.rules.brought import as_counted
from services.matching.rules.facts import ZERO, ProposalFacts
from services.matching.rules.findings import Param
from services.matching.rules.shares import ALL, HALF, Share
from services.matching.rules.weights import Weights
from services.matching.rules.when import RETURNING

FORM: Final = "application"
"""The donor's own form, which is always still to be filled in."""


def lacks(proposal: ProposalFacts, terms: WindowTerms) -> dict[str, Tri]:
    """What this application still lacks -> yes, or unknown where it is not known that it is needed.

    A body that submits and an endorsement go by the window's rule; letters are lacking where indicative co-financing
    has to become confirmed, funds where even that would not do. In kind counts as the donor does: all, nothing, or half
    where that is not known.
    """
    return _lacks(proposal, terms, terms.cofinancing.counts_in_kind)


def _lacks(proposal: ProposalFacts, terms: WindowTerms, in_kind: Tri) -> dict[str, Tri]:
    found = {FORM: Tri.YES}
    asked = terms.intermediary
    for code, needed, had in (
        ("intermediary", asked.intermediary, proposal.agency_agreed),
        ("endorsement", asked.endorsement, proposal.endorsed),
    ):
        if needed is not Tri.NO and not had:
            found[code] = needed
    rule, have = terms.cofinancing, as_counted(proposal.cofinancing, in_kind)
    if rule.mode == "required":
        need = proposal.requested_usd * (rule.ratio or ZERO)
        if have.confirmed < need or not have.confirmed:
            if have.indicative > ZERO:
                found["letters"] = Tri.YES
            if have.total < need or not have.total:
                found["funds"] = Tri.YES
    return found


def days_needed(proposal: ProposalFacts, terms: WindowTerms, weights: Weights) -> int:
    """Days this application still needs; what is only perhaps needed counts half of its days."""
    pace = weights.pace_days
    return sum(
        pace[code] if certain is Tri.YES else pace[code] // 2 for code, certain in lacks(proposal, terms).items()
    )


def time(proposal: ProposalFacts, terms: WindowTerms, setting: Setting, weights: Weights) -> Share:
    """Days to the deadline out of the days still needed; half when the project begins before the deadline."""
    deadline = terms.call.deadline
    if deadline is None or (deadline < setting.today and terms.call.cycle in RETURNING):
        if terms.call.cycle == "rolling" and terms.status in ("open", "recurring"):
            return Share(ALL, "fit_time_any")
        return Share(HALF, "fit_time_unknown")
    return _until(deadline, proposal, terms, setting.today, weights)


def _until(deadline: date, proposal: ProposalFacts, terms: WindowTerms, today: date, weights: Weights) -> Share:
    needed = days_needed(proposal, terms, weights)
    left = max(0, (deadline - today).days)
    share = min(ALL, left * ALL // max(1, needed))
    lacking, in_kind = lacks(proposal, terms), terms.cofinancing.counts_in_kind
    params: dict[str, Param] = {
        "deadline_date": deadline.isoformat(), "needed": needed, "left": left, "lacks": list(lacking),
    }  # fmt: skip
    if lacking != _lacks(proposal, terms, Tri.YES):
        params["in_kind"] = in_kind.value
    if proposal.starts <= deadline:
        return Share(share // 2, "fit_time_starts_before", params)
    return Share(share, "fit_time_enough" if share == ALL else "fit_time_short", params)
