"""Colours of documents: the light scheme of the pages' own tokens, so that screen and paper speak one language."""

import re
from functools import cache
from importlib.resources import files
from typing import Final

_TOKENS: Final = {
    "ink": "ink", "muted": "ink-soft", "line": "line", "wash": "sunk", "accent": "accent",
    "accent-soft": "accent-soft", "ochre": "due", "ochre-mark": "due-mark", "ochre-soft": "due-soft", "red": "error",
}  # fmt: skip
"""Name in documents -> name of the token."""


@cache
def colours() -> dict[str, str]:
    """Name -> colour as #rrggbb. Raises KeyError when the style sheet of the pages lacks a token."""
    sheet = (files("services.chassis") / "static" / "tokens.css").read_text(encoding="utf-8")
    light = sheet.partition("@media")[0]
    tokens = dict(re.findall(r"--([\w-]+):\s*(#[0-9a-fA-F]{6});", light))
    return {name: tokens[token].lower() for name, token in _TOKENS.items()}


def mixed(first: str, second: str, part: float) -> str:
    """The colour (#rrggbb) that lies `part` (0 to 1) of the way from `first` to `second`."""
    ends = [[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for colour in (first, second)]
    return "#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in zip(*ends, strict=True))
