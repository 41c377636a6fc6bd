"""Weights: parts that add up whatever the points, a donor's history, readiness, and what other points would move."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.values import Tri
from contracts.windows import CallRule, CofinancingRule, IntermediaryRule, WindowTerms
from services.matching import shipped
from services.matching.rules import PROPOSAL_PARTS, History, Outcome, ProposalFacts, Ranked, Weights, judge
from services.matching.rules.answers import Setting
from services.matching.rules.facts import Cofinancing
from services.matching.rules.fit import fit
from services.matching.rules.moves import moves, spearman
from services.matching.rules.readiness import days_needed, lacks
from services.matching.rules.weights import changes_between
from services.matching.words import part_text
from tests.unit.matching.build import RATES, TODAY, proposal, window
from tests.unit.matching.test_properties import proposals, windows

WEIGHTS = shipped.weights()
SETTING = Setting(TODAY, RATES)
outcomes = st.builds(
    Outcome, st.booleans(), st.dates(TODAY - timedelta(days=4000), TODAY),
    st.sampled_from([frozenset(), frozenset({"snow_leopard"}), frozenset({"saiga"})]),
    st.sampled_from([frozenset(), frozenset({"livelihoods"})]),
)  # fmt: skip
histories = st.lists(outcomes, max_size=6).map(History.of)


@st.composite
def points(draw: st.DrawFn) -> dict[str, int]:
    """Eight points that make a hundred, in any way."""
    cuts = sorted(draw(st.lists(st.integers(0, 100), min_size=7, max_size=7)))
    return dict(zip(PROPOSAL_PARTS, (b - a for a, b in zip([0, *cuts], [*cuts, 100], strict=True)), strict=True))


@given(proposals, windows, points(), histories)
def test_parts_add_up_to_the_fit_whatever_the_points(
    facts: ProposalFacts, terms: WindowTerms, given_points: dict[str, int], known: History
) -> None:
    total, parts = fit(facts, terms, SETTING, replace(WEIGHTS, proposal=given_points), known)
    assert total == sum(part.points for part in parts)
    assert 0 <= total <= 100
    assert [part.part for part in parts] == list(PROPOSAL_PARTS)
    assert all(0 <= part.points <= part.most == given_points[part.part] for part in parts)


@given(proposals, windows, st.permutations(PROPOSAL_PARTS))
def test_the_order_in_which_points_are_written_does_not_matter(
    facts: ProposalFacts, terms: WindowTerms, order: list[str]
) -> None:
    other = replace(WEIGHTS, proposal={part: WEIGHTS.proposal[part] for part in order})
    assert fit(facts, terms, SETTING, other) == fit(facts, terms, SETTING, WEIGHTS)


@given(proposals, windows, st.sampled_from(PROPOSAL_PARTS), histories)
def test_one_part_with_all_the_points_is_its_own_share(
    facts: ProposalFacts, terms: WindowTerms, part: str, known: History
) -> None:
    alone = replace(WEIGHTS, proposal=dict.fromkeys(PROPOSAL_PARTS, 0) | {part: 100})
    total, parts = fit(facts, terms, SETTING, alone, known)
    assert total == {one.part: one.points for one in parts}[part]


@given(proposals, windows, st.integers(1, 10**6), st.booleans())
def test_more_confirmed_cofinancing_never_lowers_the_fit(
    facts: ProposalFacts, terms: WindowTerms, more: int, in_kind: bool
) -> None:
    have = facts.cofinancing
    extra = replace(have, confirmed_in_kind=have.confirmed_in_kind + more) if in_kind else replace(
        have, confirmed_cash=have.confirmed_cash + more
    )  # fmt: skip
    before, _ = fit(facts, terms, SETTING, WEIGHTS)
    after, _ = fit(replace(facts, cofinancing=extra), terms, SETTING, WEIGHTS)
    assert after >= before


@given(proposals, windows, histories, outcomes)
def test_an_award_never_lowers_the_fit_and_a_refusal_never_raises_it(
    facts: ProposalFacts, terms: WindowTerms, known: History, one: Outcome
) -> None:
    now, _ = fit(facts, terms, SETTING, WEIGHTS, known)
    awarded, _ = fit(facts, terms, SETTING, WEIGHTS, History.of([*known.outcomes, replace(one, awarded=True)]))
    refused, _ = fit(facts, terms, SETTING, WEIGHTS, History.of([*known.outcomes, replace(one, awarded=False)]))
    assert refused <= now <= awarded


def share(*known: Outcome) -> int:
    weights = replace(WEIGHTS, proposal=dict.fromkeys(PROPOSAL_PARTS, 0) | {"history": 100})
    return fit(proposal(), window(), SETTING, weights, History.of(known))[0]


def test_a_donor_without_history_has_half_and_what_is_recent_and_alike_counts_more() -> None:
    alike, other = frozenset({"snow_leopard"}), frozenset({"saiga"})
    old = date(2020, 1, 1)
    assert share() == 50
    assert share(Outcome(True, TODAY, alike)) == 67
    assert share(Outcome(True, TODAY, other)) == 60
    assert share(Outcome(True, old, alike)) == 60
    assert share(Outcome(True, old, other)) == 56
    assert share(Outcome(False, TODAY, alike)) == 33
    assert share(Outcome(True, TODAY, alike), Outcome(False, TODAY, alike)) == 50
    assert share(*[Outcome(True, TODAY, alike)] * 9) == 91
    known = History.of([Outcome(False, TODAY), Outcome(True, old), Outcome(True, old)])
    (*_, part) = fit(proposal(), window(), SETTING, WEIGHTS, known)[1]
    assert (part.reason, part.params["awards"], part.params["refusals"]) == ("fit_history_known", 2, 1)


def test_time_is_set_against_what_the_proposal_still_lacks() -> None:
    required = CofinancingRule(mode="required", ratio=Decimal(1), required=Tri.YES)
    agency = IntermediaryRule(intermediary=Tri.YES, endorsement=Tri.UNKNOWN)

    def needed(have: Cofinancing, rule: CofinancingRule = required, **changed: Any) -> int:
        facts = proposal(cofinancing=have, **changed)
        return days_needed(facts, window(cofinancing=rule, intermediary=agency), WEIGHTS)

    bare = 30 + 120 + 22
    hoped = Cofinancing(indicative_cash=Decimal(15000))
    assert needed(Cofinancing(confirmed_cash=Decimal(15000))) == bare
    assert needed(hoped) == bare + 30
    assert needed(Cofinancing(indicative_cash=Decimal(5000))) == bare + 30 + 60
    assert needed(Cofinancing()) == bare + 60
    assert needed(hoped, CofinancingRule(mode="encouraged")) == bare
    assert needed(hoped, CofinancingRule(mode="required", required=Tri.YES)) == bare + 30
    assert needed(hoped, agency_agreed=True, endorsed=True) == 60
    terms = window(intermediary=agency, call=CallRule(cycle="annual", deadline=TODAY + timedelta(days=86)))
    part = {part.part: part for part in fit(proposal(), terms, SETTING, WEIGHTS)[1]}["time"]
    assert part.points == WEIGHTS.proposal["time"] // 2
    assert part.params["lacks"] == ["application", "intermediary", "endorsement"] == list(lacks(proposal(), terms))


def test_what_is_still_lacking_counts_in_kind_as_the_donor_does() -> None:
    """In the order: the donor counts it, does not say, does not count it."""
    required = CofinancingRule(mode="required", ratio=Decimal(1), required=Tri.YES)
    call = CallRule(cycle="annual", deadline=TODAY + timedelta(days=40))

    def lacking(have: Cofinancing, rule: CofinancingRule = required) -> list[list[str]]:
        answers = (Tri.YES, Tri.UNKNOWN, Tri.NO)
        rules = [rule.model_copy(update={"counts_in_kind": answer}) for answer in answers]
        return [list(lacks(proposal(cofinancing=have), window(cofinancing=one)))[1:] for one in rules]

    assert lacking(Cofinancing(confirmed_in_kind=Decimal(15000))) == [[], ["funds"], ["funds"]]
    assert lacking(Cofinancing(confirmed_in_kind=Decimal(30000))) == [[], [], ["funds"]]
    assert lacking(Cofinancing(indicative_in_kind=Decimal(15000))) == [["letters"], ["letters", "funds"], ["funds"]]
    mixed = Cofinancing(Decimal(5000), Decimal(20000), indicative_cash=Decimal(10000))
    assert lacking(mixed) == [[], [], ["letters"]]
    some = CofinancingRule(mode="required", required=Tri.YES)
    assert lacking(Cofinancing(confirmed_in_kind=Decimal(1)), some) == [[], [], ["funds"]]

    def told(have: Cofinancing, answer: Tri) -> str:
        rule = required.model_copy(update={"counts_in_kind": answer})
        facts = proposal(cofinancing=have, starts=date(2029, 1, 1))
        part = {part.part: part for part in fit(facts, window(cofinancing=rule, call=call), SETTING, WEIGHTS)[1]}
        return part_text(part["time"])

    in_kind = Cofinancing(confirmed_in_kind=Decimal(15000))
    assert told(in_kind, Tri.UNKNOWN).endswith(
        "(days needed: 90). Days left: 40. Still lacking: the donor’s form, co-financing that nobody has promised yet. "
        "What is brought in kind counts half, since it is not known whether the donor counts it."
    )
    assert told(in_kind, Tri.NO).endswith("What is brought in kind does not count for this donor.")
    assert "in kind" not in told(in_kind, Tri.YES)
    assert "in kind" not in told(Cofinancing(confirmed_cash=Decimal(5000)), Tri.NO)


def test_every_shipped_version_can_be_read_and_the_first_has_no_points_for_history() -> None:
    first, second, newest = (shipped.weights(number) for number in (1, 2, 3))
    assert (first.version, first.proposal["history"], sum(first.proposal.values())) == (1, 0, 100)
    assert (second.version, newest.version, shipped.WEIGHTS_VERSION) == (2, 3, 3)
    assert second.proposal["history"] > 0
    for number in (2, 3):
        assert all(entry["reason"] for name in ("proposal", "action") for entry in shipped.weights_data(number)[name])
        assert all(set(entry["reason"]) == {"en", "ru", "fr"} for entry in shipped.weights_data(number)["proposal"])
    moved = changes_between(shipped.weights_data(2), shipped.weights_data(3))
    assert {(change.part, change.by) for change in moved} == {("priority", -6), ("size", 6)}
    judged = judge(proposal(), window(), today=TODAY, rates=RATES, weights=first)
    assert judged.fit == 100
    assert {change.part for change in changes_between(shipped.weights_data(1), shipped.weights_data(2))} == {
        part for part in PROPOSAL_PARTS if first.proposal[part] != second.proposal[part]
    }


def test_points_below_zero_are_refused() -> None:
    data = shipped.weights_data(2)
    broken = dict(data) | {"proposal": [dict(entry) for entry in data["proposal"]]}
    broken["proposal"][0]["points"] += broken["proposal"][1]["points"] + 1
    broken["proposal"][1]["points"] = -1
    with pytest.raises(ValueError, match="add up to 100"):
        Weights.from_data(broken)


def ranked(**fits: int | None) -> list[Ranked]:
    return [
        Ranked(key, "not_eligible" if fit is None else "unsure", fit, int(fit is None)) for key, fit in fits.items()
    ]


def test_what_moves_is_told_biggest_first_with_the_windows_that_come_and_go() -> None:
    twelve = {f"w{n:02}": 50 - n for n in range(12)}
    found = moves({
        "p1": (ranked(a=70, b=60, c=None), ranked(a=70, b=75, c=None)),
        "p2": (ranked(**twelve), ranked(**{**twelve, "w11": 90, "w00": 1})),
        "p3": (ranked(a=None), ranked(a=None)),
    })  # fmt: skip
    assert (found.pairs, found.proposals, found.reordered) == (14, 3, 1)
    assert [(move.proposal_id, move.window_id, move.by) for move in found.moved] == [
        ("p2", "w11", 51), ("p2", "w00", -49), ("p1", "b", 15),
    ]  # fmt: skip
    assert [move.window_id for move in found.risers] == ["w11", "b"]
    assert [move.window_id for move in found.fallers] == ["w00"]
    (top,) = found.tops
    assert (top.proposal_id, top.come, top.go) == ("p2", ("w11",), ("w00",))
    assert found.correlation is not None
    assert found.correlation < 1


def test_nothing_moves_when_nothing_changes() -> None:
    found = moves({"p": (ranked(a=70, b=60), ranked(a=70, b=60))})
    assert (found.moved, found.tops, found.reordered, found.correlation) == ((), (), 0, Decimal(1))
    assert moves({}).correlation is None


@pytest.mark.parametrize(("one", "other", "expected"), [
    ([1, 2, 3], [10, 20, 30], 1.0), ([1, 2, 3], [3, 2, 1], -1.0), ([1, 1], [2, 2], 1.0), ([1, 1], [1, 2], None),
    ([5], [5], None), ([1, 2, 2, 4], [1, 3, 2, 4], 0.9487),
])  # fmt: skip
def test_rank_correlation(one: list[int], other: list[int], expected: float | None) -> None:
    found = spearman(one, other)
    assert found == (None if expected is None else pytest.approx(expected, abs=1e-4))
