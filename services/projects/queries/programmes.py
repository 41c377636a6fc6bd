"""Programmes of Work for reading: each is kept whole in memory and read again only when its revision has changed.

A programme has a few hundred actions, which change a few times a year and are looked at all day. One small question to
the database per page, for the revisions, is all that reading costs; another process that imports is noticed by it too.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, select
from sqlmodel import Session, col

from contracts import vocabulary
from contracts.values import LocalizedText
from services.projects.catalogue import wider_parties
from services.projects.tables.programmes import (
    ActionRow,
    ProgrammePartRow,
    ProgrammeRow,
    ProgrammeSectionRow,
    ProgrammeSpeciesRow,
    ProgrammeStateRow,
)

NO_PRIORITY: Final = "none"
"""Stands for the priority of an action that has none."""
FACETS: Final = ("section", "priority", "species", "state", "responsible", "theme", "landscape")
"""What actions can be filtered by, in the order of the page."""


@dataclass(frozen=True, slots=True, eq=False)
class ActionView:
    """One action. Texts by language; where a language has none, the best other one, with the language it is in."""

    programme_id: str
    id: str
    number: str
    section: int
    part: str
    priority: str | None
    sub_item_priorities: Mapping[str, str]
    responsible: tuple[str, ...]
    unconfirmed: tuple[str, ...]
    sub_items: tuple[str, ...]
    see_also: tuple[str, ...]
    title: LocalizedText
    summary: LocalizedText
    own_texts: bool
    themes: tuple[str, ...]
    species: tuple[str, ...]
    states: tuple[str, ...]
    landscapes: tuple[str, ...]
    search: str

    @property
    def url(self) -> str:
        """Address of its page."""
        return f"/projects/programmes/{self.programme_id}/actions/{self.id}"


@dataclass(frozen=True, slots=True, eq=False)
class SectionView:
    """A section, with its actions counted by priority (`NO_PRIORITY` for none)."""

    number: int
    part: str
    title: LocalizedText
    scientific_name: str | None
    species: tuple[str, ...]
    states: tuple[str, ...]
    actions: tuple[ActionView, ...]
    priorities: Mapping[str, int]


@dataclass(frozen=True, slots=True, eq=False)
class PartView:
    """A part with its sections."""

    number: str
    title: LocalizedText
    sections: tuple[SectionView, ...]


@dataclass(frozen=True, slots=True, eq=False)
class SpeciesView:
    """A species of the programme; `cms_appendix` is None for one that the Convention does not list."""

    code: str
    scientific_name: str
    cms_appendix: str | None


@dataclass(frozen=True, slots=True, eq=False)
class StateView:
    """A range state of the programme, ISO 3166-1 alpha-3 and alpha-2."""

    code: str
    iso2: str
    party: bool


@dataclass(frozen=True, eq=False)
class ProgrammeView:
    """A whole programme at one revision. `masks` has, for each facet and value, a bit for each action that has it."""

    id: str
    start: int
    end: int
    title: LocalizedText
    reference: str
    reference_url: str
    source_name: str
    revision: int
    content_hash: str
    parts: tuple[PartView, ...]
    sections: tuple[SectionView, ...]
    species: tuple[SpeciesView, ...]
    states: tuple[StateView, ...]
    actions: tuple[ActionView, ...]
    by_id: Mapping[str, ActionView] = field(default_factory=dict)
    by_section: Mapping[int, SectionView] = field(default_factory=dict)
    masks: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @property
    def listed_species(self) -> int:
        """How many of its species the Convention lists: an action for all of them is for no one in particular."""
        return sum(one.cms_appendix is not None for one in self.species)

    def numbered(self, number: str) -> tuple[ActionView, ...]:
        """The actions of that number: none, one, or two where the source gives a number twice."""
        return tuple(one for one in self.actions if one.number == number)

    def referring_to(self, action: ActionView) -> tuple[ActionView, ...]:
        """The actions that refer to `action` by its number."""
        return tuple(one for one in self.actions if action.number in one.see_also)

    def beside(self, action: ActionView) -> tuple[ActionView | None, ActionView | None]:
        """The action before and the one after."""
        place = self.actions.index(action)
        before = self.actions[place - 1] if place else None
        return before, self.actions[place + 1] if place + 1 < len(self.actions) else None


@dataclass(frozen=True)
class ProgrammeHead:
    """A programme as the switch between programmes names it."""

    id: str
    start: int
    end: int
    revision: int
    content_hash: str


_HEADS: Final = select(
    col(ProgrammeRow.id), col(ProgrammeRow.start), col(ProgrammeRow.end), col(ProgrammeRow.revision),
    col(ProgrammeRow.content_hash),
).order_by(col(ProgrammeRow.start).desc(), col(ProgrammeRow.id))  # fmt: skip
_kept: WeakKeyDictionary[Engine, dict[str, ProgrammeView]] = WeakKeyDictionary()
_lock = threading.Lock()


def heads(session: Session) -> tuple[ProgrammeHead, ...]:
    """All programmes, the newest period first."""
    return tuple(ProgrammeHead(*row) for row in session.connection().execute(_HEADS))


def programme(session: Session, programme_id: str | None = None) -> ProgrammeView | None:
    """The programme of that id, by default the newest one; None if there is no such programme."""
    for head in heads(session):
        if programme_id in (None, head.id):
            return _view(session, head)
    return None


def programme_of(session: Session, head: ProgrammeHead) -> ProgrammeView:
    """The whole programme that `head` names."""
    return _view(session, head)


def _view(session: Session, head: ProgrammeHead) -> ProgrammeView:
    engine = session.connection().engine
    found = _kept.get(engine, {}).get(head.id)
    if found is not None and (found.revision, found.content_hash) == (head.revision, head.content_hash):
        return found
    with _lock:
        made = _read(session, head.id)
        _kept.setdefault(engine, {})[head.id] = made
    return made


def _read(session: Session, programme_id: str) -> ProgrammeView:
    row = session.get_one(ProgrammeRow, programme_id)

    def rows(model: Any, order: Any) -> Iterable[Any]:
        return session.scalars(select(model).where(model.programme_id == programme_id).order_by(order))

    part_of = {one.number: one.part for one in rows(ProgrammeSectionRow, ProgrammeSectionRow.number)}
    actions = tuple(_action(one, part_of[one.section]) for one in rows(ActionRow, ActionRow.position))
    sections = tuple(_section(one, actions) for one in rows(ProgrammeSectionRow, ProgrammeSectionRow.number))
    return ProgrammeView(
        row.id, row.start, row.end, LocalizedText.model_validate(row.title), row.reference, row.reference_url,
        row.source_name, row.revision, row.content_hash,
        tuple(
            PartView(
                one.number, LocalizedText.model_validate(one.title),
                tuple(section for section in sections if section.part == one.number),
            )
            for one in rows(ProgrammePartRow, ProgrammePartRow.position)
        ),
        sections,
        tuple(
            SpeciesView(one.code, one.scientific_name, one.cms_appendix)
            for one in rows(ProgrammeSpeciesRow, ProgrammeSpeciesRow.position)
        ),
        tuple(StateView(one.code, one.iso2, one.party) for one in rows(ProgrammeStateRow, ProgrammeStateRow.position)),
        actions,
        {one.id: one for one in actions},
        {one.number: one for one in sections},
        {facet: _masks(actions, values) for facet, values in _VALUES.items()},
    )  # fmt: skip


def _action(row: ActionRow, part: str) -> ActionView:
    return ActionView(
        row.programme_id, row.id, row.number, row.section, part, row.priority, row.sub_item_priorities,
        tuple(row.responsible), tuple(row.unconfirmed), tuple(row.sub_items), tuple(row.see_also),
        LocalizedText.model_validate(row.title), LocalizedText.model_validate(row.summary), row.own_texts,
        tuple(row.themes), tuple(row.species), tuple(row.states), tuple(row.landscapes), row.search,
    )  # fmt: skip


def _section(row: ProgrammeSectionRow, actions: Iterable[ActionView]) -> SectionView:
    own = tuple(one for one in actions if one.section == row.number)
    counts = dict.fromkeys((*vocabulary.codes("priorities"), NO_PRIORITY), 0)
    for one in own:
        counts[one.priority or NO_PRIORITY] = counts.get(one.priority or NO_PRIORITY, 0) + 1
    return SectionView(
        row.number, row.part, LocalizedText.model_validate(row.title), row.scientific_name, tuple(row.species),
        tuple(row.states), own, counts,
    )  # fmt: skip


def _parties(action: ActionView) -> Iterable[str]:
    """Whoever looks for what NGOs can do means international ones as well."""
    for code in action.responsible:
        yield code
        yield from wider_parties(code)


_VALUES: Final[Mapping[str, Callable[[ActionView], Iterable[str]]]] = {
    "section": lambda action: (str(action.section),),
    "priority": lambda action: (action.priority or NO_PRIORITY,),
    "species": lambda action: action.species,
    "state": lambda action: action.states,
    "responsible": _parties,
    "theme": lambda action: action.themes,
    "landscape": lambda action: action.landscapes,
}


def _masks(actions: Iterable[ActionView], values: Callable[[ActionView], Iterable[str]]) -> Mapping[str, int]:
    masks: defaultdict[str, int] = defaultdict(int)
    for place, action in enumerate(actions):
        for value in values(action):
            masks[value] |= 1 << place
    return dict(masks)


@lru_cache(maxsize=64)
def priority_rank(code: str | None) -> int:
    """Rank of a priority, 5 for high to 1 for low; 0 for none and for one that is not known."""
    return int(vocabulary.entry("priorities", code or "").get("rank", 0))
