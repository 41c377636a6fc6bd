"""What the query string of a list page asks for. A value that is not offered is left out, and the page says so."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from starlette.datastructures import QueryParams

WORDS_LIMIT: Final = 200
_SHOWN: Final = 40


@dataclass
class Asked:
    """Filters of a list page, as read."""

    chosen: dict[str, list[str]] = field(default_factory=dict)
    words: str = ""
    page: int = 1
    ignored: list[str] = field(default_factory=list)
    """`name=value` of what was not understood."""

    def of(self, name: str) -> frozenset[str]:
        """The values chosen for a filter."""
        return frozenset(self.chosen.get(name, ()))

    def one(self, name: str, fallback: str) -> str:
        """The value chosen for a filter that takes one."""
        return self.chosen.get(name, [fallback])[0]

    @property
    def active(self) -> int:
        """How many filter values are in force, without the order."""
        return sum(len(values) for name, values in self.chosen.items() if name not in ("sort", "programme"))


def read(params: QueryParams, offered: Mapping[str, Collection[str]]) -> Asked:
    """Read the query string. `offered`: filter -> values that it takes; `q` and `page` are understood beside them."""
    asked = Asked()
    for name, value in params.multi_items():
        if name == "q":
            asked.words = " ".join(value.split())[:WORDS_LIMIT]
        elif name == "page":
            if value.isascii() and value.isdigit() and int(value[:9]) > 0:
                asked.page = int(value[:9])
            else:
                asked.ignored.append(_short(name, value))
        elif value == "":
            continue  # a form sends its empty fields too
        elif value in offered.get(name, ()):
            values = asked.chosen.setdefault(name, [])
            if value not in values:
                values.append(value)
        elif name in offered:
            asked.ignored.append(_short(name, value))
    return asked


def _short(name: str, value: str) -> str:
    printable = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in value)
    return f"{name}={printable[:_SHOWN]}"
