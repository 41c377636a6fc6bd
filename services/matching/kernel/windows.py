"""Windows as columns: each rule as masks and limits in whole numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from contracts.values import Money, Tri
from contracts.windows import AmountRule, CofinancingRule, SpeciesRule, WindowTerms
from services.matching.kernel.codes import ALL, NONE_NAMED, Codes, bits_answered
from services.matching.rules import RULES, ProposalFacts, Rates
from services.matching.rules.answers import Setting
from services.matching.rules.facts import ZERO, Cofinancing
from services.matching.rules.settled import beyond_terms

YES, UNKNOWN, NO = 0, 1, 2
"""Answers as numbers: the overall verdict of a pair is the greatest of its answers."""
NUMBER: Final = {Tri.YES: YES, Tri.UNKNOWN: UNKNOWN, Tri.NO: NO}
END: Final = 1 << 59
"""Beyond every amount of a column."""

ANY_MODE, SHOWN, SOME, RATIO = range(4)
"""How co-financing is judged: not at all; by whether there is any, where none is required; required, without a ratio;
required, with one."""

Words = NDArray[np.uint64]
Whole = NDArray[np.int64]
Row = dict[str, Any]


@dataclass(frozen=True)
class Windows:
    """One entry for each window in every column. Amounts have two: for what is converted, and for what is exact."""

    fixed: Whole
    """(windows, 4): the answers of `FIXED`, which do not depend on the proposal."""
    kinds_no: Words
    kinds_unknown: Words
    states_no: Words
    states_unknown: Words
    species_yes: Words
    species_open: Words
    """Species to which the answer is yes or unknown."""
    themes: Words
    currency: Whole
    """Its number, -1 for one in which no proposal asks."""
    minimum_open: Whole
    """(windows, 2): the least amount (US cents; hundredths of the currency) to which rule 7 does not say no."""
    minimum_yes: Whole
    """The least to which it says yes; and so with the greatest amounts of rule 8."""
    maximum_open: Whole
    maximum_yes: Whole
    shortest: Whole
    longest: Whole
    mode: Whole
    with_any: Whole
    """SHOWN: the answer to a proposal with some co-financing, `without_any` to one with none. SOME: the answer to one
    with none in cash but some in kind."""
    without_any: Whole
    ratio: Whole
    """(windows, 2): the ratio as two whole numbers."""
    in_kind_sure: Whole
    """RATIO: 1 where in kind counts for certain, `in_kind_open` where it may."""
    in_kind_open: Whole
    beyond: NDArray[np.bool_]
    """Does not fit into these columns: the reference judges it."""

    @classmethod
    def of(cls, windows: Sequence[WindowTerms], settings: Sequence[Setting], codes: Codes) -> "Windows":
        """The columns of `windows`, each with the day at its funder's. Raises ValueError unless both are as many."""
        rows = [_row(terms, setting, codes) for terms, setting in zip(windows, settings, strict=True)]
        return cls(**{name: np.array([row[name] for row in rows], kind).reshape(len(rows), *shape)
                      for name, (kind, shape) in _COLUMNS.items()})  # fmt: skip

    def put(self, row: int, terms: WindowTerms, setting: Setting, codes: Codes) -> None:
        """Write `terms` over a row."""
        for name, value in _row(terms, setting, codes).items():
            getattr(self, name)[row] = value

    def __len__(self) -> int:
        return len(self.mode)


FIXED: Final = ("status", "call", "intermediary", "endorsement")
"""Rules that look at the window only: the reference itself answers them, once for each window."""
_ANYBODY: Final = ProposalFacts(
    applicant_kind="", states=frozenset(), species=frozenset(), themes=frozenset(), actions=frozenset(),
    requested=Money(amount=ZERO, currency="USD"), requested_usd=ZERO, duration_months=0, starts=date.min,
    cofinancing=Cofinancing(),
)  # fmt: skip
"""On whose behalf they are asked."""
_COLUMNS: Final[dict[str, tuple[Any, tuple[int, ...]]]] = {
    "fixed": (np.int64, (len(FIXED),)), "beyond": (np.bool_, ()),
    **dict.fromkeys(("kinds_no", "kinds_unknown", "states_no", "states_unknown"), (np.uint64, ())),
    **dict.fromkeys(("species_yes", "species_open", "themes"), (np.uint64, ())),
    **dict.fromkeys(("minimum_open", "minimum_yes", "maximum_open", "maximum_yes", "ratio"), (np.int64, (2,))),
    **dict.fromkeys(("currency", "shortest", "longest", "mode", "with_any", "without_any"), (np.int64, ())),
    **dict.fromkeys(("in_kind_sure", "in_kind_open"), (np.int64, ())),
}  # fmt: skip


def _row(terms: WindowTerms, setting: Setting, codes: Codes) -> Row:
    applicants, states = terms.applicants, terms.countries.states
    accepted = dict.fromkeys(applicants.uncertain, Tri.UNKNOWN) | dict.fromkeys(applicants.kinds, Tri.YES)
    unlisted = Tri.NO if applicants.known else Tri.UNKNOWN
    row: Row = {
        "fixed": [NUMBER[RULES[rule](_ANYBODY, terms, setting).verdict] for rule in FIXED],
        "kinds_no": bits_answered(codes.kinds, accepted, unlisted, Tri.NO),
        "kinds_unknown": bits_answered(codes.kinds, accepted, unlisted, Tri.UNKNOWN),
        "states_no": bits_answered(codes.states, states, Tri.UNKNOWN, Tri.NO),
        "states_unknown": bits_answered(codes.states, states, Tri.UNKNOWN, Tri.UNKNOWN) | NONE_NAMED,
        "themes": sum(bit for code, bit in codes.themes.items() if code in terms.themes),
        "currency": codes.currencies.get(terms.amount.currency, -1),
        "shortest": -END if terms.duration.minimum is None else max(-END, min(END, terms.duration.minimum)),
        "longest": END if terms.duration.maximum is None else max(-END, min(END, terms.duration.maximum)),
    }
    row["species_yes"], row["species_open"] = _species(terms.species, codes)
    amounts, cofinancing = _amounts(terms.amount, setting.rates), _cofinancing(terms.cofinancing)
    row["beyond"] = amounts is None or cofinancing is None or beyond_terms(terms)
    row |= amounts or _NO_AMOUNTS
    row |= cofinancing or _NO_COFINANCING
    return row


def _species(rule: SpeciesRule, codes: Codes) -> tuple[int, int]:
    if not rule.species and rule.others is Tri.YES:
        return ALL, ALL
    paid = bits_answered(codes.species, rule.species, rule.others, Tri.YES)
    return paid, paid | bits_answered(codes.species, rule.species, rule.others, Tri.UNKNOWN) | NONE_NAMED


_NO_AMOUNTS: Final[Row] = {
    "minimum_open": (-END, -END), "minimum_yes": (-END, -END), "maximum_open": (END, END), "maximum_yes": (END, END),
}  # fmt: skip


def plain(number: Decimal, below: int, decimals: int, digits: int = 28) -> bool:
    """Whether sums and products with `number` stay within the 28 digits to which the reference computes."""
    _, figures, exponent = number.as_tuple()
    return isinstance(exponent, int) and exponent >= -decimals and len(figures) <= digits and abs(number) < below


def _amounts(rule: AmountRule, rates: Rates) -> Row | None:
    """The limits as the least and greatest whole amounts; None when they are no plain numbers."""
    units = rates.units_per_usd.get(rule.currency)
    if units is not None and not (units > 0 and plain(units, 10**10, 12, 12)):
        return None
    if not all(limit is None or plain(limit, 10**13, 4) for limit in (rule.minimum, rule.maximum)):
        return None
    worth = None if units is None else Fraction(units)
    row = dict(_NO_AMOUNTS)
    if rule.minimum is not None:
        limit = Fraction(rule.minimum) * 100
        least = ceil(limit)
        if worth is None:
            opens, sure = -END, END
        elif limit < 0:  # nothing is near a limit below zero
            opens = sure = ceil(limit / worth)
        else:
            opens, sure = ceil(limit * _BELOW / worth), floor(limit * _ABOVE / worth) + 1
        row["minimum_yes"] = (_held(sure), least)
        row["minimum_open"] = (_held(opens), least) if rule.minimum_known else (-END, -END)
    elif not rule.minimum_known:
        row["minimum_yes"] = (END, END)
    if rule.maximum is not None:
        limit = Fraction(rule.maximum) * 100
        most = floor(limit)
        if worth is None:
            opens, sure = END, -END
        elif limit < 0:
            opens = sure = floor(limit / worth)
        else:
            opens, sure = floor(limit * _ABOVE / worth), ceil(limit * _BELOW / worth) - 1
        row["maximum_yes"] = (_held(sure), most)
        row["maximum_open"] = (_held(opens), most) if rule.maximum_known else (END, END)
    elif not rule.maximum_known:
        row["maximum_yes"] = (-END, -END)
    return row


_BELOW: Final = 1 - Fraction("0.10")
_ABOVE: Final = 1 + Fraction("0.10")


def _held(amount: int) -> int:
    return max(-END, min(END, amount))


_NO_COFINANCING: Final[Row] = {
    "mode": ANY_MODE, "with_any": YES, "without_any": YES, "ratio": (0, 1), "in_kind_sure": 0, "in_kind_open": 0,
}  # fmt: skip


def _cofinancing(rule: CofinancingRule) -> Row | None:
    """How rule 10 is to be computed; None when the ratio is no plain number."""
    row = dict(_NO_COFINANCING)
    if rule.mode == "none":
        return row
    if rule.mode != "required":
        row["mode"] = SHOWN
        row["with_any"] = UNKNOWN if rule.mode == "unknown" else YES
        row["without_any"] = NUMBER[Tri.NO] if rule.required is Tri.YES else (
            UNKNOWN if rule.mode == "unknown" or rule.required is Tri.UNKNOWN else YES)  # fmt: skip
        return row
    if rule.ratio is None:
        return row | {"mode": SOME, "with_any": NUMBER[rule.counts_in_kind]}
    parts, whole = rule.ratio.as_integer_ratio()
    if not plain(rule.ratio, 10**5, 8) or not 0 <= parts <= 10**5 or whole > 10**5:
        return None
    return row | {
        "mode": RATIO, "ratio": (parts, whole),
        "in_kind_sure": rule.counts_in_kind is Tri.YES, "in_kind_open": rule.counts_in_kind is not Tri.NO,
    }  # fmt: skip
