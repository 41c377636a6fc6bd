"""From the raw text to numbered lines: page headers, page numbers, form feeds and footnotes taken out.

The text came out of a PDF. A page starts with a form feed, or with the single space that a converter left in its
place; a footnote stands at the foot of its page, and its digit is glued to the word it explains.
"""

import re
import unicodedata
from dataclasses import dataclass, replace
from typing import Final

from services.projects.programme.model import NotAProgramme

LONGEST: Final = 2_000_000
"""Characters of the longest text that is read at all; the Programme for 2021-2026 has 92,000."""

QUOTE_FROM: Final = 10_000
"""Characters from the start in which the first line is looked for when a text is refused as a whole."""

_HEADER: Final = re.compile(
    r"^UNEP/CMS/R[ée]solution\s+[\d.]+\s*(\([^)]*\))?\s*(/\s*Annexe\b.*)?(\s+\d{1,3})?$", re.IGNORECASE
)
_PAGE_NUMBER: Final = re.compile(r"^\d{1,3}$")
_GLUED: Final = re.compile(r"(?<=[a-zà-öø-ÿ)])(\d{1,2})(?=[\s):;,.]|$)")
_FOOTNOTE: Final = re.compile(r"^(\d{1,2})\s+(\S.*)$")
_TABLE_ROW: Final = re.compile(r"(Annexes?\s+I\b|Annexes?\s+II\b|Non\s+répertorié)", re.IGNORECASE)
_LED_BY_SPACE: Final = re.compile(r" \S")
_UNREADABLE: Final = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufffd\ud800-\udfff]")


@dataclass(frozen=True)
class Line:
    """A line of the source: its number from 1, its text without surrounding space, whether a page starts with it."""

    number: int
    text: str
    page_start: bool = False


@dataclass(frozen=True)
class CleanText:
    """Lines (blank ones kept, for they part the cells), footnotes by number, and (line number, footnote) glued."""

    lines: tuple[Line, ...]
    footnotes: dict[int, str]
    glued: tuple[tuple[int, int], ...]


def clean(text: str) -> CleanText:
    """The lines of `text` without what a page adds to them.

    Raises NotAProgramme for an empty text, one longer than LONGEST characters, or one with unreadable characters.
    """
    first = next((row for row in text[:QUOTE_FROM].split("\n") if row.strip()), "")
    if len(text) > LONGEST:
        raise NotAProgramme(1, first, f"the text is longer than {LONGEST} characters")
    if not text.strip():
        raise NotAProgramme(1, first, "the text is empty")
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    if found := _UNREADABLE.search(text):
        number = text.count("\n", 0, found.start()) + 1
        raise NotAProgramme(number, text.split("\n")[number - 1], "the line holds characters that are no text")
    return _without_footnotes(_without_headers(_numbered(text)))


def join(texts: list[str]) -> str:
    """One string of several lines: no space after a hyphen or a slash at a line's end, single spaces elsewhere."""
    joined = ""
    for text in texts:
        glue = "" if not joined or joined[-1] in "-/" else " "
        joined += glue + text
    return re.sub(r"\s+", " ", joined).strip()


def _numbered(text: str) -> list[Line]:
    raw = text.split("\n")
    led = sum(1 for row in raw if _LED_BY_SPACE.match(row))
    filled = sum(1 for row in raw if row.strip())
    space_marks = led * 10 <= filled  # a text indented throughout says nothing of its pages
    lines = []
    feed = False
    for number, row in enumerate(raw, start=1):
        feed = feed or "\f" in row
        content = " ".join(row.split()).replace("'", "’")
        start = bool(content) and (feed or (space_marks and bool(_LED_BY_SPACE.match(row))))
        lines.append(Line(number, content, start))
        feed = feed and not content
    return lines


def _without_headers(lines: list[Line]) -> list[Line]:
    """Headers and page numbers become blank lines; the next line that says something starts a page."""
    kept: list[Line] = []
    page = False
    for index, line in enumerate(lines):
        if not line.text:
            kept.append(line)
        elif _HEADER.match(line.text) or (_PAGE_NUMBER.match(line.text) and _at_edge(lines, index)):
            page = True
            kept.append(Line(line.number, ""))
        else:
            kept.append(replace(line, page_start=True) if page else line)
            page = False
    return kept


def _at_edge(lines: list[Line], index: int) -> bool:
    """Whether `lines[index]` stands first, last, or beside a blank line or a header."""
    beside = [lines[near].text for near in (index - 1, index + 1) if 0 <= near < len(lines)]
    return len(beside) < 2 or any(not text or _HEADER.match(text) for text in beside)


def _without_footnotes(lines: list[Line]) -> CleanText:
    """Takes the footnotes out, and their digits off the words that carry them."""
    kept = list(lines)
    footnotes: dict[int, list[str]] = {}
    glued: list[tuple[int, int]] = []
    waiting: dict[int, int] = {}
    current = 0
    for index, line in enumerate(lines):
        if not line.text:
            current = 0
            continue
        inside = current > 0 and not line.page_start
        found = _FOOTNOTE.match(line.text)
        opening = inside or (index > 0 and not lines[index - 1].text)
        if found and opening and int(found[1]) in waiting and not _TABLE_ROW.search(line.text):
            current = int(found[1])
            footnotes[current] = [found[2]]
            kept[index] = replace(line, text="")
            carrier = waiting.pop(current)
            glued.append((kept[carrier].number, current))
            kept[carrier] = replace(kept[carrier], text=_unglued(kept[carrier].text, current))
            continue
        if inside:
            footnotes[current].append(line.text)
            kept[index] = replace(line, text="")
            continue
        current = 0
        for mark in _GLUED.finditer(line.text):
            waiting[int(mark[1])] = index
    whole = {number: join(texts) for number, texts in footnotes.items()}
    return CleanText(tuple(kept), whole, tuple(sorted(glued)))


def _unglued(text: str, footnote: int) -> str:
    return _GLUED.sub(lambda mark: "" if int(mark[1]) == footnote else mark[0], text)
