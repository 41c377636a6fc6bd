"""A plan as one looks at it: read back from what was kept, with all that can be said of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from services.matching.portfolio.plan import Grant
from services.matching.rules.portfolios.coverage import (
    Coverage,
    Resting,
    Unfunded,
    coverage,
    positions,
    resting,
    unfunded,
)
from services.matching.rules.portfolios.picture import Picture, picture_of
from services.matching.rules.portfolios.record import live_from
from services.matching.rules.portfolios.values import Live

Kind = Literal["proposal", "forced", "closed", "more"]
KINDS: Final[tuple[Kind, ...]] = ("proposal", "forced", "closed", "more")
NEAR: Final = 1e-9


@dataclass(frozen=True)
class Margin:
    """What a plan loses (or for `more` gains) when one thing is otherwise; between `low` and `high`."""

    kind: Kind
    position: int
    state: str
    """`ok`; `impossible`: no plan is like that; `unknown`: none was found in time."""
    low: float = 0.0
    high: float = 0.0
    dollars: int = 0
    """Of a proposal its need, of a window what it spends in the plan (for `more`: what it would have more)."""

    @property
    def exact(self) -> bool:
        """Whether both ends are the same."""
        return self.high - self.low <= NEAR


@dataclass(frozen=True)
class Grants:
    """The grants of one side of the picture, as the table behind it lists them."""

    position: int
    received: int
    there: int
    """Co-financing and awards that are there already."""
    grants: tuple[Grant, ...]


@dataclass(frozen=True)
class Seen:
    """A plan with everything that its page shows."""

    live: Live
    answer: Mapping[str, Any]
    grants: tuple[Grant, ...]
    funded: frozenset[int]
    ours: Coverage
    greedy: Coverage
    pursuits: Coverage
    pursuits_bound: float
    picture: Picture | None
    rows: tuple[Grants, ...]
    already: tuple[int, ...]
    """Funded proposals that need no grant: what they have been awarded, or bring, is enough."""
    left_out: tuple[Unfunded, ...]
    resting: tuple[Resting, ...]
    parts: tuple[Grant, ...]
    """Grants that are a part of what the proposal asks for, from windows that refuse the whole amount."""
    margins: Mapping[Kind, tuple[Margin, ...]]

    @property
    def gap(self) -> float:
        """How far the value may be below the best, as a part of the bound."""
        return float(self.answer["gap"])

    @property
    def proven(self) -> bool:
        """Whether no plan is better."""
        return bool(self.answer["status"] == "optimal")

    @property
    def spent(self) -> dict[int, int]:
        """Window -> dollars."""
        found: dict[int, int] = {}
        for _, w, amount in self.grants:
            found[w] = found.get(w, 0) + amount
        return found


def seen(
    request: Mapping[str, Any], record: Mapping[str, Any], answer: Mapping[str, Any], others: Mapping[str, Any],
    margins: Mapping[str, Any] | None,
) -> Seen:  # fmt: skip
    """The plan of a run, from what was kept of it."""
    live = live_from(request, record)
    at = {one.id: number for number, one in enumerate(live.instance.proposals)}
    grants = positions(live, answer["grants"])
    funded = frozenset(at[key] for key in answer["funded"])

    def other(name: str) -> Coverage:
        return coverage(live, [at[key] for key in others[name]["funded"]], positions(live, others[name]["grants"]))

    picture = picture_of(live, grants)
    order = [mark.position for mark in picture.proposals] if picture else []
    rows = []
    for p in order:
        own = tuple(sorted((grant for grant in grants if grant[0] == p), key=lambda grant: -grant[2]))
        received = sum(amount for _, _, amount in own)
        rows.append(Grants(p, received, live.instance.proposals[p].cost - received, own))
    return Seen(
        live, answer, grants, funded, coverage(live, funded, grants), other("greedy"), other("pursuits"),
        float(others["pursuits"]["bound"]), picture, tuple(rows), tuple(sorted(funded - set(order))),
        tuple(unfunded(live, funded)), tuple(resting(live, grants)),
        tuple(grant for grant in grants if live.pairs[grant[0], grant[1]][0] == "part"),
        margins_of(live, grants, margins or {}),
    )  # fmt: skip


def margins_of(live: Live, grants: tuple[Grant, ...], found: Mapping[str, Any]) -> dict[Kind, tuple[Margin, ...]]:
    """The margins of each kind, from what was kept of them, in the order in which they are listed."""
    at = {one.id: number for number, one in enumerate(live.instance.proposals)}
    to = {one.id: number for number, one in enumerate(live.instance.windows)}
    spent: dict[int, int] = {}
    for _, w, amount in grants:
        spent[w] = spent.get(w, 0) + amount
    sorted_ones: dict[Kind, tuple[Margin, ...]] = {}
    for kind in KINDS:
        ones = []
        for key, one in found.get(kind, {}).items():
            of_proposal = kind in ("proposal", "forced")
            position = at[key] if of_proposal else to[key]
            if of_proposal:
                dollars = live.instance.proposals[position].need
            elif kind == "closed":
                dollars = spent.get(position, 0)
            else:
                dollars = live.instance.windows[position].budget // 10
            ones.append(
                Margin(kind, position, one["state"], float(one.get("low", 0)), float(one.get("high", 0)),
                       dollars)
            )  # fmt: skip
        # What adds most stands first; of what would have to be paid for, the cheapest.
        sign = 1 if kind == "forced" else -1
        ones.sort(key=lambda one: (one.state != "ok", sign * one.high, sign * one.low, one.position))
        sorted_ones[kind] = tuple(ones)
    return sorted_ones
