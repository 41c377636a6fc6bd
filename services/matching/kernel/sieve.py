"""Judging many pairs: per window, each rule on what the rules before it have left."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from contracts.windows import WindowTerms
from services.matching.kernel.codes import ALL, Codes
from services.matching.kernel.proposals import Proposals
from services.matching.kernel.verdicts import MASKS, OPEN, SURE, Question, answers
from services.matching.kernel.windows import ANY_MODE, END, FIXED, NO, NUMBER, SHOWN, UNKNOWN, YES, Windows
from services.matching.rules import RULES, ProposalFacts
from services.matching.rules.answers import Setting

Indices = NDArray[np.int64]
Numbers = NDArray[np.uint8]

BLOCK: Final = 1 << 17
"""Proposals at a time: a rule's working space is then about a megabyte."""


class Found(NamedTuple):
    """Where no rule says no: indices of proposals (of a window) or of windows (of a proposal), in order."""

    eligible: Indices
    unsure: Indices


class Order(NamedTuple):
    """The questions of one window, cheapest first."""

    masks: list[Question]
    """Asked of a whole block."""
    others: list[Question]
    """Asked of what the masks leave: the money, which is dearer."""
    doubts: list[Question]
    """Asked of what no rule refuses."""


class Kernel:
    """Proposals and windows in columns, judged a window or a proposal at a time.

    Memory: the columns (about 150 bytes for a proposal), the facts and terms themselves, which are kept for what the
    reference has to judge, and one block of working space. Not safe for several threads while something is changed.
    """

    def __init__(
        self, proposals: Sequence[ProposalFacts], windows: Sequence[WindowTerms], settings: Sequence[Setting],
        *, block: int = BLOCK,
    ) -> None:  # fmt: skip
        """`settings` holds each window's own: its day is the one at its funder's. Raises ValueError on unequal lengths
        and on a block below 1."""
        if block < 1:
            raise ValueError("a block holds at least one proposal")
        self.facts, self.terms, self.settings = list(proposals), list(windows), list(settings)
        self.codes = Codes.of(self.facts, self.terms)
        self.proposals = Proposals.of(self.facts, self.codes)
        self.windows = Windows.of(self.terms, self.settings, self.codes)
        self._block = block
        self._all_windows = np.arange(len(self.terms))
        self._beyond = np.flatnonzero(self.proposals.beyond)

    # --- all pairs ------------------------------------------------------------------------------------------------

    def every_window(self) -> Iterator[Found]:
        """The proposals of each window in turn. Nothing is kept of them."""
        return (self.window(at) for at in range(len(self.terms)))

    def window(self, at: int) -> Found:
        """The proposals to which no rule of the window says no: eligible, and unsure."""
        if self.windows.beyond[at]:
            return _sorted_out(np.array([max(self.by_reference(at, row)) for row in range(len(self.facts))]))
        fixed = int(self.windows.fixed[at].max())
        if fixed == NO:
            return Found(_NOBODY, _NOBODY)
        order = self._order(at)
        pieces = [self._sieve(at, fixed, order, start) for start in range(0, len(self.facts), self._block)]
        found = Found(*(np.concatenate(part) for part in zip(*pieces, strict=True))) if pieces else _NONE
        return self._with_beyond(at, found) if self._beyond.size else found

    def _sieve(self, at: int, fixed: int, order: Order, start: int) -> Found:
        p, w = self.proposals, self.windows
        block = slice(start, min(start + self._block, len(p)))
        if order.masks:
            mask = order.masks[0](p, block, w, at)
            for is_open in order.masks[1:]:
                mask &= is_open(p, block, w, at)
            rows = np.flatnonzero(mask) + start
        else:
            rows = np.arange(block.start, block.stop)
        for is_open in order.others:
            if not rows.size:
                return _NONE
            rows = rows[is_open(p, rows, w, at)]
        if fixed == UNKNOWN:
            return Found(_NOBODY, rows)
        sure = np.ones(rows.size, np.bool_)
        for is_yes in order.doubts:
            sure &= is_yes(p, rows, w, at)
        return Found(rows[sure], rows[~sure])

    def _order(self, at: int) -> Order:
        """The rules of a window that may say no or stay unknown: what cannot be is not asked."""
        w = self.windows
        amounts_open = (w.minimum_open[at] > -END).any() or (w.maximum_open[at] < END).any()
        amounts_doubt = (w.minimum_yes[at] > -END).any() or (w.maximum_yes[at] < END).any()
        mode = int(w.mode[at])
        by_mode = (YES,) if mode == ANY_MODE else (
            (int(w.with_any[at]), int(w.without_any[at])) if mode == SHOWN else (YES, UNKNOWN, NO))  # fmt: skip
        refuses = {
            "applicant": w.kinds_no[at] != 0, "states": w.states_no[at] != 0, "species": w.species_open[at] != ALL,
            "duration": w.shortest[at] > -END or w.longest[at] < END, "amount": amounts_open,
            "cofinancing": NO in by_mode,
        }  # fmt: skip
        doubts = {
            "applicant": w.kinds_unknown[at] != 0, "states": True, "species": w.species_yes[at] != ALL, "themes": True,
            "amount": amounts_doubt, "cofinancing": by_mode != (YES,),
        }  # fmt: skip
        return Order(
            [MASKS[rule] for rule in MASKS if refuses[rule]],
            [OPEN[rule] for rule in OPEN if refuses[rule]],
            [SURE[rule] for rule in SURE if doubts[rule]],
        )

    def _with_beyond(self, at: int, found: Found) -> Found:
        """`found` with the reference's judgement of those that do not fit into columns."""
        judged = {NO: [], UNKNOWN: [], YES: []}  # type: dict[int, list[int]]
        for row in self._beyond.tolist():
            judged[max(self.by_reference(at, row))].append(row)
        fitting = (part[~np.isin(part, self._beyond)] for part in found)
        return Found(*(np.sort(np.concatenate([part, np.array(judged[answer], np.int64)]))
                       for part, answer in zip(fitting, (YES, UNKNOWN), strict=True)))  # fmt: skip

    # --- one row or pair ------------------------------------------------------------------------------------------

    def proposal(self, row: int) -> Found:
        """The windows that say no to the proposal by none of their rules: eligible, and unsure."""
        return _sorted_out(self.of_proposal(row).max(axis=0, initial=YES))

    def of_proposal(self, row: int) -> Numbers:
        """(rules, windows): the answer of every rule of every window, in the order of `RULES`."""
        if self.proposals.beyond[row]:
            given = [self.by_reference(at, row) for at in range(len(self.terms))]
            return np.array(given, np.uint8).reshape(-1, len(RULES)).T
        given_by = self._answers(row, self._all_windows, len(self.terms))
        for at in np.flatnonzero(self.windows.beyond).tolist():
            given_by[:, at] = self.by_reference(at, row)
        return given_by

    def of_window(self, at: int, rows: Indices | None = None) -> Numbers:
        """(rules, proposals): the answer of every rule to `rows`, or to all."""
        rows = np.arange(len(self.facts)) if rows is None else np.asarray(rows, np.int64)
        if self.windows.beyond[at]:
            given = [self.by_reference(at, row) for row in rows.tolist()]
            return np.array(given, np.uint8).reshape(-1, len(RULES)).T
        given_by = self._answers(rows, at, rows.size)
        for place in np.flatnonzero(self.proposals.beyond[rows]).tolist():
            given_by[:, place] = self.by_reference(at, int(rows[place]))
        return given_by

    def pair(self, at: int, row: int) -> dict[str, int]:
        """Rule -> its answer to one pair of a window and a proposal."""
        return dict(zip(RULES, self.of_window(at, np.array([row]))[:, 0].tolist(), strict=True))

    def by_reference(self, at: int, row: int) -> list[int]:
        """The answers to one pair as the readable rules give them."""
        facts, terms, setting = self.facts[row], self.terms[at], self.settings[at]
        return [NUMBER[rule(facts, terms, setting).verdict] for rule in RULES.values()]

    def _answers(self, rows: Any, at: Any, count: int) -> Numbers:
        found = np.empty((len(RULES), count), np.uint8)
        for place, rule in enumerate(RULES):
            if rule in FIXED:
                found[place] = self.windows.fixed[at, FIXED.index(rule)]
            else:
                found[place] = answers(rule, self.proposals, rows, self.windows, at)
        return found

    # --- changes --------------------------------------------------------------------------------------------------

    def rejudge_window(self, at: int, terms: WindowTerms, setting: Setting) -> Found:
        """Put changed terms (or another day) in a window's place: what `window` then gives."""
        self.terms[at], self.settings[at] = terms, setting
        self.windows.put(at, terms, setting, self.codes)
        return self.window(at)

    def rejudge_proposal(self, row: int, facts: ProposalFacts) -> Found:
        """Put a changed proposal in the place of the former: what `proposal` then gives."""
        self.facts[row] = facts
        self.proposals.put(row, facts, self.codes)
        self._beyond = np.flatnonzero(self.proposals.beyond)
        return self.proposal(row)


_NOBODY: Final[Indices] = np.empty(0, np.int64)
_NONE: Final = Found(_NOBODY, _NOBODY)


def _sorted_out(overall: NDArray[Any]) -> Found:
    return Found(np.flatnonzero(overall == YES), np.flatnonzero(overall == UNKNOWN))
