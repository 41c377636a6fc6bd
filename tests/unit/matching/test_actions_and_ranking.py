"""Actions against windows, changes between two judgements, and decisions."""

from typing import Any

import pytest

from contracts.values import Tri
from contracts.windows import CountryRule, IntermediaryRule, SpeciesRule
from services.matching.rules import ActionVerdict, Judgement, PreparedWindow, Ranked, change_between, judge, positions
from services.matching.rules.decisions import Decision, ReasonNeeded, decide
from tests.unit.matching.build import RATES, TODAY, WEIGHTS, action, proposal, window


def paired(terms: dict[str, Any] | None = None, **facts: Any) -> ActionVerdict:
    return PreparedWindow(window(**(terms or {})), today=TODAY, weights=WEIGHTS).judge(action(**facts))


def test_an_action_that_suits_has_a_hundred() -> None:
    assert paired() == ActionVerdict(Tri.YES, True, 100, (40, 30, 20, 10))


@pytest.mark.parametrize(
    ("terms", "facts"),
    [
        ({"status": "closed"}, {}),
        ({}, {"species": frozenset({"saiga"})}),
        ({"countries": CountryRule(basis="list", states={"KGZ": Tri.NO})}, {}),
        ({"species": SpeciesRule(basis="any")}, {"themes": frozenset({"ecotourism"})}),
    ],
    ids=["closed", "another species", "a state refused", "nothing shared"],
)
def test_what_a_window_could_not_pay_for(terms: dict[str, Any], facts: dict[str, Any]) -> None:
    assert not paired(terms, **facts).could_pay


def test_a_preferred_species_is_enough_to_share() -> None:
    terms = {"species": SpeciesRule(basis="preference", preferred=["snow_leopard"])}
    verdict = paired(terms, themes=frozenset({"ecotourism"}))
    assert verdict.could_pay
    assert verdict.overall is Tri.UNKNOWN
    assert verdict.parts == (40, 0, 20, 10)


def test_a_species_that_only_falls_under_a_category_is_not_named() -> None:
    terms = {"species": SpeciesRule(basis="red_list", species={"snow_leopard": Tri.YES}, others=Tri.UNKNOWN)}
    verdict = paired(terms)
    assert verdict.parts[2] == 13
    assert not paired(terms, themes=frozenset({"ecotourism"})).could_pay


def test_one_payable_state_is_enough_and_more_are_better() -> None:
    verdict = paired(states=frozenset({"KGZ", "MNG", "CHN"}))
    assert verdict.overall is Tri.YES
    assert verdict.parts[3] == 7  # one sure, two unknown


def test_an_action_about_no_particular_species_or_state() -> None:
    verdict = paired(species=frozenset(), states=frozenset())
    assert (verdict.overall, verdict.could_pay) == (Tri.YES, True)
    assert verdict.parts == (40, 30, 13, 10)


def test_an_action_without_priority_earns_none() -> None:
    assert paired(priority=None).parts[0] == 0


def judged(**changed: Any) -> Judgement:
    return judge(proposal(), window(**changed), today=TODAY, rates=RATES, weights=WEIGHTS)


def test_a_change_names_the_rules_that_made_it() -> None:
    before, now = judged(), judged(status="closed", intermediary=IntermediaryRule(intermediary=Tri.NO))
    change = change_between(before.findings, before.overall, before.fit, now)
    assert change is not None
    assert (change.overall, change.fit) == ("eligible", 100)
    assert [found.rule for found in change.findings] == ["status", "endorsement"]
    back = change_between(now.findings, now.overall, now.fit, before)
    assert back is not None
    assert [found.verdict for found in back.findings] == [Tri.YES, Tri.YES]


def test_the_same_judgement_is_no_change_and_a_moved_fit_is_one() -> None:
    before = judged()
    assert change_between(before.findings, before.overall, before.fit, judged()) is None
    moved = change_between(before.findings, before.overall, before.fit, judged(themes=["community_conservation", "x"]))
    assert moved is None
    moved = change_between(before.findings, before.overall, 99, before)
    assert moved is not None
    assert moved.findings == ()


def test_ranking_is_best_first_with_a_fixed_order_among_equals() -> None:
    pairs = [
        Ranked("d", "not_eligible", None, 1), Ranked("c", "unsure", 90, 0), Ranked("e", "not_eligible", None, 3),
        Ranked("b", "eligible", 50, 0), Ranked("a", "eligible", 50, 0),
    ]  # fmt: skip
    assert positions(pairs) == {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}


def test_a_decision_is_taken_once() -> None:
    none, short = Decision("none"), Decision("shortlisted", "a strong fit")
    assert decide(none, short) == short
    assert decide(short, short) is None
    assert decide(short, none) == none
    assert decide(Decision("dismissed", "too small"), Decision("dismissed", "too late")) is not None


def test_nothing_is_dismissed_without_a_reason() -> None:
    with pytest.raises(ReasonNeeded):
        decide(Decision("none"), Decision("dismissed"))
