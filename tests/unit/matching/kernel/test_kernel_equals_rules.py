"""The fast path gives the answers of the readable rules, rule by rule."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.values import Money, Tri
from contracts.windows import AmountRule, CofinancingRule, WindowTerms
from services.matching.kernel import Kernel
from services.matching.rules import RULES, ProposalFacts
from services.matching.rules.answers import Setting
from services.matching.rules.facts import HALF_A_CENT, Cofinancing
from tests.unit.matching.build import proposal, window
from tests.unit.matching.kernel.random_data import (
    UNITS,
    rates,
    settings_of_windows,
    some_proposals,
    some_windows,
    wild_settings,
)

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A busy machine is no fault of the rules."""
NUMBERS = {"yes": 0, "unknown": 1, "no": 2}


def expected(facts: ProposalFacts, terms: WindowTerms, setting: Setting) -> list[int]:
    return [NUMBERS[rule(facts, terms, setting).verdict.value] for rule in RULES.values()]


def check(proposals: list[ProposalFacts], windows: list[WindowTerms], days: list[Setting], block: int) -> None:
    """Every rule of every pair in both directions, and the overall verdicts of every row in both."""
    kernel = Kernel(proposals, windows, days, block=block)
    reference = np.array([[expected(p, w, s) for p in proposals] for w, s in zip(windows, days, strict=True)])
    reference = reference.reshape(len(windows), len(proposals), len(RULES))
    overall = reference.max(axis=2, initial=0)
    for at, found in enumerate(kernel.every_window()):
        assert kernel.of_window(at).T.tolist() == reference[at].tolist()
        assert found.eligible.tolist() == np.flatnonzero(overall[at] == 0).tolist()
        assert found.unsure.tolist() == np.flatnonzero(overall[at] == 1).tolist()
    for row in range(len(proposals)):
        assert kernel.of_proposal(row).T.tolist() == reference[:, row].tolist()
        of_row = kernel.proposal(row)
        assert of_row.eligible.tolist() == np.flatnonzero(overall[:, row] == 0).tolist()
        assert of_row.unsure.tolist() == np.flatnonzero(overall[:, row] == 1).tolist()


@settings(UNHURRIED, max_examples=150)
@given(st.data(), some_proposals, some_windows, st.integers(1, 5))
def test_every_rule_and_verdict(
    data: st.DataObject, proposals: list[ProposalFacts], windows: list[WindowTerms], block: int
) -> None:
    check(proposals, windows, data.draw(settings_of_windows(len(windows))), block)


@settings(UNHURRIED, max_examples=60)
@given(st.data(), some_proposals, some_windows)
def test_what_changes_is_judged_as_if_it_had_always_been_so(
    data: st.DataObject, proposals: list[ProposalFacts], windows: list[WindowTerms]
) -> None:
    if not proposals or not windows:
        return
    days = data.draw(settings_of_windows(len(windows)))
    kernel = Kernel(proposals, windows, days, block=3)
    for _ in range(3):
        at, row = data.draw(st.integers(0, len(windows) - 1)), data.draw(st.integers(0, len(proposals) - 1))
        windows[at], days[at] = data.draw(some_windows.filter(len))[0], data.draw(wild_settings)
        proposals[row] = data.draw(some_proposals.filter(len))[0]
        of_window = kernel.rejudge_window(at, windows[at], days[at])
        assert [list(part) for part in of_window] == [list(part) for part in kernel.window(at)]
        of_row = kernel.rejudge_proposal(row, proposals[row])
        assert [list(part) for part in of_row] == [list(part) for part in kernel.proposal(row)]
    anew = Kernel(proposals, windows, days, block=100)
    for at in range(len(windows)):
        assert kernel.of_window(at).tolist() == anew.of_window(at).tolist()
        assert [list(part) for part in kernel.window(at)] == [list(part) for part in anew.window(at)]
    for row in range(len(proposals)):
        assert kernel.of_proposal(row).tolist() == anew.of_proposal(row).tolist()


@settings(UNHURRIED, max_examples=300)
@given(
    st.decimals(-1000, 10**6, places=3) | st.decimals(-9, 9, places=2), st.sampled_from(sorted(UNITS)), st.booleans(),
    st.sampled_from(["0.9", "1", "1.1"]),
)  # fmt: skip
def test_amounts_within_two_cents_of_every_border(limit: Decimal, currency: str, known: bool, factor: str) -> None:
    border = limit * Decimal(factor)
    own, usd = (
        [(amount + cents * Decimal("0.01")).quantize(Decimal("0.01")) for cents in range(-2, 3)]
        for amount in (border, border / Decimal(UNITS[currency]))
    )
    proposals = [proposal(requested=Money(amount=amount, currency=currency)) for amount in own]
    proposals += [proposal(requested=Money(amount=1, currency="XAU"), requested_usd=amount) for amount in usd]
    rules = (
        AmountRule(minimum=limit, minimum_known=known, currency=currency),
        AmountRule(maximum=limit, maximum_known=known, currency=currency),
    )
    windows = [window(amount=rule) for rule in rules]
    check(proposals, windows, [Setting(date(2026, 11, 22), rates(UNITS))] * 2, 100)


@settings(UNHURRIED, max_examples=70)
@given(
    st.decimals(0, 10**6, places=2), st.sampled_from(["0", "0.5", "1", "0.3333", "7", "1.25"]), st.integers(0, 5),
    st.sampled_from(list(Tri)), st.permutations([0, 1, 2, 3]),
)  # fmt: skip
def test_cofinancing_within_some_cents_of_the_ratio(
    usd: Decimal, ratio: str, lines: int, in_kind: Tri, order: list[int]
) -> None:
    need = (usd * Decimal(ratio)).quantize(Decimal("0.01"))
    proposals = []
    for cents in range(-8, 9):
        for parts in ((need, 0, 0, 0), (need / 2, need / 2, 0, 0), (need / 4,) * 4):
            have = [Decimal(parts[place]).quantize(Decimal("0.01")) for place in order]
            have[0] = max(Decimal(0), have[0] + cents * Decimal("0.01"))
            proposals.append(replace(
                proposal(), requested_usd=usd, rounding=lines * HALF_A_CENT, cofinancing=Cofinancing(*have)
            ))  # fmt: skip
    rule = CofinancingRule(mode="required", ratio=Decimal(ratio), required=Tri.YES, counts_in_kind=in_kind)
    check(proposals, [window(cofinancing=rule)], [Setting(date(2026, 11, 22), rates(UNITS))], 20)
