"""Assembling a Programme of Work from its text."""

import re
from dataclasses import dataclass
from typing import Final

from services.projects.programme.cells import Cells, split_cells
from services.projects.programme.headings import HeadingReader
from services.projects.programme.lines import CleanText, clean, join
from services.projects.programme.model import Action, Anomaly, NotAProgramme, Programme, Section
from services.projects.programme.parties import (
    Reading,
    inconsistent_spellings,
    learn_abbreviations,
    read_parties,
)
from services.projects.programme.preface import read_preface
from services.projects.programme.rows import Row, first_part, gather
from services.projects.programme.vocabulary import Vocabulary, shipped
from services.projects.programme.wording import references, sub_items

_OTHER_NAME: Final = re.compile(r"^([A-Z][a-z]+(?:\s[a-z]+){1,2})\sselon\b")


@dataclass(frozen=True)
class _ReadRow:
    """A row with what its cells say."""

    row: Row
    cells: Cells
    text: str
    letters: tuple[str, ...]


def parse_programme(text: str, vocabulary: Vocabulary | None = None) -> Programme:
    """The Programme of Work that `text` holds: a resolution's whole text, as it came out of its PDF.

    `vocabulary` is by default the shipped one; it is taught the text's own names. Raises NotAProgramme, with the
    line that was not understood, for any other text and for a programme with a row that cannot be read.
    """
    source = clean(text)
    try:
        return _parse(source, vocabulary or shipped())
    except NotAProgramme as error:
        line = source.lines[error.line_number - 1].text
        raise NotAProgramme(error.line_number, line, error.reason) from None


def _parse(source: CleanText, words: Vocabulary) -> Programme:
    lines = list(source.lines)
    first = first_part(lines)
    preface = read_preface(lines[:first], source.footnotes, words)
    if first == len(lines):
        last = next(line for line in reversed(lines) if line.text)
        raise NotAProgramme(last.number, last.text, "no part (“Partie I …”) stands before the end of the text")
    tables = gather(lines, first)
    reader = HeadingReader(preface.species, words)
    sections = tuple(reader.section(heading) for heading in tables.headings)
    rows = [_read_row(row, words) for row in tables.rows]
    if rows[-1].cells.priority is None or rows[-1].cells.unfinished:
        end = rows[-1].row.source_lines[1]
        raise NotAProgramme(end, lines[end - 1].text, f"the text breaks off in {rows[-1].row.id}")
    learn_abbreviations([row.cells.responsible for row in rows], words)
    odd = [*preface.odd, *tables.odd, *reader.odd]
    for place, footnote in source.glued:
        detail = f"the digit of footnote {footnote} is glued to a word"
        odd.append((place, Anomaly("footnote_glued_to_name", f"line {place}", detail)))
        if other := _OTHER_NAME.match(source.footnotes[footnote]):
            detail = f"footnote {footnote} gives another scientific name: {other[1]}"
            odd.append((place, Anomaly("other_scientific_name", f"line {place}", detail)))
    readings = [read_parties(row.cells.responsible, words) for row in rows]
    actions = tuple(_action(row, reading) for row, reading in zip(rows, readings, strict=True))
    for row, reading in zip(rows, readings, strict=True):
        odd += _oddities(row, reading, words)
    starts = {action.id: action.source_lines[0] for action in actions}
    spellings = [(action.id, reading) for action, reading in zip(actions, readings, strict=True)]
    for where, detail in inconsistent_spellings(spellings):
        odd.append((starts[where], Anomaly("inconsistent_party_spelling", where, detail)))
    odd += _dangling(actions, sections)
    anomalies = tuple(anomaly for _, anomaly in sorted(odd, key=lambda one: one[0]))
    states = preface.range_states
    return Programme(preface.period, tuple(tables.parts), sections, preface.species, states, actions, anomalies)


def _read_row(row: Row, words: Vocabulary) -> _ReadRow:
    cells = split_cells(row.lines, words)
    letters, odd = sub_items(cells.text)
    row.odd += odd
    return _ReadRow(row, cells, join([line.text for line in cells.text]), letters)


def _action(read: _ReadRow, reading: Reading) -> Action:
    priority = read.cells.priority
    return Action(
        id=read.row.id,
        number=read.row.number,
        section=read.row.section,
        priority=priority.code if priority else None,
        sub_item_priorities=dict(priority.sub_items) if priority else {},
        responsible=tuple(dict.fromkeys(mention.code for mention in reading.mentions)),
        sub_items=read.letters,
        see_also=references(read.text),
        responsible_text=read.cells.responsible,
        unconfirmed=tuple(dict.fromkeys(mention.code for mention in reading.mentions if mention.unconfirmed)),
        source_lines=read.row.source_lines,
    )


def _oddities(read: _ReadRow, reading: Reading, words: Vocabulary) -> list[tuple[int, Anomaly]]:
    """What is odd about one row, apart from spellings that differ from row to row."""
    odd = [*read.row.odd, *read.cells.oddities, *reading.oddities]
    priority = read.cells.priority
    if priority is None:
        odd.append(("missing_priority", "the priority cell is empty"))
    else:
        if priority.sub_items:
            odd.append(("sub_item_priorities", "its sub-items have priorities of their own"))
            own = {letter for letter, _ in priority.sub_items}
            missing = [letter for letter in read.letters if "." not in letter and letter not in own]
            unknown = sorted(own - set(read.letters))
            if missing or unknown:
                detail = f"without a priority: {missing}; with one but not in the text: {unknown}"
                odd.append(("sub_item_priorities_differ", detail))
        if priority.reversed:
            odd.append(("reversed_priority", f"the lower priority stands first: {priority.code}"))
        if priority.code is None:
            odd.append(("wide_priority_span", "no code spans its priorities"))
    if not reading.mentions:
        odd.append(("missing_responsible", "the responsible cell is empty"))
    for pattern, meaning in words.ambiguous_terms.items():
        if found := re.search(rf"\b(?:{pattern})\b", read.text, re.IGNORECASE):
            odd.append(("ambiguous_term", f"{found[0]!r} {meaning}"))
    place = read.row.source_lines[0]
    return [(place, Anomaly(code, read.row.id, detail)) for code, detail in odd]


def _dangling(actions: tuple[Action, ...], sections: tuple[Section, ...]) -> list[tuple[int, Anomaly]]:
    """References to actions and sections that the programme does not have, and of an action to itself."""
    numbers = {action.number for action in actions} | {str(section.number) for section in sections}
    odd = []
    for action in actions:
        for number in action.see_also:
            place = action.source_lines[0]
            if number not in numbers:
                detail = f"it refers to {number}, which does not exist"
                odd.append((place, Anomaly("dangling_cross_reference", action.id, detail)))
            elif number == action.number:
                odd.append((place, Anomaly("self_reference", action.id, "it refers to itself")))
    return odd
