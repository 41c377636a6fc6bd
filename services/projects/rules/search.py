"""Finding actions by words of any language: how texts are laid down and how a query is compared with them. Pure.

Case, accents, ё and the sort of apostrophe or dash make no difference. A word of the query finds every word that starts
with it or, where it carries a common ending of Russian, English or French, with what is left without it: "барса" finds
"барс", "leopards" finds "leopard". All words of a query must be found. A number such as 31.5 finds that action alone, a
whole number such as 31 the actions of that section and those that speak of it.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

LONGEST: Final = 200
"""Characters of a query that are read."""
MOST_WORDS: Final = 12
"""Words of a query that are looked for."""

_NUMBER: Final = re.compile(r"\d{1,3}\.\d{1,3}(-\d{1,2})?")
_AROUND: Final = ".,;:()[]«»\"'"
_NO_SIGN: Final = str.maketrans("№#", "  ")
_SHORTEST_STEM: Final = 4
_BEFORE_A_NUMBER: Final = frozenset(
    {"action", "actions", "section", "sections", "мера", "меры", "деиствие", "раздел", "no", "n"}
)
# Normalised as the words are: й is и.
_CYRILLIC_ENDINGS: Final = (
    "иями", "ями", "ами", "ого", "его", "ому", "ему", "ыми", "ими", "иеи", "иях", "ях", "ах", "ов", "ев", "еи", "ои",
    "ыи", "ии", "ия", "ию", "ие", "ая", "яя", "ое", "ее", "ые", "ую", "юю", "ом", "ем", "ам", "ям", "ых", "их",
    "а", "я", "о", "е", "ы", "и", "у", "ю", "ь",
)  # fmt: skip
_LATIN_ENDINGS: Final = ("ies", "es", "s", "x", "y", "e")


@dataclass(frozen=True)
class Query:
    """What is looked for: stems that all must be there, and numbers of actions of which one must be met."""

    stems: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.stems or self.numbers)

    def finds(self, number: str, action_id: str, search: str) -> bool:
        """Whether the action of that number and id, with the words `search`, is meant."""
        if self.numbers and number not in self.numbers and action_id not in self.numbers:
            return False
        return all(stem in search for stem in self.stems)


def normalised(text: str) -> str:
    """`text` in lower case without accents and marks, its words apart by single spaces. й and ё become и and е."""
    plain = unicodedata.normalize("NFKD", text).casefold().replace("œ", "oe").replace("æ", "ae")
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return " ".join(re.findall(r"\w+", plain.replace("_", " ")))


def searchable(texts: Iterable[str]) -> str:
    """The words of `texts`, each once and each between spaces."""
    words = dict.fromkeys(word for text in texts for word in normalised(text).split())
    return f" {' '.join(words)} "


@lru_cache(maxsize=1024)
def read_query(text: str) -> Query:
    """The query that somebody typed. One without letters or digits looks for nothing."""
    numbers: list[str] = []
    rest: list[str] = []
    for word in unicodedata.normalize("NFC", text[:LONGEST]).translate(_NO_SIGN).split():
        bare = word.strip(_AROUND)
        if _NUMBER.fullmatch(bare):
            numbers.append(bare)
        else:
            rest.append(word)
    words = list(dict.fromkeys(normalised(" ".join(rest)).split()))
    if numbers or any(word.isdecimal() for word in words):
        words = [word for word in words if word not in _BEFORE_A_NUMBER]
    return Query(tuple(_stem(word) for word in words[:MOST_WORDS]), tuple(numbers))


def _stem(word: str) -> str:
    """What the words of a text are searched for: a beginning of a word, or a whole number."""
    if word.isdecimal():
        return f" {word} "
    endings = _CYRILLIC_ENDINGS if "а" <= word[-1] <= "я" else _LATIN_ENDINGS
    for ending in endings:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            return " " + word[: -len(ending)]
    return " " + word
