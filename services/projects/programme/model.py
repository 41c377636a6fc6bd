"""What a Programme of Work says, as frozen values that turn into JSON; and the one error of its reader."""

from dataclasses import dataclass, field
from typing import Any, Final

PRIORITIES: Final = ("high", "high_medium", "medium", "medium_low", "low")
"""Codes of the priorities, the most urgent one first. A span of two neighbours has a code of its own."""

QUOTED: Final = 200
"""Characters of a line that was not understood that its error quotes."""


class NotAProgramme(ValueError):
    """The text is no Programme of Work, or holds a row that could not be understood. Nothing was taken from it.

    `line_number` counts from 1 in the text as it came, `line` is that line (cut after QUOTED characters) and
    `reason` says in English what was expected.
    """

    def __init__(self, line_number: int, line: str, reason: str) -> None:
        self.line_number = line_number
        self.line = line.strip()[:QUOTED]
        self.reason = reason
        super().__init__(f"line {line_number}: {reason}: {self.line!r}")


@dataclass(frozen=True)
class Anomaly:
    """Something odd in the source. `where` is an action's id, or "section 11", "part IV", "species 16", "line 15"."""

    code: str
    where: str
    detail: str

    def as_json(self) -> dict[str, Any]:
        """{code, where, detail}, the detail in English."""
        return {"code": self.code, "where": self.where, "detail": self.detail}


@dataclass(frozen=True)
class Part:
    """A part of the Programme. `number` is its Roman numeral in sequence, `printed_number` the one in the source."""

    number: str
    title: str
    printed_number: str

    def as_json(self) -> dict[str, Any]:
        """{number, title, printed_number}."""
        return {"number": self.number, "title": self.title, "printed_number": self.printed_number}


@dataclass(frozen=True)
class Section:
    """A table of the Programme. `species` are codes; `states` are ISO 3166 alpha-3, for a landscape only."""

    number: int
    title: str
    part: str
    scientific_name: str | None = None
    states: tuple[str, ...] = ()
    species: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """{number, title, part}, with scientific_name, states and species where the section has them."""
        content: dict[str, Any] = {"number": self.number, "title": self.title, "part": self.part}
        if self.scientific_name:
            content["scientific_name"] = self.scientific_name
        if self.states:
            content["states"] = list(self.states)
        if self.species:
            content["species"] = list(self.species)
        return content


@dataclass(frozen=True)
class Species:
    """A species of the opening table. `cms_appendix` is "I", "II", "I/II", or None for one that is not listed."""

    code: str
    name: str
    scientific_name: str
    cms_appendix: str | None

    @property
    def listed(self) -> bool:
        """Whether an appendix of the Convention lists it."""
        return self.cms_appendix is not None

    def as_json(self) -> dict[str, Any]:
        """{code, name, scientific_name, cms_appendix, listed}."""
        return {
            "code": self.code,
            "name": self.name,
            "scientific_name": self.scientific_name,
            "cms_appendix": self.cms_appendix,
            "listed": self.listed,
        }


@dataclass(frozen=True)
class RangeState:
    """A range state: ISO 3166 codes, its French name, and whether the source prints it as a Party."""

    iso2: str
    iso3: str
    name: str
    party: bool

    def as_json(self) -> dict[str, Any]:
        """{iso2, iso3, name, party}."""
        return {"iso2": self.iso2, "iso3": self.iso3, "name": self.name, "party": self.party}


@dataclass(frozen=True)
class Action:
    """One row of a table, without its wording.

    `id` is the number, followed by "-2" (or more) for a further action of one number. `sub_items` are letters as
    printed, "a.i" for a nested item, "1", "2" for bullets. `see_also` holds numbers of actions ("7.5") and of
    sections ("5"). `responsible` and `unconfirmed` are codes of parties. `source_lines` counts from 1, inclusive.
    """

    id: str
    number: str
    section: int
    priority: str | None
    sub_item_priorities: dict[str, str] = field(hash=False)
    responsible: tuple[str, ...]
    sub_items: tuple[str, ...]
    see_also: tuple[str, ...]
    responsible_text: str
    unconfirmed: tuple[str, ...]
    source_lines: tuple[int, int]

    def as_json(self) -> dict[str, Any]:
        """Every field under its own name, tuples as lists."""
        return {
            "id": self.id,
            "number": self.number,
            "section": self.section,
            "priority": self.priority,
            "sub_item_priorities": dict(self.sub_item_priorities),
            "responsible": list(self.responsible),
            "sub_items": list(self.sub_items),
            "see_also": list(self.see_also),
            "responsible_text": self.responsible_text,
            "unconfirmed": list(self.unconfirmed),
            "source_lines": list(self.source_lines),
        }


@dataclass(frozen=True)
class Programme:
    """A whole Programme of Work. `period` holds its first and its last year, both inclusive."""

    period: tuple[int, int]
    parts: tuple[Part, ...]
    sections: tuple[Section, ...]
    species: tuple[Species, ...]
    range_states: tuple[RangeState, ...]
    actions: tuple[Action, ...]
    anomalies: tuple[Anomaly, ...]

    def as_json(self) -> dict[str, Any]:
        """{period: {start, end}, parts, sections, species, range_states, actions, anomalies}, in that order."""
        return {
            "period": {"start": self.period[0], "end": self.period[1]},
            "parts": [part.as_json() for part in self.parts],
            "sections": [section.as_json() for section in self.sections],
            "species": [species.as_json() for species in self.species],
            "range_states": [state.as_json() for state in self.range_states],
            "actions": [action.as_json() for action in self.actions],
            "anomalies": [anomaly.as_json() for anomaly in self.anomalies],
        }
