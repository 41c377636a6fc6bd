"""What the fit needs of proposals beside the columns of eligibility."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.matching.kernel.codes import MOST, NONE_NAMED, Codes
from services.matching.kernel.proposals import Proposals, Whole, Words
from services.matching.rules import ProposalFacts
from services.matching.rules.fit import FULL_THEMES
from services.matching.rules.shares import ALL, HALF, NOTHING

FIT_DOLLARS_BELOW: Final = 10**10
"""US cents: what is asked for, times a ratio's number and a thousand, then stays below 2^63."""


SHIFT: Final = 32
Small = NDArray[np.uint8]


def mean_of(count: int) -> int:
    """Multiplied by this and shifted, a sum of `count` shares is divided by it, rounded down.

    Exact while sum x count is below 2^32: a word has 63 codes, and a share is at most 1,000. Who names none has one
    answer, that of the bit for none.
    """
    return (1 << SHIFT) // max(1, count) + 1


@dataclass(frozen=True)
class FitProposals:
    """One entry for each proposal in every column; in those of actions a row for each priority of `priorities`."""

    priorities: tuple[str, ...]
    """Codes of priorities that occur among the actions addressed; "" for one that is not stated."""
    themes: Words
    """(priorities, proposals): the themes of the actions of that priority; `NONE_NAMED` for one that names none."""
    addressed: NDArray[np.bool_]
    """(priorities, proposals): whether there is an action of that priority."""
    themes_named: Small
    """How many, at most `FULL_THEMES`."""
    per_species: Whole
    """What a sum over the species is multiplied by (then `>> SHIFT`) to be their mean; so for states."""
    per_state: Whole
    starts: Whole
    """The first day, as its ordinal."""
    worth: Whole
    """Quarter cents in cash: what is confirmed, and half of what is not."""
    worth_in_kind: Whole
    """The same in kind, in half cents: once where half of it counts, twice where all does."""
    brought: Whole
    """The share for some cash of no stated size."""
    brought_in_kind: Whole
    """The same in kind, where that counts."""
    beyond: NDArray[np.bool_]
    """Does not fit into these columns or those of eligibility: the reference tells its fit."""

    @classmethod
    def of(cls, facts: Sequence[ProposalFacts], columns: Proposals, codes: Codes) -> "FitProposals":
        """The columns of `facts`, whose columns of eligibility are there already."""
        priorities = tuple(sorted({action.priority or "" for one in facts for action in one.actions}))
        count = len(facts)
        made: dict[str, Any] = {name: np.zeros(count, _TYPES.get(name, np.int64)) for name in _SINGLE}
        empty = cls(priorities, np.zeros((len(priorities), count), np.uint64),
                    np.zeros((len(priorities), count), np.bool_), **made)  # fmt: skip
        empty._money(columns, slice(None))
        for row, one in enumerate(facts):
            empty._write(row, one, codes)
        empty.beyond[:] |= columns.beyond | (np.abs(columns.usd) >= FIT_DOLLARS_BELOW)
        return empty

    def put(self, row: int, facts: ProposalFacts, columns: Proposals, codes: Codes) -> None:
        """Write `facts` over a row, after `columns` have been."""
        self.themes[:, row], self.addressed[:, row], self.beyond[row] = 0, False, False
        self._money(columns, row)
        self._write(row, facts, codes)
        self.beyond[row] |= columns.beyond[row] or abs(columns.usd[row]) >= FIT_DOLLARS_BELOW

    def _money(self, columns: Proposals, rows: Any) -> None:
        self.worth[rows] = 4 * columns.cash[rows] + 2 * columns.hoped_cash[rows]
        self.worth_in_kind[rows] = 2 * columns.in_kind[rows] + columns.hoped_in_kind[rows]
        self.brought[rows] = _brought(columns.cash[rows], columns.hoped_cash[rows])
        self.brought_in_kind[rows] = _brought(columns.in_kind[rows], columns.hoped_in_kind[rows])

    def _write(self, row: int, facts: ProposalFacts, codes: Codes) -> None:
        self.themes_named[row] = min(FULL_THEMES, len(facts.themes))
        self.per_species[row], self.per_state[row] = mean_of(len(facts.species)), mean_of(len(facts.states))
        self.starts[row] = facts.starts.toordinal()
        for action in facts.actions:
            if (priority := action.priority or "") not in self.priorities:
                self.beyond[row] = True
                continue
            level = self.priorities.index(priority)
            self.addressed[level, row] = True
            bits = NONE_NAMED
            if action.themes:
                known = [codes.themes[theme] for theme in action.themes if theme in codes.themes]
                bits = sum(known)
                # While there are bits to spare, a theme without one is no window's; after that it might be.
                self.beyond[row] |= len(known) < len(action.themes) and len(codes.themes) >= MOST
            self.themes[level, row] |= np.uint64(bits)


def _brought(sure: Any, hoped: Any) -> Any:
    return np.where(sure > 0, ALL, np.where(hoped > 0, HALF, NOTHING))


_TYPES: Final = {"beyond": np.bool_, "themes_named": np.uint8}
_OF_ACTIONS: Final = ("priorities", "themes", "addressed")
_SINGLE: Final = [field.name for field in fields(FitProposals) if field.name not in _OF_ACTIONS]
