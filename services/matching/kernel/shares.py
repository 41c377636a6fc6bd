"""The parts of the fit on columns: what each has earned of its weight, in thousandths.

As in `verdicts`, `rows` is a slice or indices of proposals with `at` one window, or one proposal with `at` indices of
windows. An answer that is the same for all rows may be a single number.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.matching.kernel.codes import ALL as EVERY_BIT
from services.matching.kernel.fit_proposals import SHIFT, FitProposals
from services.matching.kernel.fit_windows import FREE, MATCHED, MATCHED_UNSAID, SHOWN, UNSAID, FitWindows
from services.matching.kernel.proposals import AMOUNT_BELOW, EXACT, Proposals, Whole, Words
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
    priorities: "Priorities"


@dataclass(frozen=True)
class Priorities:
    """The priorities of the actions under some weights: by rank, from 1, in the order of what they earn."""

    full: Whole
    """Rank -> share; rank 0 earns nothing. `half` is that of an action beside the window's themes."""
    half: Whole
    ranks: NDArray[np.uint8]
    """(64 bits, proposals): the highest rank among the actions with the theme of that bit; the last bit is for actions
    that name no theme."""
    highest: NDArray[np.uint8]
    """Among all actions of the proposal."""
    of: tuple[int, ...]
    """The rank of each of `FitProposals.priorities`."""

    @classmethod
    def of_weights(cls, q: FitProposals, weights: Weights) -> "Priorities":
        """The ranks of all proposals."""
        percent = [max(0, weights.priority_percent.get(code, 0)) for code in q.priorities]
        steps = sorted({0, *percent})
        count = len(q.beyond)
        made = cls(
            np.array([step * ALL // 100 for step in steps], np.int64),
            np.array([step * HALF // 100 for step in steps], np.int64),
            np.zeros((64, count), np.uint8), np.zeros(count, np.uint8), tuple(steps.index(one) for one in percent),
        )  # fmt: skip
        made.put(q, slice(None))
        return made

    def put(self, q: FitProposals, rows: slice) -> None:
        """Write the ranks of these proposals anew."""
        highest, ranks = self.highest[rows], self.ranks[:, rows]
        highest[:], ranks[:] = 0, 0
        for level, rank in sorted(enumerate(self.of), key=lambda one: one[1]):
            bits = q.themes[level][rows]
            highest[q.addressed[level][rows]] = rank
            for bit in bits_in(int(np.bitwise_or.reduce(bits))):
                ranks[bit][(bits & np.uint64(1 << bit)) != 0] = rank


def bits_in(word: int) -> Iterator[int]:
    """The numbers of the bits that are set."""
    while word:
        yield (word & -word).bit_length() - 1
        word &= word - 1


def priority(c: Columns, rows: Rows, at: Rows) -> Any:
    """The highest priority among the actions that share a theme with the window, or half the highest of all."""
    ranks, hits = c.priorities.ranks, c.v.hits[at]
    if isinstance(at, int):
        best = c.priorities.highest[rows]
        if hits == EVERY_BIT:
            return c.priorities.full[best]
        half = c.priorities.half[best]
        best = np.zeros_like(best)
        for bit in bits_in(int(hits)):
            np.maximum(best, ranks[bit][rows], out=best)
        return np.maximum(c.priorities.full[best], half)
    named = (hits[:, None] >> np.arange(64, dtype=np.uint64)) & np.uint64(1)
    best = np.where(hits == EVERY_BIT, c.priorities.highest[rows], (named * ranks[:, rows]).max(axis=1, initial=0))
    return np.maximum(c.priorities.full[best], c.priorities.half[c.priorities.highest[rows]])


def themes(c: Columns, rows: Rows, at: Rows) -> Any:
    """By the number of shared themes, and of those that would be enough."""
    wanted = c.v.themes_named[at]
    if isinstance(at, int) and not wanted:
        return HALF
    shared = np.minimum(np.bitwise_count(c.p.themes[rows] & c.v.themes[at]), _MOST_THEMES)
    earned = _THEMES[np.minimum(c.q.themes_named[rows], wanted) * _STEP + shared]
    least = c.v.themes_least[at]
    return earned if isinstance(at, int) and not least else np.maximum(earned, least)


_MOST_THEMES: Final = np.uint8(FULL_THEMES)
_STEP: Final = np.uint8(FULL_THEMES + 1)
_THEMES: Final = np.array(
    [HALF] * (FULL_THEMES + 1)
    + [min(ALL, shared * ALL // wanted) for wanted in range(1, FULL_THEMES + 1) for shared in range(FULL_THEMES + 1)],
    np.int64,
)
"""wanted x `_STEP` + shared -> share: half where one side names none."""


def species(c: Columns, rows: Rows, at: Rows) -> Any:
    """The mean over the proposal's species."""
    v = c.v
    worth = ((v.species_named, ALL), (v.species_other, OTHER_SPECIES), (v.species_unknown, UNKNOWN_SPECIES))
    return _mean(c.p.species[rows], c.q.per_species, worth, rows, at)


def states(c: Columns, rows: Rows, at: Rows) -> Any:
    """The mean over the proposal's states."""
    return _mean(c.p.states[rows], c.q.per_state, ((c.v.states_yes, ALL), (c.v.states_unknown, HALF)), rows, at)


def _mean(bits: Any, per: Whole, worth: Sequence[tuple[Words, int]], rows: Rows, at: Rows) -> Any:
    """The mean of what each code of `bits` is worth to the window."""
    total: Any = 0
    for answered, share in worth:
        if not isinstance(at, int) or answered[at]:
            total = total + np.multiply(np.bitwise_count(bits & answered[at]), share, dtype=np.int64)
    return (total * per[rows]) >> SHIFT


def size(c: Columns, rows: Rows, at: Rows) -> Any:
    """What is asked for beside the usual grant, which is reckoned only for what lies outside of it."""
    if not isinstance(at, int):
        own = (c.p.currency[rows] == c.w.currency[at]).astype(np.int64)
        return _size(c.v, at, own, np.where(own, c.p.amount[rows], c.p.usd[rows]))
    known, most, least = c.v.size_known[at].tolist(), c.v.size_most[at].tolist(), c.v.size_least[at].tolist()
    if not any(known):
        return HALF
    asked = c.p.asked[c.w.currency[at]][rows]
    share = np.full(asked.size, ALL, np.int64)
    exact = asked > EXACT - AMOUNT_BELOW
    for own, which in ((0, ~exact), (1, exact)):
        lift = own * EXACT
        if not known[own]:
            share[which] = HALF
            continue
        places = np.flatnonzero(which & ((asked < least[own] + lift) | (asked > most[own] + lift)))
        if places.size:
            share[places] = _size(c.v, at, own, asked[places] - lift)
    return share


def _size(v: FitWindows, at: Rows, own: Any, asked: Any) -> Any:
    """Where a product would not fit, its row takes another answer."""
    with np.errstate(over="ignore"):
        lower = np.maximum(asked * v.size_part[at, own] // v.size_whole[at, own], 0)
    upper = v.size_above[at, own] // np.maximum(asked, 1) // 2
    inner = np.where(asked < v.size_least[at, own], lower, ALL)
    return np.where(v.size_known[at, own], np.where(asked > v.size_most[at, own], upper, inner), HALF)


def time(c: Columns, rows: Rows, at: Rows) -> Any:
    """The days that are left, beside those that this proposal needs."""
    v = c.v
    if isinstance(at, int) and not v.required[at]:
        share: Any = v.time[at, 0]
        if not v.deadline[at]:
            return share
    else:
        # In half cents, as so many halves of what is in kind count.
        confirmed = 2 * c.p.cash[rows] + c.p.in_kind[rows] * v.in_kind[at]
        total = confirmed + 2 * c.p.hoped_cash[rows] + c.p.hoped_in_kind[rows] * v.in_kind[at]
        need, whole = 2 * c.p.usd[rows] * v.ratio[at, 0], v.ratio[at, 1]
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


def _shown(c: Columns, rows: Rows, at: Rows) -> Any:
    return np.maximum(c.q.brought[rows], c.q.brought_in_kind[rows] * c.v.in_kind[at] // 2)


def _unsaid(c: Columns, rows: Rows, at: Rows) -> Any:
    return (ALL + _shown(c, rows, at)) // 2


def _matched(c: Columns, rows: Rows, at: Rows) -> Any:
    return _by_ratio(c, rows, at, _shown)


def _matched_unsaid(c: Columns, rows: Rows, at: Rows) -> Any:
    return _by_ratio(c, rows, at, _unsaid)


def _by_ratio(c: Columns, rows: Rows, at: Rows, otherwise: Callable[[Columns, Rows, Rows], Any]) -> Any:
    """In quarter cents. A product with a thousand is only used where it is below 4 * 10^10 * 10^5 * 1,000."""
    usd = c.p.usd[rows]
    worth = (c.q.worth[rows] + c.q.worth_in_kind[rows] * c.v.in_kind[at]) * c.v.ratio[at, 1]
    need = 4 * usd * c.v.ratio[at, 0]
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
