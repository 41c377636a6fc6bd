"""What changed between two versions, field by field and line by line."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from contracts.events import OrganisationRegistered
from contracts.values import LocalizedText, Money
from services.projects.rules import proposals as rules
from services.projects.rules.proposals.payload import Submission, as_proposal, submitted
from services.projects.values.proposals import (
    SECTIONS,
    AddressedAction,
    Budget,
    ChosenActions,
    Contact,
    Contacts,
    Dates,
    Places,
    Summary,
)
from tests.unit.projects.proposal_build import budget_line, complete, convert, text


def test_equal_proposals_do_not_differ() -> None:
    assert rules.differences(complete(), complete()) == []
    assert all(rules.same_answers(complete(), complete(), section) for section in SECTIONS)


def test_each_field_that_differs_is_named_once() -> None:
    after = complete(
        summary=Summary("en", {**complete().summary.texts, "title": text(en="New", ru="Новое")}),
        actions=ChosenActions("cami-2021-2026", ("1.1",)),
        species=Places(("saiga", "argali"), ("KAZ", "UZB")),
        dates=Dates(date(2027, 1, 1), date(2029, 12, 31)),
    )
    found = [(one.field, one.language, one.before, one.after) for one in rules.differences(complete(), after)]
    assert found == [
        ("title", "en", "Our title", "New"),
        ("title", "ru", None, "Новое"),
        ("actions", "", ("1.1", "12.3"), ("1.1",)),
        ("species", "", ("saiga",), ("saiga", "argali")),
        ("ends", "", date(2028, 12, 31), date(2029, 12, 31)),
    ]


def test_lines_pair_by_their_id() -> None:
    kept, gone = budget_line(1), budget_line(2, year=2, category="travel")
    dearer, added = replace(kept, amount=Decimal("1500")), budget_line(7)
    after = complete(budget=Budget("EUR", (added, dearer)))
    found = [(one.field, one.number, one.before, one.after) for one in rules.differences(complete(), after, "budget")]
    assert found == [
        ("currency", 0, "USD", "EUR"),
        ("line", 2, kept, dearer),
        ("line", 1, None, added),
        ("line", 2, gone, None),
    ]


def test_the_same_line_under_a_new_id_is_no_difference() -> None:
    lines = tuple(replace(line, line_id=None) for line in complete().budget.lines)
    after = complete(budget=Budget("USD", lines))
    assert rules.differences(complete(), after, "budget") == []
    assert rules.same_answers(complete(), after, "budget")


def test_lines_without_ids_are_compared_by_what_they_say() -> None:
    people = (Contact(None, "Aigul", "Lead", "a@example.org"), Contact(None, "Bolat", "Finance", "b@example.org"))
    stored = tuple(replace(one, line_id=UUID(int=number)) for number, one in enumerate(people, start=1))
    before = complete(contacts=Contacts(people))
    assert rules.differences(before, complete(contacts=Contacts(stored))) == []
    found = rules.differences(before, complete(contacts=Contacts(stored[:1])))
    assert [(one.before, one.after) for one in found] == [(people[1], None)]


def test_only_one_section_is_compared_when_asked() -> None:
    after = complete(dates=Dates(), species=Places())
    assert {one.section for one in rules.differences(complete(), after, "dates")} == {"dates"}


def test_a_submission_says_everything_and_can_be_compared_again() -> None:
    organisation = OrganisationRegistered(
        organisation_id=UUID(int=5), name="Steppe", legal_form="association", applicant_kind="ngo_local", country="KAZ",
        year_founded=2001, yearly_income=Money(amount=Decimal(1), currency="USD"), registration_number="1",
    )  # fmt: skip
    proposal = complete(budget=Budget("EUR", (budget_line(1), budget_line(2, year=2, category="travel"))))
    actions = [
        AddressedAction("1.1", "high", LocalizedText(), ("law",)),
        AddressedAction("12.3", None, LocalizedText(), ("law", "x")),
    ]
    about = Submission(
        UUID(int=6),
        "CAMI-2026-0001",
        1,
        organisation,
        "Aigul",
        datetime(2026, 11, 22, tzinfo=UTC),
        date(2026, 11, 1),
        "UN",
        {"USD": Decimal(1), "EUR": Decimal("0.8"), "KGS": Decimal(80)}.__getitem__,
    )
    figures = rules.totals(proposal.budget, proposal.cofinancing, convert)
    said = submitted(proposal, actions, figures, convert, about)
    assert (said.total.amount, said.currency, said.total_usd) == (Decimal(1600), "EUR", Decimal(2000))
    assert (said.requested.amount, said.requested_usd) == (Decimal(1440), Decimal(1800))
    assert sum(line.usd for line in said.budget) == said.total_usd
    assert (said.themes, said.duration_months) == (["law", "x"], 24)
    assert (said.rates_date, said.rates_source) == (date(2026, 11, 1), "UN")
    assert said.rates == {"EUR": Decimal("0.8"), "USD": Decimal(1)}, "the rates that were used, and no others"
    again = as_proposal(type(said).model_validate_json(said.model_dump_json()))
    assert rules.differences(proposal, again) == []
