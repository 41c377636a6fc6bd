"""Points of the pictures: numbers become places in a drawing of fixed size."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 640
HEIGHT: Final = 300
LEFT: Final = 70
RIGHT: Final = 30
TOP: Final = 52
BOTTOM: Final = 50


@dataclass(frozen=True)
class Dot:
    """One point: where it stands, and what it stands for."""

    x: float
    y: float
    across: float
    up: float


@dataclass(frozen=True)
class Line:
    """A line through points, with its axes from nought."""

    dots: tuple[Dot, ...]
    path: str
    most_across: float
    most_up: float
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM


def line_of(points: Sequence[tuple[float, float]]) -> Line:
    """The picture of (across, up) points, both at least 0."""
    across = max((x for x, _ in points), default=0) or 1
    up = max((y for _, y in points), default=0) or 1
    dots = tuple(
        Dot(
            round(LEFT + x / across * (WIDTH - LEFT - RIGHT), 1),
            round(HEIGHT - BOTTOM - y / up * (HEIGHT - TOP - BOTTOM), 1), x, y,
        )
        for x, y in points
    )  # fmt: skip
    path = " ".join(f"{'M' if number == 0 else 'L'}{dot.x} {dot.y}" for number, dot in enumerate(dots))
    return Line(dots, path, across, up)
