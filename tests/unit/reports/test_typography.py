"""Signs, spaces, paragraphs and measures."""

import re

import pytest

from services.reports.documents import charts, measure
from services.reports.documents.pictures import horizon
from services.reports.documents.typography import blocks, clip, polish


@pytest.mark.parametrize(
    ("language", "typed", "printed"),
    [
        ("en", "He said \"yes\" and 'no'.", "He said “yes” and ‘no’."),
        ("en", "rangers' huts, it's 2024-2026 - or so...", "rangers’ huts, it’s 2024–2026~– or so…"),
        ("en", "25 km from CAMI-2026-0042, on 2026-11-22", "25~km from CAMI-2026-0042, on 2026-11-22"),
        ("ru", 'Плато "Устюрт" - в степи и на юге', "Плато «Устюрт»~— в~степи и~на~юге"),
        ("fr", 'Le "plateau" : l\'eau ; qui ?', "Le «_plateau_»~: l’eau_; qui_?"),
        ("fr", "voir https://example.org", "voir https://example.org"),
    ],
)
def test_signs_are_those_of_the_language(language: str, typed: str, printed: str) -> None:
    """`~` stands for a no-break space, `_` for a narrow one."""
    assert polish(typed, language).replace("\xa0", "~").replace("\u202f", "_") == printed


@pytest.mark.parametrize("language", ["en", "ru", "fr"])
def test_polishing_twice_changes_nothing(language: str) -> None:
    once = polish('A "b" - c; d : e ? 5 km... и в на', language)
    assert polish(once, language) == once


def test_paragraphs_lists_and_numbers_are_told_apart() -> None:
    found = blocks("One\ntwo\n\n- a\n- b\n  goes on\n3. three\n4) four\nend\n\n\n", "en")
    assert [(b.kind, b.lines) for b in found] == [
        ("paragraph", (("", "One"), ("", "two"))),
        ("bullets", (("", "a"), ("", "b goes on"))),
        ("numbers", (("3.", "three"), ("4)", "four"))),
        ("paragraph", (("", "end"),)),
    ]


def test_an_empty_text_has_no_blocks() -> None:
    assert blocks(" \n\n ", "ru") == []


def test_a_cut_ends_at_a_word_and_is_marked() -> None:
    assert clip("short", 10) == "short"
    cut = clip("a title that is rather long, with a comma", 30)
    assert cut == "a title that is rather long…"
    assert len(clip("x" * 200, 30)) <= 30


def test_a_picture_depends_on_its_reference_alone_and_is_safe() -> None:
    assert horizon("CAMI-2026-0001", "t") == horizon("CAMI-2026-0001", "t")
    assert horizon("CAMI-2026-0001", "t") != horizon("CAMI-2026-0002", "t")
    assert "<script" not in horizon("x", "<script>alert(1)</script>")


def test_lines_are_counted_as_words_break() -> None:
    assert measure.lines("", 100, 10) == 0
    assert measure.lines("word", 100, 10) == 1
    wide = measure.width("several words here", 10)
    assert measure.lines("several words here", wide + 1, 10) == 1
    assert measure.lines("several words here", wide - 1, 10) == 2
    assert measure.lines("a" * 100, 100, 10) > 4


@pytest.mark.parametrize("shares", [[1.0], [0.7, 0.2, 0.1], [0.94, 0.02, 0.02, 0.01, 0.01], [0.01] * 5 + [0.95]])
def test_every_piece_of_a_bar_has_its_label_on_the_page(shares: list[float]) -> None:
    pieces = [charts.Piece(s, f"Foundation number {i}", "USD 100,000 · 12%", "firm") for i, s in enumerate(shares)]
    svg = str(charts.stacked_bar(pieces, "Who pays"))
    for i in range(len(shares)):
        assert svg.count(f"Foundation number {i}<") == 1
    starts = [float(x) for x in re.findall(r'<text x="([\d.-]+)"', svg)]
    assert all(0 <= x <= charts.WIDTH for x in starts)


def test_names_in_charts_are_escaped() -> None:
    svg = str(charts.stacked_bar([charts.Piece(1.0, "<b>&", "x", "firm hatched")], "<t>"))
    assert "<b>" not in svg
    assert "&lt;b&gt;&amp;" in svg
