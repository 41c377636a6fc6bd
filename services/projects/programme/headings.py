"""Headings of parts, sections and rows: telling them apart, and what a section's heading says."""

import re
from dataclasses import dataclass, field
from typing import Final

from services.projects.programme.lines import Line, join
from services.projects.programme.model import Anomaly, NotAProgramme, Part, Section, Species
from services.projects.programme.vocabulary import Vocabulary, close_name, code_of, key

PART: Final = re.compile(r"^(?:Partie|PARTIE)\s+([IVX]+)\s*[:.–-]?\s+(\S.*)$")
SECTION: Final = re.compile(r"^(\d{1,3})\.\s+(\D.*)$")
ACTION: Final = re.compile(r"^(\d{1,3})\.(\d{1,3})(\.?)\s+(\S.*)$")
HEADING_WORDS: Final = re.compile(r"(?:^|\s)Responsables?(?:\(s\))?\s+Priorités?$", re.IGNORECASE)

_LOOK_AHEAD: Final = 10
_LISTS: Final = re.compile(r"^(Pays|États|Espèces?)\s*\d{0,2}\s*:\s*(.*)$", re.IGNORECASE)
_IN_BRACKETS: Final = re.compile(r"\s*\(([^()]*)\)\s*\d{0,2}$")
_LATIN_SHAPE: Final = re.compile(r"^[A-Z][a-z]+(?:\s[a-z]+){1,2}$|^[A-Z][a-z]+\sspp?\.$")
_ROMAN: Final = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV")


@dataclass
class OpenSection:
    """A section whose heading is being read: its number, the part it is in, and all lines before its first row."""

    number: int
    part: str
    lines: list[Line] = field(default_factory=list)


def starts_section(lines: list[Line], index: int, last: int) -> int | None:
    """The number of the section whose heading starts at `lines[index]`, or None. `last` is the section before.

    The heading ends with "Responsable Priorité", on this line or further down before the first row; without these
    words it is one only if its number is the next one and its first row follows at once.
    """
    found = SECTION.match(lines[index].text)
    if not found:
        return None
    number = int(found[1])
    if HEADING_WORDS.search(lines[index].text):
        return number
    if number != last + 1:
        return None
    ahead = [line.text for line in lines[index + 1 : index + 1 + 2 * _LOOK_AHEAD] if line.text][:_LOOK_AHEAD]
    for position, text in enumerate(ahead):
        if row := ACTION.match(text):
            return number if position == 0 and int(row[1]) == number and int(row[2]) == 1 else None
        if HEADING_WORDS.search(text) and not SECTION.match(text):
            return number
        if SECTION.match(text) or PART.match(text):
            return None
    return None


def new_part(line: Line, position: int, odd: list[tuple[int, Anomaly]]) -> Part | None:
    """The part whose heading `line` is, as number `position` from 1; None if it is no such heading."""
    found = PART.match(line.text)
    if not found:
        return None
    if position > len(_ROMAN):
        raise NotAProgramme(line.number, line.text, f"there are more than {len(_ROMAN)} parts")
    number, printed = _ROMAN[position - 1], found[1]
    if printed != number:
        detail = f"it is printed as part {printed} and is number {number} in sequence"
        odd.append((line.number, Anomaly("misnumbered_part", f"part {number}", detail)))
    return Part(number, found[2], printed)


class HeadingReader:
    """Reads headings of sections against the species of the programme, and collects what is odd about them."""

    def __init__(self, species: tuple[Species, ...], vocabulary: Vocabulary) -> None:
        """`species` is the table that opens the programme."""
        self.odd: list[tuple[int, Anomaly]] = []
        self._vocabulary = vocabulary
        self._by_latin = {key(one.scientific_name): one for one in species}
        self._by_code = {one.code: one for one in species}

    def section(self, heading: OpenSection) -> Section:
        """The section of a complete heading. Raises NotAProgramme for a country that is not known."""
        where, place = f"section {heading.number}", heading.lines[0].number
        title_lines: list[str] = []
        lists: dict[str, list[str]] = {}
        current: list[str] | None = None
        headed = False
        for line in heading.lines:
            words = HEADING_WORDS.search(line.text)
            text = line.text[: words.start()].strip() if words else line.text
            if headed and line.page_start:
                detail = f"a page starts inside the heading, at line {line.number}"
                self.odd.append((line.number, Anomaly("page_break_in_cell", where, detail)))
            if label := _LISTS.match(text):
                current = lists.setdefault("species" if label[1].casefold().startswith("esp") else "states", [])
                current.append(label[2])
            elif text and current is not None:
                current.append(text)
            elif text and not headed:
                title_lines.append(text)
            elif text:
                raise NotAProgramme(line.number, line.text, "this stands between a heading and its first action")
            if words:
                headed = True
                current = None
        if not headed:
            detail = "the heading lacks “Responsable Priorité”"
            self.odd.append((place, Anomaly("missing_heading_words", where, detail)))
        elif not any(HEADING_WORDS.search(line.text) for line in heading.lines[:1]):
            detail = "“Responsable Priorité” stands apart from the heading"
            self.odd.append((place, Anomaly("heading_words_apart", where, detail)))
        title = SECTION.sub(r"\2", join(title_lines))
        title, latin, codes = self._scientific_name(title, place, where)
        if "species" in lists:
            codes = tuple(self._species(name, place, where) for name in _names(lists["species"]))
        states = tuple(self._state(name, heading.lines) for name in _names(lists.get("states", [])))
        return Section(heading.number, title, heading.part, latin, states, codes)

    def _scientific_name(self, title: str, place: int, where: str) -> tuple[str, str | None, tuple[str, ...]]:
        """(title without it, scientific name, code of the species) of a title such as "Argali (Ovis ammon)"."""
        found = _IN_BRACKETS.search(title)
        if not found:
            return title, None, ()
        latin = re.sub(r"(?<=[a-z])\d{1,2}$", "", found[1].strip())
        short = title[: found.start()].strip()
        known = self._by_latin.get(key(latin))
        if known is None:
            close = close_name(latin, [one.scientific_name for one in self._by_code.values()])
            if close:
                detail = f"{latin!r} is printed for {close!r}"
                self.odd.append((place, Anomaly("misspelt_scientific_name", where, detail)))
                known = self._by_latin[key(close)]
            elif not _LATIN_SHAPE.match(latin):
                return title, None, ()
        if known is None:
            detail = f"{latin} is not in the table of species"
            self.odd.append((place, Anomaly("species_not_in_table", where, detail)))
            code = self._vocabulary.species_by_scientific_name(latin) or code_of(latin)
            self._vocabulary.species_names.setdefault(key(short), code)
            return short, latin, (code,)
        if key(short) != key(known.name):
            detail = f"{known.scientific_name} is called {short!r} here and {known.name!r} in the table of species"
            self.odd.append((place, Anomaly("inconsistent_species_name", where, detail)))
        self._vocabulary.species_names.setdefault(key(short), known.code)
        return short, known.scientific_name, (known.code,)

    def _species(self, name: str, place: int, where: str) -> str:
        code = self._vocabulary.species_names.get(key(name))
        if code is None:
            self.odd.append((place, Anomaly("unknown_species", where, f"{name!r} is in no table of species")))
            return code_of(name)
        if code not in self._by_code:
            self.odd.append((place, Anomaly("species_not_in_table", where, f"{name!r} is not in the table of species")))
        return code

    def _state(self, name: str, lines: list[Line]) -> str:
        state = self._vocabulary.state(name)
        if state is None:
            place = next((line for line in lines if name in line.text), lines[0])
            raise NotAProgramme(place.number, place.text, f"{name!r} is not the name of a known state")
        return state[1]


def _names(texts: list[str]) -> list[str]:
    """Names of a list with commas, and "et" before the last one."""
    names = re.split(r"\s*[,;]\s*|\s+et\s+", join(texts).rstrip(" ."))
    return [name.strip() for name in names if name.strip()]
