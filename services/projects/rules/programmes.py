"""A Programme of Work as this service keeps it, and how what is read from a file becomes one. Pure.

A file gives facts: numbers, priorities, parties, species, states, references. It never gives wording of ours. Titles,
summaries and what an action is about (themes, species, states, landscapes) are texts that people of this project wrote;
they stay when facts are read again. An action that has none yet gets a neutral title, which says of itself that it is
machine-made.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, cast

from contracts import vocabulary
from contracts.events import ActionPublished
from contracts.values import Language, LocalizedText, Text
from services.projects.values.programmes import (
    EVERYTHING,
    Action,
    ActionFacts,
    ActionTexts,
    Catalogue,
    Facts,
    Part,
    Section,
    SectionFacts,
)


@dataclass(frozen=True)
class Known:
    """What the service knows before an import.

    `texts` and `numbered` (titles of sections by number) are those of the same programme. `section_titles` and
    `part_titles` are by the key of the heading in the source (`heading_key`), of any programme. `ranges` are the
    states of each species, as the actions on it tell.
    """

    texts: Mapping[str, ActionTexts] = field(default_factory=dict)
    numbered: Mapping[int, LocalizedText] = field(default_factory=dict)
    section_titles: Mapping[str, LocalizedText] = field(default_factory=dict)
    part_titles: Mapping[str, LocalizedText] = field(default_factory=dict)
    ranges: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def heading_key(heading: str) -> str:
    """A heading as it is compared: letters and digits only, in one case."""
    return re.sub(r"\W+", " ", heading.casefold()).strip()


def programme_title(start: int, end: int) -> LocalizedText:
    """The title of a programme by its period."""
    return written(
        en=f"CAMI Programme of Work {start}–{end}",
        ru=f"Программа работы CAMI на {start}–{end} годы",
        fr=f"Programme de travail de la CAMI {start}–{end}",
    )


def written(**texts: str) -> LocalizedText:
    """A text of ours in the languages given: `written(en=..., ru=..., fr=...)`."""
    return LocalizedText(versions={cast(Language, language): Text(text=text) for language, text in texts.items()})


def complete(facts: Facts, known: Known) -> Catalogue:
    """A catalogue of `facts`: our texts where there are any, neutral ones elsewhere."""
    sections = tuple(Section(one, _section_title(one, known)) for one in facts.sections)
    by_number = {section.facts.number: section for section in sections}
    actions = tuple(
        Action(one, known.texts.get(one.id) or _neutral(one, by_number[one.section], facts, known))
        for one in facts.actions
    )
    parts = tuple(
        Part(one, known.part_titles.get(heading_key(one.source_title)) or _as_printed(one.source_title))
        for one in facts.parts
    )
    return Catalogue(
        facts.programme_id, facts.start, facts.end, programme_title(facts.start, facts.end),
        parts, sections, facts.species, facts.states, actions,
    )  # fmt: skip


def expand(texts: ActionTexts, facts: Facts) -> ActionTexts:
    """`texts` with EVERYTHING replaced by the listed species and by the states of `facts`."""
    listed = tuple(one.code for one in facts.species if one.listed)
    states = tuple(one.code for one in facts.states)
    return replace(
        texts,
        species=listed if EVERYTHING in texts.species else texts.species,
        states=states if EVERYTHING in texts.states else texts.states,
    )


def published(catalogue: Catalogue, action: Action) -> ActionPublished:
    """What other services are told of `action`."""
    section = next(one for one in catalogue.sections if one.facts.number == action.facts.section)
    facts, texts = action.facts, action.texts
    return ActionPublished(
        programme_id=catalogue.id, action_id=facts.id, number=facts.number, section=facts.section,
        section_title=section.title, part=section.facts.part, priority=facts.priority,
        sub_item_priorities=dict(facts.sub_item_priorities), responsible=list(facts.responsible),
        sub_items=list(facts.sub_items), see_also=list(facts.see_also), title=texts.title, summary=texts.summary,
        themes=list(texts.themes), species=list(texts.species), states=list(texts.states),
        landscapes=list(texts.landscapes),
    )  # fmt: skip


def fingerprint(value: Any) -> str:
    """A hash of any JSON value, the same whatever the order of its keys."""
    canonical = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def inconsistencies(facts: Facts) -> list[str]:
    """What makes `facts` no programme that could be kept, in English; empty for a sound one."""
    found: list[str] = []
    sections = {one.number for one in facts.sections}
    parts = {one.number for one in facts.parts}
    found += _doubles("action", (one.id for one in facts.actions))
    found += _doubles("section", (str(one.number) for one in facts.sections))
    for section in facts.sections:
        found += (
            [] if section.part in parts else [f"section {section.number} is in part {section.part}, which is missing"]
        )
    for one in facts.actions:
        found += [] if one.section in sections else [f"action {one.id} is in section {one.section}, which is missing"]
    if facts.end < facts.start:
        found.append(f"the period ends in {facts.end}, before it starts in {facts.start}")
    if not facts.actions:
        found.append("there are no actions")
    return found


def _doubles(what: str, ids: Iterable[str]) -> list[str]:
    seen: set[str] = set()
    doubles: list[str] = []
    for one in ids:
        if one in seen:
            doubles.append(f"{what} {one} occurs twice")
        seen.add(one)
    return doubles


def _section_title(section: SectionFacts, known: Known) -> LocalizedText:
    """Ours if the heading or its number was met before, a species' name if it is on one species, else as printed."""
    found = known.section_titles.get(heading_key(section.source_title)) or known.numbered.get(section.number)
    if found:
        return found
    if section.scientific_name and len(section.species) == 1 and vocabulary.entry("species", section.species[0]):
        code = section.species[0]
        return _in_each_language(lambda language: vocabulary.label("species", code, language), origin="written")
    return _as_printed(section.source_title)


def _as_printed(heading: str) -> LocalizedText:
    """A heading of the source, which is French."""
    return LocalizedText(source="fr", versions={"fr": Text(text=heading)})


_ACTION_WORD: Final = {"en": "Action", "ru": "Мера", "fr": "Action"}


def _neutral(action: ActionFacts, section: Section, facts: Facts, known: Known) -> ActionTexts:
    """Title from the section and the number; species and states as far as the section tells."""
    species = section.facts.species or tuple(one.code for one in facts.species if one.listed)
    states = section.facts.states
    if not states and section.facts.species:
        wide = {state for code in section.facts.species for state in known.ranges.get(code, ())}
        states = tuple(one.code for one in facts.states if one.code in wide)
    elif not states:
        states = tuple(one.code for one in facts.states)
    title = _in_each_language(lambda language: _neutral_title(section.title, action.number, language), origin="machine")
    return ActionTexts(title, LocalizedText(), species=species, states=states, own=False)


def _neutral_title(section: LocalizedText, number: str, language: str) -> str:
    """ "Action 22.1 (Snow leopard)", without the section where its title is not to be had in `language`."""
    version = section.versions.get(cast(Language, language))
    return f"{_ACTION_WORD[language]} {number}" + (f" ({version.text})" if version else "")


def _in_each_language(text: Callable[[str], str], *, origin: str) -> LocalizedText:
    return LocalizedText.model_validate(
        {"versions": {language: {"text": text(language), "origin": origin} for language in vocabulary.LANGUAGES}}
    )
