"""The importer of a Programme of Work on long texts: `python -m tests.bench programme`.

Texts of 37,500 to 300,000 characters that are no Programme, and one that is: seconds of the processor, and how many
times that of the first the last one takes: eight times the text should take about eight times as long.
"""

import sys
import time
from contextlib import suppress
from typing import Any, Final

from services.projects.programme import NotAProgramme, parse_programme
from tests.unit.projects.programme_text import small_programme

SIZES: Final = (37_500, 75_000, 150_000, 300_000)
_CELL: Final = "1.1 Agir.\n\nONG nationales,\n\nHaute\n\n"
TEXTS: Final = {
    "blank_lines": ("1.1 Agir.\n", "\n"),
    "parties_apart": ("1.1 Agir.\n", "CMS,\n\n"),
    "narrow_lines": ("1.1 Agir.\n", "CMS\n"),
    "rows": ("", "1.1 Agir.\n\nCMS\n\nHaute\n\n"),
    "footnote": ("1.1 Agir mot1 ici.\n\n1 Une note\n", "mot\n"),
    "one_long_cell": (_CELL, "ONG et\n"),
}


def measure() -> dict[str, Any]:
    """Seconds for each size, by the kind of text."""
    found: dict[str, Any] = {"characters": list(SIZES)}
    for name, (start, unit) in TEXTS.items():
        seconds = [
            min(_seconds(small_programme(start) + unit * (size // len(unit))) for _ in range(3)) for size in SIZES
        ]
        found[name] = {"seconds": [round(one, 3) for one in seconds], "growth": round(seconds[-1] / seconds[0], 1)}
    print(f"programme: {found}", file=sys.stderr)
    return found


def _seconds(text: str) -> float:
    began = time.process_time()
    with suppress(NotAProgramme):
        parse_programme(text)
    return time.process_time() - began
