"""Packages against brute force over every cent, with the rules themselves as judges of every member."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.values import Evidence, Money, Tri
from contracts.windows import AmountRule, CallRule, CofinancingRule, WindowTerms
from services.matching.rules import contributors
from services.matching.rules import packages as rules
from services.matching.rules.answers import Setting
from services.matching.rules.blending import EVEN, Offer, reach, share, span, spread
from services.matching.rules.contributors import Blending, Candidate, Granted, Purpose, candidates
from services.matching.rules.eligibility import verdicts
from services.matching.rules.facts import Cofinancing, ProposalFacts
from services.matching.rules.packages import Package, blends, packages
from services.matching.rules.purses import purse_of
from tests.unit.matching.build import RATES, TODAY, WEIGHTS, proposal, window

SETTING = Setting(TODAY, RATES)
NO_BLENDING = Blending({}, {}, {}, 120)
CENT = Decimal("0.01")


@pytest.fixture(autouse=True, scope="module")
def cents() -> Iterator[None]:
    """Let the least grant be one cent, so that every way to share a few cents can be tried."""
    before, contributors.DOLLAR = contributors.DOLLAR, 1  # type: ignore[misc]
    yield
    contributors.DOLLAR = before  # type: ignore[misc]


def money(cents_: int | None) -> Decimal | None:
    return None if cents_ is None else cents_ * CENT


@st.composite
def window_terms(draw: st.DrawFn, number: int) -> WindowTerms:
    least = draw(st.sampled_from([None, None, None, 2, 4]))
    most = draw(st.sampled_from([None, 1, 3, 5, 8, 20]))
    mode = draw(st.sampled_from(["none", "none", "required", "required", "portfolio_target", "encouraged", "unknown"]))
    ratio = draw(st.sampled_from([None, Decimal("0.5"), Decimal(1), Decimal("1.3"), Decimal(3)]))
    tri = st.sampled_from(list(Tri))
    return window(
        f"w{number}", donor_id=draw(st.sampled_from(["a", "b", "c", "d"])),
        fund=draw(st.sampled_from([None, None, "gef"])),
        amount=AmountRule(minimum=money(least), maximum=money(most), maximum_known=draw(st.booleans())),
        cofinancing=CofinancingRule(mode=mode, ratio=ratio, required=draw(tri), counts_in_kind=draw(tri)),
        status=draw(st.sampled_from(["recurring", "recurring", "recurring", "unknown", "closed"])),
        call=CallRule(cycle=draw(st.sampled_from(["rolling", "rolling", "with_parent"]))),
    )  # fmt: skip


@st.composite
def cases(draw: st.DrawFn) -> tuple[ProposalFacts, list[WindowTerms]]:
    need = draw(st.integers(1, 12)) * CENT
    have = [draw(st.sampled_from([0, 0, 1, 3, 6])) * CENT for _ in range(4)]
    facts = proposal(requested=Money(amount=need, currency="USD"), requested_usd=need, cofinancing=Cofinancing(*have))
    return facts, [draw(window_terms(number)) for number in range(draw(st.integers(1, 4)))]


def purse(terms: WindowTerms) -> str:
    return terms.fund or terms.donor_id


def answers(facts: ProposalFacts, chosen: tuple[WindowTerms, ...], amounts: tuple[int, ...]) -> set[Tri]:
    """What all rules of all members say to these amounts in cents."""
    said = set()
    for terms, amount in zip(chosen, amounts, strict=True):
        limits = terms.amount
        if (limits.maximum is not None and amount * CENT > limits.maximum) or (
            limits.minimum is not None and amount * CENT < limits.minimum
        ):
            return {Tri.NO}  # also where the limit is not verified
        others = sum(
            given for other, given in zip(chosen, amounts, strict=True) if purse(other) != purse(terms)
        )  # fmt: skip
        have = facts.cofinancing
        seen = replace(
            facts, requested=Money(amount=amount * CENT, currency="USD"), requested_usd=amount * CENT,
            cofinancing=replace(have, confirmed_cash=have.confirmed_cash + others * CENT),
        )  # fmt: skip
        said |= set(verdicts(seen, terms, SETTING).values())
    return said


def ways(total: int, members: int) -> Iterator[tuple[int, ...]]:
    if members == 1:
        yield (total,)
        return
    for first in range(1, total - members + 2):
        for rest in ways(total - first, members - 1):
            yield (first, *rest)


def best(facts: ProposalFacts, chosen: tuple[WindowTerms, ...]) -> Tri:
    """Yes: some amounts leave nothing open; unknown: some are not refused; no: every split breaks a rule."""
    givers = {purse(one) for one in chosen if one.call.cycle != "with_parent"}
    if any(one.call.cycle == "with_parent" and purse(one) not in givers for one in chosen):
        return Tri.NO
    found = Tri.NO
    for amounts in ways(int(facts.requested_usd * 100), len(chosen)):
        said = answers(facts, chosen, amounts)
        if said == {Tri.YES} and len({purse(one) for one in chosen}) == len(chosen):
            return Tri.YES
        if Tri.NO not in said:
            found = Tri.UNKNOWN
    return found


def wanted(facts: ProposalFacts, offered: list[WindowTerms], most: int) -> dict[frozenset[str], Tri]:
    """Every set that works and none of whose parts works as surely."""
    works: dict[frozenset[str], Tri] = {}
    for size in range(1, most + 1):
        for chosen in combinations(offered, size):
            if (found := best(facts, chosen)) is not Tri.NO:
                works[frozenset(one.window_id for one in chosen)] = found
    return {
        ids: found
        for ids, found in works.items()
        if not any(part < ids and (works[part] is Tri.YES or found is Tri.UNKNOWN) for part in works)
    }


def found_by(facts: ProposalFacts, offered: list[WindowTerms], most: int = 3) -> list[Package]:
    able = candidates(facts, [(terms, SETTING) for terms in offered], NO_BLENDING)
    return packages(Purpose(facts), able, NO_BLENDING, WEIGHTS, most)[0]


@settings(max_examples=250, deadline=None)
@given(cases())
def test_every_package_keeps_every_rule_and_none_is_missed(case: tuple[ProposalFacts, list[WindowTerms]]) -> None:
    facts, offered = case
    by_id = {terms.window_id: terms for terms in offered}
    found = found_by(facts, offered)
    for package in found:
        amounts = tuple(int(member.usd * 100) for member in package.members)
        assert sum(amounts) == facts.requested_usd * 100
        said = answers(facts, tuple(by_id[member.window_id] for member in package.members), amounts)
        assert Tri.NO not in said
        assert package.blend.certain == (said == {Tri.YES} and not package.doubts) == (package.unknown == 0)
    listed = {
        frozenset(member.window_id for member in package.members): Tri.YES if package.unknown == 0 else Tri.UNKNOWN
        for package in found
    }
    assert listed == wanted(facts, offered, 3)
    assert [package.key for package in found] == sorted(package.key for package in found)


@settings(max_examples=150, deadline=None)
@given(cases())
def test_a_near_miss_is_closed_by_just_that_much_of_ones_own(case: tuple[ProposalFacts, list[WindowTerms]]) -> None:
    facts, offered = case
    able = candidates(facts, [(terms, SETTING) for terms in offered], NO_BLENDING)
    _, near, whole = blends(Purpose(facts), able, NO_BLENDING, 3)
    assert whole
    for miss in near:
        chosen = tuple(terms for terms in offered if terms.window_id in miss.window_ids)
        for more in (miss.short, miss.short - 1):
            rest = facts.requested_usd - more * CENT
            have = facts.cofinancing
            richer = replace(
                facts, requested=Money(amount=rest, currency="USD"), requested_usd=rest,
                cofinancing=replace(have, confirmed_cash=have.confirmed_cash + more * CENT),
            )  # fmt: skip
            assert (rest > 0 and best(richer, chosen) is not Tri.NO) == (more == miss.short)


@settings(max_examples=150, deadline=None)
@given(cases())
def test_a_grant_can_be_moved_within_its_range_and_not_beyond(case: tuple[ProposalFacts, list[WindowTerms]]) -> None:
    facts, offered = case
    for package in found_by(facts, offered):
        need = int(facts.requested_usd * 100)
        for window_id, limits in package.ranges().items():
            least, most = (int(limit * 100) for limit in limits)
            for amount in {least - 1, least, most, most + 1}:
                fixed = [
                    replace(one, low=amount, high=amount)
                    if one.window_id == window_id and one.low <= amount <= one.high
                    else one
                    for one in package.blend.offers
                ]
                if fixed == list(package.blend.offers) and not least <= amount <= most:
                    continue  # beyond the window's own limits
                limits_now = span(fixed)
                works = limits_now is not None and limits_now[0] <= need <= limits_now[1]
                assert works == (least <= amount <= most)


def test_what_is_left_open_is_said_where_a_donor_gives_twice_or_less_than_it_wishes() -> None:
    source = Evidence(sentence="Half or more.", url="https://example.org")
    blending = Blending({"w1": (Decimal("0.5"), source)}, {"w3": source}, {}, 120)
    offered = [
        window("w1", amount=AmountRule(maximum=Decimal(7000))),
        window("w2", amount=AmountRule(maximum=Decimal(9000))),
        window("w3", amount=AmountRule(maximum=Decimal(20000))),
    ]
    facts = proposal()
    able = candidates(facts, [(terms, SETTING) for terms in offered], blending)
    assert [one.window_id for one in able] == ["w1", "w2"]  # the third pays for preparation alone
    (package,), _, _ = packages(Purpose(facts), able, blending, WEIGHTS)
    assert {(doubt.code, frozenset(doubt.window_ids)) for doubt in package.doubts} == {
        ("same_purse", frozenset({"w1", "w2"})), ("least_share", frozenset({"w1"})),
    }  # fmt: skip
    assert package.unknown == 2


def test_an_award_is_counted_and_its_own_donor_does_not_count_it() -> None:
    rule = CofinancingRule(mode="required", ratio=Decimal(1), required=Tri.YES, counts_in_kind=Tri.NO)
    one = window("w1", donor_id="a", cofinancing=rule)
    facts = proposal()
    able = [Candidate(one, SETTING, True)]
    for purse_, works in (("donor:b", True), ("donor:a", False)):
        purpose = Purpose(facts, (Granted("x", purse_, Decimal(7500)),))
        assert purpose.need == 750_000
        found, near, _ = blends(purpose, able, NO_BLENDING, 1)
        assert bool(found) == works
        assert [miss.short for miss in near] == ([] if works else [375_000])
    assert purse_of(one) == "donor:a"


def test_limits_in_another_currency_are_kept_to_the_cent() -> None:
    offered = [
        window("gbp", donor_id="g", amount=AmountRule(minimum=Decimal(3000), maximum=Decimal(7000), currency="GBP")),
        window("usd", donor_id="u", amount=AmountRule(maximum=Decimal(9000))),
    ]
    (package,) = found_by(proposal(), offered)
    asked = {member.window_id: member.facts.requested for member in package.members}
    assert asked["gbp"].currency == "GBP"
    assert package.unknown == 0
    assert sum(member.usd for member in package.members) == 15000
    ranges = package.ranges()
    assert ranges["usd"][1] == 9000
    assert (ranges["gbp"][1] * Decimal("0.76")).quantize(CENT) == 7000


@pytest.mark.parametrize("total", [30_000, 123_457, 200_000, 260_003])
def test_spreading_keeps_limits_and_prefers_round_sums(total: int) -> None:
    limits = [(10_000, 100_000), (0, 150_003), (20_000, 20_000)]
    amounts = spread(total, limits)
    assert sum(amounts) == total
    assert all(low <= amount <= high for amount, (low, high) in zip(amounts, limits, strict=True))
    assert sum(amount % EVEN != 0 for amount in amounts) <= (1 if total % EVEN else 0)


def test_windows_of_one_purse_are_bounded_together() -> None:
    """Each of two grants of one fund needs half as much again from elsewhere, and neither counts for the other."""
    offers = [Offer(name, "gef", 1, 100, Fraction(1, 2), 100) for name in ("a", "b")]
    assert span(offers) == (2, 80)  # each may be 40: half of that, and the 80 of both, leave nothing of the room
    assert share(offers, 80) == {"a": 40, "b": 40}
    assert share(offers, 81) is None
    assert reach(offers, 60, {"a": 30, "b": 30}, "a") == (1, 59)


def test_fewer_are_not_shown_beside_more() -> None:
    facts: Any = proposal()
    offered = [window("w1", donor_id="a"), window("w2", donor_id="b")]
    assert [len(package.members) for package in found_by(facts, offered)] == [1, 1]


def test_a_search_that_is_too_large_ends_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    offered = [
        window(f"w{number}", donor_id=f"d{number}", amount=AmountRule(maximum=Decimal(7600 + number)))
        for number in range(6)
    ]
    able = candidates(proposal(), [(terms, SETTING) for terms in offered], NO_BLENDING)
    whole = packages(Purpose(proposal()), able, NO_BLENDING, WEIGHTS)
    assert (len(whole.packages), whole.whole) == (15, True)
    monkeypatch.setattr(rules, "MOST_FOUND", 4)
    some = packages(Purpose(proposal()), able, NO_BLENDING, WEIGHTS)
    assert (len(some.packages), some.whole) == (4, False)
    assert all("w5" in {member.window_id for member in one.members} for one in some.packages)  # the largest of them
    monkeypatch.setattr(rules, "MOST_LOOKED_AT", 6)
    assert not packages(Purpose(proposal()), able, NO_BLENDING, WEIGHTS).packages
