"""What a plan covers, what it leaves out and why, and on what it rests."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final, Literal

from services.matching.portfolio.instance import Instance
from services.matching.portfolio.plan import Grant, value_of
from services.matching.rules.portfolios.reach import fundable
from services.matching.rules.portfolios.scenarios import LEAST_GRANT
from services.matching.rules.portfolios.values import Live

PRIORITIES: Final = ("high", "high_medium", "medium", "medium_low", "low", "")
"""The Programme's priorities, the highest first; the last is for actions without one."""
Reason = Literal["not_wanted", "no_window", "unusual", "too_little", "outbid"]
"""Why a proposal is not funded: the scenario says so; no window counts for it; those that count could give what it
needs only in grants smaller than is assumed of them; they cannot give enough together; the money does more elsewhere.
"""


@dataclass(frozen=True)
class Coverage:
    """What funding some proposals covers. `states` and `species` count funded proposals, `actions` actions."""

    value: Fraction
    funded: int
    dollars: int
    windows: int
    actions: Mapping[str, int]
    states: Mapping[str, int]
    species: Mapping[str, int]
    action_keys: frozenset[str]


@dataclass(frozen=True)
class Unfunded:
    """A proposal that the plan leaves out. `missing`: dollars that the windows fall short by, for `too_little`."""

    position: int
    reason: Reason
    missing: int = 0


@dataclass(frozen=True)
class Resting:
    """A grant of the plan that rests on answers: the rules that are unknown of its pair."""

    grant: Grant
    unknown: tuple[str, ...]


def coverage(live: Live, funded: Collection[int], grants: Sequence[Grant]) -> Coverage:
    """What the proposals `funded` (positions) by `grants` cover."""
    keys = {action for p in funded for action in live.instance.proposals[p].actions}
    return Coverage(
        value_of(live.instance, funded), len(funded), sum(amount for _, _, amount in grants),
        len({window for _, window, _ in grants}),
        Counter(_priority(live.actions[key].priority) for key in keys),
        Counter(code for p in funded for code in live.proposals[p].states),
        Counter(code for p in funded for code in live.proposals[p].species),
        frozenset(live.actions[key].key for key in keys),
    )  # fmt: skip


def _priority(code: str | None) -> str:
    return code if code in PRIORITIES and code is not None else ""


def unfunded(live: Live, funded: Collection[int]) -> list[Unfunded]:
    """Every proposal that is not funded, with why."""
    able, having = fundable(live.instance), {p for p, _ in live.pairs}
    with_smaller = fundable(_with_smaller(live))
    found = []
    for p in range(len(live.proposals)):
        if p in funded:
            continue
        if p in live.must_not:
            found.append(Unfunded(p, "not_wanted"))
        elif p not in having:
            found.append(Unfunded(p, "no_window"))
        elif p not in able:
            found.append(Unfunded(p, "unusual") if p in with_smaller else Unfunded(p, "too_little", _missing(live, p)))
        else:
            found.append(Unfunded(p, "outbid"))
    return found


def _with_smaller(live: Live) -> Instance:
    """The instance in which windows whose smallest grant is a share that we assume make any grant above the least."""
    windows = tuple(
        replace(one, min_grant=min(one.min_grant, LEAST_GRANT)) if payer.smallest in ("usual", "share") else one
        for one, payer in zip(live.instance.windows, live.windows, strict=True)
    )
    return replace(live.instance, windows=windows)


def _missing(live: Live, p: int) -> int:
    """Dollars by which as many windows as may fund the proposal fall short of its need; 0 where they could give enough
    but not in grants of a size that they make."""
    cost = live.instance.proposals[p].cost
    most = sorted(
        (
            min(window.budget, window.max_grant, int(cost / (1 + window.ratio)))
            for (q, w) in live.pairs
            if q == p and (window := live.instance.windows[w])
        ),
        reverse=True,
    )
    return max(0, live.instance.proposals[p].need - sum(most[: live.instance.max_windows]))


def resting(live: Live, grants: Sequence[Grant]) -> list[Resting]:
    """The grants of pairs of which some rule is unknown."""
    return [
        Resting((p, w, amount), live.pairs[p, w][1])
        for p, w, amount in grants
        if (p, w) in live.pairs and live.pairs[p, w][1]
    ]


def positions(live: Live, grants: Sequence[Sequence[object]]) -> tuple[Grant, ...]:
    """Grants as an answer tells them, by ids, as positions."""
    at = {one.id: number for number, one in enumerate(live.instance.proposals)}
    to = {one.id: number for number, one in enumerate(live.instance.windows)}
    found = []
    for p, w, amount in grants:
        assert isinstance(p, str | int)
        assert isinstance(w, str | int)
        assert isinstance(amount, int)
        found.append((at[p], to[w], amount))
    return tuple(found)
