"""Fit of very many pairs, with the answers of `rules.fit`, part by part: what no rule refuses, best first."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from contracts.windows import WindowTerms
from services.matching.kernel.fit_proposals import FitProposals
from services.matching.kernel.fit_windows import FitWindows
from services.matching.kernel.shares import PARTS, Columns, Priorities
from services.matching.kernel.sieve import Found, Indices, Kernel
from services.matching.rules import ProposalFacts
from services.matching.rules.answers import Setting
from services.matching.rules.fit import shares, weighed
from services.matching.rules.history import NO_HISTORY, History
from services.matching.rules.shares import ALL, HALF, Share
from services.matching.rules.weights import PROPOSAL_PARTS, Weights

BATCH: Final = 16
"""Windows whose fits are reckoned together."""
MOST: Final = 100
"""Pairs of a window that are named, unless another number is asked for."""


class Best(NamedTuple):
    """Pairs that no rule refuses, best first: eligible before unsure, then by fit, then in the order of the columns.

    That is the order of `rules.ranking`, less what only refused pairs differ in.
    """

    indices: Indices
    """Proposals of a window, or windows of a proposal."""
    fits: Indices
    eligible: NDArray[np.bool_]
    pairs: int
    """How many there are in all, named or not."""


class Fits:
    """The fit beside a kernel's verdicts. Whoever changes a row does it here, so that both know.

    Memory: about 200 bytes for a proposal, and of `BATCH` windows the rows that they do not refuse.
    """

    def __init__(self, kernel: Kernel, weights: Weights, histories: Sequence[History] | None = None) -> None:
        """`histories` holds that of each window's donor. Raises ValueError on unequal lengths."""
        self.kernel, self.weights = kernel, weights
        self.histories = list(histories) if histories is not None else [NO_HISTORY] * len(kernel.terms)
        proposals = FitProposals.of(kernel.facts, kernel.proposals, kernel.codes)
        windows = FitWindows.of(kernel.terms, kernel.settings, kernel.codes, weights, self.histories)
        priorities = Priorities.of_weights(proposals, weights)
        self.columns = Columns(kernel.proposals, proposals, kernel.windows, windows, priorities)
        self._points = np.array([weights.proposal[part] for part in PROPOSAL_PARTS], np.int64)

    # --- the best of a window or a proposal ------------------------------------------------------------------------

    def every_window(self, most: int = MOST) -> Iterator[Best]:
        """The best proposals of each window in turn. Nothing is kept of them."""
        for start in range(0, len(self.kernel.terms), BATCH):
            windows = range(start, min(start + BATCH, len(self.kernel.terms)))
            found = [self.kernel.window(at) for at in windows]
            pairs = [(at, np.concatenate(of_window)) for at, of_window in zip(windows, found, strict=True)]
            for (_, rows), fits, of_window in zip(pairs, self._of_windows(pairs), found, strict=True):
                yield _best(rows, fits, of_window.eligible.size, most)

    def window(self, at: int, most: int = MOST) -> Best:
        """The best proposals of a window."""
        return self._best_of_window(at, self.kernel.window(at), most)

    def proposal(self, row: int, most: int = MOST) -> Best:
        """The best windows of a proposal."""
        return self._best_of_proposal(row, self.kernel.proposal(row), most)

    def _best_of_window(self, at: int, found: Found, most: int) -> Best:
        rows = np.concatenate(found)
        return _best(rows, self.of_window(at, rows), found.eligible.size, most)

    def _best_of_proposal(self, row: int, found: Found, most: int) -> Best:
        windows = np.concatenate(found)
        return _best(windows, self.of_proposal(row, windows), found.eligible.size, most)

    # --- fits and their parts -------------------------------------------------------------------------------------

    def of_window(self, at: int, rows: Indices) -> Indices:
        """The fit of `rows` of a window, 0 to 100. Asked of a refused pair, it is what the pair would have."""
        return self._of_windows([(at, rows)])[0]

    def _of_windows(self, pairs: Sequence[tuple[int, Indices]]) -> list[Indices]:
        """A part of all, then the next: the columns of one part stay in the processor's cache."""
        within = [(at, rows, rows.size) for at, rows in pairs if not self._window_beyond(at)]
        fitting = iter(self._fits(within))
        found = []
        for at, rows in pairs:
            if self._window_beyond(at):
                found.append(np.array([self._reference_fit(at, row) for row in rows.tolist()], np.int64))
                continue
            fits = next(fitting)
            for place in np.flatnonzero(self.columns.q.beyond[rows]).tolist():
                fits[place] = self._reference_fit(at, int(rows[place]))
            found.append(fits)
        return found

    def of_proposal(self, row: int, windows: Indices) -> Indices:
        """The fit of one proposal in each of `windows`."""
        if self.columns.q.beyond[row]:
            return np.array([self._reference_fit(at, row) for at in windows.tolist()], np.int64)
        fits = self._fits([(windows, row, windows.size)])[0]
        for place in np.flatnonzero(self.columns.v.beyond[windows] | self.columns.w.beyond[windows]).tolist():
            fits[place] = self._reference_fit(int(windows[place]), row)
        return fits

    def parts(self, at: int, rows: Indices) -> Indices:
        """(parts, rows): the whole points of every part, in the order of `PROPOSAL_PARTS`; they add up to the fit."""
        thousandths = np.empty((len(PARTS), rows.size), np.int64)
        outside: Iterable[int] = range(rows.size)
        if not self._window_beyond(at):
            for place, part in enumerate(PARTS.values()):
                thousandths[place] = self._points[place] * part(self.columns, rows, at)
            outside = np.flatnonzero(self.columns.q.beyond[rows]).tolist()
        for column in outside:
            earned = self._reference_shares(at, int(rows[column]))
            thousandths[:, column] = self._points * [earned[part].share for part in PROPOSAL_PARTS]
        return apportioned(thousandths)

    def _fits(self, pairs: Sequence[tuple[Any, Any, int]]) -> list[Indices]:
        """Of (windows, proposals, how many pairs). Parts add up to their rounded total: no points are needed."""
        totals = [np.full(count, HALF, np.int64) for _, _, count in pairs]
        for points, part in zip(self._points.tolist(), PARTS.values(), strict=True):
            for total, (at, rows, _) in zip(totals, pairs, strict=True) if points else ():
                total += points * part(self.columns, rows, at)
        return [total // ALL for total in totals]

    def _window_beyond(self, at: int) -> bool:
        return bool(self.columns.v.beyond[at] or self.columns.w.beyond[at])

    def _reference_fit(self, at: int, row: int) -> int:
        return weighed(self._reference_shares(at, row), self.weights)[0]

    def _reference_shares(self, at: int, row: int) -> dict[str, Share]:
        kernel = self.kernel
        return shares(kernel.facts[row], kernel.terms[at], kernel.settings[at], self.weights, self.histories[at])

    # --- changes --------------------------------------------------------------------------------------------------

    def rejudge_window(
        self, at: int, terms: WindowTerms, setting: Setting, history: History = NO_HISTORY, most: int = MOST
    ) -> Best:
        """Put changed terms, another day or another history in a window's place: what `window` then gives."""
        found = self.kernel.rejudge_window(at, terms, setting)
        self.histories[at] = history
        self.columns.v.put(at, terms, setting, self.kernel.codes, self.weights, history)
        return self._best_of_window(at, found, most)

    def rejudge_proposal(self, row: int, facts: ProposalFacts, most: int = MOST) -> Best:
        """Put a changed proposal in the place of the former: what `proposal` then gives."""
        found = self.kernel.rejudge_proposal(row, facts)
        self.columns.q.put(row, facts, self.columns.p, self.kernel.codes)
        self.columns.priorities.put(self.columns.q, slice(row, row + 1))
        return self._best_of_proposal(row, found, most)


def apportioned(thousandths: Indices) -> Indices:
    """`rules.shares.apportion` for every column: largest remainder first, of equal ones the earlier part."""
    points, remainder = np.divmod(thousandths, ALL)
    missing = (thousandths.sum(axis=0) + HALF) // ALL - points.sum(axis=0)
    order = np.argsort(-remainder, axis=0, kind="stable")
    place = np.empty_like(order)
    np.put_along_axis(place, order, np.arange(len(thousandths))[:, None], axis=0)
    found: Indices = points + (place < missing)
    return found


def _best(indices: Indices, fits: Indices, eligible: int, most: int) -> Best:
    """The first `eligible` of the indices are eligible; both they and the others come in the order of the columns."""
    first = _highest(fits[:eligible], most)
    others = eligible + _highest(fits[eligible:], most - first.size)
    chosen = np.concatenate([first, others])
    return Best(indices[chosen], fits[chosen], chosen < eligible, indices.size)


def _highest(fits: Indices, most: int) -> Indices:
    """Places of the highest fits, of equal ones the earlier place: only those at or above the last are sorted."""
    if most <= 0 or not fits.size:
        return _NOWHERE
    places = None
    if most < fits.size:
        from_above = np.bincount(fits)[::-1].cumsum()
        least = from_above.size - 1 - int(np.searchsorted(from_above, most))
        places = np.flatnonzero(fits >= least)
        fits = fits[places]
    order = np.argsort(-fits, kind="stable")[:most]
    return order if places is None else places[order]


_NOWHERE: Final[Indices] = np.empty(0, np.int64)
