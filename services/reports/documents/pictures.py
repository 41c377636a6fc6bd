"""The picture of a cover: layered mountains above a steppe, drawn from the document's reference, always the same."""

import math
from itertools import pairwise
from random import Random
from typing import Final

from markupsafe import Markup, escape

from services.reports.documents.palette import colours, mixed

WIDTH: Final = 210.0
"""Millimetres: the whole width of the page, and of the picture's own units."""


def horizon(reference: str, title: str, *, height: float = 128.0) -> Markup:
    """An SVG of `WIDTH` by `height` mm. `title` tells those who cannot see it what it shows."""
    random = Random(f"horizon {reference}")  # noqa: S311 - a picture, not a secret
    palette = colours()
    sky, haze = mixed(palette["ochre-soft"], "#ffffff", 0.3), mixed(palette["accent-soft"], "#ffffff", 0.35)
    sun_x, sun_y = random.uniform(40, 170), random.uniform(0.24, 0.3) * height
    layers: list[str] = []
    count = 6
    for index in range(count):
        nearness = index / (count - 1)
        base = height * (0.5 + 0.4 * nearness**1.1)
        tall = height * (0.24 - 0.17 * nearness) * random.uniform(0.85, 1.15)
        points = _ridge(random, base, tall) if nearness < 0.55 else _hill(random, base, tall)
        # Air lies between us and what is far: distant ridges take the colour of the haze.
        far, near = mixed(palette["accent"], haze, 0.8), mixed(palette["accent"], palette["ink"], 0.42)
        fill = mixed(far, near, nearness**1.1)
        layers.append(f'<path d="{_outline(points, height)}" fill="{fill}"/>')
    sun = mixed(palette["ochre-soft"], palette["ochre-mark"], 0.45)
    return Markup(  # noqa: S704 - the only text from outside is escaped
        f'<svg xmlns="http://www.w3.org/2000/svg" class="horizon" width="{WIDTH:g}mm" height="{height:g}mm" '
        f'viewBox="0 0 {WIDTH:g} {height:g}" preserveAspectRatio="none"><title>{escape(title)}</title>'
        f"{_sky(haze, sky, height)}"
        f'<circle cx="{sun_x:.1f}" cy="{sun_y:.1f}" r="{min(8.5, height * 0.22):.1f}" fill="{sun}"/>'
        f"{''.join(layers)}</svg>"
    )


def _sky(above: str, below: str, height: float) -> str:
    """Bands from one colour to the other, each painted over the one before; gradients do not print everywhere."""
    bands = 24
    return "".join(
        f'<rect y="{height * 0.62 * i / bands:.2f}" width="{WIDTH:g}" height="{height * (1 - 0.62 * i / bands):.2f}" '
        f'fill="{mixed(above, below, i / (bands - 1))}"/>'
        for i in range(bands)
    )


def _ridge(random: Random, base: float, tall: float) -> list[tuple[float, float]]:
    """A jagged skyline: midpoints displaced less and less, then bent by a long swell."""
    heights = [random.uniform(0.2, 0.7), random.uniform(0.2, 0.7)]
    rough = 0.5
    for _ in range(6):
        between = [(a + b) / 2 + random.uniform(-rough, rough) for a, b in pairwise(heights)]
        heights = [h for pair in zip(heights, between, strict=False) for h in pair] + [heights[-1]]
        rough *= 0.52
    step = WIDTH / (len(heights) - 1)
    return [(i * step, base - tall * max(0.0, min(1.35, h + 0.25))) for i, h in enumerate(heights)]


def _hill(random: Random, base: float, tall: float) -> list[tuple[float, float]]:
    """A soft skyline: a few waves of different length."""
    waves = [(random.uniform(0.6, 2.6), random.uniform(0, math.tau), random.uniform(0.2, 0.6)) for _ in range(3)]
    points: list[tuple[float, float]] = []
    for i in range(57):
        at = i / 56
        swell = sum(size * math.sin(math.tau * turns * at + phase) for turns, phase, size in waves)
        points.append((at * WIDTH, base - tall * (0.35 + 0.5 * swell)))
    return points


def _outline(points: list[tuple[float, float]], height: float) -> str:
    line = " ".join(f"{x:.1f} {y:.1f}" for x, y in points)
    return f"M0 {height:g} L{line} L{WIDTH:g} {height:g}Z"
