"""What lies at a border: of a block, of a limit, of what fits into 64 bits, of nothing at all."""

from dataclasses import replace
from decimal import Decimal

import pytest

from contracts.values import Tri
from contracts.windows import AmountRule, ApplicantRule, CofinancingRule, CountryRule, SpeciesRule, WindowTerms
from services.matching.kernel import NO, UNKNOWN, YES, Kernel
from services.matching.rules import RULES, ProposalFacts
from services.matching.rules.answers import Setting
from services.matching.rules.facts import Cofinancing
from tests.unit.matching.build import RATES, TODAY, asking, proposal, window

SETTING = Setting(TODAY, RATES)


def kernel(proposals: list[ProposalFacts], windows: list[WindowTerms], block: int = 1000) -> Kernel:
    return Kernel(proposals, windows, [SETTING] * len(windows), block=block)


def test_nothing_is_judged_against_nothing() -> None:
    assert list(kernel([], []).every_window()) == []
    (found,) = kernel([], [window()]).every_window()
    assert (found.eligible.tolist(), found.unsure.tolist()) == ([], [])
    found = kernel([proposal()], []).proposal(0)
    assert (found.eligible.tolist(), found.unsure.tolist()) == ([], [])
    assert kernel([], [window()]).of_window(0).shape == (len(RULES), 0)
    assert kernel([proposal()], []).of_proposal(0).shape == (len(RULES), 0)


def test_as_many_days_as_windows_and_a_block_that_holds_something() -> None:
    with pytest.raises(ValueError, match="shorter"):
        Kernel([proposal()], [window()], [])
    with pytest.raises(ValueError, match="at least one"):
        kernel([], [], block=0)


@pytest.mark.parametrize("block", [1, 2, 3, 4, 5, 6, 7, 8])
def test_no_proposal_is_lost_or_doubled_at_the_border_of_a_block(block: int) -> None:
    good, doubtful, bad = proposal(), proposal(themes=frozenset({"law"})), proposal(applicant_kind="research")
    found = kernel([good, bad, doubtful, good, good, doubtful, bad], [window()], block).window(0)
    assert found.eligible.tolist() == [0, 3, 4]
    assert found.unsure.tolist() == [2, 5]


def test_a_window_that_is_closed_or_doubtful_by_itself() -> None:
    judged = kernel([proposal(), proposal()], [window(status="closed"), window(status="unknown")])
    assert [part.tolist() for part in judged.window(0)] == [[], []]
    assert [part.tolist() for part in judged.window(1)] == [[], [0, 1]]
    assert judged.pair(1, 0)["status"] == UNKNOWN


def test_an_amount_is_exact_to_the_cent_in_its_own_currency() -> None:
    rule = AmountRule(minimum=Decimal("1000.005"), maximum=Decimal("20000.00"), currency="GBP")
    amounts = ["1000", "1000.01", "20000.00", "20000.01"]
    judged = kernel([proposal(**asking(amount, "GBP", 0)) for amount in amounts], [window(amount=rule)])
    assert [judged.pair(0, row)["amount_minimum"] for row in range(4)] == [NO, YES, YES, YES]
    assert [judged.pair(0, row)["amount_maximum"] for row in range(4)] == [YES, YES, YES, NO]


def test_a_converted_amount_is_near_a_limit_up_to_the_last_cent() -> None:
    rule = AmountRule(maximum=Decimal(760), currency="GBP")  # 1000 dollars
    amounts = ["899.99", "900", "1100", "1100.01"]
    judged = kernel([proposal(**asking(amount)) for amount in amounts], [window(amount=rule)])
    assert [judged.pair(0, row)["amount_maximum"] for row in range(4)] == [YES, UNKNOWN, UNKNOWN, NO]


def test_what_does_not_fit_into_columns_is_judged_by_the_reference() -> None:
    huge = replace(proposal(), requested_usd=Decimal(10) ** 20)
    fine_ratio = CofinancingRule(mode="required", ratio=Decimal(1) / 3)
    windows = [window(), window(cofinancing=fine_ratio)]
    proposals = [huge, proposal(), proposal(cofinancing=Cofinancing(Decimal(5000))), huge]
    judged = kernel(proposals, windows, block=2)
    assert judged.proposals.beyond.tolist() == [True, False, False, True]
    assert judged.windows.beyond.tolist() == [False, True]
    for at in range(2):
        for row in range(4):
            assert list(judged.pair(at, row).values()) == judged.by_reference(at, row)
    assert judged.window(0).eligible.tolist() == [0, 1, 2, 3]
    assert judged.window(1).eligible.tolist() == [2]


def test_more_codes_than_bits() -> None:
    species = [f"species-{number}" for number in range(70)]
    proposals = [proposal(species=frozenset({code})) for code in species]
    rule = SpeciesRule(basis="list", species=dict.fromkeys(species[::2], Tri.YES), others=Tri.NO)
    judged = kernel(proposals, [window(species=rule)])
    assert judged.proposals.beyond.sum() == 7
    assert judged.window(0).eligible.tolist() == list(range(0, 70, 2))


def test_codes_that_come_later_are_judged_all_the_same() -> None:
    judged = kernel([proposal(), proposal()], [window(), window()])
    strange = proposal(applicant_kind="bank", states=frozenset({"FRA"}), **asking(10, "JPY"))
    takes = window(
        applicants=ApplicantRule(kinds=["bank"]), countries=CountryRule(basis="list", states={"FRA": Tri.YES}),
        amount=AmountRule(minimum=Decimal(10), currency="JPY"),
    )  # fmt: skip
    assert judged.rejudge_proposal(1, strange).eligible.tolist() == []
    assert judged.rejudge_window(1, takes, SETTING).eligible.tolist() == [1]
    assert judged.proposal(1).eligible.tolist() == [1]
    assert judged.window(0).eligible.tolist() == [0]
