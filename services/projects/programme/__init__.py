"""The importer of the Programme of Work: from the resolution's text to facts. Pure, without database or framework.

`lines` takes the page furniture out, `preface` reads what opens the programme, `rows` and `headings` share out the
tables, `cells` tells a row's cells apart, `parties`, `wording` and `vocabulary` read them, `parser` assembles.
"""

from services.projects.programme.facts import facts_text, read_programme, write_facts
from services.projects.programme.model import (
    Action,
    Anomaly,
    NotAProgramme,
    Part,
    Programme,
    RangeState,
    Section,
    Species,
)
from services.projects.programme.parser import parse_programme
from services.projects.programme.vocabulary import broader_party

__all__ = [
    "Action",
    "Anomaly",
    "NotAProgramme",
    "Part",
    "Programme",
    "RangeState",
    "Section",
    "Species",
    "broader_party",
    "facts_text",
    "parse_programme",
    "read_programme",
    "write_facts",
]
