"""The words of a Programme and what they stand for: priorities, parties, species, states. Data: spellings.json."""

import json
import re
import unicodedata
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any, Final

_WORDS_LEFT_OUT: Final = frozenset(
    ("a", "au", "aux", "d", "de", "des", "du", "en", "et", "l", "la", "le", "les", "pour")
)
_RANK: Final = {"high": 0, "medium": 1, "low": 2}
_SPAN: Final = {
    ("high",): "high", ("high", "medium"): "high_medium", ("medium",): "medium",
    ("low", "medium"): "medium_low", ("low",): "low",
}  # fmt: skip
_ENDS: Final = {
    "high": {"high"}, "high_medium": {"high", "medium"}, "medium": {"medium"},
    "medium_low": {"medium", "low"}, "low": {"low"},
}  # fmt: skip


@dataclass(frozen=True)
class Priority:
    """A priority cell: `code` (None where no code spans it), per sub-item letter, and whether the lower came first."""

    code: str | None
    sub_items: tuple[tuple[str, str], ...] = ()
    reversed: bool = False


def key(text: str) -> str:
    """`text` as it is compared: one case, one apostrophe, single spaces, no point at its end."""
    plain = unicodedata.normalize("NFC", text).replace("'", "’").casefold()
    return " ".join(plain.split()).strip(" .;:")


def close_name(name: str, names: list[str]) -> str | None:
    """The one of `names` of which `name` is a misspelling (spaces do not count), or None."""
    plain = {key(one).replace(" ", ""): one for one in names}
    close = get_close_matches(key(name).replace(" ", ""), plain, n=1, cutoff=0.85)
    return plain[close[0]] if close else None


def code_of(words: str) -> str:
    """A code made of `words`: ASCII snake_case without articles. "unnamed" where nothing is left."""
    plain = words.casefold().replace("œ", "oe").replace("æ", "ae")
    plain = "".join(sign for sign in unicodedata.normalize("NFD", plain) if not unicodedata.combining(sign))
    found = [word for word in re.findall(r"[a-z0-9]+", plain) if word not in _WORDS_LEFT_OUT]
    return "_".join(found) or "unnamed"


def span(codes: list[str]) -> str | None:
    """The code that spans all of `codes`, for instance high_medium of high and medium; None where there is none."""
    ends: set[str] = set()
    for code in codes:
        ends |= _ENDS[code]
    return _SPAN.get(tuple(sorted(ends)))


class Vocabulary:
    """What the data knows, ready to be looked up. One programme may teach a copy its own abbreviations."""

    def __init__(self, data: dict[str, Any]) -> None:
        """`data` has the shape of spellings.json. Raises KeyError where a part of it is missing."""
        self._levels: dict[str, str] = {key(word): level for word, level in data["priorities"].items()}
        self.parties: dict[str, str] = {}
        for code, party in data["parties"].items():
            self.parties.update({key(spelling): code for spelling in party["spellings"]})
        self.role_phrases: list[str] = [key(phrase) for phrase in data["role_phrases"]]
        joining = [rf"\s{re.escape(key(phrase))}\s" for phrase in data["joining_phrases"]]
        self.joints: list[re.Pattern[str]] = [re.compile(joint, re.IGNORECASE) for joint in [*joining, "/"]]
        self.qualifiers: list[str] = [key(phrase) for phrase in data["qualifiers"]]
        self._before = tuple(f"{phrase} " for phrase in self.qualifiers)
        self._behind = tuple(f" {phrase}" for phrase in self.qualifiers)
        self.unconfirmed_marks: list[str] = [key(mark) for mark in data["unconfirmed_marks"]]
        self.example_marks: list[str] = [key(mark) for mark in data["example_marks"]]
        self.unclear_parties: dict[str, str] = data["unclear_parties"]
        self.ambiguous_terms: dict[str, str] = data["ambiguous_terms"]
        self.species_names: dict[str, str] = {}
        self._scientific: dict[str, str] = {}
        self._latin: list[str] = []
        self._french: dict[str, str] = {}
        for code, species in data["species"].items():
            self._scientific[key(species["scientific_name"])] = code
            self._scientific.update({key(name): code for name in species.get("synonyms", ())})
            self._latin.append(species["scientific_name"])
            self._french[code] = species["names"][0]
            self.species_names.update({key(name): code for name in species["names"]})
        self._states: dict[str, tuple[str, str, str]] = {}
        for iso3, state in data["states"].items():
            found = (state["iso2"], iso3, state["names"][0])
            self._states.update({key(name): found for name in state["names"]})
        level = "|".join(sorted(map(re.escape, self._levels), key=len, reverse=True))
        self._combo = rf"(?:{level})(?:\s*(?:/|-|–|à|et)\s*(?:{level}))*"
        letters = r"\(\s*[a-z](?:\s*(?:,|;|et|-|–)\s*[a-z])*\s*\)"
        self._per_item = re.compile(rf"({self._combo})\s*({letters})[\s,;/]*", re.IGNORECASE)
        self._plain = re.compile(self._combo, re.IGNORECASE)
        backwards = "|".join(sorted((re.escape(word[::-1]) for word in self._levels), key=len))
        more = rf"(?:\s*(?:/|-|–|à|te)\s*(?:{backwards}))*?"
        self._from_end = re.compile(rf"(?P<priority>(?:{backwards}){more})(?P<gap>\s+)\S", re.IGNORECASE)
        self._opening = re.compile(rf"^(?P<head>.*\S\s+|)(?P<opening>(?:{level})\s*[/–-])$", re.IGNORECASE)

    def priority(self, text: str, any_case: bool = False) -> Priority | None:
        """The priority that `text` is as a whole ("Haute/Moyenne", "Haute (a,b,c) Moyenne (d)"), or None.

        Unless `any_case` is set it must start with a capital.
        """
        text = text.strip()
        if not (any_case or text[:1].isupper()):
            return None
        if self._plain.fullmatch(text):
            return self._combined(text)
        per_item: list[tuple[str, str]] = []
        position = 0
        while position < len(text):
            found = self._per_item.match(text, position)
            code = self._combined(found[1]).code if found else None
            if found is None or code is None:
                return None
            per_item += [(letter, code) for letter in _letters(found[2])]
            position = found.end()
        return Priority(span([code for _, code in per_item]), tuple(per_item)) if per_item else None

    def priority_at_end(self, text: str) -> tuple[str, str] | None:
        """(what stands before it, the priority) of a line that ends with a priority, or None."""
        found = self._from_end.match(text[::-1])
        if not found or not found["priority"][-1].isupper():
            return None
        return text[: -found.end("gap")], found["priority"][::-1]

    def priority_opening(self, text: str) -> tuple[str, str] | None:
        """(what stands before it if anything, "Haute/") of a line at whose end a priority only begins, or None."""
        found = self._opening.match(text)
        return (found["head"].strip(), found["opening"]) if found and found["opening"][0].isupper() else None

    def qualified(self, plain: str) -> bool:
        """Whether words that only qualify open or end `plain`, a key."""
        return plain.startswith(self._before) or plain.endswith(self._behind)

    def starts_party(self, words: str) -> bool:
        """Whether known parties are spelled with `words` and then more."""
        return any(spelling.startswith(f"{key(words)} ") for spelling in self.parties)

    def species_by_scientific_name(self, name: str) -> str | None:
        """The code of the species of that scientific name, or None."""
        return self._scientific.get(key(name))

    def scientific_name_like(self, name: str) -> str | None:
        """The scientific name of which `name` is a misspelling, or None."""
        return close_name(name, self._latin)

    def french_name(self, code: str) -> str | None:
        """The usual French name of a species by its code, or None."""
        return self._french.get(code)

    def state(self, name: str) -> tuple[str, str, str] | None:
        """(ISO 3166 alpha-2, alpha-3, French name) of the state of that French name, or None."""
        return self._states.get(key(name))

    def _combined(self, text: str) -> Priority:
        parts = [part for part in re.split(r"\s*(?:/|-|–)\s*|\s+(?:à|et)\s+", text) if part]
        codes = [self._levels[key(part)] for part in parts]
        ranks = [_RANK[code] for code in codes]
        return Priority(span(codes), reversed=ranks != sorted(ranks))


def _letters(text: str) -> list[str]:
    """Letters of "(a,b,c)" or "(a-c)", in order."""
    letters: list[str] = []
    for found in re.finditer(r"\b([a-z])\b(?:\s*[-–]\s*\b([a-z])\b)?", text):
        last = found[2] or found[1]
        letters += [chr(sign) for sign in range(ord(found[1]), ord(last) + 1)]
    return letters


@cache
def shipped_data() -> dict[str, Any]:
    """The content of spellings.json."""
    content: dict[str, Any] = json.loads((files(__package__) / "spellings.json").read_text(encoding="utf-8"))
    return content


def shipped() -> Vocabulary:
    """A new vocabulary of the shipped data."""
    return Vocabulary(shipped_data())


def broader_party(code: str) -> str | None:
    """The wider party that `code` belongs to ("ngos" of "national_ngos"), or None. For filters."""
    party: dict[str, Any] = shipped_data()["parties"].get(code, {})
    return party.get("broader")
