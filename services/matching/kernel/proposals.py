"""Proposals as columns."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.matching.kernel.codes import Codes, bits_of
from services.matching.rules import ProposalFacts

DOLLARS_BELOW: Final = 10**12
"""US cents: products with a ratio's two whole numbers then stay below 2^63."""
AMOUNT_BELOW: Final = 10**15
"""Hundredths of any currency: these are only compared."""
EXACT: Final = 1 << 60
"""Lifts exact amounts above all converted ones, so that one comparison serves both."""
HALF_CENTS_BELOW: Final = 10**6
MONTHS_BELOW: Final = 10**6

Words = NDArray[np.uint64]
Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Proposals:
    """One entry for each proposal in every column. All sums are exact whole numbers."""

    kind: Words
    """The bit of the applicant's kind."""
    states: Words
    species: Words
    themes: Words
    currency: Whole
    """The number of the currency in which the grant is asked for."""
    amount: Whole
    """What is asked for, in hundredths of that currency."""
    usd: Whole
    """What is asked for, in US cents; so are the four below."""
    cash: Whole
    in_kind: Whole
    hoped_cash: Whole
    hoped_in_kind: Whole
    rounding: Whole
    """How far sums may be off, in half US cents."""
    months: Whole
    asked: Whole
    """(currencies + 1, proposals): what is asked for as a window in that currency sees it: US cents, or, where it is
    the proposal's own, its hundredths plus `EXACT`. The last row is for any other currency."""
    beyond: NDArray[np.bool_]
    """Does not fit into these columns (which then hold zeros): the reference judges it."""

    @classmethod
    def of(cls, proposals: Sequence[ProposalFacts], codes: Codes) -> "Proposals":
        """The columns of `proposals`."""
        read = _reader(codes)
        rows = [_row(facts, codes, read) for facts in proposals]
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(_TYPES)
        arrays = {name: np.array(column, dtype=kind)
                  for (name, kind), column in zip(_TYPES.items(), columns, strict=True)}  # fmt: skip
        asked = np.tile(arrays["usd"], (len(codes.currencies) + 1, 1))
        every = np.arange(len(proposals))
        asked[arrays["currency"], every] = arrays["amount"] + EXACT
        return cls(asked=asked, **arrays)

    def put(self, row: int, facts: ProposalFacts, codes: Codes) -> None:
        """Write `facts` over a row."""
        for name, value in zip(_TYPES, _row(facts, codes, _reader(codes)), strict=True):
            getattr(self, name)[row] = value
        self.asked[:, row] = self.usd[row]
        self.asked[self.currency[row], row] = self.amount[row] + EXACT

    def __len__(self) -> int:
        return len(self.kind)


_SETS: Final = ("kind", "states", "species", "themes")
_TYPES: Final[dict[str, Any]] = {
    field.name: np.bool_ if field.name == "beyond" else np.uint64 if field.name in _SETS else np.int64
    for field in fields(Proposals)
    if field.name != "asked"
}
_BEYOND: Final = (0,) * (len(_TYPES) - 1) + (True,)


_SEEN: Final = {
    "applicant_kind", "states", "species", "themes", "requested", "requested_usd", "duration_months", "cofinancing",
    "rounding", "actions", "starts", "partners",
}  # fmt: skip
"""Facts that stand in the columns, two that only the fit looks at, and one that no rule does."""
_UNSEEN: Final = [(field.name, field.default) for field in fields(ProposalFacts) if field.name not in _SEEN]
"""Facts that the rules have learnt to ask for later: whoever has more to say there than the default is beyond us."""

Sets = tuple[int | None, int | None, int | None]


def _reader(codes: Codes) -> Callable[[frozenset[str], frozenset[str], frozenset[str]], Sets]:
    """Gives the bits of a proposal's three sets; None for a set of which a code has no bit."""

    @lru_cache(maxsize=100_000)
    def read(states: frozenset[str], species: frozenset[str], themes: frozenset[str]) -> Sets:
        return bits_of(states, codes.states), bits_of(species, codes.species), bits_of(themes, codes.themes)

    return read


def _whole(amount: Decimal, parts: int, below: int) -> int | None:
    """`amount` in so many parts of its unit; None when it is not whole in them or not below the limit."""
    try:
        numerator, denominator = amount.as_integer_ratio()
    except (ValueError, OverflowError):  # not a number, or infinite
        return None
    value, rest = divmod(numerator * parts, denominator)
    return value if rest == 0 and abs(value) < below else None


def _row(facts: ProposalFacts, codes: Codes, read: Callable[..., Sets]) -> tuple[int | bool, ...]:
    if any(getattr(facts, name) != default for name, default in _UNSEEN):
        return _BEYOND
    have = facts.cofinancing
    values = (
        codes.kinds.get(facts.applicant_kind),
        *read(facts.states, facts.species, facts.themes),
        codes.currencies.get(facts.requested.currency),
        _whole(facts.requested.amount, 100, AMOUNT_BELOW),
        _whole(facts.requested_usd, 100, DOLLARS_BELOW),
        _whole(have.confirmed_cash, 100, DOLLARS_BELOW),
        _whole(have.confirmed_in_kind, 100, DOLLARS_BELOW),
        _whole(have.indicative_cash, 100, DOLLARS_BELOW),
        _whole(have.indicative_in_kind, 100, DOLLARS_BELOW),
        _whole(facts.rounding, 200, HALF_CENTS_BELOW),
        facts.duration_months if abs(facts.duration_months) < MONTHS_BELOW else None,
    )
    row = tuple(value for value in values if value is not None)
    return (*row, False) if len(row) == len(values) else _BEYOND
