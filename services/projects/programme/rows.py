"""Sharing the lines of the tables out among parts, headings of sections, and rows."""

import re
from dataclasses import dataclass, field, replace
from typing import Final

from services.projects.programme.headings import ACTION, PART, OpenSection, new_part, starts_section
from services.projects.programme.lines import Line
from services.projects.programme.model import Anomaly, NotAProgramme, Part

_LONGEST_TITLE: Final = 200
_SPEAKS_OF: Final = re.compile(r"\b(?:voir|points?|sections?|actions?)\b", re.IGNORECASE)
_CUTS_OFF: Final = re.compile(r"[^\w\s.,’]")
_WANTS_MORE: Final = re.compile(
    r"(?:\b(?:voir|aussi|également|points?|sections?|actions?|et|ou|à|la|les?)|,)$", re.IGNORECASE
)


@dataclass
class Row:
    """An action's lines, the first one without the number; `odd` is (anomaly code, detail)."""

    id: str
    number: str
    section: int
    lines: list[Line]
    odd: list[tuple[str, str]] = field(default_factory=list)

    @property
    def source_lines(self) -> tuple[int, int]:
        """Its first and its last line with any text, from 1."""
        return self.lines[0].number, max(line.number for line in self.lines if line.text)


@dataclass
class Tables:
    """Parts, headings and rows in the order of the source; `odd` is (line number, anomaly)."""

    parts: list[Part] = field(default_factory=list)
    headings: list[OpenSection] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    odd: list[tuple[int, Anomaly]] = field(default_factory=list)

    @property
    def last_section(self) -> int:
        """The number of the section that is open, 0 before the first one."""
        return self.headings[-1].number if self.headings else 0


def first_part(lines: list[Line]) -> int:
    """The index of the first part's heading, or the number of lines if there is none."""
    return next((index for index, line in enumerate(lines) if PART.match(line.text)), len(lines))


def gather(lines: list[Line], first: int) -> Tables:
    """The tables that start at `lines[first]`, a part's heading.

    Raises NotAProgramme for an action or a section whose number is out of place, a section without an action, a
    part without a section, and a line that belongs to none of them.
    """
    tables = Tables()
    counts: dict[str, int] = {}
    target: list[Line] | None = None
    before = Line(0, "")
    for index in range(first, len(lines)):
        line = lines[index]
        if not line.text:
            if target is not None:
                target.append(line)
            continue
        if part := new_part(line, len(tables.parts) + 1, tables.odd):
            _close(tables, line)
            tables.parts.append(part)
            target = None
        elif (number := starts_section(lines, index, tables.last_section)) is not None:
            target = _open_section(tables, number, line)
        elif ACTION.match(line.text) and not _goes_on(before.text):
            target = _open_row(tables, line, counts)
        elif target is not None:
            target.append(line)
        else:
            _continue_part(tables, line)
        before = line
    _close(tables, before)
    return tables


def _goes_on(before: str) -> bool:
    """Whether a number at the start of the next line belongs to a reference: "(voir 3.3 et", then "24.3)"."""
    if not _WANTS_MORE.search(before):
        return False
    start = max((found.end() for found in _CUTS_OFF.finditer(before)), default=0)
    return bool(_SPEAKS_OF.search(before, start))


def _close(tables: Tables, line: Line) -> None:
    """Ends a part at `line`: it must have a section, and its last section an action."""
    if tables.parts and (not tables.headings or tables.headings[-1].part != tables.parts[-1].number):
        raise NotAProgramme(line.number, line.text, f"part {tables.parts[-1].number} has no section up to here")
    _need_rows(tables, line)


def _need_rows(tables: Tables, line: Line) -> None:
    if tables.headings and (not tables.rows or tables.rows[-1].section != tables.last_section):
        raise NotAProgramme(line.number, line.text, f"section {tables.last_section} has no action up to here")


def _continue_part(tables: Tables, line: Line) -> None:
    """A part's title can go on on the next lines."""
    title = f"{tables.parts[-1].title} {line.text}"
    if len(title) > _LONGEST_TITLE or line.text[0].isdigit():
        raise NotAProgramme(line.number, line.text, "the heading of a section was expected after that of its part")
    tables.parts[-1] = replace(tables.parts[-1], title=title)


def _open_section(tables: Tables, number: int, line: Line) -> list[Line]:
    last = tables.last_section
    if number <= last:
        raise NotAProgramme(line.number, line.text, f"section {last + 1} was expected, not {number} once more")
    if number > last + 1:
        detail = f"section {number} follows section {last}"
        tables.odd.append((line.number, Anomaly("section_number_gap", f"section {number}", detail)))
    _need_rows(tables, line)
    tables.headings.append(OpenSection(number, tables.parts[-1].number, [line]))
    return tables.headings[-1].lines


def _open_row(tables: Tables, line: Line, counts: dict[str, int]) -> list[Line]:
    found = ACTION.match(line.text)
    if not tables.headings or tables.headings[-1].part != tables.parts[-1].number:
        raise NotAProgramme(line.number, line.text, "the heading of a section was expected before this action")
    if found is None or int(found[1]) != tables.last_section:
        reason = f"an action of section {tables.last_section} was expected"
        raise NotAProgramme(line.number, line.text, reason)
    number, printed = f"{int(found[1])}.{int(found[2])}", int(found[2])
    counts[number] = counts.get(number, 0) + 1
    again = counts[number] > 1
    last = tables.rows[-1] if tables.rows and tables.rows[-1].section == tables.last_section else None
    expected = int(last.number.partition(".")[2]) + 1 if last else 1
    row = Row(f"{number}-{counts[number]}" if again else number, number, int(found[1]), [])
    if again:
        row.odd.append(("duplicate_number", f"a further action is numbered {number}, at line {line.number}"))
    elif printed != expected:
        row.odd.append(("action_number_gap", f"{row.section}.{expected} was expected, at line {line.number}"))
    if found[3]:
        row.odd.append(("number_with_trailing_point", f"the number is printed as “{number}.”"))
    row.lines.append(replace(line, text=found[4]))
    tables.rows.append(row)
    return row.lines
