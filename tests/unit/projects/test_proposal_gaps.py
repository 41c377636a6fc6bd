"""Every gap is named with its field, and nothing that is complete has one."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from contracts.values import LocalizedText, Text
from services.projects.rules import proposals as rules
from services.projects.values.proposals import (
    SECTIONS,
    TEXT_FIELDS,
    Budget,
    BudgetLine,
    ChosenActions,
    Cofinancing,
    Contact,
    Contacts,
    Dates,
    Places,
    Proposal,
    Summary,
)
from tests.unit.projects.proposal_build import (
    budget_line,
    cofinancing_line,
    complete,
    convert,
    fields,
    gaps_of,
    text,
)


def states_of(proposal: Proposal) -> dict[str, str]:
    return dict(rules.section_states(proposal, gaps_of(proposal)))


def test_a_complete_proposal_has_no_gap_and_may_be_submitted_by_its_lead() -> None:
    proposal = complete()
    assert gaps_of(proposal) == []
    assert set(states_of(proposal).values()) == {"done"}
    assert rules.may_submit("draft", lead=True, gaps=[])
    assert rules.may_submit("withdrawn", lead=True, gaps=[])
    assert not rules.may_submit("draft", lead=False, gaps=[])
    assert not rules.may_submit("submitted", lead=True, gaps=[])


def test_an_empty_draft_names_every_required_field_and_nothing_is_wrong_with_it() -> None:
    assert fields(Proposal()) == [
        *(("summary", f"{name}-en", "missing") for name in TEXT_FIELDS),
        ("actions", "actions", "missing"),
        ("species", "species", "missing"),
        ("species", "states", "missing"),
        ("dates", "starts", "missing"),
        ("dates", "ends", "missing"),
        ("budget", "lines-0-description", "missing"),
        ("cofinancing", "none", "missing"),
        ("partners", "none", "advice"),
        ("contacts", "lines-0-name", "missing"),
    ]
    assert states_of(Proposal()) == dict.fromkeys(SECTIONS, "not_started")
    assert not rules.may_submit("draft", lead=True, gaps=gaps_of(Proposal()))


def test_the_language_written_in_is_the_one_that_must_be_filled() -> None:
    proposal = complete(summary=Summary("ru", complete().summary.texts))
    assert ("summary", "title-ru", "missing") in fields(proposal)
    assert states_of(proposal)["summary"] == "in_progress"


def test_a_text_that_is_too_long_is_kept_and_named_with_both_lengths() -> None:
    texts = {**complete().summary.texts, "title": text(en="x" * 201)}
    (gap,) = gaps_of(complete(summary=Summary("en", texts)))
    assert (gap.field, gap.kind, dict(gap.params)) == ("title-en", "wrong", {"length": 201, "limit": 200})
    assert states_of(complete(summary=Summary("en", texts)))["summary"] == "needs_you"


def test_a_stale_translation_is_advice_and_no_obstacle() -> None:
    stale = LocalizedText(source="en", versions={"en": Text(text="New"), "ru": Text(text="Старое", stale=True)})
    proposal = complete(summary=Summary("en", {**complete().summary.texts, "title": stale}))
    assert fields(proposal) == [("summary", "title-ru", "advice")]
    assert states_of(proposal)["summary"] == "done"
    assert rules.may_submit("draft", lead=True, gaps=gaps_of(proposal))


def test_an_action_that_the_programme_has_no_more_is_named() -> None:
    proposal = complete(actions=ChosenActions("cami-2021-2026", ("1.1", "99.9")))
    figures = rules.totals(proposal.budget, proposal.cofinancing, convert)
    (gap,) = rules.gaps(proposal, figures, ["1.1"], organisation_known=True)
    assert (gap.section, gap.kind, dict(gap.params)) == ("actions", "wrong", {"action": "99.9"})


@pytest.mark.parametrize(
    ("starts", "ends", "kind"),
    [
        (date(2027, 1, 1), date(2026, 12, 31), "wrong"),
        (date(2027, 1, 1), date(2027, 1, 30), "wrong"),
        (date(2027, 1, 1), date(2037, 1, 31), "wrong"),
        (date(2027, 1, 1), date(2036, 12, 31), None),
        (date(2027, 1, 1), None, "missing"),
    ],
)
def test_dates_that_cannot_be(starts: date, ends: date | None, kind: str | None) -> None:
    found = [gap.kind for gap in gaps_of(complete(dates=Dates(starts, ends))) if gap.section == "dates"]
    assert found == ([kind] if kind else [])


def test_each_part_of_a_half_filled_line_is_named_at_its_field() -> None:
    lines = (budget_line(1), BudgetLine(description="Collars", year=None))
    found = gaps_of(complete(budget=Budget("USD", lines)))
    assert [gap.field for gap in found] == ["lines-1-category", "lines-1-year", "lines-1-amount"]
    assert {dict(gap.params)["line"] for gap in found} == {2}
    assert all(gap.kind == "missing" for gap in found)


def test_a_budget_year_after_the_end_and_an_amount_of_nothing_are_wrong() -> None:
    lines = (budget_line(1, year=3), budget_line(2, amount=Decimal("0.00")))
    assert fields(complete(budget=Budget("USD", lines)))[:2] == [
        ("budget", "lines-0-year", "wrong"),
        ("budget", "lines-1-amount", "wrong"),
    ]


def test_without_dates_no_budget_year_is_wrong() -> None:
    proposal = complete(dates=Dates(), budget=Budget("USD", (budget_line(1, year=9),)))
    assert not [gap for gap in gaps_of(proposal) if gap.section == "budget"]


def test_more_cofinancing_than_budget_is_an_error_and_so_is_as_much() -> None:
    for amount in ("2000.00", "2000.01"):
        lines = (cofinancing_line(1, amount=Decimal(amount)),)
        proposal = complete(cofinancing=Cofinancing(False, lines))
        assert fields(proposal) == [("cofinancing", "lines-0-amount", "wrong")]
    messages = {
        gaps_of(complete(cofinancing=Cofinancing(False, (cofinancing_line(1, amount=Decimal(amount)),))))[0].message
        for amount in ("2000.00", "2000.01")
    }
    assert len(messages) == 2


def test_no_cofinancing_must_be_said_and_must_not_contradict_the_lines() -> None:
    assert fields(complete(cofinancing=Cofinancing())) == [("cofinancing", "none", "missing")]
    assert fields(complete(cofinancing=Cofinancing(none=True))) == []
    assert fields(complete(cofinancing=Cofinancing(True, (cofinancing_line(),)))) == [("cofinancing", "none", "wrong")]


def test_a_half_filled_contact_and_missing_places_are_named() -> None:
    proposal = complete(contacts=Contacts((Contact(None, "Aigul"),)), species=Places((), ("KAZ",)))
    assert fields(proposal) == [
        ("species", "species", "missing"),
        ("contacts", "lines-0-role", "missing"),
        ("contacts", "lines-0-email", "missing"),
    ]
    assert states_of(proposal)["contacts"] == "in_progress"


def test_an_organisation_that_has_not_arrived_blocks_only_the_submission() -> None:
    found = gaps_of(complete(), organisation_known=False)
    assert [(gap.section, gap.blocks) for gap in found] == [("organisation", True)]
    assert set(rules.section_states(complete(), found).values()) == {"done"}


def test_a_total_beyond_what_can_be_stated_is_refused() -> None:
    lines = tuple(budget_line(n, amount=Decimal("999999999999.99")) for n in range(1, 12))
    assert ("budget", "lines-0-amount", "wrong") in fields(complete(budget=Budget("USD", lines)))


def test_replacing_any_section_by_nothing_leaves_only_its_own_gaps() -> None:
    for section in SECTIONS:
        emptied = replace(complete(), **{section: getattr(Proposal(), section)})
        blamed = {gap.section for gap in gaps_of(emptied)}
        # Without a budget there is nothing for the co-financing to exceed.
        assert blamed == {section}, section
