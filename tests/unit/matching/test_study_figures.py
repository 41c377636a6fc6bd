"""What studies say that a proposal brings: its own co-financing, and not what donors have granted it already."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from services.matching.rules.portfolios import Live
from services.matching.rules.steering import curve_of
from services.matching.rules.unlocked import unlocked
from tests.unit.matching.build import window
from tests.unit.matching.portfolios.build import award, candidate, made, verdict

P = str(UUID(int=1))


def granted() -> Live:
    """A proposal that asks for 10 000 dollars, brings 2 000.50, and has been awarded 4 000 elsewhere."""
    live = made(
        [candidate(1, confirmed=Decimal("2000.50"))], [window("a")], [verdict(1, "a")], [award(1, "elsewhere", 4000)]
    )
    assert live.instance.proposals[0].confirmed == 6000  # which is what the solver may count on
    return live


def test_money_unlocks_no_more_cofinancing_than_a_proposal_has_of_its_own() -> None:
    plan: dict[str, Any] = {"value": 0, "bound": 0, "status": "optimal", "funded": [], "grants": []}
    point = {**plan, "amount": 8000, "value": 10, "bound": 10, "funded": [P], "grants": [[P, "new", 6000]]}
    found = unlocked(granted(), {"base": plan, "points": [point], "options": [], "best": 0}, "new")
    assert [one.confirmed for one in found.gained] == [2000]
    assert found.confirmed == 2000
    assert found.leverage == Decimal(2000) / 6000


def test_a_steered_plan_shows_the_same() -> None:
    point = {
        "funded": [P], "grants": [[P, "a", 6000]], "value": 10, "value_in_all": 10, "carried": [], "proven": True,
    }  # fmt: skip
    curve = curve_of(granted(), {"points": [point], "others": [], "reach": 1})
    assert [one.confirmed for one in curve.points[0].funded] == [2000]
