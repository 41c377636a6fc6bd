"""What the fit needs of windows: per window, each part as masks, limits and small tables of shares."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from contracts.values import Money, Tri
from contracts.windows import AmountRule, CofinancingRule, WindowTerms
from services.matching.kernel.codes import ALL as EVERY_BIT
from services.matching.kernel.codes import NONE_NAMED, Book, Codes, bits_answered
from services.matching.kernel.proposals import Whole, Words
from services.matching.kernel.windows import plain
from services.matching.rules import ProposalFacts
from services.matching.rules.answers import Setting
from services.matching.rules.brought import COUNTED
from services.matching.rules.facts import ZERO, Cofinancing
from services.matching.rules.fit import FULL_THEMES, USUAL_FROM
from services.matching.rules.history import RECENT, History
from services.matching.rules.readiness import time
from services.matching.rules.settled import only_told_themes
from services.matching.rules.shares import ALL, HALF, NOTHING
from services.matching.rules.weights import Weights
from services.matching.rules.what import named_species

FREE, MATCHED, MATCHED_UNSAID, SHOWN, UNSAID = range(5)
"""How co-financing earns its points: not asked for; by a ratio (for who asks for nothing: by whether there is any); by
whether there is any. Where the donor does not say what it wants, the latter is midway to all of them."""
HELD: Final = 1 << 62
Row = dict[str, Any]


class Answered(NamedTuple):
    """One answer of a donor: the bits of what it was about, and what it weighs if the work is unlike it."""

    species: int
    themes: int
    weight: int
    awarded: bool


@dataclass(frozen=True)
class FitWindows:
    """One entry for each window in every column. Sizes have two: for what is converted, and for what is exact."""

    themes: Words
    themes_named: NDArray[np.uint8]
    """How many, at most `FULL_THEMES`."""
    themes_least: Whole
    """What a proposal earns at least: half where single themes were only told by answers."""
    hits: Words
    """Themes of an action that is not beside the window's: all, where the window names none, or answers alone do."""
    species_named: Words
    species_other: Words
    species_unknown: Words
    """With the bit for none where that is the answer to a proposal that names no species; so for states."""
    states_yes: Words
    states_unknown: Words
    size_known: NDArray[np.bool_]
    size_most: Whole
    """The greatest amount that is not above the usual, and the least that is not below it."""
    size_least: Whole
    size_part: Whole
    """Below the usual: the share is the amount times `size_part` (half of it where the donor states the least), by
    `size_whole`; above it half of `size_above` by the amount."""
    size_whole: Whole
    size_above: Whole
    time: Whole
    """(windows, 4): the share where nothing is lacking, letters, funds, or both."""
    deadline: Whole
    """Its ordinal, or 0: no proposal begins before it."""
    required: NDArray[np.bool_]
    """Whether co-financing is, so that it may be lacking."""
    mode: Whole
    ratio: Whole
    """(windows, 2): the ratio as two whole numbers; 0 where there is none."""
    in_kind: Whole
    """How many halves of what is brought in kind count."""
    beyond: NDArray[np.bool_]
    """Does not fit into these columns: the reference tells the fit."""
    answered: list[tuple[Answered, ...]] = field(default_factory=list)
    """The history of each window's donor."""

    @classmethod
    def of(
        cls, windows: Sequence[WindowTerms], settings: Sequence[Setting], codes: Codes, weights: Weights,
        histories: Sequence[History],
    ) -> "FitWindows":  # fmt: skip
        """The columns of `windows`. Raises ValueError unless there are as many settings and histories."""
        rows = [_row(terms, setting, codes, weights) for terms, setting in zip(windows, settings, strict=True)]
        columns = {name: np.array([row[name] for row in rows], kind).reshape(len(rows), *shape)
                   for name, (kind, shape) in _COLUMNS.items()}  # fmt: skip
        known = zip(histories, settings, strict=True)
        return cls(**columns, answered=[_answered(history, setting.today, codes) for history, setting in known])

    def put(
        self, row: int, terms: WindowTerms, setting: Setting, codes: Codes, weights: Weights, history: History
    ) -> None:
        """Write `terms` over a row."""
        for name, value in _row(terms, setting, codes, weights).items():
            getattr(self, name)[row] = value
        self.answered[row] = _answered(history, setting.today, codes)


_COLUMNS: Final[dict[str, tuple[Any, tuple[int, ...]]]] = {
    **dict.fromkeys(("themes", "hits", "species_named", "species_other", "species_unknown"), (np.uint64, ())),
    **dict.fromkeys(("states_yes", "states_unknown"), (np.uint64, ())),
    **dict.fromkeys(("deadline", "mode", "in_kind", "themes_least"), (np.int64, ())), "themes_named": (np.uint8, ()),
    **dict.fromkeys(("size_most", "size_least", "size_part", "size_whole", "size_above", "ratio"), (np.int64, (2,))),
    "size_known": (np.bool_, (2,)), "time": (np.int64, (4,)),
    "required": (np.bool_, ()), "beyond": (np.bool_, ()),
}  # fmt: skip


def _row(terms: WindowTerms, setting: Setting, codes: Codes, weights: Weights) -> Row:
    species, states, shared = terms.species, terms.countries.states, _bits(terms.themes, codes.themes)
    paid = bits_answered(codes.species, species.species, species.others, Tri.YES)
    named = paid & _bits(named_species(species), codes.species)
    silent = {answer: NONE_NAMED if species.others is answer else 0 for answer in Tri}
    told = only_told_themes(terms)
    size, brought = _size(terms.amount, setting), _cofinancing(terms.cofinancing)
    row: Row = {
        "themes": shared, "themes_named": min(FULL_THEMES, len(set(terms.themes))),
        "in_kind": COUNTED[terms.cofinancing.counts_in_kind] // HALF,
        "themes_least": HALF if told else NOTHING,
        "hits": shared | NONE_NAMED if terms.themes and not told else EVERY_BIT,
        "species_named": named, "species_other": paid & ~named | silent[Tri.YES],
        "species_unknown": (
            bits_answered(codes.species, species.species, species.others, Tri.UNKNOWN) | silent[Tri.UNKNOWN]
        ),
        "states_yes": bits_answered(codes.states, states, Tri.UNKNOWN, Tri.YES),
        "states_unknown": bits_answered(codes.states, states, Tri.UNKNOWN, Tri.UNKNOWN) | NONE_NAMED,
        "beyond": size is None or brought is None, "required": terms.cofinancing.mode == "required",
    }  # fmt: skip
    return row | (size or _NO_SIZE) | (brought or _NO_RATIO) | _time(terms, setting, weights)


def _bits(named: Any, book: Book) -> int:
    return sum(bit for code, bit in book.items() if code in named)


_NO_SIZE: Final[Row] = {
    "size_known": (False, False), "size_most": (0, 0), "size_least": (0, 0), "size_part": (0, 0),
    "size_whole": (1, 1), "size_above": (0, 0),
}  # fmt: skip


def _size(rule: AmountRule, setting: Setting) -> Row | None:
    """Limits of the usual grant in whole cents, and the share outside of it as a fraction; None if it is no plain one.

    Below: amount x 1000 / least, or half of that. It is only used where the amount is less, so `size_whole` bounds
    every product.
    """
    if rule.maximum is None or rule.maximum <= ZERO:
        return _NO_SIZE
    least = rule.minimum or rule.maximum * USUAL_FROM
    if least < ZERO or not all(plain(limit, 10**13, 6) for limit in (least, rule.maximum)):
        return None
    units = setting.rates.units_per_usd.get(rule.currency)
    row: Row = {name: [first, first] for name, (first, _) in _NO_SIZE.items()}
    for place, worth in ((0, None if units is None else Fraction(units)), (1, Fraction(1))):
        if worth is None:
            continue
        if worth <= 0:
            return None
        part = (5 if rule.minimum else 10) * worth / Fraction(least)
        if part.denominator >= HELD // ALL:
            return None
        row["size_known"][place] = True
        row["size_most"][place] = min(HELD, floor(Fraction(rule.maximum) * 100 / worth))
        row["size_least"][place] = min(HELD, ceil(Fraction(least) * 100 / worth))
        row["size_part"][place], row["size_whole"][place] = part.numerator, part.denominator
        row["size_above"][place] = min(HELD, floor(Fraction(rule.maximum) * 100 * ALL / worth))
        if part.numerator >= HELD:
            return None
    return row


def _time(terms: WindowTerms, setting: Setting, weights: Weights) -> Row:
    """Asked of the reference, on behalf of proposals that lack what may be lacking; all begin after every deadline."""
    given = [time(asking, terms, setting, weights) for asking in _LACKING]
    deadline = terms.call.deadline
    dated = deadline is not None and given[0].params.get("deadline_date") == deadline.isoformat()
    return {"time": [share.share for share in given], "deadline": deadline.toordinal() if dated and deadline else 0}


def _lacking(**have: Decimal) -> ProposalFacts:
    """Asks for very much, beginning on the last of all days."""
    return ProposalFacts(
        applicant_kind="", states=frozenset(), species=frozenset(), themes=frozenset(), actions=frozenset(),
        requested=Money(amount=ZERO, currency="USD"), requested_usd=Decimal(10**12), duration_months=0,
        starts=date.max, cofinancing=Cofinancing(**have),
    )  # fmt: skip


_MORE: Final = Decimal(10**18)
"""More than any plain ratio of what is asked for."""
_LACKING: Final = (
    _lacking(confirmed_cash=_MORE), _lacking(indicative_cash=_MORE), _lacking(),
    _lacking(indicative_cash=Decimal("0.01")),
)  # fmt: skip
"""Lacks nothing, letters, funds, and letters as well as funds."""


_NO_RATIO: Final[Row] = {"mode": FREE, "ratio": (0, 1)}


def _cofinancing(rule: CofinancingRule) -> Row | None:
    """None when the ratio is no plain number."""
    if rule.mode == "none":
        return _NO_RATIO
    if rule.ratio is None or rule.ratio <= ZERO:
        return {"mode": UNSAID if rule.mode == "unknown" else SHOWN, "ratio": (0, 1)}
    parts, whole = rule.ratio.as_integer_ratio()
    if not plain(rule.ratio, 10**5, 8) or parts > 10**5 or whole > 10**5:
        return None
    return {"mode": MATCHED_UNSAID if rule.mode == "unknown" else MATCHED, "ratio": (parts, whole)}


def _answered(known: History, today: date, codes: Codes) -> tuple[Answered, ...]:
    """What no column names has no bit: no proposal in the columns can be like it."""
    return tuple(
        Answered(
            _bits(one.species, codes.species), _bits(one.themes, codes.themes),
            2 if today - one.on <= RECENT else 1, one.awarded,
        )
        for one in known.outcomes
    )  # fmt: skip
