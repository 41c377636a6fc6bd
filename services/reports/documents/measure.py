"""How wide a text is and how many lines it takes, near enough to choose what fits before anything is laid out."""

from functools import cache
from typing import Final

_WIDTHS: Final = (
    (0.18, "'’\N{NARROW NO-BREAK SPACE}"), (0.27, "ijlJîï.,:;· \N{NO-BREAK SPACE}"), (0.33, "()-fI"),
    (0.38, "t“”/"), (0.44, "rг"), (0.49, "zcsçстзэ–"), (0.53, "vyFLkxГухк«»"),
    (0.57, "SaeETYZàâéèêëÉÈÊаеёяЕЁТ0123456789"), (0.60, "вдлXьЗХoPVôбоР"), (0.65, "bdgpqrhnuKRABCÀûùпКУцСЭийнАЬЯБВрч"),
    (0.71, "DGUЛПЪЧДъф"), (0.77, "жмНЦNИЙ"), (0.80, "OQыОwФ…"), (0.88, "%юЖЫ"), (0.94, "шщмMМWm"), (1.05, "ШЩЮœ—"),
)  # fmt: skip
"""Advance widths of Noto Sans in em, by groups of characters; rounded up a little."""


@cache
def _table() -> dict[str, float]:
    return {char: width for width, chars in reversed(_WIDTHS) for char in chars}


def width(text: str, size: float) -> float:
    """Width of `text` in points at a type size of `size` points."""
    table = _table()
    return size * sum(table.get(char, 0.65) for char in text)


def cut(text: str, column: float, size: float) -> str:
    """`text` on one line of `column` points, marked with an ellipsis where it was cut."""
    if width(text, size) <= column:
        return text
    while text and width(text, size) > column - size:
        text = text[:-1]
    return text.rstrip(" ,;:–—-") + "\N{HORIZONTAL ELLIPSIS}"


def lines(text: str, column: float, size: float) -> int:
    """Lines that `text` takes in a column of `column` points; none when it is empty. Words are not hyphenated."""
    count, used, space = 0, 0.0, width(" ", size)
    for word in text.split(" "):
        wide = width(word, size)
        if not wide:
            continue
        if count and used + space + wide <= column:
            used += space + wide
            continue
        count += 1 + int(wide // column)  # a word that is wider than the column is broken
        used = wide % column if wide > column else wide
    return count
