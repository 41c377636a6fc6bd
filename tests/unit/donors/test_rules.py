"""Which rules changed, what contradicts what, closing, and two people at once."""

from datetime import date
from decimal import Decimal

import pytest
from starlette.datastructures import FormData

from contracts.values import Evidence, Tri
from contracts.windows import AmountRule, CallRule, CofinancingRule, DurationRule, WindowTerms
from services.donors import rules
from services.donors.forms import form_values, read_edit
from tests.unit.donors.test_inventory import WINDOWS

TODAY = date(2026, 11, 22)
MBZ = WINDOWS["mbz"]


def with_maximum(terms: WindowTerms, maximum: int) -> WindowTerms:
    return terms.model_copy(update={"amount": terms.amount.model_copy(update={"maximum": Decimal(maximum)})})


def test_nothing_changed() -> None:
    assert rules.changed(MBZ, MBZ.model_copy(update={"revision": 9})) == []


def test_the_day_of_the_next_check_is_no_part_of_a_rule() -> None:
    later = MBZ.amount.model_copy(
        update={"evidence": MBZ.amount.evidence.model_copy(update={"check_again": date(2030, 1, 1)})}
    )
    assert rules.changed(MBZ, MBZ.model_copy(update={"amount": later})) == []


def test_changed_rules_are_named_in_the_order_of_the_page() -> None:
    after = with_maximum(MBZ, 30_000).model_copy(update={"themes": [], "status": "open"})
    assert rules.changed(MBZ, after) == ["status", "amount", "themes"]


def test_every_field_of_the_terms_belongs_to_one_rule() -> None:
    fields = [field for fields in rules.PARTS.values() for field in fields]
    kept_by_the_program = {"window_id", "revision", "checked", "check_again"}
    assert len(fields) == len(set(fields))
    assert set(fields) | kept_by_the_program == set(WindowTerms.model_fields)


@pytest.mark.parametrize(
    ("status", "next_check"),
    [
        ("recurring", date(2027, 5, 22)),
        ("unknown", date(2027, 2, 22)),
        ("opens_later", date(2027, 2, 22)),
        ("closed", date(2027, 11, 22)),
    ],
)
def test_when_to_check_again(status: str, next_check: date) -> None:
    assert rules.check_again(status, TODAY) == next_check


def test_the_next_check_is_a_day_that_exists() -> None:
    assert rules.check_again("recurring", date(2026, 8, 31)) == date(2027, 2, 28)


def test_the_shipped_days_of_the_next_check_follow_the_rule() -> None:
    for terms in WINDOWS.values():
        for rule in rules.EVIDENCED:
            evidence = rules.evidence_of(terms, rule)
            assert evidence.checked is not None
            assert evidence.check_again == rules.check_again(terms.status, evidence.checked), terms.window_id


def test_a_new_revision_is_dated_by_what_was_checked() -> None:
    evidence = MBZ.amount.evidence.model_copy(update={"checked": date(2027, 1, 10)})
    after = rules.with_evidence(with_maximum(MBZ, 30_000), "amount", evidence)
    stamped = rules.stamped(MBZ, after, 2)
    assert (stamped.revision, stamped.checked) == (2, date(2027, 1, 10))
    assert stamped.amount.evidence.check_again == date(2027, 7, 10)
    assert stamped.check_again == MBZ.check_again


def test_shipped_terms_contradict_nothing() -> None:
    for terms in WINDOWS.values():
        assert rules.problems(terms, TODAY) == [], terms.window_id


@pytest.mark.parametrize(
    ("update", "code", "field"),
    [
        ({"amount": AmountRule(minimum=Decimal(9), maximum=Decimal(8))}, "amount_order", "amount_maximum"),
        ({"duration": DurationRule(minimum=24, maximum=12)}, "duration_order", "duration_maximum"),
        ({"call": CallRule(opens=TODAY, deadline=date(2026, 11, 1))}, "call_order", "call_deadline"),
        ({"call": CallRule(last_deadline=date(2026, 12, 1))}, "not_over_yet", "call_last_deadline"),
        ({"cofinancing": CofinancingRule(mode="portfolio_target")}, "ratio_missing", "cofinancing_ratio"),
        ({"cofinancing": CofinancingRule(mode="none", ratio=Decimal(1))}, "ratio_without_rule", "cofinancing_ratio"),
        ({"status_evidence": Evidence(confidence="high")}, "sure_without_source", "status_source"),
        ({"status_evidence": Evidence(checked=date(2026, 11, 23))}, "checked_tomorrow", "status_checked"),
    ],
)
def test_contradictions(update: dict[str, object], code: str, field: str) -> None:
    assert [(p.code, p.field) for p in rules.problems(MBZ.model_copy(update=update), TODAY)] == [(code, field)]


def test_closing_says_why_and_opening_again_too() -> None:
    closed = rules.closed(MBZ, "The fund takes a year off.", TODAY)
    assert (closed.status, closed.status_evidence.sentence) == ("closed", "The fund takes a year off.")
    assert rules.changed(MBZ, closed) == ["status"]
    again = rules.reopened(closed, "recurring", "It is back.", TODAY)
    assert (again.status, again.status_evidence.checked) == ("recurring", TODAY)
    with pytest.raises(ValueError, match="closing"):
        rules.reopened(closed, "closed", "?", TODAY)


def test_two_people_who_change_different_rules_get_both() -> None:
    mine, theirs = with_maximum(MBZ, 30_000), MBZ.model_copy(update={"notes": "Theirs."})
    merge = rules.merge(MBZ, mine, theirs)
    assert (merge.both, merge.theirs) == ((), ("notes",))
    assert (merge.terms.amount.maximum, merge.terms.notes) == (Decimal(30_000), "Theirs.")


def test_two_people_who_change_the_same_rule_have_to_look() -> None:
    merge = rules.merge(MBZ, with_maximum(MBZ, 30_000), with_maximum(MBZ, 40_000))
    assert merge.both == ("amount",)
    assert merge.terms.amount.maximum == Decimal(30_000)
    assert rules.merge(MBZ, with_maximum(MBZ, 30_000), with_maximum(MBZ, 30_000)).both == ()


def test_answers() -> None:
    darwin, adb = WINDOWS["darwin-main"], WINDOWS["adb-nature"]
    assert (rules.may_apply(darwin, "ngo_local"), rules.may_apply(darwin, "government")) == (Tri.YES, Tri.NO)
    assert rules.may_apply(adb, "government") is rules.may_apply(adb, "individual") is Tri.UNKNOWN
    assert rules.answer_for(WINDOWS["sln-grants"], "saiga") is Tri.NO


@pytest.mark.parametrize("terms", WINDOWS.values(), ids=WINDOWS)
def test_the_edit_form_sent_back_untouched_changes_nothing(terms: WindowTerms) -> None:
    pairs: list[tuple[str, str]] = [("reason", "None.")]
    for name, value in form_values(terms).items():
        flag = name.endswith(("_known", "_certain"))  # an empty checkbox is not sent
        pairs += [(name, one) for one in (value if isinstance(value, list) else [value]) if one or not flag]
    edit = read_edit(FormData(pairs), terms)
    assert edit.sections == tuple(rules.PARTS)
    assert rules.changed(terms, edit.terms) == []
