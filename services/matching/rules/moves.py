"""What other weights would move: pairs, the best windows of proposals, and the order of them all."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from statistics import fmean
from typing import Final, NamedTuple

from services.matching.rules.ranking import Ranked, sort_key

TOP: Final = 10
FEW: Final = 5
"""So many of those that rise, and of those that fall, are named."""


class Move(NamedTuple):
    """One pair with its fit before and after."""

    proposal_id: str
    window_id: str
    before: int
    after: int

    @property
    def by(self) -> int:
        """Points up, or down."""
        return self.after - self.before


class NewTop(NamedTuple):
    """A proposal whose ten best windows would be others."""

    proposal_id: str
    come: tuple[str, ...]
    """Window ids, best first."""
    go: tuple[str, ...]


@dataclass(frozen=True)
class Moves:
    """What moves when every live pair is weighed by other weights."""

    pairs: int
    """Those that have a fit."""
    moved: tuple[Move, ...]
    """Those that would have another, most first, whether up or down."""
    proposals: int
    tops: tuple[NewTop, ...]
    """Those with other windows among the ten best, most first."""
    reordered: int
    """Those whose ten best stay the same windows in another order."""
    correlation: Decimal | None
    """The mean over proposals of Spearman's rank correlation of their windows' fits: 1 is the same order."""

    @property
    def risers(self) -> tuple[Move, ...]:
        """Those that rise most."""
        return tuple(move for move in self.moved if move.by > 0)[:FEW]

    @property
    def fallers(self) -> tuple[Move, ...]:
        """Those that fall most."""
        return tuple(move for move in self.moved if move.by < 0)[:FEW]


def moves(before_after: Mapping[str, tuple[Sequence[Ranked], Sequence[Ranked]]]) -> Moves:
    """`before_after`: proposal id -> its windows as they are ranked now, and as they would be; the same windows."""
    moved: list[Move] = []
    tops: list[NewTop] = []
    pairs = reordered = 0
    correlations: list[float] = []
    for proposal_id, (before, after) in before_after.items():
        was = {pair.window_id: pair.fit for pair in before if pair.fit is not None}
        now = {pair.window_id: pair.fit for pair in after if pair.fit is not None}
        pairs += len(was)
        moved += [Move(proposal_id, key, fit, now[key]) for key, fit in was.items() if now[key] != fit]
        old, new = _best(before), _best(after)
        come, go = tuple(key for key in new if key not in old), tuple(key for key in old if key not in new)
        if come or go:
            tops.append(NewTop(proposal_id, come, go))
        elif old != new:
            reordered += 1
        if (found := spearman([was[key] for key in was], [now[key] for key in was])) is not None:
            correlations.append(found)
    moved.sort(key=lambda move: (-abs(move.by), move.proposal_id, move.window_id))
    tops.sort(key=lambda top: (-len(top.come), top.proposal_id))
    mean = Decimal(fmean(correlations)).quantize(Decimal("0.001")) if correlations else None
    return Moves(pairs, tuple(moved), len(before_after), tuple(tops), reordered, mean)


def spearman(one: Sequence[int], other: Sequence[int]) -> float | None:
    """Rank correlation from -1 to 1, ties at their mean rank. None with fewer than two values, or where all are equal
    on one side and not on the other; 1 where all are equal on both."""
    if len(one) < 2:
        return None
    first, second = _ranks(one), _ranks(other)
    middle = (len(one) + 1) / 2
    ups = sum((a - middle) * (b - middle) for a, b in zip(first, second, strict=True))
    squares = sum((a - middle) ** 2 for a in first), sum((b - middle) ** 2 for b in second)
    if not squares[0] or not squares[1]:
        return 1.0 if squares[0] == squares[1] else None
    return float(ups / (squares[0] * squares[1]) ** 0.5)


def _best(ranked: Iterable[Ranked]) -> list[str]:
    return [pair.window_id for pair in sorted(ranked, key=sort_key) if pair.fit is not None][:TOP]


def _ranks(values: Sequence[int]) -> list[float]:
    ranks = [0.0] * len(values)
    below = 0
    for _, group in groupby(sorted(range(len(values)), key=lambda at: values[at]), key=lambda at: values[at]):
        tied = list(group)
        for at in tied:
            ranks[at] = below + (len(tied) + 1) / 2
        below += len(tied)
    return ranks
