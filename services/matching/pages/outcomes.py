"""What has come of pairs, and how good the rules and the parts of the fit have been at telling."""

from collections import Counter
from decimal import Decimal
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from services.matching import words
from services.matching.pages.access import STAFF_ONLY, V
from services.matching.queries.current import current_to
from services.matching.queries.outcomes import Known, outcomes
from services.matching.queries.pursuits import pursuits
from services.matching.rules import PROPOSAL_PARTS, RULES
from services.matching.rules.outcomes import FEW, answered, by_part, by_rule, in_spite
from services.matching.shipped import rates

ROUTER: Final = APIRouter()
LISTED: Final = 50
"""So many of the pairs where people went against the verdict are listed, the latest first."""


@ROUTER.get("/outcomes", dependencies=[STAFF_ONLY])
async def page(visit: V) -> Response:
    """The precision of each rule and each part, and the pairs where people knew better."""
    with visit.service.read() as session:
        known, current = outcomes(session), current_to(session)
        awards = [one.amount_usd for one in pursuits(session) if one.stage == "awarded"]
    cases = [one.case for one in known]
    records = by_rule(cases, list(RULES))
    spite: dict[str, list[Known]] = {"pursued": [], "dismissed": []}
    for one in known:
        if (way := in_spite(one.case)) != "":
            spite[way].append(one)
    return visit.render(
        "matching/outcomes.html", total=len(known), counts=Counter(case.outcome for case in cases),
        granted=sum((amount or Decimal(0) for amount in awards), Decimal(0)), answered=answered(cases),
        rules=[(rule, [one for one in records if one.rule == rule]) for rule in dict.fromkeys(r.rule for r in records)],
        part_records=by_part(cases, PROPOSAL_PARTS), unkept=sum(not one.kept for one in known),
        spite={way: rows[:LISTED] for way, rows in spite.items()}, more={way: len(rows) for way, rows in spite.items()},
        current=current, rates=rates(), few=FEW, say=words,
    )  # fmt: skip
