"""The rules on columns. Each takes rows of proposals and rows of windows that NumPy can lay beside one another.

`rows` is a slice or indices of proposals with `at` one window, or one proposal with `at` indices of windows. Every
rule that depends on the proposal is two questions: is it open (not a no), and, where it is, is it a yes.
"""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.matching.kernel.proposals import EXACT, Proposals, Whole
from services.matching.kernel.windows import ANY_MODE, NO, RATIO, SHOWN, SOME, UNKNOWN, YES, Windows

__all__ = ["MASKS", "NO", "OPEN", "SURE", "UNKNOWN", "YES", "Rows", "answers"]

Rows = Any
"""An int, a slice or an array of indices."""
Mask = NDArray[np.bool_]
Question = Callable[[Proposals, Rows, Windows, Rows], Any]


def _kind_open(p: Proposals, rows: Rows, w: Windows, at: Rows) -> Any:
    return (p.kind[rows] & w.kinds_no[at]) == 0


def _kind_yes(p: Proposals, rows: Rows, w: Windows, at: Rows) -> Any:
    return (p.kind[rows] & w.kinds_unknown[at]) == 0


def _states_open(p: Proposals, rows: Rows, w: Windows, at: Rows) -> Any:
    return (p.states[rows] & w.states_no[at]) == 0


def _states_yes(p: Proposals, rows: Rows, w: Windows, at: Rows) -> Any:
    return (p.states[rows] & w.states_unknown[at]) == 0


def _species_open(p: Proposals, rows: Rows, w: Windows, at: Rows) -> Any:
    return (p.species[rows] & w.species_open[at]) != 0


def _species_yes(p: Proposals, rows: Rows, w: Windows, at: Rows) -> Any:
    return (p.species[rows] & w.species_yes[at]) != 0


def _themes_yes(p: Proposals, rows: Rows, w: Windows, at: Rows) -> Any:
    return (p.themes[rows] & w.themes[at]) != 0


def _asked(p: Proposals, rows: Rows, w: Windows, at: Rows) -> tuple[Any, Any]:
    """(what is asked for, whether in the window's own currency): hundredths of it, else US cents."""
    exact = p.currency[rows] == w.currency[at]
    return np.where(exact, p.amount[rows], p.usd[rows]), exact


def _at_least(asked: Any, exact: Any, least: Any, at: Rows) -> Any:
    return asked >= np.where(exact, least[at, 1], least[at, 0])


def _at_most(asked: Any, exact: Any, most: Any, at: Rows) -> Any:
    return asked <= np.where(exact, most[at, 1], most[at, 0])


def _minimum_open(p: Proposals, rows: Rows, w: Windows, at: Rows) -> Any:
    return _at_least(*_asked(p, rows, w, at), w.minimum_open, at)


def _minimum_yes(p: Proposals, rows: Rows, w: Windows, at: Rows) -> Any:
    return _at_least(*_asked(p, rows, w, at), w.minimum_yes, at)


def _maximum_open(p: Proposals, rows: Rows, w: Windows, at: Rows) -> Any:
    return _at_most(*_asked(p, rows, w, at), w.maximum_open, at)


def _maximum_yes(p: Proposals, rows: Rows, w: Windows, at: Rows) -> Any:
    return _at_most(*_asked(p, rows, w, at), w.maximum_yes, at)


def _amount_open(p: Proposals, rows: Rows, w: Windows, at: int) -> Any:
    return _within(p, rows, w, at, w.minimum_open, w.maximum_open)


def _amount_yes(p: Proposals, rows: Rows, w: Windows, at: int) -> Any:
    return _within(p, rows, w, at, w.minimum_yes, w.maximum_yes)


def _within(p: Proposals, rows: Rows, w: Windows, at: int, least: Whole, most: Whole) -> Any:
    """Both rules on the amount at once. No limit, lifted or not, reaches into the range of the other kind of amount."""
    asked = p.asked[w.currency[at]][rows]
    converted = (asked >= least[at, 0]) & (asked <= most[at, 0])
    return converted | ((asked >= least[at, 1] + EXACT) & (asked <= most[at, 1] + EXACT))


def _months_open(p: Proposals, rows: Rows, w: Windows, at: Rows) -> Any:
    months = p.months[rows]
    return (months >= w.shortest[at]) & (months <= w.longest[at])


def _cofinancing_open(p: Proposals, rows: Rows, w: Windows, at: Rows) -> Any:
    return _cofinancing(p, rows, w, at) != NO


def _cofinancing_yes(p: Proposals, rows: Rows, w: Windows, at: Rows) -> Any:
    return _cofinancing(p, rows, w, at) == YES


def _cofinancing(p: Proposals, rows: Rows, w: Windows, at: Rows) -> Any:
    """The answers of rule 10, which has a computation for each mode."""
    if isinstance(at, int):
        return _MODES[int(w.mode[at])](p, rows, w, at)
    answers = np.full(len(at), YES)
    for mode, of_mode in _MODES.items():
        which = np.flatnonzero(w.mode[at] == mode)
        if which.size:
            answers[which] = of_mode(p, rows, w, at[which])
    return answers


def _free(p: Proposals, rows: Rows, _: Windows, __: Rows) -> Any:
    return np.full(np.shape(p.cash[rows]), YES)


def _shown(p: Proposals, rows: Rows, w: Windows, at: Rows) -> Any:
    total = p.cash[rows] + p.in_kind[rows] + p.hoped_cash[rows] + p.hoped_in_kind[rows]
    return np.where(total > 0, w.with_any[at], w.without_any[at])


def _some(p: Proposals, rows: Rows, w: Windows, at: Rows) -> Any:
    cash, kind = p.cash[rows] + p.hoped_cash[rows], p.in_kind[rows] + p.hoped_in_kind[rows]
    return np.where(cash > 0, YES, np.where(kind > 0, w.with_any[at], NO))


def _ratio(p: Proposals, rows: Rows, w: Windows, at: Rows) -> Any:
    """In half cents, times the ratio's second number. Sums are below 4 * 10^12 cents and both numbers at most 10^5."""
    parts, whole = w.ratio[at, 0], w.ratio[at, 1]
    need = 2 * parts * p.usd[rows] - p.rounding[rows] * (parts + whole)
    cash, kind, counts = p.cash[rows], p.in_kind[rows], w.in_kind_open[at]
    confirmed = cash + kind * counts
    hoped = confirmed + p.hoped_cash[rows] + p.hoped_in_kind[rows] * counts
    sure = 2 * whole * (cash + kind * w.in_kind_sure[at]) >= need
    perhaps = (2 * whole * confirmed >= need) | (2 * whole * hoped >= need)
    return np.where(sure, YES, np.where(perhaps, UNKNOWN, NO))


_MODES: Final[dict[int, Question]] = {ANY_MODE: _free, SHOWN: _shown, SOME: _some, RATIO: _ratio}


MASKS: Final[dict[str, Question]] = {
    "applicant": _kind_open, "states": _states_open, "species": _species_open, "duration": _months_open,
}  # fmt: skip
"""Whether a rule is open, where one column tells."""
OPEN: Final[dict[str, Question]] = {"amount": _amount_open, "cofinancing": _cofinancing_open}
"""The same of the others, both rules on the amount at once."""
SURE: Final[dict[str, Question]] = {
    "applicant": _kind_yes, "states": _states_yes, "species": _species_yes, "themes": _themes_yes,
    "amount": _amount_yes, "cofinancing": _cofinancing_yes,
}  # fmt: skip
"""Whether what is open is a yes. The duration always is."""

RULES: Final[dict[str, tuple[Question | None, Question | None]]] = {
    "applicant": (_kind_open, _kind_yes),
    "states": (_states_open, _states_yes),
    "species": (_species_open, _species_yes),
    "themes": (None, _themes_yes),
    "amount_minimum": (_minimum_open, _minimum_yes),
    "amount_maximum": (_maximum_open, _maximum_yes),
    "duration": (_months_open, None),
    "cofinancing": (_cofinancing_open, _cofinancing_yes),
}
"""Rule -> (whether it is open, whether what is open is a yes). None: always."""


def answers(rule: str, p: Proposals, rows: Rows, w: Windows, at: Rows) -> Any:
    """YES, UNKNOWN or NO of one rule that depends on the proposal, for every row."""
    is_open, is_yes = RULES[rule]
    opened = True if is_open is None else is_open(p, rows, w, at)
    sure = True if is_yes is None else is_yes(p, rows, w, at)
    return np.where(opened, np.where(sure, YES, UNKNOWN), NO)
