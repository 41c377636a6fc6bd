"""A plan, what it is worth, and what the solver answers."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from math import gcd, lcm
from typing import Any

from services.matching.portfolio.instance import Instance

COUNTED = 3
"""How many funded proposals count for one action; each counts half as much as the one before."""

Grant = tuple[int, int, int]
"""Positions of the proposal and the window, and whole US dollars."""
Way = tuple[int, tuple[tuple[int, float], ...]]
"""A way to fund one proposal: its position, and windows with dollars."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Which proposals are funded, and by which grants, sorted. Proposals that need no grant are funded without one."""

    funded: frozenset[int] = frozenset()
    grants: tuple[Grant, ...] = ()
    value: Fraction = field(default=Fraction(0))


@dataclass(frozen=True, slots=True)
class Answer:
    """The best plan found and the proof of how good it is.

    `bound` is at least the value of every plan; `status` is `optimal` or `time_limit`. `greedy_value` is that of the
    plain greedy, and None where it does not keep the wishes. `ways` are ways to fund single proposals that the bound is
    made of: with them an instance that differs little is solved sooner.
    """

    plan: Plan
    bound: float
    greedy_value: Fraction | None
    seconds: float
    status: str
    ways: tuple[Way, ...] = field(default=(), repr=False)

    @property
    def gap(self) -> float:
        """How far the value may be below the best, as a part of the bound."""
        value = float(self.plan.value)
        return 0.0 if self.bound <= value else (self.bound - value) / self.bound

    def as_json(self, instance: Instance) -> dict[str, Any]:
        """What `cami match optimise --json` prints."""
        return {
            "grants": [[instance.proposals[p].id, instance.windows[w].id, amount] for p, w, amount in self.plan.grants],
            "value": plain(self.plan.value), "bound": plain(self.bound), "gap": self.gap,
            "greedy_value": None if self.greedy_value is None else plain(self.greedy_value),
            "seconds": round(self.seconds, 3), "status": self.status,
        }  # fmt: skip


def value_of(instance: Instance, funded: Iterable[int]) -> Fraction:
    """What funding these proposals is worth: an action's weight, then half and a quarter of it."""
    counts: dict[int, int] = {}
    for proposal in funded:
        for action in instance.proposals[proposal].actions:
            counts[action] = counts.get(action, 0) + 1
    return sum((worth(instance.actions[action].weight, count) for action, count in counts.items()), Fraction(0))


def worth(weight: Fraction, count: int) -> Fraction:
    """What `count` funded proposals on one action are worth: w, then w/2, then w/4, then nothing more."""
    return weight * (2 - Fraction(2, 2 ** min(count, COUNTED))) if count else Fraction(0)


def plan_of(instance: Instance, grants: Iterable[Grant]) -> Plan:
    """The plan that these grants make, with every proposal that needs none."""
    ordered = tuple(sorted(grants))
    free = (at for at, proposal in enumerate(instance.proposals) if proposal.need == 0)
    funded = frozenset([*(proposal for proposal, _, _ in ordered), *free])
    return Plan(funded, ordered, value_of(instance, funded))


def step_of(instance: Instance) -> Fraction:
    """The largest step that every plan's value is a multiple of; 0 when nothing is worth anything."""
    counts = [0] * len(instance.actions)
    for proposal in instance.proposals:
        for action in proposal.actions:
            counts[action] += 1
    parts = [
        action.weight / 2 ** (min(count, COUNTED) - 1)
        for action, count in zip(instance.actions, counts, strict=True)
        if count and action.weight
    ]
    if not parts:
        return Fraction(0)
    below = lcm(*(part.denominator for part in parts))
    return Fraction(gcd(*(int(part * below) for part in parts)), below)


def plain(value: Fraction | float) -> int | float:
    """A number for JSON: whole where it is whole."""
    exact = Fraction(value)
    return int(exact) if exact.denominator == 1 else float(value)
