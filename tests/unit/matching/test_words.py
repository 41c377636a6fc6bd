"""Every code that the rules can answer with has a sentence, and every sentence can be filled."""

import ast
import re
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given

import services.matching.rules as rules
from contracts.values import Tri
from contracts.windows import WindowTerms
from services.chassis.i18n import load_catalogues, use_language
from services.matching import words
from services.matching.rules import Finding, ProposalFacts
from services.matching.rules.amendments import Amendment, Cost
from services.matching.words.parts import PART_REASONS, PARTS
from services.matching.words.reasons import QUESTIONS, REASONS, RULES
from tests.unit.matching.build import WEIGHTS
from tests.unit.matching.test_properties import judged, proposals, windows

SOURCES = sorted(Path(rules.__file__).parent.glob("*.py"))
CODE = re.compile(r"[a-z]+(_[a-z]+)+")


def constants() -> set[str]:
    """Every text in the rules that looks like a code."""
    found = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
                found.add(node.value)
    return found


def test_no_sentence_is_idle() -> None:
    made = {f"status_{status}" for status in ("open", "recurring", "suspended", "closed", "not_for_us")}
    used = constants() | made | {"invited"}
    assert set(REASONS) | set(PART_REASONS) | set(QUESTIONS) <= used


def test_rules_and_parts_have_names() -> None:
    assert set(RULES) == set(rules.RULES)
    assert set(PARTS) == set(WEIGHTS.proposal) >= set(WEIGHTS.action)


@pytest.fixture(scope="module", autouse=True)
def _catalogues() -> None:
    load_catalogues([Path(words.__file__).parent.parent / "locale"])


@given(proposals, windows)
def test_every_answer_can_be_put_into_words(facts: ProposalFacts, terms: WindowTerms) -> None:
    result = judged(facts, terms)
    for language in ("en", "ru", "fr"):
        with use_language(language):
            for found in result.findings:
                assert found.reason in REASONS
                assert "%(" not in words.reason_text(found)
                assert bool(words.question_text(found)) == bool(found.question)
                assert not found.question or found.question in QUESTIONS
            for part in result.parts:
                assert part.reason in PART_REASONS
                assert "%(" not in words.part_text(part)


def test_a_code_of_a_newer_program_is_shown_as_it_is() -> None:
    assert words.reason_text(Finding("status", Tri.YES, "status_of_tomorrow")) == "status_of_tomorrow"


def test_what_a_change_costs_is_told_in_whole_dollars() -> None:
    """Converted at planning rates: cents would say more than is known."""
    less = Amendment("amount", "amount_less", Cost(usd=Decimal("669584.21")))
    with use_language("en"):
        assert words.cost_text(less).replace("\N{NO-BREAK SPACE}", " ") == "USD 669,585 less asked for"
