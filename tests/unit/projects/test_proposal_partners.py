"""Partners of a proposal: what is missing of them, what differs, which are registered, what the event says."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from contracts.events import OrganisationRegistered, ProposalSubmitted
from contracts.values import Money
from services.projects.rules import proposals as rules
from services.projects.rules.proposals.payload import Submission, as_proposal, submitted
from services.projects.rules.proposals.states import section_states
from services.projects.values.proposals import AddressedAction, Partner, Partners, Proposal
from tests.unit.projects.proposal_build import RATES, complete, convert, fields, gaps_of, partner, text

ZOOLOGY = rules.Registered(UUID(int=70), "Institute  of zoology", "research", "KAZ")


def with_partners(*lines: Partner, none: bool = False) -> Proposal:
    return complete(partners=Partners(none, lines))


def said(proposal: Proposal) -> ProposalSubmitted:
    """The event of its submission."""
    organisation = OrganisationRegistered(
        organisation_id=UUID(int=1), name="Trust", legal_form="association", applicant_kind="ngo_local", country="KAZ",
        year_founded=2001, yearly_income=Money(amount=Decimal(1), currency="USD"), registration_number="",
    )  # fmt: skip
    figures = rules.totals(proposal.budget, proposal.cofinancing, convert)
    actions = [AddressedAction(action_id, "high", text(en="x")) for action_id in proposal.actions.ids]
    return submitted(proposal, actions, figures, convert, Submission(
        UUID(int=2), "CAMI-2026-0001", 1, organisation, "Aigul", datetime(2026, 11, 22, tzinfo=UTC), date(2026, 11, 1),
        "Rates", RATES.__getitem__,
    ))  # fmt: skip


def test_nobody_needs_partners_to_submit() -> None:
    silent = with_partners()
    assert [(gap.field, gap.kind) for gap in gaps_of(silent)] == [("none", "advice")]
    assert rules.may_submit("draft", lead=True, gaps=gaps_of(silent))
    assert section_states(silent, gaps_of(silent))["partners"] == "not_started"
    stated = with_partners(none=True)
    assert gaps_of(stated) == []
    assert section_states(stated, [])["partners"] == "done"


@pytest.mark.parametrize("field", ["name", "kind", "country", "role"])
def test_a_partner_that_is_named_is_described(field: str) -> None:
    second = replace(partner(2, name="Reserve"), **{field: ""})  # type: ignore[arg-type]
    assert fields(with_partners(partner(), second)) == [("partners", f"lines-1-{field}", "missing")]


def test_none_beside_some_and_one_named_twice_contradict() -> None:
    twice = with_partners(partner(), partner(2, name=" institute  of ZOOLOGY "), none=True)
    assert fields(twice) == [("partners", "none", "wrong"), ("partners", "lines-1-name", "wrong")]
    assert section_states(twice, gaps_of(twice))["partners"] == "needs_you"


def test_a_registered_organisation_is_known_by_its_name_and_fills_in_what_is_empty() -> None:
    short = Partner(name="INSTITUTE OF ZOOLOGY", role="Counts")
    own_words = Partner(name="Institute of zoology", kind="government", country="KGZ")
    other = Partner(name="Institute of Botany", organisation_id=UUID(int=70))
    found = rules.recognised(Partners(False, (short, own_words, other)), [ZOOLOGY]).lines
    assert (found[0].organisation_id, found[0].kind, found[0].country) == (UUID(int=70), "research", "KAZ")
    assert (found[1].organisation_id, found[1].kind, found[1].country) == (UUID(int=70), "government", "KGZ")
    assert found[2] == replace(other, organisation_id=None)


def test_a_name_that_two_organisations_share_is_neithers() -> None:
    twin = replace(ZOOLOGY, organisation_id=UUID(int=71))
    named = Partners(False, (Partner(name="Institute of Zoology"),))
    assert rules.recognised(named, [ZOOLOGY, twin]) == named


def test_the_event_says_them_and_a_version_says_them_again() -> None:
    proposal = with_partners(partner(organisation_id=UUID(int=70)), partner(2, name="Reserve", lead="open"))
    event = said(proposal)
    assert [(one.name, one.applicant_kind, one.country, one.role, one.lead) for one in event.partners] == [
        ("Institute of Zoology", "research", "KAZ", "Counts", "agreed"),
        ("Reserve", "research", "KAZ", "Counts", "open"),
    ]
    assert event.partners[0].organisation_id == UUID(int=70)
    assert as_proposal(event).partners == proposal.partners


def test_an_event_of_an_older_writer_names_none() -> None:
    old = said(with_partners()).model_dump(mode="json")
    del old["partners"]
    read = ProposalSubmitted.model_validate(old)
    assert read.partners == []
    assert as_proposal(read).partners == Partners()


def test_versions_differ_by_their_partners_and_not_by_the_statement_that_there_are_none() -> None:
    before = as_proposal(said(with_partners(partner())))
    found = rules.differences(before, with_partners(partner(lead="no"), partner(2, name="Reserve")))
    assert [(one.section, one.number, one.before is None, one.after.lead) for one in found] == [
        ("partners", 1, False, "no"), ("partners", 2, True, "agreed"),
    ]  # fmt: skip
    assert rules.differences(as_proposal(said(with_partners())), with_partners(none=True)) == []
    assert len(rules.differences(with_partners(), with_partners(none=True), "partners")) == 1
