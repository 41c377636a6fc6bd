"""What outcomes say of rules and parts, held against figures worked out by hand."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.rules.outcomes import (
    Case,
    Outcome,
    Share,
    Snapshot,
    answered,
    by_part,
    by_rule,
    difference,
    in_spite,
    wilson,
)


def case(outcome: Outcome, overall: str = "eligible", begun: str | None = None, **parts: Any) -> Case:
    verdicts = {"status": "no" if overall == "not_eligible" else "yes", "species": "unknown"}
    seen = Snapshot(overall, 50, verdicts, parts)
    return Case(outcome, seen, Snapshot(begun) if begun else None)


@pytest.mark.parametrize(
    ("good", "of", "low", "high"),
    # Newcombe (1998), Statistics in Medicine 17: 857-872, table I, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilsons_interval_is_the_published_one(good: int, of: int, low: float, high: float) -> None:
    assert wilson(good, of) == pytest.approx((low, high), abs=0.00005)


@given(st.integers(1, 500).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_wilsons_interval_holds_the_share_and_stays_between_nought_and_one(share: tuple[int, int]) -> None:
    good, of = share
    low, high = wilson(good, of)
    assert 0 <= low <= good / of <= high <= 1
    other_low, other_high = wilson(of - good, of)
    assert (1 - other_high, 1 - other_low) == pytest.approx((low, high))


@pytest.mark.parametrize(("good", "of"), [(0, 0), (-1, 5), (6, 5)])
def test_what_is_no_share_is_refused(good: int, of: int) -> None:
    with pytest.raises(ValueError, match="is no share"):
        wilson(good, of)


def test_each_answer_of_a_rule_is_counted_with_what_became_of_it() -> None:
    cases = [
        *[case("awarded")] * 3, *[case("submitted")] * 4, *[case("declined")] * 2, case("dismissed"),
        *[case("approached")] * 5, case("shortlisted"), case("awarded", "not_eligible"),
        *[case("dismissed", "not_eligible")] * 9,
    ]  # fmt: skip
    yes, no, unknown = by_rule(cases, ["status", "species", "deadline"])
    assert (yes.rule, yes.answer, yes.total, yes.under_way) == ("status", "yes", 16, 6)
    assert (yes.held, yes.held.enough) == (Share(7, 10), True)
    assert (no.rule, no.answer, no.held) == ("status", "no", Share(9, 10))
    assert (unknown.rule, unknown.answer, unknown.held) == ("species", "unknown", Share(8, 20))


def test_under_ten_cases_there_are_too_few_to_tell() -> None:
    assert not Share(9, 9).enough
    assert Share(9, 10).enough


def test_a_part_is_set_side_by_side_where_it_went_well_and_where_not() -> None:
    good = [case("awarded", size=(10, 10)), case("shortlisted", size=(5, 10))] * 5
    bad = [case("declined", size=(2, 10)), case("dismissed", size=(0, 10))] * 5
    size, history = by_part([*good, *bad], ["size", "history"])
    assert (size.for_count, size.for_mean, size.against_count, size.against_mean) == (10, 0.75, 10, 0.1)
    # by hand: variances 0.625 / 9 and 0.1 / 9; 1.96 * sqrt((0.069444 + 0.011111) / 10) = 0.17592
    assert size.difference == pytest.approx((0.65, 0.47408, 0.82592), abs=0.0001)
    assert size.tells == "more"
    assert (history.for_mean, history.against_mean, history.tells) == (None, None, "few")
    (worse,) = by_part([*[case("awarded", size=(0, 5))] * 10, *[case("dismissed", size=(4, 5))] * 10], ["size"])
    assert worse.tells == "less"
    (few,) = by_part([*good, *bad[:9]], ["size"])
    assert (few.tells, few.against_count) == ("few", 9)


def test_a_part_that_varies_more_than_it_differs_tells_nothing() -> None:
    half = [0.0, 1.0] * 10
    found = difference(half, [0.1, 1.0] * 10)
    assert found is not None
    mean, low, high = found
    assert mean == pytest.approx(-0.05)
    assert low < 0 < high


def test_who_went_against_the_verdict() -> None:
    assert in_spite(case("awarded", "eligible", begun="not_eligible")) == "pursued"
    assert in_spite(case("declined", "not_eligible", begun="not_eligible")) == "pursued"
    assert in_spite(case("dismissed", "eligible")) == "dismissed"
    assert in_spite(case("dismissed", "unsure")) == ""
    assert in_spite(case("shortlisted", "not_eligible")) == "pursued"
    assert in_spite(case("dismissed", "not_eligible")) == ""
    assert in_spite(case("awarded", "unsure", begun="unsure")) == ""


def test_what_donors_have_answered() -> None:
    assert answered([case("awarded"), case("declined"), case("declined"), case("submitted")]) == Share(1, 3)
