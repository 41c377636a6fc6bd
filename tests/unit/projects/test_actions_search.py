"""Finding actions by words: any language, any case, with or without accents."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.projects.rules.search import LONGEST, MOST_WORDS, normalised, read_query, searchable

WORDS = searchable(
    [
        "31",
        "Build a donor inventory and find a CAMI champion",
        "Составить реестр доноров: снежный барс, сайгак и лошадь Пржевальского, ещё раз",
        "Dresser un répertoire des bailleurs ; États, clôtures, œuvre",
        "Route 44 beside Touran, fences",
    ]
)


def finds(query: str) -> bool:
    """Whether `query` finds action 31.5 with WORDS."""
    return read_query(query).finds("31.5", "31.5", WORDS)


@pytest.mark.parametrize(
    "query",
    [
        "donor", "DONOR", "donors", "inventories", "inventory champion", "champion inventory", "fence", "fenc",
        "реестр", "реестра", "доноры", "снежного барса", "барсом", "сайгаков", "лошади", "пржевальского", "ещё", "еще",
        "répertoire", "repertoire", "REPERTOIRE", "clôture", "clotures", "etats", "oeuvre", "œuvre",
        "31.5", "№ 31.5", "action 31.5", "мера 31.5", "(31.5)", "31", "section 31", "44", "route 44",
        "", "   ", "%", "—", "donor реестр bailleurs",
    ],
)  # fmt: skip
def test_found(query: str) -> None:
    assert finds(query)


@pytest.mark.parametrize(
    "query", ["31.6", "3.5", "3", "4", "leopard", "donor leopard", "onor", "барсук", "31.5 leopard", "29.10-2"]
)
def test_not_found(query: str) -> None:
    assert not finds(query)


def test_a_number_finds_all_actions_of_that_number_and_an_id_only_one() -> None:
    assert read_query("29.10").finds("29.10", "29.10-2", WORDS)
    assert read_query("29.10").finds("29.10", "29.10", WORDS)
    assert not read_query("29.10-2").finds("29.10", "29.10", WORDS)
    assert read_query("29.10-2").finds("29.10", "29.10-2", WORDS)


def test_several_numbers_find_each() -> None:
    assert finds("1.1 31.5")


def test_normalised() -> None:
    assert normalised("  Écosystème—Gobi, «Ёжик» й ") == "ecosysteme gobi ежик и"


def test_a_query_is_bounded() -> None:
    query = read_query("word " * 5000 + "x" * 5000)
    assert len(query.stems) <= MOST_WORDS
    assert sum(map(len, query.stems)) <= LONGEST + MOST_WORDS


@given(st.text(max_size=300))
def test_any_text_is_a_query(text: str) -> None:
    read_query(text).finds("1.1", "1.1", WORDS)


@given(st.lists(st.sampled_from(["Снежный", "барс", "écosystème", "fence", "États", "44"]), min_size=1, max_size=6))
def test_what_is_in_a_text_is_found_in_it(words: list[str]) -> None:
    assert read_query(" ".join(words)).finds("1.1", "1.1", searchable([" ".join(words)]))
