"""The shipped facts: a programme's source read once, and kept as JSON without its wording.

To make them anew, from the root of the repository:

    python -c "from pathlib import Path; from services.projects.programme import write_facts; \\
      write_facts(Path('SOURCE.txt'), Path('services/projects/data/programmes/cami-2021-2026/facts.json'))"
"""

import json
from pathlib import Path

from services.projects.programme.lines import LONGEST
from services.projects.programme.model import NotAProgramme, Programme
from services.projects.programme.parser import parse_programme


def read_programme(source: Path) -> Programme:
    """The Programme of Work in the UTF-8 file `source`. Raises OSError, and NotAProgramme for any other content."""
    with source.open("rb") as stream:
        raw = stream.read(4 * LONGEST + 1)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = raw.count(b"\n", 0, error.start) + 1
        line = raw.split(b"\n", number)[number - 1].decode("utf-8", "replace")
        raise NotAProgramme(number, line, "the line is not UTF-8 text") from error
    return parse_programme(text)


def facts_text(programme: Programme) -> str:
    """The JSON of `programme` as it is shipped, with a line feed at its end."""
    return json.dumps(programme.as_json(), indent=1, ensure_ascii=False) + "\n"


def write_facts(source: Path, target: Path) -> Programme:
    """Reads `source` and writes its facts to `target`, whose folder it makes. Writes nothing if it raises."""
    programme = read_programme(source)
    content = facts_text(programme)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(content, encoding="utf-8")
    return programme
