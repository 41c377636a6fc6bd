"""The look keeps its promises: contrast in both schemes, tokens that exist, bundles that are whole."""

import re
from itertools import product
from pathlib import Path

import pytest

from services.chassis.web.app import STATIC
from services.chassis.web.static import BUNDLES

TOKENS = (STATIC / "tokens.css").read_text(encoding="utf-8")
LIGHT, DARK = TOKENS.split("@media (prefers-color-scheme: dark)")
GROUNDS = ("paper", "sheet", "sunk")
TEXTS = ("ink", "ink-soft", "accent", "accent-deep", "due", "error")
PAIRS = [
    *product(TEXTS, GROUNDS), ("on-accent", "accent"), ("on-accent", "accent-deep"), ("ink", "accent-soft"),
    ("accent", "accent-soft"), ("ink", "due-soft"), ("due", "due-soft"), ("ink", "error-soft"),
    ("error", "error-soft"), *((f"on-step-{n}", f"step-{n}") for n in range(1, 6)),
]  # fmt: skip
EDGES = [("line-strong", "paper"), ("line-strong", "sheet"), ("focus", "paper"), ("due-mark", "paper")]


def colours(scheme: str) -> dict[str, str]:
    """Names of the tokens with their hexadecimal colours; the dark ones stand over the light ones."""
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", LIGHT))
    return found | dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", DARK)) if scheme == "dark" else found


def luminance(colour: str) -> float:
    """Relative luminance after WCAG 2.2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """Contrast ratio after WCAG 2.2."""
    dark, light = sorted((luminance(first), luminance(second)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_can_be_read(scheme: str, text: str, ground: str) -> None:
    found = colours(scheme)
    assert contrast(found[text], found[ground]) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("edge", "ground"), EDGES)
def test_edges_of_controls_can_be_seen(scheme: str, edge: str, ground: str) -> None:
    found = colours(scheme)
    assert contrast(found[edge], found[ground]) >= 3


@pytest.mark.parametrize("path", sorted(STATIC.rglob("*.css")), ids=lambda path: path.name)
def test_style_sheets_use_tokens_that_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    known = set(re.findall(r"--([\w-]+):", TOKENS))
    assert set(re.findall(r"var\(--([\w-]+)", text)) <= known
    assert "http" not in text, "nothing comes from another host"
    if path.name not in ("tokens.css", "print.css"):
        assert not re.findall(r"#[0-9a-f]{3,8}\b(?!-)", re.sub(r"/\*.*?\*/", "", text)), "colours are tokens"


def test_every_sheet_and_script_is_in_a_bundle() -> None:
    bundled = {part for parts in BUNDLES.values() for part in parts}
    files = {path.relative_to(STATIC).as_posix() for path in [*STATIC.rglob("*.css"), *STATIC.rglob("*.js")]}
    assert files == bundled
    assert sum(len((STATIC / part).read_text(encoding="utf-8").splitlines()) for part in BUNDLES["cami.js"]) < 320


def test_every_sign_that_is_used_is_drawn() -> None:
    drawn = set(re.findall(r'<symbol id="(\w+)"', (STATIC / "icons.svg").read_text(encoding="utf-8")))
    templates = STATIC.parents[1].rglob("templates/**/*.html")
    used = {name for path in templates for name in re.findall(r'icon\("(\w+)"\)', path.read_text(encoding="utf-8"))}
    assert used <= drawn
