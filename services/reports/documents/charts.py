"""Charts of documents: one stacked bar of who pays, and a time line. Labelled at the thing itself, no legend.

Drawn in points. Shades are told apart by lightness and hatching too, so that a grey copy says the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup, escape

from services.reports.documents import measure
from services.reports.documents.palette import colours, mixed

WIDTH: Final = 476.0
"""Points: the full width of the page between its margins (168 mm)."""
_SIZE: Final = 8.33
_ROW: Final = 25.0
_BAR: Final = 26.0


@dataclass(frozen=True)
class Piece:
    """One piece of the bar: its share of the whole (0 to 1), two lines of label, and how it is drawn."""

    share: float
    name: str
    detail: str
    style: str
    """`requested`, `firm` or `indicative`; with ` hatched` for what is given in kind."""


@dataclass(frozen=True)
class _Label:
    left: float
    right: float
    tier: int
    leader: float
    anchor: str


def stacked_bar(pieces: Sequence[Piece], title: str) -> Markup:
    """The pieces side by side, each with its label under it and a thin line between the two."""
    palette = colours()
    edges = [0.0]
    for piece in pieces:
        edges.append(edges[-1] + piece.share * WIDTH)
    labels = _place(pieces, edges, 0, ()) or ()
    tiers = 1 + max((label.tier for label in labels), default=0)
    height = _BAR + 10 + tiers * _ROW
    fills = {
        "requested": palette["accent"], "firm": mixed(palette["accent"], "#ffffff", 0.5),
        "indicative": mixed(palette["accent"], "#ffffff", 0.82),
    }  # fmt: skip
    drawn: list[str] = []
    for piece, left, right in zip(pieces, edges, edges[1:], strict=False):
        style, _, hatched = piece.style.partition(" ")
        box = f'x="{left:.2f}" y="0" width="{max(right - left - 1, 0.6):.2f}" height="{_BAR:g}"'
        drawn.append(f'<rect {box} fill="{fills[style]}"/>')
        if hatched:
            drawn.append(f'<rect {box} fill="url(#hatch)"/>')
    for piece, label in zip(pieces, labels, strict=False):
        top = _BAR + 10 + label.tier * _ROW
        at = label.left if label.anchor == "start" else label.right
        drawn.append(
            f'<path d="M{label.leader:.2f} {_BAR:g}V{top + 17:.2f}" stroke="{palette["muted"]}" stroke-width="0.5"/>'
            f'<g font-family="Noto Sans, DejaVu Sans" font-size="{_SIZE}" text-anchor="{label.anchor}">'
            f'<text x="{at:.2f}" y="{top + 7:.2f}" fill="{palette["ink"]}">{escape(piece.name)}</text>'
            f'<text x="{at:.2f}" y="{top + 17:.2f}" fill="{palette["muted"]}">{escape(piece.detail)}</text></g>'
        )
    return _svg(height, title, _hatch(palette["accent"]) + "".join(drawn))


@dataclass(frozen=True)
class Span:
    """One block of the time line (0 to 1), what stands in it, and under it."""

    begins: float
    ends: float
    name: str
    detail: str


def time_line(spans: Sequence[Span], ticks: Sequence[tuple[float, str]], title: str) -> Markup:
    """Blocks one after the other, with dates at their edges."""
    palette = colours()
    drawn: list[str] = []

    def write(x: float, y: float, anchor: str, colour: str, words: str) -> None:
        drawn.append(
            f'<text font-family="Noto Sans, DejaVu Sans" font-size="{_SIZE}" x="{x:.2f}" y="{y}" '
            f'text-anchor="{anchor}" fill="{colour}">{escape(words)}</text>'
        )

    for index, span in enumerate(spans):
        left, width = span.begins * WIDTH, (span.ends - span.begins) * WIDTH
        fill = mixed(palette["accent"], "#ffffff", 0.0 if index % 2 == 0 else 0.22)
        drawn.append(f'<rect x="{left:.2f}" y="12" width="{max(width - 1, 0.6):.2f}" height="20" fill="{fill}"/>')
        name = span.name if _width(span.name) < width - 8 else str(index + 1)
        middle = left + (width - 1) / 2
        if _width(name) < width - 2:
            write(middle, 25, "middle", "#ffffff", name)
        if span.detail and _width(span.detail) < width - 4:
            write(middle, 43, "middle", palette["ink"], span.detail)
    free = 0.0
    for index, (at, label) in enumerate(ticks):
        x, width, last = at * WIDTH, _width(label), index == len(ticks) - 1
        left = x - width if last else x
        if left < free or (not last and x + width > WIDTH - _width(ticks[-1][1]) - 6):
            continue
        free = left + width + 6
        write(x, 7, "end" if last else "start", palette["muted"], label)
    return _svg(48, title, "".join(drawn))


def _place(
    pieces: Sequence[Piece], edges: Sequence[float], index: int, placed: tuple[_Label, ...]
) -> tuple[_Label, ...] | None:
    """Labels for `pieces[index:]`, such that no text meets another and no line runs through a text; None if none."""
    if index == len(pieces):
        return placed
    piece = pieces[index]
    width = max(_width(piece.name), _width(piece.detail)) + 4
    left, right = edges[index], edges[index + 1]
    begins = (left + 0.5, "start"), (max(right - 1.5, left + 0.5), "end")
    for tier in range(len(pieces)):
        for leader, anchor in begins:
            span = (leader + 3, leader + 3 + width) if anchor == "start" else (leader - 3 - width, leader - 3)
            label = _Label(span[0], span[1], tier, leader, anchor)
            if span[0] < 0 or span[1] > WIDTH or any(_clash(label, other) for other in placed):
                continue
            if found := _place(pieces, edges, index + 1, (*placed, label)):
                return found
    return None


def _clash(one: _Label, other: _Label) -> bool:
    if one.tier == other.tier and one.left < other.right + 8 and other.left < one.right + 8:
        return True
    upper, lower = (one, other) if one.tier < other.tier else (other, one)
    return upper.tier != lower.tier and upper.left - 2 < lower.leader < upper.right + 2


def _width(text: str) -> float:
    return measure.width(text, _SIZE)


def _hatch(colour: str) -> str:
    return (
        '<defs><pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse">'
        f'<path d="M-1 6L6 -1M-1 1L1 -1M4 6L6 4" stroke="{colour}" stroke-width="0.7"/></pattern></defs>'
    )


def _svg(height: float, title: str, content: str) -> Markup:
    return Markup(  # noqa: S704 - every text from outside has been escaped
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" width="{WIDTH:g}pt" height="{height:.2f}pt" '
        f'viewBox="0 0 {WIDTH:g} {height:.2f}"><title>{escape(title)}</title>{content}</svg>'
    )
