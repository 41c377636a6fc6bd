"""What a Programme of Work consists of: the facts of its source, and the texts that people of this project wrote."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from contracts.values import LocalizedText

EVERYTHING: Final = "*"
"""In an action's species or states: all that the programme lists."""


@dataclass(frozen=True)
class PartFacts:
    """A part: its Roman numeral in sequence and its heading in the source."""

    number: str
    source_title: str


@dataclass(frozen=True)
class SectionFacts:
    """A section: its heading in the source; species codes and ISO 3166 alpha-3 states where it is confined to some."""

    number: int
    part: str
    source_title: str
    scientific_name: str | None = None
    species: tuple[str, ...] = ()
    states: tuple[str, ...] = ()


@dataclass(frozen=True)
class SpeciesFacts:
    """A species of the opening table. `cms_appendix` is "I", "II", "I/II", or None for one that is not listed."""

    code: str
    scientific_name: str
    cms_appendix: str | None

    @property
    def listed(self) -> bool:
        """Whether the Convention lists it."""
        return self.cms_appendix is not None


@dataclass(frozen=True)
class StateFacts:
    """A range state: ISO 3166 alpha-3 and alpha-2, and whether it is a Party to the Convention."""

    code: str
    iso2: str
    party: bool


@dataclass(frozen=True)
class ActionFacts:
    """What the source says of an action. `see_also` holds numbers of actions ("7.5") and of sections ("5")."""

    id: str
    number: str
    section: int
    priority: str | None
    sub_item_priorities: Mapping[str, str] = field(default_factory=dict, hash=False)
    responsible: tuple[str, ...] = ()
    unconfirmed: tuple[str, ...] = ()
    sub_items: tuple[str, ...] = ()
    see_also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Facts:
    """All that a file says of a programme. The period's years are both inclusive."""

    start: int
    end: int
    parts: tuple[PartFacts, ...]
    sections: tuple[SectionFacts, ...]
    species: tuple[SpeciesFacts, ...]
    states: tuple[StateFacts, ...]
    actions: tuple[ActionFacts, ...]

    @property
    def programme_id(self) -> str:
        """`cami-2021-2026`: programmes of different periods stand side by side."""
        return f"cami-{self.start}-{self.end}"


@dataclass(frozen=True)
class ActionTexts:
    """Our texts of one action, and what it is about. `own` is False for a neutral title nobody has written."""

    title: LocalizedText
    summary: LocalizedText
    themes: tuple[str, ...] = ()
    species: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    landscapes: tuple[str, ...] = ()
    own: bool = True


@dataclass(frozen=True)
class Part:
    """A part with its title."""

    facts: PartFacts
    title: LocalizedText


@dataclass(frozen=True)
class Section:
    """A section with its title."""

    facts: SectionFacts
    title: LocalizedText


@dataclass(frozen=True)
class Action:
    """An action: facts and texts."""

    facts: ActionFacts
    texts: ActionTexts


@dataclass(frozen=True)
class Catalogue:
    """A whole programme, ready to be kept and published."""

    id: str
    start: int
    end: int
    title: LocalizedText
    parts: tuple[Part, ...]
    sections: tuple[Section, ...]
    species: tuple[SpeciesFacts, ...]
    states: tuple[StateFacts, ...]
    actions: tuple[Action, ...]
    reference: str = ""
    """The document that the programme is an annex of, empty where only a file is known."""
    reference_url: str = ""
