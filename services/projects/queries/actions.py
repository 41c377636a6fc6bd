"""Choosing among the actions of a programme: words, filters with counts, order, pages. All of it in memory."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from contracts import vocabulary
from services.chassis.paging import Page, page_number
from services.projects.queries.programmes import (
    FACETS,
    NO_PRIORITY,
    ActionView,
    ProgrammeView,
    priority_rank,
)
from services.projects.rules.search import LONGEST, read_query

PER_PAGE: Final = 25
SORTS: Final = ("number", "priority", "specific")
"""Orders. `specific` puts first what is about few species and states: a filter for one also finds what is for all."""


@dataclass(frozen=True)
class Selection:
    """What somebody asks to see. Hashable: a page is the same for everyone who asks for the same in one language."""

    words: str = ""
    chosen: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """(facet, values): any of the values, and all of the facets."""
    sort: str = "number"
    page: int = 1
    everything: bool = False
    """All on one page."""

    def values(self, facet: str) -> tuple[str, ...]:
        """The values chosen of one facet."""
        return dict(self.chosen).get(facet, ())

    def parameters(self) -> list[tuple[str, str]]:
        """The selection as parameters of an address, without what is the default."""
        found = [("q", self.words)] if self.words else []
        found += [(facet, value) for facet, values in self.chosen for value in values]
        found += [("sort", self.sort)] if self.sort != SORTS[0] else []
        found += [("all", "1")] if self.everything else []
        found += [("page", str(self.page))] if self.page > 1 and not self.everything else []
        return found

    def query(self) -> str:
        """The selection as the query of an address, with its question mark; empty for the default."""
        parameters = self.parameters()
        return "?" + urlencode(parameters) if parameters else ""

    def without(self, facet: str, value: str) -> "Selection":
        """The same, from its first page, less one value of one filter."""
        kept = [(name, tuple(v for v in values if (name, v) != (facet, value))) for name, values in self.chosen]
        return replace(self, chosen=tuple((name, values) for name, values in kept if values), page=1)

    def without_words(self) -> "Selection":
        """The same, from its first page, less the words."""
        return replace(self, words="", page=1)

    @property
    def narrows(self) -> bool:
        """Whether it asks for less than everything."""
        return bool(self.words or self.chosen)


@dataclass(frozen=True)
class Choice:
    """One value of a filter, with how many actions it would show, all other filters as they are."""

    value: str
    count: int
    chosen: bool


@dataclass(frozen=True)
class Facet:
    """One filter with its values."""

    name: str
    choices: tuple[Choice, ...]

    @property
    def active(self) -> bool:
        """Whether any of its values is chosen."""
        return any(choice.chosen for choice in self.choices)


@dataclass(frozen=True)
class Found:
    """One page of what a selection finds, and the filters; `selection.page` is a page that exists."""

    selection: Selection
    page: Page[ActionView]
    facets: tuple[Facet, ...]


def read_selection(
    view: ProgrammeView, parameters: Iterable[tuple[str, str]]
) -> tuple[Selection, tuple[tuple[str, str], ...]]:
    """The selection that an address asks for, and (parameter, value) of what it asks for in vain.

    Parameters of other names are passed over: an address may carry what is not ours. Letters of a code may be in any
    case. Never raises.
    """
    words, sort, page, everything = "", SORTS[0], 1, False
    chosen: dict[str, dict[str, None]] = {}
    ignored: list[tuple[str, str]] = []
    for name, raw in parameters:
        value = raw.replace("\0", "").strip()
        if name == "q":
            words = " ".join(value.split())[:LONGEST]
        elif name in FACETS and value:
            found = next((one for one in (value, value.upper(), value.lower()) if _exists(view, name, one)), None)
            if found is None:
                ignored.append((name, value[:60]))
            else:
                chosen.setdefault(name, {})[found] = None
        elif name == "sort" and value:
            sort = value if value in SORTS else sort
            ignored += [] if value in SORTS else [(name, value[:60])]
        elif name == "page" and value:
            page = min(int(value), 1_000_000) if value.isascii() and value.isdigit() and len(value) < 20 else 0
            ignored += [] if page else [(name, value[:60])]
            page = page or 1
        elif name == "all":
            everything = value not in ("", "0")
    ordered = tuple((name, tuple(chosen[name])) for name in FACETS if name in chosen)
    return Selection(words, ordered, sort, page, everything), tuple(dict.fromkeys(ignored))


def find(view: ProgrammeView, selection: Selection) -> Found:
    """The actions that `selection` asks for. A page beyond the last becomes the last."""
    full = (1 << len(view.actions)) - 1
    by_words = _mask_of_words(view, selection.words, full)
    by_facet = {facet: _mask_of_values(view, facet, values) for facet, values in selection.chosen}
    mask = by_words
    for one in by_facet.values():
        mask &= one
    found = [action for place, action in enumerate(view.actions) if mask >> place & 1]
    if selection.sort == "priority":
        found.sort(key=lambda action: -priority_rank(action.priority))
    elif selection.sort == "specific":
        found.sort(key=lambda action: (len(action.species), len(action.states)))
    size = max(len(found), 1) if selection.everything else PER_PAGE
    number = page_number(selection.page, len(found), size)
    page = Page(found[(number - 1) * size : number * size], number, size, len(found))
    facets = tuple(_facet(view, name, selection, by_words, by_facet) for name in FACETS)
    return Found(replace(selection, page=number), page, facets)


def order_of(view: ProgrammeView, facet: str) -> Iterable[str]:
    """The values of a facet in the order in which people look for them."""
    masks = view.masks[facet]
    known: Mapping[str, Iterable[str]] = {
        "section": (str(one.number) for one in view.sections),
        "priority": (*vocabulary.codes("priorities"), NO_PRIORITY),
        "species": (one.code for one in view.species),
        "state": (one.code for one in view.states),
        "responsible": sorted(masks, key=lambda code: -masks[code].bit_count()),
        "theme": vocabulary.codes("themes"),
        "landscape": vocabulary.codes("landscapes"),
    }
    return dict.fromkeys(value for value in (*known[facet], *masks) if value in masks)


def _exists(view: ProgrammeView, facet: str, value: str) -> bool:
    return value in view.masks[facet]


def _mask_of_words(view: ProgrammeView, words: str, full: int) -> int:
    query = read_query(words)
    if not query:
        return full
    return sum(1 << place for place, one in enumerate(view.actions) if query.finds(one.number, one.id, one.search))


def _mask_of_values(view: ProgrammeView, facet: str, values: Iterable[str]) -> int:
    mask = 0
    for value in values:
        mask |= view.masks[facet][value]
    return mask


def _facet(view: ProgrammeView, name: str, selection: Selection, by_words: int, by_facet: Mapping[str, int]) -> Facet:
    mask = by_words
    for facet, one in by_facet.items():
        mask &= one if facet != name else ~0
    chosen = selection.values(name)
    choices = (
        Choice(value, (view.masks[name][value] & mask).bit_count(), value in chosen) for value in order_of(view, name)
    )
    return Facet(name, tuple(choice for choice in choices if choice.count or choice.chosen))
