"""What stands before the tables: the title with the period, the species, the range states."""

import re
from dataclasses import dataclass
from typing import Final

from services.projects.programme.lines import Line, join
from services.projects.programme.model import Anomaly, NotAProgramme, RangeState, Species
from services.projects.programme.vocabulary import Vocabulary, code_of, key

_PERIOD: Final = re.compile(r"\b((?:19|20)\d\d)\s*[-–]\s*((?:19|20)\d\d)\b")
_TITLE: Final = re.compile(r"^programme de travail\b", re.IGNORECASE)
_SPECIES_HEAD: Final = re.compile(r"\bnom scientifique\b", re.IGNORECASE), re.compile(r"\bannexe", re.IGNORECASE)
_SPECIES_START: Final = re.compile(r"^(\d{1,3})\s+(\D.*)$")
_APPENDIX: Final = re.compile(
    r"\s+(?:Annexes?\s+(I{1,2}(?:\s*(?:et|&|/)\s*I{1,2})?)|(Non\s+répertoriée?s?))$", re.IGNORECASE
)
_APPENDIX_LINES: Final = 5
"""Lines over which an appendix can be spread ("Annexes", "I", "et", "II"), and the one before it."""
_LATIN: Final = re.compile(r"(?:^|\s)([A-Z][a-z]+(?:\s[a-z]+){1,2}|[A-Z][a-z]+\sspp?\.)$")
_STATES_HEAD: Final = re.compile(
    r"\b(?:(\d{1,3})\s+)?États de l’aire de répartition suivants\s*:\s*(.*)$", re.IGNORECASE
)
_LEGEND: Final = re.compile(r"\bparties\b", re.IGNORECASE), re.compile(r"\bmajuscules\b", re.IGNORECASE)


@dataclass(frozen=True)
class Preface:
    """`period` in years; species and states in the order of the source; `odd` is (line number, anomaly)."""

    period: tuple[int, int]
    species: tuple[Species, ...]
    range_states: tuple[RangeState, ...]
    odd: tuple[tuple[int, Anomaly], ...]


def read_preface(lines: list[Line], footnotes: dict[int, str], vocabulary: Vocabulary) -> Preface:
    """Reads `lines`, those before the first part. Raises NotAProgramme for a missing or unreadable piece."""
    odd: list[tuple[int, Anomaly]] = []
    period = _period(lines, odd)
    species = _species(lines, vocabulary, odd)
    states = _states(lines, footnotes, vocabulary, odd)
    return Preface(period, species, states, tuple(odd))


def _period(lines: list[Line], odd: list[tuple[int, Anomaly]]) -> tuple[int, int]:
    filled = [line for line in lines if line.text]
    periods: list[tuple[Line, tuple[int, int]]] = []
    for index, line in enumerate(filled):
        if not _TITLE.match(line.text):
            continue
        for following in filled[index : index + 3]:  # the period can stand on one of the title's next lines
            if found := _PERIOD.search(following.text):
                periods.append((following, (int(found[1]), int(found[2]))))
                break
    if not periods:
        first = filled[0] if filled else Line(1, "")
        raise NotAProgramme(first.number, first.text, "no title “Programme de travail” with a period follows")
    place, (start, end) = periods[0]
    if start > end:
        raise NotAProgramme(place.number, place.text, "the period ends before it starts")
    for line, other in periods[1:]:
        if other != (start, end):
            detail = f"the period is {other[0]}-{other[1]} here and {start}-{end} in the title"
            odd.append((line.number, Anomaly("differing_period", f"line {line.number}", detail)))
    return start, end


def _species(lines: list[Line], vocabulary: Vocabulary, odd: list[tuple[int, Anomaly]]) -> tuple[Species, ...]:
    start = next((index for index, line in enumerate(lines) if _in_turn(_SPECIES_HEAD, line.text)), None)
    if start is None:
        last = _last_filled(lines)
        raise NotAProgramme(last.number, last.text, "no table of species stands up to here")
    found: list[Species] = []
    row: list[Line] = []
    for line in lines[start + 1 :]:
        if _STATES_HEAD.search(line.text):
            break
        begins = _SPECIES_START.match(line.text)
        if row and (begins or not line.text):
            raise NotAProgramme(row[0].number, row[0].text, "this row of the table of species has no appendix")
        if begins or (row and line.text):
            row.append(line)
            if _APPENDIX.search(join([one.text for one in row[-_APPENDIX_LINES:]])):
                found.append(_one_species(row, len(found) + 1, vocabulary, odd))
                row = []
    if not found:
        raise NotAProgramme(lines[start].number, lines[start].text, "the table of species is empty")
    return tuple(found)


def _one_species(row: list[Line], expected: int, vocabulary: Vocabulary, odd: list[tuple[int, Anomaly]]) -> Species:
    place = row[0].number
    words = join([line.text for line in row])
    begins, ends = _SPECIES_START.match(words), _APPENDIX.search(words)
    latin = _LATIN.search(words[: ends.start()]) if ends else None
    if not begins or not ends or not latin:
        raise NotAProgramme(place, words, "this row of the table of species has no scientific name")
    number, name = int(begins[1]), words[begins.start(2) : latin.start()].strip()
    if number != expected or not name:
        raise NotAProgramme(place, words, f"species {expected} was expected in this row")
    scientific = latin[1]
    code = vocabulary.species_by_scientific_name(scientific)
    if code is None and (close := vocabulary.scientific_name_like(scientific)):
        detail = f"{scientific!r} is printed for {close!r}"
        odd.append((place, Anomaly("misspelt_scientific_name", f"species {number}", detail)))
        scientific, code = close, vocabulary.species_by_scientific_name(close)
    code = code or code_of(scientific)
    usual = vocabulary.french_name(code)
    if usual and vocabulary.species_names.get(key(name)) != code:
        detail = f"{scientific} is called {name!r}, which is not its name: {usual!r}"
        odd.append((place, Anomaly("misnamed_species", f"species {number}", detail)))
        name = usual
    appendix = "/".join(re.findall(r"\bI{1,2}\b", ends[1].upper())) if ends[1] else None
    vocabulary.species_names.setdefault(key(name), code)
    return Species(code, name, scientific, appendix)


def _states(
    lines: list[Line], footnotes: dict[int, str], vocabulary: Vocabulary, odd: list[tuple[int, Anomaly]]
) -> tuple[RangeState, ...]:
    head, opening = _states_head(lines)
    if opening is None:
        last = _last_filled(lines)
        raise NotAProgramme(last.number, last.text, "no list of range states stands up to here")
    row = [opening[2]] if opening[2] else []
    for line in lines[head + 1 :]:
        if row and (row[-1].endswith(".") or not line.text):
            break
        if line.text:
            row.append(line.text)
    place = lines[head].number
    found: list[RangeState] = []
    for name in re.split(r",\s*(?:et\s+)?|\s+et\s+(?=[A-ZÀ-Ý])", join(row).rstrip(".")):
        state = vocabulary.state(name)
        if state is None:
            raise NotAProgramme(place, lines[head].text, f"{name!r} is not the name of a known state")
        found.append(RangeState(*state, party=bool(re.search(r"\b[A-ZÀ-Ý]{3,}\b", name))))
    where = f"line {place}"
    if opening[1] and int(opening[1]) != len(found):
        detail = f"{opening[1]} range states are announced, {len(found)} are listed"
        odd.append((place, Anomaly("differing_count", where, detail)))
    legend = [*footnotes.values(), *(line.text for line in lines)]
    if not any(_in_turn(_LEGEND, text) for text in legend):
        odd.append((place, Anomaly("missing_legend", where, "nothing says that Parties stand in capitals")))
    return tuple(found)


def _states_head(lines: list[Line]) -> tuple[int, re.Match[str] | None]:
    """(index of the line on which it ends, match) of the sentence that opens the list; it can take two lines."""
    for index, line in enumerate(lines):
        if found := _STATES_HEAD.search(line.text):
            return index, found
        if index + 1 < len(lines) and (found := _STATES_HEAD.search(f"{line.text} {lines[index + 1].text}")):
            return index + 1, found
    return 0, None


def _in_turn(patterns: tuple[re.Pattern[str], re.Pattern[str]], text: str) -> bool:
    """Whether the second one is found after the first; each is looked for once, however often the first one stands."""
    first = patterns[0].search(text)
    return first is not None and patterns[1].search(text, first.end()) is not None


def _last_filled(lines: list[Line]) -> Line:
    return next((line for line in reversed(lines) if line.text), lines[-1])
