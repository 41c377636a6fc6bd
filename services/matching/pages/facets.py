"""Filters as the page shows them: groups of options with counts, and chips of what is active."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contracts.vocabulary import codes, label
from services.matching.pages.asked import Asked


@dataclass(frozen=True)
class Facet:
    """One group of filter options."""

    name: str
    label: str
    options: Sequence[tuple[str, str, int | None]]
    """(value, label, how many rows have it)."""
    chosen: Sequence[str]
    open: bool = True


def facet(
    name: str, title: str, options: Sequence[tuple[str, str]], counts: Mapping[str, int], asked: Asked, *,
    open_: bool = True, keep_empty: bool = False,
) -> Facet:  # fmt: skip
    """A group of the options that occur (or are chosen), with their counts."""
    chosen = asked.chosen.get(name, [])
    shown = [
        (value, text, counts.get(value, 0))
        for value, text in options
        if keep_empty or counts.get(value) or value in chosen
    ]
    return Facet(name, title, shown, chosen, open_ or bool(chosen))


def of_vocabulary(
    name: str, title: str, vocabulary: str, counts: Mapping[str, int], asked: Asked, language: str, *,
    open_: bool = True,
) -> Facet:  # fmt: skip
    """A group of the codes of a vocabulary; codes that it does not know come last."""
    known = codes(vocabulary)
    extra = sorted(code for code in counts if code not in known)
    options = [(code, label(vocabulary, code, language)) for code in (*known, *extra)]
    return facet(name, title, options, counts, asked, open_=open_)


def chips(facets: Sequence[Facet]) -> list[tuple[str, str, str]]:
    """(label, name, value) of every chosen option."""
    return [
        (f"{group.label}: {text}", group.name, value)
        for group in facets
        for value, text, _count in group.options
        if value in group.chosen
    ]
