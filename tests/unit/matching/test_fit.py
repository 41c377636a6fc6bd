"""Fit: parts that add up, and move the way they say."""

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import services.matching as matching
from contracts.values import Tri
from contracts.windows import AmountRule, CallRule, CofinancingRule, CountryRule, IntermediaryRule, SpeciesRule
from services.matching.rules import PROPOSAL_PARTS, Part, PreparedWindow, Weights, apportion, judge
from services.matching.rules.facts import AddressedAction, Cofinancing, ProposalFacts
from tests.unit.matching.build import RATES, TODAY, WEIGHTS, action, asking, proposal, window
from tests.unit.matching.kernel.random_data import with_themes_told


def parts(facts: ProposalFacts, **changed: Any) -> dict[str, Part]:
    result = judge(facts, window(**changed), today=TODAY, rates=RATES, weights=WEIGHTS)
    assert result.fit == sum(part.points for part in result.parts)
    return {part.part: part for part in result.parts}


def test_a_perfect_pair_has_a_hundred() -> None:
    result = judge(proposal(), window(), today=TODAY, rates=RATES, weights=WEIGHTS)
    assert result.fit == 100
    assert [part.part for part in result.parts] == list(PROPOSAL_PARTS)


def test_weights_are_kept_as_data_and_checked() -> None:
    path = Path(matching.__file__).parent / "data" / "fit-weights-1.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    assert all(entry["reason"] for group in ("proposal", "action") for entry in data[group])
    data["proposal"][0]["points"] += 1
    with pytest.raises(ValueError, match="add up to 100"):
        Weights.from_data(data)
    data["proposal"][0]["part"] = "luck"
    with pytest.raises(ValueError, match="must be"):
        Weights.from_data(data)


def test_apportion_rounds_to_the_rounded_total() -> None:
    assert apportion([333, 333, 334]) == [0, 0, 1]
    assert apportion([2500, 2500]) == [3, 2]
    assert apportion([]) == []


def test_the_highest_priority_counts_and_half_beside_the_windows_themes() -> None:
    def priority(*actions: AddressedAction) -> int:
        return parts(proposal(actions=frozenset(actions)))["priority"].points

    shared, beside = frozenset({"community_conservation"}), frozenset({"ecotourism"})
    assert priority(AddressedAction("1.1", "high", shared), AddressedAction("1.2", "low", shared)) == 25
    assert priority(AddressedAction("1.1", "medium", shared)) == 15
    assert priority(AddressedAction("1.1", "high", beside)) == 13
    assert priority(AddressedAction("1.1", "high", beside), AddressedAction("1.2", "medium", shared)) == 15
    assert priority(AddressedAction("1.1", None, shared)) == 0
    assert priority() == 0


def test_shared_themes_count_up_to_three() -> None:
    many = frozenset({"community_conservation", "research_monitoring", "ecotourism", "livelihoods"})
    facts = proposal(themes=many)
    assert parts(facts, themes=["community_conservation", "a", "b", "c"])["themes"].points == 7
    assert parts(facts, themes=["community_conservation"])["themes"].points == 20
    assert parts(facts, themes=["climate_change"])["themes"].points == 0
    assert parts(facts, themes=[])["themes"].points == 10


def test_what_was_told_of_one_theme_is_no_refusal_of_the_others() -> None:
    """The answer that a window of unknown themes pays for one of them leaves other work as unknown as it was."""

    def earned(told: list[str], *own: str, themes: tuple[str, ...] = ()) -> tuple[tuple[int, str], tuple[int, str]]:
        terms = with_themes_told(window(themes=list(themes)), told)
        facts = proposal(themes=frozenset(own), actions=frozenset({AddressedAction("1.1", "high", frozenset(own))}))
        found = {part.part: part for part in judge(facts, terms, today=TODAY, rates=RATES, weights=WEIGHTS).parts}
        return tuple((found[name].points, found[name].reason) for name in ("themes", "priority"))  # type: ignore[return-value]

    unknown = ((10, "fit_themes_unknown"), (25, "priority_best"))
    assert earned([], "livelihoods") == unknown
    assert earned(["ecotourism"], "livelihoods") == unknown
    assert earned(["ecotourism"], "ecotourism") == ((20, "fit_themes_shared"), (25, "priority_best"))
    # One of three that were told is no less than none of them.
    of_three = earned(["ecotourism", "law", "awareness"], "ecotourism", "livelihoods", "research_monitoring")
    assert of_three == ((10, "fit_themes_shared"), (25, "priority_best"))
    # The donor has themes of its own: what it does not name counts less, whatever was told of another.
    refused = ((0, "fit_themes_none"), (13, "priority_beside"))
    assert earned(["ecotourism"], "livelihoods", themes=("climate_change",)) == refused


def test_an_action_too_is_not_refused_by_what_was_told_of_another_theme() -> None:
    def points(told: list[str], theme: str) -> int:
        terms = with_themes_told(window(themes=[]), told)
        return PreparedWindow(terms, today=TODAY, weights=WEIGHTS).judge(action(themes=frozenset({theme}))).parts[1]

    assert [points([], "livelihoods"), points(["ecotourism"], "livelihoods")] == [15, 15]
    assert points(["ecotourism"], "ecotourism") == 30


def test_preferred_species_count_more() -> None:
    facts = proposal(species=frozenset({"snow_leopard"}))
    named = SpeciesRule(basis="preference", preferred=["snow_leopard"])
    other = SpeciesRule(basis="preference", preferred=["saiga"])
    doubtful = SpeciesRule(basis="red_list", others=Tri.UNKNOWN)
    assert parts(facts, species=named)["species"].points == 15
    category = SpeciesRule(basis="red_list", species={"snow_leopard": Tri.YES}, others=Tri.NO)
    assert parts(facts, species=other)["species"].points == 10
    assert parts(facts, species=category)["species"].points == 10
    assert parts(facts, species=doubtful)["species"].points == 5
    two = proposal(species=frozenset({"snow_leopard", "urial"}))
    assert parts(two)["species"].points == 8  # urial is refused; half of fifteen, rounded with the rest


def test_uncertain_states_earn_half() -> None:
    rule = CountryRule(basis="list", states={"KGZ": Tri.YES})
    part = parts(proposal(), countries=rule)["states"]
    assert (part.points, part.params) == (8, {"sure": 1, "of": 2})


def test_size_beside_the_usual_grant() -> None:
    def size(asked: int, least: int | None, most: int | None, known: bool = True) -> int:
        rule = AmountRule(
            minimum=least and Decimal(least), maximum=most and Decimal(most), maximum_known=known, minimum_known=known,
        )  # fmt: skip
        return parts(proposal(**asking(asked)), amount=rule)["size"].points

    assert size(15000, None, 20000) == 10
    assert size(5000, None, 20000) == 10
    assert size(2500, None, 20000) == 5
    assert size(100000, 50000, 150000) == 10
    assert size(40000, None, 20000, known=False) == 3
    assert size(25000, 50000, 150000, known=False) == 3, "half of a half: the donor itself states the smallest grant"
    assert size(15000, None, None) == 5


def test_time_against_what_is_still_to_be_had() -> None:
    def time(days: int, **changed: Any) -> int:
        call = CallRule(cycle="annual", deadline=TODAY + timedelta(days=days))
        return parts(proposal(starts=date(2029, 1, 1)), call=call, **changed)["time"].points

    agency = IntermediaryRule(intermediary=Tri.YES, endorsement=Tri.YES)
    assert time(30) == 10
    assert time(15) == 5
    assert time(0) == 0
    assert time(195, intermediary=agency) == 10
    assert time(39, intermediary=agency) == 2
    late = parts(proposal(starts=TODAY), call=CallRule(cycle="annual", deadline=TODAY + timedelta(days=90)))["time"]
    assert (late.points, late.reason) == (5, "fit_time_starts_before")
    assert parts(proposal(), call=CallRule(cycle="annual"))["time"].points == 5


def test_cofinancing_in_hand() -> None:
    def earned(have: Cofinancing, **rule: Any) -> int:
        return parts(proposal(cofinancing=have), cofinancing=CofinancingRule.model_validate(rule))["cofinancing"].points

    nothing, sure, hoped = Cofinancing(), Cofinancing(Decimal(15000)), Cofinancing(indicative_cash=Decimal(15000))
    assert [earned(have, mode="none") for have in (nothing, hoped, sure)] == [10, 10, 10]
    assert [earned(have, mode="unknown") for have in (nothing, hoped, sure)] == [5, 8, 10]
    assert [earned(have, mode="encouraged", required=Tri.NO) for have in (nothing, hoped, sure)] == [0, 5, 10]
    assert [earned(have, mode="portfolio_target", ratio=7) for have in (hoped, sure)] == [1, 1]
    assert earned(replace(sure, indicative_cash=Decimal(15000)), mode="required", ratio=2) == 8


def test_what_is_brought_in_kind_counts_as_the_donor_says() -> None:
    def earned(have: Cofinancing, **rule: Any) -> list[Part]:
        """Where the donor counts it, where it does not say, and where it does not count it."""
        rules = [CofinancingRule.model_validate({**rule, "counts_in_kind": answer}) for answer in Tri]
        in_order = sorted(rules, key=lambda one: [Tri.YES, Tri.UNKNOWN, Tri.NO].index(one.counts_in_kind))
        return [parts(proposal(cofinancing=have), cofinancing=one)["cofinancing"] for one in in_order]

    much = Cofinancing(Decimal(1000), Decimal(20000), Decimal(14000))
    counted = earned(much, mode="encouraged", ratio=1, required=Tri.NO)
    assert [part.points for part in counted] == [10, 10, 5]  # the last: 1,000 and half of 14,000, of 15,000
    assert [part.params["have_money"] for part in counted] == ["21000 USD", "11000 USD", "1000 USD"]
    half = earned(Cofinancing(confirmed_in_kind=Decimal(15000)), mode="encouraged", ratio=1, required=Tri.NO)
    assert [part.points for part in half] == [10, 5, 0]
    sure = earned(Cofinancing(confirmed_in_kind=Decimal(9)), mode="encouraged", required=Tri.NO)
    assert [(part.points, part.reason.removeprefix("fit_cofinancing_")) for part in sure] == [
        (10, "confirmed"), (5, "in_kind_perhaps"), (0, "in_kind_refused"),
    ]  # fmt: skip
    hoped = earned(Cofinancing(indicative_in_kind=Decimal(9)), mode="encouraged", required=Tri.NO)
    assert [(part.points, part.reason.removeprefix("fit_cofinancing_")) for part in hoped] == [
        (5, "indicative"), (3, "in_kind_perhaps"), (0, "in_kind_refused"),
    ]  # fmt: skip
    with_cash = earned(Cofinancing(Decimal(1), Decimal(9)), mode="encouraged", required=Tri.NO)
    assert {(part.points, part.reason) for part in with_cash} == {(10, "fit_cofinancing_confirmed")}
    unsaid = earned(Cofinancing(confirmed_in_kind=Decimal(9)), mode="unknown")
    assert [part.points for part in unsaid] == [10, 8, 5]
