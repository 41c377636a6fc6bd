"""What a donor's money would unlock: the best plan with it, beside the best plan without it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from services.matching.rules.portfolios.dollars import floor
from services.matching.rules.portfolios.values import Candidate, Live, Topic


@dataclass(frozen=True)
class Gained:
    """A proposal that becomes fundable, and who pays for it. Whole US dollars."""

    proposal: Candidate
    cost: int
    confirmed: int
    """Its own co-financing; what donors have granted it already is no part of this."""
    money: int
    """Of the money in question; 0 where it only sets other money free."""
    others: int


@dataclass(frozen=True)
class Addition:
    """What an amount adds to the best plan without it."""

    amount: int
    value: Decimal
    """Beyond that plan's."""
    low: Decimal
    """What is proven: the best plans differ by no less than this, and by no more than `high`."""
    high: Decimal
    proposals: int

    @property
    def proven(self) -> bool:
        """Whether both plans are proven to be the best, so that the difference is exact."""
        return self.low == self.high


@dataclass(frozen=True)
class Tried:
    """A window by whose rules the money could be given, and the value that it would add."""

    window_id: str
    added: Decimal
    best: bool


@dataclass(frozen=True)
class Unlocked:
    """What the money would unlock."""

    gained: tuple[Gained, ...]
    """Fundable with the money, and not without it; those that it pays for come first."""
    given_up: tuple[Candidate, ...]
    """Funded by the plan without the money, and not by the plan with it."""
    moved: int
    """Proposals funded either way, for which the plan with the money uses some of it."""
    actions: tuple[Topic, ...]
    """Actions that no proposal of the plan without it addresses, highest priority first."""
    states: tuple[str, ...]
    species: tuple[str, ...]
    used: int
    """Dollars of the money that the plan spends."""
    confirmed: int
    """Confirmed co-financing of the proposals that it pays for, in part or in full."""
    others: int
    """Other windows' dollars in the same proposals."""
    additions: tuple[Addition, ...]
    """By amount: the one in question, then more."""
    tried: tuple[Tried, ...]

    @property
    def leverage(self) -> Decimal | None:
        """Dollars of confirmed co-financing that come with each dollar used."""
        return Decimal(self.confirmed) / self.used if self.used else None


def unlocked(live: Live, result: Mapping[str, Any], money: str) -> Unlocked:
    """Compare the plans of a study. `money`: what its window is called."""
    base, points = result["base"], result["points"]
    tried = _tried(base, result)
    if not points:
        return Unlocked((), (), 0, (), (), (), 0, 0, 0, (), tried)
    plan = points[0]
    known = {str(one.proposal_id): one for one in live.proposals}
    size = {one.id: one for one in live.instance.proposals}
    before, after = set(base["funded"]), set(plan["funded"])
    own = _sums(grant for grant in plan["grants"] if grant[1] == money)
    other = _sums(grant for grant in plan["grants"] if grant[1] != money)
    gained = [
        Gained(known[p], size[p].cost, floor(known[p].confirmed), own.get(p, 0), other.get(p, 0))
        for p in after - before
    ]
    gained.sort(key=lambda one: (-one.money, -one.cost, one.proposal.reference))
    covered = {action for p in before for action in known[p].actions}
    new_actions = {action for p in after for action in known[p].actions} - covered
    topics = {topic.key: topic for topic in live.actions}
    actions = sorted(
        (topics[key] for key in new_actions if key in topics), key=lambda one: (-one.weight, one.sort_key, one.key)
    )
    return Unlocked(
        tuple(gained),
        tuple(sorted((known[p] for p in before - after), key=lambda one: one.reference)),
        len([p for p in own if p in before]), tuple(actions),
        _new(known, before, after, "states"), _new(known, before, after, "species"),
        sum(own.values()), sum(floor(known[p].confirmed) for p in own), sum(other.get(p, 0) for p in own),
        tuple(_addition(base, point) for point in points), tried,
    )  # fmt: skip


def _sums(grants: Iterable[Sequence[Any]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for proposal, _, amount in grants:
        found[proposal] = found.get(proposal, 0) + amount
    return found


def _new(known: Mapping[str, Candidate], before: set[str], after: set[str], name: str) -> tuple[str, ...]:
    def reached(funded: set[str]) -> set[str]:
        return {code for p in funded for code in getattr(known[p], name)}

    return tuple(sorted(reached(after) - reached(before)))


def _addition(base: Mapping[str, Any], point: Mapping[str, Any]) -> Addition:
    had, had_at_most = Decimal(str(base["value"])), Decimal(str(base["bound"]))
    has, has_at_most = Decimal(str(point["value"])), Decimal(str(point["bound"]))
    new = len(set(point["funded"]) - set(base["funded"]))
    if base["status"] == point["status"] == "optimal":
        return Addition(point["amount"], has - had, has - had, has - had, new)
    return Addition(point["amount"], has - had, max(Decimal(0), has - had_at_most), has_at_most - had, new)


def _tried(base: Mapping[str, Any], result: Mapping[str, Any]) -> tuple[Tried, ...]:
    return tuple(
        Tried(option["for"], Decimal(str(option["value"])) - Decimal(str(base["value"])), number == result["best"])
        for number, option in enumerate(result["options"])
    )
