"""Which bit stands for which code, so that a set of codes is one number of 64 bits."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from contracts.values import Tri
from contracts.windows import WindowTerms
from services.matching.rules import ProposalFacts

MOST: Final = 63
"""Codes of one kind that have a bit of their own."""
NONE_NAMED: Final = 1 << MOST
"""The last bit: a proposal that names nothing."""
ALL: Final = (1 << 64) - 1

Book = Mapping[str, int]
"""Code -> its bit."""


@dataclass(frozen=True)
class Codes:
    """The bits of applicant kinds, states, species and themes, and a number for each currency.

    The commonest codes of the proposals have bits first, then those that only windows name. A proposal with a code
    that has none is judged by the reference; in a window such a code has no meaning for the others, and is left out.
    """

    kinds: Book
    states: Book
    species: Book
    themes: Book
    currencies: Mapping[str, int]

    @classmethod
    def of(cls, proposals: Sequence[ProposalFacts], windows: Sequence[WindowTerms]) -> "Codes":
        """The codes that occur in either."""

        def book(
            of_proposal: Callable[[ProposalFacts], Iterable[str]], of_window: Callable[[WindowTerms], Iterable[str]]
        ) -> Book:
            named = Counter(code for facts in proposals for code in of_proposal(facts))
            others = Counter(code for terms in windows for code in of_window(terms) if code not in named)
            order = [code for counted in (named, others) for code, _ in counted.most_common()]
            return {code: 1 << place for place, code in enumerate(order[:MOST])}

        currencies = sorted({p.requested.currency for p in proposals} | {w.amount.currency for w in windows})
        return cls(
            kinds=book(lambda p: (p.applicant_kind,), lambda w: (*w.applicants.kinds, *w.applicants.uncertain)),
            states=book(lambda p: p.states, lambda w: w.countries.states),
            species=book(lambda p: p.species, lambda w: w.species.species),
            themes=book(lambda p: p.themes, lambda w: w.themes),
            currencies={currency: number for number, currency in enumerate(currencies)},
        )


def bits_of(named: frozenset[str], book: Book) -> int | None:
    """The bits of a proposal's codes, `NONE_NAMED` for none. None when one of them has no bit."""
    bits = 0
    for code in named:
        bit = book.get(code)
        if bit is None:
            return None
        bits |= bit
    return bits or NONE_NAMED


def bits_answered(book: Book, answers: Mapping[str, Tri], others: Tri, wanted: Tri) -> int:
    """The bits of all codes to which a window answers `wanted`; `others` is its answer where `answers` is silent."""
    return sum(bit for code, bit in book.items() if answers.get(code, others) is wanted)
