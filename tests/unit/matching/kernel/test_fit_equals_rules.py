"""The fast path gives the fit of the readable rules, part by part, and names the best pairs in the documented order."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.values import Money, Tri
from contracts.windows import AmountRule, CofinancingRule, SpeciesRule, WindowTerms
from services.matching.kernel import Fits, Kernel
from services.matching.kernel.fit import apportioned
from services.matching.rules import ProposalFacts
from services.matching.rules.answers import Setting
from services.matching.rules.facts import ZERO, AddressedAction, Cofinancing
from services.matching.rules.fit import fit
from services.matching.rules.history import NO_HISTORY, History, Outcome
from services.matching.rules.shares import apportion
from services.matching.rules.weights import PROPOSAL_PARTS, Weights
from tests.unit.matching.build import TODAY, proposal, window
from tests.unit.matching.kernel.random_data import (
    OPEN,
    SPECIES,
    THEMES,
    UNITS,
    rates,
    settings_of_windows,
    some,
    some_proposals,
    some_windows,
    wild_settings,
    with_themes_told,
)

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

wild_actions = st.frozensets(
    st.builds(
        AddressedAction, st.sampled_from(["1.1", "2.1", "3.1"]),
        st.sampled_from(["high", "medium", "low", "new_one", None]), some([*THEMES, "unheard_of"]).map(frozenset),
    ), max_size=4,
)  # fmt: skip
addressing = st.builds(
    lambda facts, actions, days: replace(facts, actions=actions, starts=TODAY + timedelta(days=days)),
    st.deferred(lambda: some_proposals.filter(len).map(lambda found: found[0])), wild_actions, st.integers(-70, 70),
)  # fmt: skip
histories = st.lists(
    st.builds(Outcome, st.booleans(), st.dates(TODAY.replace(year=2019), TODAY),
              some([*SPECIES, "kulan"]).map(frozenset), some([*THEMES, "law"]).map(frozenset)), max_size=4,
).map(History.of)  # fmt: skip


@st.composite
def wild_weights(draw: st.DrawFn) -> Weights:
    """Any points that make 100, and any scales."""
    cuts = sorted(draw(st.lists(st.integers(0, 100), min_size=7, max_size=7)))
    points = [after - before for before, after in zip([0, *cuts], [*cuts, 100], strict=True)]
    percent = st.sampled_from([0, 1, 33, 60, 99, 100])
    days = st.sampled_from([0, 1, 15, 45, 120])
    steps = ("application", "intermediary", "endorsement", "letters", "funds")
    return Weights(
        1, dict(zip(PROPOSAL_PARTS, points, strict=True)), {"priority": 100},
        {code: draw(percent) for code in ("high", "medium", "low")}, {step: draw(days) for step in steps},
    )  # fmt: skip


def check(fits: Fits) -> None:
    """Every part of every pair, the fit in both directions, and the best of every window and proposal."""
    kernel = fits.kernel
    every = np.arange(len(kernel.facts))
    all_windows = np.arange(len(kernel.terms))
    reference = {}
    for at, (terms, setting) in enumerate(zip(kernel.terms, kernel.settings, strict=True)):
        columns = fits.parts(at, every).T.tolist()
        for row, facts in enumerate(kernel.facts):
            reference[at, row], parts = fit(facts, terms, setting, fits.weights, fits.histories[at])
            assert columns[row] == [part.points for part in parts], (at, row)
        assert fits.of_window(at, every).tolist() == [reference[at, row] for row in every.tolist()]
        found = kernel.window(at)
        ranked = sorted(
            [(0, -reference[at, row], row) for row in found.eligible.tolist()]
            + [(1, -reference[at, row], row) for row in found.unsure.tolist()]
        )
        for most in (0, 1, 2, 100):
            best = fits.window(at, most)
            named = zip(best.eligible.tolist(), best.fits.tolist(), best.indices.tolist(), strict=True)
            assert [(int(not sure), -points, row) for sure, points, row in named] == ranked[:most]
            assert best.pairs == len(ranked)
    for row in every.tolist():
        assert fits.of_proposal(row, all_windows).tolist() == [reference[at, row] for at in all_windows.tolist()]
        found = kernel.proposal(row)
        ranked = sorted(
            [(0, -reference[at, row], at) for at in found.eligible.tolist()]
            + [(1, -reference[at, row], at) for at in found.unsure.tolist()]
        )
        assert fits.proposal(row, 2).indices.tolist() == [at for _, _, at in ranked[:2]]


def built(
    proposals: list[ProposalFacts], windows: list[WindowTerms], days: list[Setting], weights: Weights,
    known: list[History] | None = None,
) -> Fits:  # fmt: skip
    return Fits(Kernel(proposals, windows, days, block=4), weights, known)


@settings(UNHURRIED, max_examples=80)
@given(st.data(), st.lists(addressing, max_size=6), some_windows, wild_weights())
def test_every_part(
    data: st.DataObject, proposals: list[ProposalFacts], windows: list[WindowTerms], weights: Weights
) -> None:
    known = [data.draw(histories) for _ in windows]
    check(built(proposals, windows, data.draw(settings_of_windows(len(windows))), weights, known))


@settings(UNHURRIED, max_examples=30)
@given(st.data(), st.lists(addressing, min_size=1, max_size=5), some_windows.filter(len), wild_weights())
def test_what_changes_has_the_fit_that_it_would_always_have_had(
    data: st.DataObject, proposals: list[ProposalFacts], windows: list[WindowTerms], weights: Weights
) -> None:
    days = data.draw(settings_of_windows(len(windows)))
    fits = built(proposals, windows, days, weights)
    for _ in range(3):
        at, row = data.draw(st.integers(0, len(windows) - 1)), data.draw(st.integers(0, len(proposals) - 1))
        terms, setting, history = data.draw(some_windows.filter(len))[0], data.draw(wild_settings), data.draw(histories)
        of_window = fits.rejudge_window(at, terms, setting, history)
        assert [list(part) for part in of_window[:3]] == [list(part) for part in fits.window(at)[:3]]
        of_row = fits.rejudge_proposal(row, data.draw(addressing))
        assert [list(part) for part in of_row[:3]] == [list(part) for part in fits.proposal(row)[:3]]
    check(fits)


@settings(UNHURRIED, max_examples=60)
@given(st.lists(addressing, min_size=1, max_size=5), some([*THEMES, "law"]), some(THEMES))
def test_themes_that_were_told_by_answers(proposals: list[ProposalFacts], told: list[str], known: list[str]) -> None:
    """The only themes of one window, beside published ones of another."""
    bare = OPEN.model_copy(update={"themes": []})
    windows = [with_themes_told(bare, told), with_themes_told(bare.model_copy(update={"themes": known}), told)]
    shares_none = proposal(themes=frozenset({"new_one"}), actions=frozenset({BESIDE}))
    check(built([shares_none, *proposals], windows, [Setting(TODAY, rates(UNITS))] * 2, EVEN))


BESIDE = AddressedAction("1.1", "high", frozenset({"new_one"}))


EVEN = Weights(
    1, dict(zip(PROPOSAL_PARTS, (20, 20, 15, 10, 10, 10, 10, 5), strict=True)), {}, {"high": 100, "medium": 60},
    {"application": 30, "intermediary": 120, "endorsement": 45, "letters": 30, "funds": 60},
)  # fmt: skip
cents = st.decimals(0, 10**6, places=2)


@settings(UNHURRIED, max_examples=80)
@given(cents, cents, st.sampled_from(sorted(UNITS)), st.lists(cents | st.decimals(0, 10**11, places=2), max_size=6))
def test_sizes_on_both_sides_of_the_usual(least: Decimal, most: Decimal, currency: str, asked: list[Decimal]) -> None:
    near = [limit + cent * Decimal("0.01") for limit in (least, most, most / 4) for cent in range(-2, 3)]
    amounts = [amount.quantize(Decimal("0.01")) for amount in [*asked, *near]]
    own = [proposal(requested=Money(amount=amount, currency=currency)) for amount in amounts]
    other = [proposal(requested=Money(amount=1, currency="XAU"), requested_usd=amount) for amount in amounts]
    rules = [AmountRule(minimum=least, maximum=most, currency=currency), AmountRule(maximum=most, currency=currency)]
    windows = [window(amount=rule) for rule in rules]
    check(built(own + other, windows, [Setting(TODAY, rates(UNITS))] * 2, EVEN))


@settings(UNHURRIED, max_examples=60)
@given(
    st.lists(st.tuples(cents, cents, cents), max_size=8), st.sampled_from(["0.5", "1", "0.3333", "7", "0.00001"]),
    st.sampled_from(["encouraged", "required", "portfolio_target", "unknown"]), st.sampled_from(list(Tri)),
    st.booleans(), st.integers(0, 200),
)  # fmt: skip
def test_money_in_hand_and_what_its_want_takes_in_days(
    sums: list[tuple[Decimal, Decimal, Decimal]], ratio: str, mode: str, in_kind: Tri, stated: bool, days: int
) -> None:
    proposals = [
        proposal(requested=Money(amount=usd, currency="USD"), requested_usd=usd,
                 cofinancing=have)
        for usd, sure, hoped in [*sums, *((usd, usd, usd / 2) for usd, _, _ in sums if usd % 2 == 0)]
        for near in [(usd * Decimal(ratio)).quantize(Decimal("0.01"))]
        for have in (
            Cofinancing(confirmed_cash=sure, indicative_in_kind=hoped), Cofinancing(ZERO, sure, hoped),
            Cofinancing(hoped, sure, hoped, sure), Cofinancing(confirmed_in_kind=2 * near),
            Cofinancing(indicative_in_kind=near),
        )
    ]  # fmt: skip
    rule = CofinancingRule.model_validate(
        {"mode": mode, "ratio": Decimal(ratio) if stated else None, "counts_in_kind": in_kind}
    )
    call = window().call.model_copy(update={"cycle": "irregular", "deadline": TODAY + timedelta(days=days)})
    check(built(proposals, [window(cofinancing=rule, call=call)], [Setting(TODAY, rates(UNITS))], EVEN))


@given(st.lists(st.lists(st.integers(0, 100_000), min_size=8, max_size=8), min_size=1, max_size=5))
def test_points_are_apportioned_as_the_rules_do(thousandths: list[list[int]]) -> None:
    assert apportioned(np.array(thousandths).T).T.tolist() == [apportion(one) for one in thousandths]


def test_of_equal_pairs_the_eligible_and_then_the_first_come_first() -> None:
    sure, other = proposal(), proposal(states=frozenset({"KGZ"}))
    fits = built([sure, other, sure, sure], [window()], [Setting(TODAY, rates(UNITS))], EVEN)
    best = fits.window(0, 3)
    assert best.indices.tolist() == sorted(best.indices.tolist())
    assert best.pairs == 4
    unsure = built([proposal(themes=frozenset({"law"})), sure], [window()], [Setting(TODAY, rates(UNITS))], EVEN)
    assert unsure.window(0).indices.tolist() == [1, 0]


def test_themes_beyond_the_last_bit_are_asked_of_the_rules() -> None:
    """More themes than a word has bits: those of actions are counted none the less."""
    many = [f"t{number}" for number in range(70)]
    action = AddressedAction("1.1", "high", frozenset({"t68"}))
    proposals = [proposal(themes=frozenset(many[:40])), proposal(actions=frozenset({action}))]
    windows = [window(themes=many), window(themes=[])]
    fits = built(proposals, windows, [Setting(TODAY, rates(UNITS))] * 2, EVEN)
    assert fits.columns.q.beyond.tolist() == [False, True]
    check(fits)


def test_huge_requests_and_wild_limits_are_asked_of_the_rules() -> None:
    huge = proposal(requested=Money(amount=Decimal("200000000"), currency="USD"), requested_usd=Decimal("200000000"))
    windows = [
        window(amount=AmountRule(minimum=Decimal(-5), maximum=Decimal(100))),
        window(amount=AmountRule(maximum=Decimal("0.0000003"))),
        window(cofinancing=CofinancingRule(mode="encouraged", ratio=Decimal(1) / 3)),
    ]
    fits = built([huge, proposal()], windows, [Setting(TODAY, rates(UNITS))] * 3, EVEN, [NO_HISTORY] * 3)
    assert fits.columns.q.beyond.tolist() == [True, False]
    assert fits.columns.v.beyond.tolist() == [True, True, True]
    check(fits)


def test_species_that_are_preferred_and_species_that_nobody_names() -> None:
    rule = SpeciesRule(
        basis="preference", others=Tri.YES, species={"saiga": Tri.UNKNOWN}, preferred=["argali", "saiga"]
    )
    proposals = [
        proposal(species=frozenset(some)) for some in (["argali"], ["saiga", "urial"], [], ["argali", "saiga"])
    ]
    check(built(proposals, [window(species=rule)], [Setting(TODAY, rates(UNITS))], EVEN))
