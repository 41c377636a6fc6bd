"""The parts of the fit on columns: what each has earned of its weight, in thousandths.

As in `verdicts`, `rows` is a slice or indices of proposals with `at` one window, or one proposal with `at` indices of
windows. An answer that is the same for all rows may be a single number.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from services.matching.kernel.fit_proposals import FitProposals
from services.matching.kernel.fit_windows import FREE, MATCHED, MATCHED_UNSAID, SHOWN, UNSAID, FitWindows
from services.matching.kernel.proposals import Proposals, Whole
from services.matching.kernel.verdicts import Rows
from services.matching.kernel.windows import Windows
from services.matching.rules.fit import FULL_THEMES, OTHER_SPECIES, UNKNOWN_SPECIES
from services.matching.rules.history import PRIOR
from services.matching.rules.shares import ALL, HALF
from services.matching.rules.weights import PROPOSAL_PARTS, Weights


@dataclass(frozen=True)
class Columns:
    """Everything that the parts look at."""

    p: Proposals
    q: FitProposals
    w: Windows
    v: FitWindows
    levels: tuple[tuple[int, int], ...]
    """(row in the columns of actions, share of that priority), the lowest first; those that earn nothing left out."""
    beside: Whole
    """For each proposal what its highest priority earns beside the window's themes."""


def levels_of(q: FitProposals, weights: Weights) -> tuple[tuple[tuple[int, int], ...], Whole]:
    """`Columns.levels` and `Columns.beside` for these weights."""
    percent = {level: weights.priority_percent.get(code, 0) for level, code in enumerate(q.priorities)}
    order = sorted((level for level in percent if percent[level] > 0), key=percent.__getitem__)
    beside = np.zeros(len(q.beyond), np.int64)
    for level in order:
        np.copyto(beside, percent[level] * HALF // 100, where=q.addressed[level])
    return tuple((level, percent[level] * ALL // 100) for level in order), beside


def beside_of(q: FitProposals, row: int, weights: Weights) -> int:
    """`Columns.beside` of one proposal."""
    named = [code for level, code in enumerate(q.priorities) if q.addressed[level, row]]
    return max((weights.priority_percent.get(code, 0) for code in named), default=0) * HALF // 100


def priority(c: Columns, rows: Rows, at: Rows) -> Any:
    """The highest priority among the actions that share a theme with the window, or half the highest of all."""
    share = c.beside[rows]
    for level, full in c.levels:
        hit = (c.q.themes[level][rows] & c.v.hits[at]) != 0
        share = np.where(hit & (share < full), full, share)
    return share


def themes(c: Columns, rows: Rows, at: Rows) -> Any:
    """By the number of shared themes, and of those that would be enough."""
    shared = np.minimum(np.bitwise_count(c.p.themes[rows] & c.v.themes[at]), FULL_THEMES)
    wanted = np.minimum(c.q.themes_named[rows], c.v.themes_named[at])
    return _THEMES[wanted, shared]


_THEMES: Final = np.array(
    [[HALF] * (FULL_THEMES + 1)]
    + [[min(ALL, shared * ALL // wanted) for shared in range(FULL_THEMES + 1)] for wanted in range(1, FULL_THEMES + 1)],
    np.int64,
)
"""(wanted, shared): half where one side names none."""


def species(c: Columns, rows: Rows, at: Rows) -> Any:
    """The mean over the proposal's species."""
    bits, count = c.p.species[rows], c.q.species_named[rows]
    total = _count(bits & c.v.species_named[at], ALL) + _count(bits & c.v.species_other[at], OTHER_SPECIES)
    total += _count(bits & c.v.species_unknown[at], UNKNOWN_SPECIES)
    return np.where(count == 0, c.v.species_silent[at], total // np.maximum(count, 1))


def states(c: Columns, rows: Rows, at: Rows) -> Any:
    """The mean over the proposal's states."""
    bits, count = c.p.states[rows], c.q.states_named[rows]
    total = _count(bits & c.v.states_yes[at], ALL) + _count(bits & c.v.states_unknown[at], HALF)
    return np.where(count == 0, HALF, total // np.maximum(count, 1))


def _count(bits: Any, worth: int) -> Any:
    return np.multiply(np.bitwise_count(bits), worth, dtype=np.int64)


def size(c: Columns, rows: Rows, at: Rows) -> Any:
    """What is asked for beside the usual grant. Where a product would not fit, its row takes another answer."""
    v = c.v
    if isinstance(at, int) and not v.size_known[at].any():
        return HALF
    own = (c.p.currency[rows] == c.w.currency[at]).astype(np.int64)
    asked = np.where(own, c.p.amount[rows], c.p.usd[rows])
    above, below = asked > v.size_most[at, own], asked < v.size_least[at, own]
    with np.errstate(over="ignore"):
        lower = np.maximum(asked * v.size_part[at, own] // v.size_whole[at, own], 0)
    upper = v.size_above[at, own] // np.maximum(asked, 1) // 2
    share = np.where(above, upper, np.where(below, lower, ALL))
    return np.where(v.size_known[at, own], share, HALF)


def time(c: Columns, rows: Rows, at: Rows) -> Any:
    """The days that are left, beside those that this proposal needs."""
    v = c.v
    if isinstance(at, int) and not v.required[at]:
        share: Any = v.time[at, 0]
        if not v.deadline[at]:
            return share
    else:
        confirmed, total = c.q.confirmed[rows], c.q.total[rows]
        need, whole = c.p.usd[rows] * v.ratio[at, 0], v.ratio[at, 1]
        lacking = v.required[at] & ((confirmed * whole < need) | (confirmed == 0))
        letters = lacking & (total > confirmed)
        funds = lacking & ((total * whole < need) | (total == 0))
        share = v.time[at, letters + 2 * funds.astype(np.int64)]
    return np.where(c.q.starts[rows] <= v.deadline[at], share // 2, share)


def cofinancing(c: Columns, rows: Rows, at: Rows) -> Any:
    """What is in hand of what is asked for."""
    if isinstance(at, int):
        return _MODES[int(c.v.mode[at])](c, rows, at)
    share = np.zeros(len(at), np.int64)
    for mode, of_mode in _MODES.items():
        which = np.flatnonzero(c.v.mode[at] == mode)
        if which.size:
            share[which] = of_mode(c, rows, at[which])
    return share


def _free(_: Columns, __: Rows, ___: Rows) -> Any:
    return ALL


def _shown(c: Columns, rows: Rows, _: Rows) -> Any:
    return c.q.brought[rows]


def _unsaid(c: Columns, rows: Rows, _: Rows) -> Any:
    return (ALL + c.q.brought[rows]) // 2


def _matched(c: Columns, rows: Rows, at: Rows) -> Any:
    return _by_ratio(c, rows, at, _shown)


def _matched_unsaid(c: Columns, rows: Rows, at: Rows) -> Any:
    return _by_ratio(c, rows, at, _unsaid)


def _by_ratio(c: Columns, rows: Rows, at: Rows, otherwise: Callable[[Columns, Rows, Rows], Any]) -> Any:
    """In half cents. A product with a thousand is only used where it is below 2 * 10^10 * 10^5 * 1,000."""
    usd = c.p.usd[rows]
    worth, need = c.q.worth[rows] * c.v.ratio[at, 1], 2 * usd * c.v.ratio[at, 0]
    with np.errstate(over="ignore"):
        part = np.maximum(worth * ALL // np.maximum(need, 1), 0)
    return np.where(usd > 0, np.where(worth >= need, ALL, part), otherwise(c, rows, at))


_MODES: Final[dict[int, Callable[[Columns, Rows, Rows], Any]]] = {
    FREE: _free, MATCHED: _matched, MATCHED_UNSAID: _matched_unsaid, SHOWN: _shown, UNSAID: _unsaid,
}  # fmt: skip


def history(c: Columns, rows: Rows, at: Rows) -> Any:
    """Half without a history; each answer moves it, one to work like this twice as much."""
    if not isinstance(at, int):
        return np.array([history(c, rows, window) for window in at.tolist()], np.int64)
    answered = c.v.answered[at]
    if not answered:
        return HALF
    whole: Any = PRIOR
    good: Any = PRIOR * HALF
    for species_bits, theme_bits, weight, awarded in answered:
        alike = (c.p.species[rows] & np.uint64(species_bits)) | (c.p.themes[rows] & np.uint64(theme_bits))
        weighed = np.where(alike != 0, 2 * weight, weight)
        whole = whole + weighed
        if awarded:
            good = good + weighed * ALL
    return good // whole


PARTS: Final[dict[str, Callable[[Columns, Rows, Rows], Any]]] = {
    "priority": priority, "themes": themes, "species": species, "states": states, "size": size, "time": time,
    "cofinancing": cofinancing, "history": history,
}  # fmt: skip
"""In the order of `PROPOSAL_PARTS`."""
if tuple(PARTS) != PROPOSAL_PARTS:
    raise AssertionError("a part of the fit has no columns")
