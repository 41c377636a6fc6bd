"""What a row's text says besides its wording: its sub-items and its references to other actions and sections."""

import re
from collections.abc import Iterator
from typing import Final

from services.projects.programme.lines import Line

_ROMAN: Final = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv", "xv")
_LETTER: Final = re.compile(r"^([a-z])\)\s")
_NUMERAL: Final = re.compile(r"^([ivx]+)[.)]\s")
_BULLET: Final = re.compile(r"^[•▪‣◦]\s")
_IN_LINE: Final = re.compile(r"(?<=[;:,.])\s+(?:et\s+|ou\s+)?([a-z])\)\s")

_NUMBER: Final = r"\d{1,3}(?:\.\d{1,3})*\b"
_NOUN: Final = r"(?:points?|sections?|actions?|activités?|mesures?)"
_LIST: Final = (
    rf"(?:{_NOUN}\s+)?{_NUMBER}(?:(?:\s*[.,;]?\s*(?:et|ou|à)\s+|\s*[,;]\s*|\s*[-–]\s*)"
    rf"(?:aux?\s+|les?\s+|la\s+|l’)?(?:{_NOUN}\s+)?{_NUMBER})*"
)
_SEEN: Final = re.compile(rf"\bvoir\s+(?:aussi\s+|également\s+)?(?:aux?\s+|les?\s+|la\s+|l’)?({_LIST})", re.IGNORECASE)
_NAMED: Final = re.compile(
    rf"\b({_NOUN}\s+{_NUMBER}(?:(?:\s*,\s*|\s+et\s+|\s+ou\s+|\s+à\s+){_NUMBER})*)", re.IGNORECASE
)
_ELSEWHERE: Final = re.compile(r"\.?\s*(?:du|de la|de l’|des|de)\s+(?!présente?s?\b)")
_PIECE: Final = re.compile(rf"(?P<noun>{_NOUN})|(?P<number>{_NUMBER})|(?P<range>\s+à\s+|[-–])", re.IGNORECASE)


def sub_items(lines: tuple[Line, ...]) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """(sub-items in order, (anomaly code, detail)) of a text.

    Letters are given as printed, numerals and bullets inside a letter as "a.i" and "a.1", bullets without a letter
    as "1", "2". A letter that is not the next one is kept and reported.
    """
    found: list[str] = []
    oddities: list[tuple[str, str]] = []
    letter, numeral, bullet = "", 0, 0
    for line in lines:
        inside = f"{letter}." if letter else ""
        expected = chr(ord(letter) + 1) if letter else "a"
        if (
            (mark := _NUMERAL.match(line.text))
            and mark[1] == _ROMAN[min(numeral, len(_ROMAN) - 1)]
            and not (line.text[len(mark[1])] == ")" and mark[1] == expected)
        ):
            found.append(f"{inside}{mark[1]}")
            numeral += 1
        elif mark := _LETTER.match(line.text):
            if mark[1] != expected:
                detail = f"{mark[1]}) where {expected}) was expected, at line {line.number}"
                oddities.append(("sub_item_out_of_order", detail))
            letter, numeral, bullet = mark[1], 0, 0
            found.append(letter)
        elif _BULLET.match(line.text):
            bullet += 1
            found.append(f"{inside}{bullet}")
        for mark in _IN_LINE.finditer(line.text):
            if mark[1] == (chr(ord(letter) + 1) if letter else "a"):
                letter, numeral, bullet = mark[1], 0, 0
                found.append(letter)
    return tuple(found), tuple(oddities)


def references(text: str) -> tuple[str, ...]:
    """Numbers of the actions ("7.5") and sections ("5") that `text` refers to, each once, in its order.

    A reference needs "voir" or a noun ("au point 3.1", "la section 5"). One to another document ("action 3.1.10 du
    Plan d'action") is none; a whole number counts after "voir" or "section" only. "5.1 à 5.3" is written out.
    """
    places = [(found.start(1), found[1], True) for found in _SEEN.finditer(text) if _here(text, found.end(1))]
    places += [(found.start(1), found[1], False) for found in _NAMED.finditer(text) if _here(text, found.end(1))]
    numbers: dict[str, None] = {}
    for _, words, seen in sorted(places):
        numbers.update(dict.fromkeys(_numbers(words, seen)))
    return tuple(numbers)


def _here(text: str, end: int) -> bool:
    return not _ELSEWHERE.match(text, end)


def _numbers(words: str, seen: bool) -> Iterator[str]:
    noun, last, spread = "", "", False
    for piece in _PIECE.finditer(words):
        if piece["noun"]:
            noun = piece["noun"].casefold()
        elif piece["range"]:
            spread = True
        else:
            number = piece["number"]
            if number.count(".") > 1 or ("." not in number and not (seen or noun.startswith("section"))):
                continue
            if spread and last.partition(".")[0] == number.partition(".")[0] and "." in number and "." in last:
                section, _, start = last.partition(".")
                yield from (f"{section}.{n}" for n in range(int(start) + 1, int(number.partition(".")[2])))
            yield number
            last, spread = number, False
