"""Telling the three cells of a row apart: text, responsible parties, priority.

The source has lost its columns. As a rule the cells follow one another with blank lines between; but the
responsible cell can start on the text's only line, the priority can stand at the end of the responsible cell or in
its middle, and after a page break the text or the responsible cell can go on after the priority.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from services.projects.programme.lines import Line, join
from services.projects.programme.model import NotAProgramme
from services.projects.programme.parties import read_parties
from services.projects.programme.vocabulary import Priority, Vocabulary

NARROW: Final = 48
"""Characters of the longest line that a responsible or a priority cell can have."""

LONGEST_CELL: Final = 40
"""Lines of the longest responsible cell."""

_SUB_ITEM: Final = re.compile(r"^([a-z]\)|[ivx]+\.|[•▪‣◦])\s")
_ENDS_WELL: Final = re.compile(r"[.;:!?)»”…]$")


@dataclass(frozen=True)
class Cells:
    """A row's cells. `text` is the lines of the first one; `responsible` is joined; `priority` None if missing.

    `oddities` are (anomaly code, detail); `unfinished` whether the responsible cell breaks off.
    """

    text: tuple[Line, ...]
    responsible: str
    priority: Priority | None
    oddities: tuple[tuple[str, str], ...]
    unfinished: bool = False


def split_cells(row: list[Line], vocabulary: Vocabulary) -> Cells:
    """The cells of one row, whose first line has lost its number; blank lines part its blocks.

    Raises NotAProgramme for a row that has neither priority nor known parties, two priorities, or lines after its
    priority that belong to no cell.
    """
    oddities: list[tuple[str, str]] = []
    priority, before, after = _take_priority(row, vocabulary, oddities)
    text, responsible, beside = _boundary(_blocks(before), vocabulary)
    if beside:
        oddities.append(("responsible_in_cell_to_its_left", "the responsible cell starts on a line of the text"))
    if priority is None:
        _need_known_parties(row, responsible, vocabulary)
    _share_out(_blocks(after), text, responsible, vocabulary, oddities)
    broken = [(line, "text") for line in text[1:]] + [(line, "responsible") for line in responsible]
    for line, cell in broken:
        if line.page_start and line.number != row[0].number:
            oddities.append(("page_break_in_cell", f"a page starts inside the {cell} cell, at line {line.number}"))
    unfinished = _unfinished(responsible, vocabulary)
    if unfinished:
        oddities.append(("unfinished_responsible", "the responsible cell breaks off"))
    return Cells(tuple(text), join([line.text for line in responsible]), priority, tuple(oddities), unfinished)


def _take_priority(
    row: list[Line], vocabulary: Vocabulary, oddities: list[tuple[str, str]]
) -> tuple[Priority | None, list[Line], list[Line]]:
    """(priority, lines before it, lines after it). A line that a priority shares keeps the rest of its text."""
    found: list[tuple[int, int, Priority]] = []
    last = max((index for index, line in enumerate(row) if line.text), default=-1)
    index = 0
    while index <= last:
        end, priority, split = _priority_lines(row, index, last, vocabulary)
        if priority:
            found.append((index, end, priority))
            if split:
                oddities.append(("word_split_at_line_end", f"the priority is split after line {row[end - 1].number}"))
        index = max(end, index) + 1
    if len(found) > 1:
        between = [line for line in row[found[0][1] + 1 : found[1][0]] if line.text]
        stray = bool(between) and not between[0].page_start and not _SUB_ITEM.match(between[0].text)
        odd = between[0] if stray else row[found[1][0]]
        reason = "this follows a priority and belongs to no action" if stray else "this row has a second priority"
        raise NotAProgramme(odd.number, odd.text, reason)
    if found:
        start, end, priority = found[0]
        before = list(row[:start])
        previous = max((index for index, line in enumerate(before) if line.text), default=-1)
        if previous >= 0 and (begun := vocabulary.priority_opening(before[previous].text)):
            whole = vocabulary.priority(f"{begun[1]}{row[start].text}")
            if whole:
                priority = whole
                before[previous] = replace(before[previous], text=begun[0])
        if before and before[-1].text:
            oddities.append(("priority_in_cell_to_its_left", "the priority follows the responsible cell without a gap"))
        return priority, before, row[end + 1 :]
    for index in range(last, -1, -1):
        shared = vocabulary.priority_at_end(row[index].text)
        if not shared or (index != last and not read_parties(shared[0], vocabulary).known):
            continue
        read = vocabulary.priority(shared[1])
        if read:
            oddities.append(("priority_in_cell_to_its_left", "the priority ends a line of the responsible cell"))
            return read, [*row[:index], replace(row[index], text=shared[0])], row[index + 1 :]
    return None, row, []


def _priority_lines(
    row: list[Line], start: int, last: int, vocabulary: Vocabulary
) -> tuple[int, Priority | None, bool]:
    """(last index, priority, whether a word was split) of the longest run of lines from `start` that is one.

    `last` is the index of the row's last line with any text.
    """
    best: tuple[int, Priority | None, bool] = (start, None, False)
    pieces: list[str] = []
    for index in range(start, min(start + 4, len(row))):
        if not row[index].text or len(row[index].text) > NARROW:
            break
        pieces.append(row[index].text)
        spaced, glued = " ".join(pieces), "".join(pieces)
        # inside a block only a capital shows that this is no wording
        own_cell = start == 0 or not row[start - 1].text or index == last
        if read := vocabulary.priority(spaced, any_case=own_cell):
            best = index, read, False
        elif read := vocabulary.priority(glued, any_case=own_cell):
            best = index, read, True
    return best


def _blocks(lines: list[Line]) -> list[list[Line]]:
    """Runs of lines without a blank one between them."""
    blocks: list[list[Line]] = [[]]
    for line in lines:
        if line.text:
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    return [block for block in blocks if block]


def _boundary(blocks: list[list[Line]], vocabulary: Vocabulary) -> tuple[list[Line], list[Line], bool]:
    """(text, responsible, whether the responsible cell starts on a line of the text) of what precedes a priority."""
    if not blocks:
        return [], [], False
    every = [line for block in blocks for line in block]
    apart = _last_blocks(blocks, vocabulary)
    apart_known = bool(apart) and _known(apart, vocabulary)
    if apart_known and _ENDS_WELL.search(every[-len(apart) - 1].text):
        return every[: -len(apart)], apart, False
    beside = list(_beside_text(blocks))
    for responsible in beside:
        if _known(responsible, vocabulary):
            return _text_before(every, responsible), responsible, True
    if apart_known:
        return every[: -len(apart)], apart, False
    if apart and not apart[-1].text.endswith("."):
        return every[: -len(apart)], apart, False
    likely = [responsible for responsible in beside if not responsible[-1].text.endswith(".")]
    if likely:
        return _text_before(every, likely[-1]), likely[-1], True
    return every, [], False


def _last_blocks(blocks: list[list[Line]], vocabulary: Vocabulary) -> list[Line]:
    """The narrow block at the end, with those before it that it goes on from; empty where there is none."""
    if len(blocks) < 2 or len(blocks[-1]) > LONGEST_CELL or not _all_narrow(blocks[-1]):
        return []
    taken = list(blocks[-1])
    for block in reversed(blocks[1:-1]):
        longer = block + taken
        if not _all_narrow(block) or len(longer) > LONGEST_CELL:
            break
        if not _known(longer, vocabulary) and (_known(taken, vocabulary) or not _unfinished(block, vocabulary)):
            break
        taken = longer
    return taken


def _beside_text(blocks: list[list[Line]]) -> Iterator[list[Line]]:
    """Responsible cells that could start within a block, after a sentence's end; the later ones last.

    Such a cell starts in the last block, or on the first line of the row; all lines that follow are narrow.
    """
    last = [line for block in blocks for line in block] if len(blocks[0]) == 1 else blocks[-1]
    if len(blocks[0]) == 1 and not _all_narrow(last[1:]):
        last = blocks[-1]
    for index in range(max(0, len(last) - LONGEST_CELL), len(last)):
        line, rest = last[index], last[index + 1 :]
        if not _all_narrow(rest):
            continue
        if index and _ENDS_WELL.search(last[index - 1].text) and len(line.text) <= NARROW:
            yield last[index:]
        for cut in re.finditer(r"(?<=[.!?)»])\s+(?=[A-ZÀ-Ý])", line.text):
            if len(line.text) - cut.end() <= NARROW:
                yield [replace(line, text=line.text[cut.end() :]), *rest]


def _text_before(every: list[Line], responsible: list[Line]) -> list[Line]:
    """The lines up to a responsible cell, which can start within the last one of them."""
    start = next(index for index, line in enumerate(every) if line.number == responsible[0].number)
    kept = every[start].text.removesuffix(responsible[0].text).strip()
    return [*every[:start], replace(every[start], text=kept)] if kept else every[:start]


def _need_known_parties(row: list[Line], responsible: list[Line], vocabulary: Vocabulary) -> None:
    """Without a priority a row is only believed if its last cell holds known parties and nothing else."""
    if responsible and _known(responsible, vocabulary):
        return
    filled = [line for line in row if line.text]
    odd = responsible[0] if responsible else filled[-1]
    reason = "this is neither a priority nor a cell of known parties, and its row has no priority"
    if not responsible:
        reason = "the row ends here without responsible parties and without a priority"
    raise NotAProgramme(odd.number, odd.text, reason)


def _share_out(
    blocks: list[list[Line]],
    text: list[Line],
    responsible: list[Line],
    vocabulary: Vocabulary,
    oddities: list[tuple[str, str]],
) -> None:
    """Gives the lines after a priority to the cell that they continue. Raises NotAProgramme for lines of no cell."""
    for index, block in enumerate(blocks):
        sub_item = bool(_SUB_ITEM.match(block[0].text))
        last = index == len(blocks) - 1 and not sub_item and _all_narrow(block)
        if last and (_unfinished(responsible, vocabulary) or _completes(responsible, block, vocabulary)):
            if index == 0:
                detail = f"the responsible cell goes on after the priority, at line {block[0].number}"
                oddities.append(("priority_in_cell_to_its_left", detail))
            responsible += block
            continue
        if index == 0 and not sub_item and not block[0].page_start:
            raise NotAProgramme(block[0].number, block[0].text, "this follows a priority and belongs to no action")
        if index == 0:
            code = "sub_item_after_priority" if sub_item else "text_after_priority"
            oddities.append((code, f"the text goes on after the priority, at line {block[0].number}"))
        text += block


def _known(lines: list[Line], vocabulary: Vocabulary) -> bool:
    return read_parties(join([line.text for line in lines]), vocabulary).known


def _all_narrow(lines: list[Line]) -> bool:
    return all(len(line.text) <= NARROW for line in lines)


def _completes(responsible: list[Line], block: list[Line], vocabulary: Vocabulary) -> bool:
    """Whether `block` makes a known party of one that was cut off."""
    before = read_parties(join([line.text for line in responsible]), vocabulary)
    after = read_parties(join([line.text for line in [*responsible, *block]]), vocabulary)
    return sum(not one.known for one in after.mentions) < sum(not one.known for one in before.mentions)


def _unfinished(lines: list[Line], vocabulary: Vocabulary) -> bool:
    """Whether a cell must go on: a comma, a hyphen or an open bracket at its end, or the start of a known party."""
    joined = join([line.text for line in lines])
    if not joined:
        return False
    if joined[-1] in ",-/" or joined.count("(") > joined.count(")"):
        return True
    last = read_parties(joined, vocabulary).mentions
    return bool(last) and not last[-1].known and vocabulary.starts_party(last[-1].spelling)
