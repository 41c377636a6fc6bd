"""A donor's trade-off between its preferred species and the others that the same money carries, as it is shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from services.matching.rules.portfolios.dollars import floor
from services.matching.rules.portfolios.values import Candidate, Live, Payer


@dataclass(frozen=True)
class Paid:
    """One grant of a plan."""

    window: Payer
    amount: int


@dataclass(frozen=True)
class Funded:
    """A proposal that a plan funds, and who pays. Whole US dollars."""

    proposal: Candidate
    cost: int
    confirmed: int
    """Its own co-financing; what donors have granted it already is no part of this."""
    grants: tuple[Paid, ...]


@dataclass(frozen=True)
class PlanPoint:
    """One plan of the curve."""

    number: int
    """From 1: what the preferred species alone would choose."""
    value: Decimal
    """For the preferred species."""
    value_in_all: Decimal
    less_percent: Decimal
    """How much less value that is than the first plan's, in per cent."""
    carried: tuple[str, ...]
    """Species beside the preferred ones."""
    more: tuple[str, ...]
    """Of these, the ones that the first plan does not carry."""
    lost: tuple[str, ...]
    """Species that the first plan carries and this one does not: it carries more in number."""
    funded: tuple[Funded, ...]
    proven: bool

    @property
    def spent(self) -> int:
        """Dollars of all its grants."""
        return sum(paid.amount for one in self.funded for paid in one.grants)


@dataclass(frozen=True)
class Curve:
    """Every plan of the trade-off, from the most value to the most species."""

    points: tuple[PlanPoint, ...]
    others: tuple[str, ...]
    """Species that some proposal within reach names beside the preferred ones."""
    reach: int
    """Proposals that the donor could pay for, in part or in full."""

    @property
    def advised(self) -> PlanPoint | None:
        """The plan that carries most more species for each per cent of value it costs; None where none carries more."""
        costly = [one for one in self.points[1:] if one.more]
        return max(
            costly,
            key=lambda one: ((len(one.more) - len(one.lost)) / (one.less_percent + 1), -one.number),
            default=None,
        )


def curve_of(live: Live, result: Mapping[str, Any]) -> Curve:
    """The curve that a study found."""
    known = {str(one.proposal_id): one for one in live.proposals}
    sizes = {one.id: one for one in live.instance.proposals}
    payers = {one.window_id: one for one in live.windows}
    points: list[PlanPoint] = []
    best = Decimal(str(result["points"][0]["value"])) if result["points"] else Decimal(0)
    first: frozenset[str] = frozenset(result["points"][0]["carried"]) if result["points"] else frozenset()
    for number, point in enumerate(result["points"], start=1):
        value = Decimal(str(point["value"]))
        less = ((best - value) / best * 100).quantize(Decimal("0.1"), ROUND_HALF_UP) if best else Decimal(0)
        less = less.to_integral_value() if less == less.to_integral_value() else less
        funded = [
            Funded(
                known[p], sizes[p].cost, floor(known[p].confirmed),
                tuple(Paid(payers[w], amount) for q, w, amount in point["grants"] if q == p),
            )
            for p in point["funded"]
        ]  # fmt: skip
        points.append(
            PlanPoint(
                number, value, Decimal(str(point["value_in_all"])), less, tuple(point["carried"]),
                tuple(code for code in point["carried"] if code not in first),
                tuple(sorted(first - set(point["carried"]))), tuple(funded), point["proven"],
            )
        )  # fmt: skip
    return Curve(tuple(points), tuple(result["others"]), result["reach"])
