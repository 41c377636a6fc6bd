"""Choosing among windows: words, filters with counts, order, pages.

An inventory has tens of windows, some hundreds at most. One narrow read of them all gives the list and every count,
and only the rows that are shown are read whole.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from contracts import vocabulary
from services.chassis.paging import Page, page_number
from services.donors.labels import FUNDS

PER_PAGE: Final = 25
LONGEST_SEARCH: Final = 120


@dataclass(frozen=True)
class Entry:
    """What choosing needs to know of one window."""

    id: str
    name: str
    donor_id: str
    donor_name: str
    kind: str
    fund: str | None
    status: str
    cofinancing: str
    deadline: date | None
    maximum_usd: Decimal | None
    check_again: date | None
    facets: Mapping[str, Any]
    words: str


FACETS: Final[Mapping[str, tuple[Callable[[], Sequence[str]], Callable[[Entry], Iterable[str]]]]] = {
    "kind": (lambda: vocabulary.codes("window_kinds"), lambda e: (e.kind,)),
    "fund": (lambda: tuple(FUNDS), lambda e: (e.fund,) if e.fund else ()),
    "status": (lambda: vocabulary.codes("window_statuses"), lambda e: (e.status,)),
    "state": (lambda: vocabulary.codes("states"), lambda e: _not_refused(e.facets["states"])),
    "species": (lambda: vocabulary.codes("species"), lambda e: _not_refused(e.facets["species"])),
    "theme": (lambda: vocabulary.codes("themes"), lambda e: e.facets["themes"]),
    "cofinancing": (lambda: vocabulary.codes("cofinancing_modes"), lambda e: (e.cofinancing,)),
}
"""Filter -> (its values in order, the values that an entry has). Unknown is not a no: such a window is found too."""

_LAST: Final = date.max
SORTS: Final[Mapping[str, Callable[[Entry, date], tuple[Any, ...]]]] = {
    "name": lambda e, _today: (e.donor_name.casefold(), e.name.casefold()),
    "deadline": lambda e, today: (e.deadline if e.deadline and e.deadline >= today else _LAST, e.donor_name, e.name),
    "amount": lambda e, _today: (e.maximum_usd is None, -(e.maximum_usd or 0), e.donor_name, e.name),
    "check": lambda e, _today: (e.check_again or _LAST, e.donor_name.casefold(), e.name.casefold()),
}
"""Orders, the usual one first."""


@dataclass(frozen=True)
class Selection:
    """What somebody asks to see: any of the values of a filter, and all of the filters."""

    words: str = ""
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: str = "name"
    page: int = 1

    @property
    def narrows(self) -> bool:
        """Whether it asks for less than everything."""
        return bool(self.words or self.chosen)


@dataclass(frozen=True)
class Found:
    """One page of entries, and for each filter how many each of its values would show, all others as they are."""

    selection: Selection
    page: Page[Entry]
    counts: Mapping[str, Mapping[str, int]]


def read_selection(parameters: Iterable[tuple[str, str]]) -> Selection:
    """The selection that an address asks for. What is not ours or means nothing is passed over; never raises."""
    words, sort, page = "", next(iter(SORTS)), 1
    chosen: dict[str, dict[str, None]] = {}
    for name, raw in parameters:
        value = raw.replace("\0", "").strip()
        if name == "q":
            words = " ".join(value.split())[:LONGEST_SEARCH]
        elif name in FACETS and value in FACETS[name][0]():
            chosen.setdefault(name, {})[value] = None
        elif name == "sort" and value in SORTS:
            sort = value
        elif name == "page" and value.isascii() and value.isdigit() and len(value) < 9:
            page = max(1, int(value))
    return Selection(words, {name: tuple(chosen[name]) for name in FACETS if name in chosen}, sort, page)


def find(entries: Sequence[Entry], selection: Selection, today: date) -> Found:
    """The entries that `selection` asks for. A page beyond the last becomes the last."""
    words = selection.words.casefold().split()
    by_words = [entry for entry in entries if all(word in entry.words for word in words)]
    values = {name: {entry.id: set(of(entry)) for entry in by_words} for name, (_codes, of) in FACETS.items()}
    fits = {
        name: {window for window, had in values[name].items() if not had.isdisjoint(wanted)}
        for name, wanted in selection.chosen.items()
    }
    counts = {}
    for name in FACETS:
        others = [kept for other, kept in fits.items() if other != name]
        tally = Counter(v for e in by_words if all(e.id in kept for kept in others) for v in values[name][e.id])
        counts[name] = dict(tally)
    found = [entry for entry in by_words if all(entry.id in kept for kept in fits.values())]
    found.sort(key=lambda entry: SORTS[selection.sort](entry, today))
    number = page_number(selection.page, len(found), PER_PAGE)
    shown = found[(number - 1) * PER_PAGE : number * PER_PAGE]
    return Found(selection, Page(shown, number, PER_PAGE, len(found)), counts)


def _not_refused(answers: Mapping[str, str]) -> list[str]:
    return [code for code, answer in answers.items() if answer != "no"]
