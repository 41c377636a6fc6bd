"""Reading a cell of responsible parties: which parties it names, how each is spelled, what else it says of them."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from services.projects.programme.vocabulary import Vocabulary, code_of, key

_LONGEST_NAME: Final = 300
"""Characters from which an item is no longer searched for the names of parties."""
_NOTE: Final = re.compile(r"\s*\(([^()]*)\)")
_ABBREVIATION: Final = re.compile(r"^[A-Z][A-Za-z-]*[A-Z][A-Za-z]*$|^[A-Z]{2,}$")


@dataclass(frozen=True)
class Mention:
    """A party as one cell names it.

    `spelling` is the words that stood for it, without what only qualifies them; `first` whether they open the cell;
    `introduces` the abbreviation in brackets after them, or "".
    """

    code: str
    spelling: str
    known: bool = True
    unconfirmed: bool = False
    first: bool = False
    introduces: str = ""


Found: TypeAlias = tuple[list[Mention], list[tuple[str, str]]]
"""Parties in their order, never none, and (anomaly code, detail) of what was odd about them."""


@dataclass(frozen=True)
class Reading:
    """A cell: its mentions as printed, and (anomaly code, detail) of what was odd."""

    mentions: tuple[Mention, ...]
    oddities: tuple[tuple[str, str], ...]

    @property
    def known(self) -> bool:
        """Whether there is a party and the vocabulary knows all of them."""
        return bool(self.mentions) and all(mention.known for mention in self.mentions)


def read_parties(text: str, vocabulary: Vocabulary) -> Reading:
    """The parties of the cell `text`, in its order. Never fails: an unknown party gets a code made of its words."""
    mentions: list[Mention] = []
    oddities: list[tuple[str, str]] = []
    for item in _items(text):
        bare, unconfirmed, abbreviation, example = _without_notes(item, vocabulary)
        if not bare:
            continue
        if example:
            oddities.append(("party_with_example", f"{example!r} is taken as an example of {bare!r}, not as a party"))
        found, odd = _resolve(bare, vocabulary)
        if not found[0].known and mentions:  # "ONG locales, nationales et internationales"
            found, odd = _with_noun_of(mentions[-1].spelling, bare, vocabulary) or (found, odd)
        if abbreviation:
            found = [replace(found[0], introduces=abbreviation), *found[1:]]
        oddities += odd
        opens = not mentions
        mentions += [replace(one, unconfirmed=unconfirmed, first=opens) for one in found]
    for mention in mentions:
        if not mention.known:
            oddities.append(("unknown_party", f"{mention.spelling!r} is not in the vocabulary: {mention.code}"))
        elif mention.code in vocabulary.unclear_parties:
            why = vocabulary.unclear_parties[mention.code]
            oddities.append(("unclear_party", f"{mention.spelling!r}: {why}"))
    counted = Counter(mention.code for mention in mentions)
    oddities += [("duplicate_party", f"{code} is named {n} times") for code, n in counted.items() if n > 1]
    return Reading(tuple(mentions), tuple(oddities))


def learn_abbreviations(cells: list[str], vocabulary: Vocabulary) -> None:
    """Teaches `vocabulary` the abbreviations that the cells introduce: "Groupe international Takhi (ITG)"."""
    for cell in cells:
        for item in _items(cell):
            bare, _, abbreviation, _ = _without_notes(item, vocabulary)
            if abbreviation and key(abbreviation) not in vocabulary.parties:
                code = _resolve(bare, vocabulary)[0][0].code
                vocabulary.parties[key(abbreviation)] = code


def inconsistent_spellings(cells: list[tuple[str, Reading]]) -> Iterator[tuple[str, str]]:
    """(where, detail) of each mention that is spelled unlike the commonest spelling of its party.

    `cells` are (where, reading) of the whole programme. A capital at the start of a cell is no difference; a name
    and the abbreviation that it introduces are one spelling. Of equally common spellings the earlier one counts.
    """
    own: dict[str, list[Mention]] = {}
    introduced: dict[str, set[str]] = {}
    for _, reading in cells:
        for mention in reading.mentions:
            own.setdefault(mention.code, []).append(mention)
            if mention.introduces:
                introduced.setdefault(mention.code, set()).update({key(mention.spelling), key(mention.introduces)})
    usual: dict[str, str] = {}
    for code, mentions in own.items():
        commonest = _commonest([key(one.spelling) for one in mentions])
        alike = [one for one in mentions if key(one.spelling) == commonest]
        usual[code] = _commonest([one.spelling for one in alike if not one.first] or [alike[0].spelling])
    for where, reading in cells:
        for mention in reading.mentions:
            best = usual[mention.code]
            differs = key(mention.spelling) != key(best)
            pair = introduced.get(mention.code, set())
            capital = not differs and not mention.first and mention.spelling != best
            if (differs and not {key(mention.spelling), key(best)} <= pair) or capital:
                yield where, f"{mention.spelling!r}, elsewhere {best!r} ({mention.code})"


def _commonest(words: list[str]) -> str:
    return Counter(words).most_common(1)[0][0]


def _items(text: str) -> list[str]:
    """The cell split at commas and semicolons that stand outside brackets."""
    items, depth, start = [], 0, 0
    for position, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if sign in ",;" and depth <= 0:
            items.append(text[start:position])
            start = position + 1
    return [item.strip(" .") for item in [*items, text[start:]] if item.strip(" .")]


def _without_notes(item: str, vocabulary: Vocabulary) -> tuple[str, bool, str, str]:
    """(the item without its notes, whether it is to be confirmed, abbreviation it introduces, example it gives)."""
    unconfirmed, abbreviation, example = False, "", ""
    if key(item) in vocabulary.parties:
        return item, unconfirmed, abbreviation, example
    notes: list[str] = []
    for note in _NOTE.finditer(item):
        content = note[1].strip()
        if key(content) in vocabulary.unconfirmed_marks:
            unconfirmed = True
        elif any(key(content).startswith(mark) for mark in vocabulary.example_marks):
            example = content
        elif _ABBREVIATION.match(content):
            abbreviation = content
        else:
            continue
        notes.append(note[0])
    return _without(item, notes), unconfirmed, abbreviation, example


def _without(item: str, notes: list[str]) -> str:
    """`item` without each place of these notes; a very long one is gone through once, however many there are."""
    if len(item) > _LONGEST_NAME:
        all_notes = set(notes)
        return _NOTE.sub(lambda note: "" if note[0] in all_notes else note[0], item).strip()
    for note in notes:
        item = item.replace(note, "")
    return item.strip()


def _resolve(item: str, vocabulary: Vocabulary) -> Found:
    """The parties of one item; what is not known stays one party with a code made of its words."""
    if len(item) > _LONGEST_NAME:
        return _unknown(item)
    plain = key(item)
    for phrase in vocabulary.role_phrases:
        if plain.startswith(phrase) and len(item) > len(phrase):
            return _resolve(item[len(phrase) :].strip(" :"), vocabulary)
    if known := _known(item, vocabulary):
        return known
    for found in _joints(item, vocabulary):  # one side is known: the other one is a party of its own
        left, right = item[: found.start()].strip(), item[found.end() :].strip()
        sides = _simple(left, vocabulary), _simple(right, vocabulary)
        if left and right and any(sides):
            first = sides[0] or _unknown(left)
            second = sides[1] or _unknown(right)
            return first[0] + second[0], first[1] + second[1]
    return _unknown(item)


def _unknown(item: str) -> Found:
    return [Mention(code_of(item), item, known=False)], []


def _known(item: str, vocabulary: Vocabulary) -> Found | None:
    """The parties of `item` if the vocabulary knows every one of them."""
    return _simple(item, vocabulary) or _joined(item, vocabulary) or _run_together(item, vocabulary)


def _simple(item: str, vocabulary: Vocabulary) -> Found | None:
    """The one party that `item` names, if it is known with or without qualifying words."""
    bare, plain = item, key(item)
    if code := vocabulary.parties.get(plain):
        return [Mention(code, item)], []
    while vocabulary.qualified(plain):
        for phrase in vocabulary.qualifiers:
            if plain.startswith(f"{phrase} "):
                bare = bare[len(phrase) :].strip()
                plain = key(bare)
            if plain.endswith(f" {phrase}"):
                bare = bare[: -len(phrase)].strip()
                plain = key(bare)
    if bare != item and (code := vocabulary.parties.get(plain)):
        return [Mention(code, bare)], [("qualified_party", f"{item!r} is taken as {code}")]
    return None


def _joints(item: str, vocabulary: Vocabulary) -> Iterator[re.Match[str]]:
    for joint in vocabulary.joints:
        yield from joint.finditer(item)


def _joined(item: str, vocabulary: Vocabulary) -> Found | None:
    """Known parties with "et" between them, or one noun with several adjectives ("ONG locales et nationales")."""
    for found in _joints(item, vocabulary):
        left, right = item[: found.start()].strip(), item[found.end() :].strip()
        first = _simple(left, vocabulary)
        if not first or not right:
            continue
        second = _known(right, vocabulary) or _with_noun_of(left, right, vocabulary)
        if second:
            return first[0] + second[0], first[1] + second[1]
    return None


def _with_noun_of(earlier: str, adjective: str, vocabulary: Vocabulary) -> Found | None:
    """The parties of "ONG internationales", from the earlier "ONG nationales" and the adjective by itself."""
    words = earlier[:_LONGEST_NAME].split()
    for kept in range(len(words) - 1, 0, -1):
        item = " ".join([*words[:kept], adjective])
        if len(item) <= _LONGEST_NAME and (found := _known(item, vocabulary)):
            return found
    return None


def _run_together(item: str, vocabulary: Vocabulary) -> Found | None:
    """Two known parties without a comma between them; the second one starts with a capital."""
    for found in re.finditer(r"\s(?=[A-ZÀ-Ý])", item):
        left = vocabulary.parties.get(key(item[: found.start()]))
        right = vocabulary.parties.get(key(item[found.end() :]))
        if left and right:
            mentions = [Mention(left, item[: found.start()]), Mention(right, item[found.end() :])]
            return mentions, [("missing_separator", f"no comma between the parties of {item!r}")]
    return None
