"""The shipped figures against the notes they were made from, where those are at hand."""

import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.unit.donors.test_inventory import WINDOWS

FACTS = Path(os.environ.get("CAMI_FACTS_DIR") or Path(__file__).parents[4] / "shared" / "facts") / "windows.json"


@pytest.fixture(scope="module")
def facts() -> dict[str, dict[str, Any]]:
    if not FACTS.is_file():
        pytest.skip(f"the notes behind the inventory are not at hand ({FACTS.name}; set CAMI_FACTS_DIR)")
    return {fact["id"]: fact for fact in json.loads(FACTS.read_text(encoding="utf-8"))}


def test_the_same_windows(facts: dict[str, dict[str, Any]]) -> None:
    assert set(facts) == set(WINDOWS)


def test_the_same_figures(facts: dict[str, dict[str, Any]]) -> None:
    for name, fact in facts.items():
        terms = WINDOWS[name]
        shipped = (terms.amount.minimum, terms.amount.maximum, terms.amount.currency)
        noted = tuple(None if fact[key] is None else Decimal(fact[key]) for key in ("min", "max"))
        assert shipped == (*noted, fact["currency"]), name
        months = fact["duration_months"]
        assert (terms.duration.minimum, terms.duration.maximum) == (months["min"], months["max"]), name


def test_the_same_words_sources_and_confidence(facts: dict[str, dict[str, Any]]) -> None:
    for name, fact in facts.items():
        terms = WINDOWS[name]
        assert terms.theme_words == fact["themes"], name
        assert [(source.url, source.year) for source in terms.sources] == [
            (source["url"], source["year"]) for source in fact["sources"]
        ], name
        assert (terms.url, terms.confidence) == (fact["url"], fact["confidence"]), name


def test_states_and_species_that_are_named_are_carried_over(facts: dict[str, dict[str, Any]]) -> None:
    for name, fact in facts.items():
        terms = WINDOWS[name]
        for rule, answer in (("include", "yes"), ("exclude", "no")):
            for mark in fact["country_rule"][rule]:
                if mark.rstrip("?") in terms.countries.states:
                    expected = "unknown" if mark.endswith("?") else answer
                    assert terms.countries.states[mark.rstrip("?")] == expected, (name, mark)
        if fact["species_rule"]["type"] == "list":
            for mark in fact["species_rule"]["list"]:
                if mark != "all_cami":
                    assert terms.species.species[mark.rstrip("?")] == ("unknown" if mark.endswith("?") else "yes"), name


def test_no_sentence_is_copied(facts: dict[str, dict[str, Any]]) -> None:
    for name, fact in facts.items():
        notes = json.dumps(
            [fact["country_rule"], fact["species_rule"], fact["cofinancing"], fact["calls"],
             fact["intermediary_or_endorsement"], fact["not_verified"], fact["notes"]], ensure_ascii=False,
        )  # fmt: skip
        source = notes.lower().split()
        runs = {tuple(source[i : i + 7]) for i in range(len(source) - 6)}
        ours = WINDOWS[name].model_dump_json().lower().split()
        shared = [ours[i : i + 7] for i in range(len(ours) - 6) if tuple(ours[i : i + 7]) in runs]
        assert not shared, (name, shared)
