"""A plan as a picture: proposals at the left, windows at the right, and the money between them as bands.

Heights are money: one scale for everything, so that a band that is twice as high is twice the money. Nothing overlaps
where it begins or ends. Units are those of the picture's own grid, 1000 wide.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.matching.portfolio.plan import Grant
from services.matching.rules.portfolios.values import Basis, Live

WIDTH: Final = 1000
LEFT: Final = 368.0
RIGHT: Final = 632.0
"""The inner edges of the two columns, between which the bands run."""
NODE: Final = 12.0
TALLEST: Final = 440.0
"""Height of all the money of the fuller side, unless there are many marks: then it grows with the picture."""
SHARE: Final = 0.4
"""The part of a tall picture's height that is money."""
PITCH: Final = 38.0
"""A column's marks stand at least this far apart: room for two lines of words."""
TOP: Final = 4.0
ROUNDS: Final = 6


@dataclass(frozen=True)
class Mark:
    """One proposal or window: `height` of grants from `y` on, and below it `own` of money that is already there."""

    position: int
    y: float
    height: float
    own: float
    dollars: int
    own_dollars: int
    middle: float
    """Where its words stand."""


@dataclass(frozen=True)
class Band:
    """One grant."""

    proposal: int
    window: int
    dollars: int
    basis: Basis
    left_y: float
    right_y: float
    height: float

    @property
    def path(self) -> str:
        """Its outline, for SVG."""
        middle = (LEFT + RIGHT) / 2
        a, b, h = self.left_y, self.right_y, self.height
        return (
            f"M{LEFT:g},{a:.2f}C{middle:g},{a:.2f} {middle:g},{b:.2f} {RIGHT:g},{b:.2f}"
            f"L{RIGHT:g},{b + h:.2f}C{middle:g},{b + h:.2f} {middle:g},{a + h:.2f} {LEFT:g},{a + h:.2f}Z"
        )


@dataclass(frozen=True)
class Picture:
    """The whole picture."""

    height: float
    proposals: tuple[Mark, ...]
    windows: tuple[Mark, ...]
    bands: tuple[Band, ...]
    width: int = WIDTH
    left: float = LEFT
    right: float = RIGHT
    node: float = NODE


def picture_of(live: Live, grants: Sequence[Grant]) -> Picture | None:
    """The picture of a plan; None when it pays for nothing."""
    if not grants:
        return None
    spent, received = _sums(grants, 1), _sums(grants, 0)
    there = {p: live.instance.proposals[p].cost - received[p] for p in received}
    tallest = max(TALLEST, SHARE * PITCH * max(len(received), len(spent)))
    scale = tallest / max(sum(received.values()) + sum(there.values()), sum(spent.values()))
    rows, columns = _orders(grants, received, spent)
    tall = {p: (received[p] + there[p]) * scale for p in rows}
    deep = {w: spent[w] * scale for w in columns}
    height = max(_needed(tall.values()), _needed(deep.values()))
    tops, foots = _tops(rows, tall, height), _tops(columns, deep, height)
    left_y, right_y = dict(tops), dict(foots)
    at, to = {p: n for n, p in enumerate(rows)}, {w: n for n, w in enumerate(columns)}
    starts: dict[tuple[int, int], float] = {}
    for p, w, amount in sorted(grants, key=lambda grant: to[grant[1]]):
        starts[p, w] = left_y[p]
        left_y[p] += amount * scale
    bands = []
    for p, w, amount in sorted(grants, key=lambda grant: at[grant[0]]):
        bands.append(Band(p, w, amount, live.pairs[p, w][0], starts[p, w], right_y[w], amount * scale))
        right_y[w] += amount * scale
    return Picture(
        height + 2 * TOP,
        tuple(
            Mark(p, tops[p], received[p] * scale, there[p] * scale, received[p], there[p], tops[p] + tall[p] / 2)
            for p in rows
        ),
        tuple(Mark(w, foots[w], deep[w], 0.0, spent[w], 0, foots[w] + deep[w] / 2) for w in columns),
        tuple(sorted(bands, key=lambda band: -band.dollars)),
    )  # fmt: skip


def _sums(grants: Sequence[Grant], side: int) -> dict[int, int]:
    found: dict[int, int] = {}
    for grant in grants:
        found[grant[side]] = found.get(grant[side], 0) + grant[2]
    return found


def _orders(
    grants: Sequence[Grant], received: Mapping[int, int], spent: Mapping[int, int]
) -> tuple[list[int], list[int]]:
    """An order of either side in which bands cross little: each goes to the middle of those that it is tied to."""
    rows = sorted(received, key=lambda p: (-received[p], p))
    columns = sorted(spent, key=lambda w: (-spent[w], w))
    for _ in range(ROUNDS):
        rows = _by_middle(rows, columns, [(p, w, amount) for p, w, amount in grants])
        columns = _by_middle(columns, rows, [(w, p, amount) for p, w, amount in grants])
    return rows, columns


def _by_middle(mine: Sequence[int], theirs: Sequence[int], ties: Sequence[Grant]) -> list[int]:
    place = {one: (number + 0.5) / len(theirs) for number, one in enumerate(theirs)}
    sums, weights = dict.fromkeys(mine, 0.0), dict.fromkeys(mine, 0.0)
    for one, other, amount in ties:
        sums[one] += place[other] * amount
        weights[one] += amount
    return sorted(mine, key=lambda one: (sums[one] / weights[one], one))


def _needed(heights: Iterable[float]) -> float:
    return sum(max(PITCH, height + PITCH / 4) for height in heights)


def _tops(order: Sequence[int], heights: Mapping[int, float], height: float) -> dict[int, float]:
    """Where each mark begins: each in a slot of its own, what room is left shared among all."""
    slots = {one: max(PITCH, heights[one] + PITCH / 4) for one in order}
    spare = (height - sum(slots.values())) / len(order)
    found, y = {}, TOP
    for one in order:
        slot = slots[one] + spare
        found[one] = y + (slot - heights[one]) / 2
        y += slot
    return found
