"""What would make a proposal fit: each kind of change, and that no smaller set would do."""

from dataclasses import replace
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.values import Money, Tri
from contracts.windows import (
    AmountRule,
    ApplicantRule,
    CallRule,
    CofinancingRule,
    CountryRule,
    DurationRule,
    IntermediaryRule,
    SpeciesRule,
    WindowTerms,
)
from services.matching.rules import ProposalFacts
from services.matching.rules.amendments import KINDS, Cost, variants
from services.matching.rules.answers import Setting
from services.matching.rules.changes import Changed, Help, openings, what_would_help
from services.matching.rules.eligibility import findings, verdicts
from services.matching.rules.facts import Cofinancing, Partner
from services.matching.rules.findings import overall_of
from tests.unit.matching.build import RATES, TODAY, asking, proposal, window
from tests.unit.matching.test_properties import KINDS as APPLICANTS
from tests.unit.matching.test_properties import STATES, proposals, some, windows

SETTING = Setting(TODAY, RATES)
MATCHED = CofinancingRule(mode="required", ratio=Decimal(1), required=Tri.YES, counts_in_kind=Tri.NO)


def helped(facts: ProposalFacts, terms: WindowTerms) -> Help:
    return what_would_help(facts, terms, SETTING)


def certain(facts: ProposalFacts, terms: WindowTerms) -> Changed:
    """The smallest set to a yes; asserts that the rules, asked in the ordinary way, say yes indeed."""
    found = helped(facts, terms).certain
    assert found is not None
    assert overall_of(one.verdict for one in findings(found.facts, terms, SETTING)) == "eligible"
    return found


def codes(changed: Changed | None) -> list[str]:
    return [amendment.code for amendment in changed.amendments] if changed else []


def test_asking_for_less_costs_the_difference() -> None:
    found = certain(proposal(**asking(26000)), window())
    assert codes(found) == ["amount_less"]
    assert found.facts.requested == Money(amount=Decimal(20000), currency="USD")
    assert found.cost.usd == 6000


def test_asking_for_more_reaches_the_smallest_grant() -> None:
    found = certain(proposal(), window(amount=AmountRule(minimum=Decimal(40000))))
    assert codes(found) == ["amount_more"]
    assert found.cost.usd == 25000


def test_another_currency_is_asked_for_exactly() -> None:
    found = certain(proposal(), window(amount=AmountRule(maximum=Decimal(7600), currency="GBP")))
    assert found.facts.requested == Money(amount=Decimal(7600), currency="GBP")
    assert (found.facts.requested_usd, found.cost.usd) == (Decimal(10000), Decimal(5000))


@pytest.mark.parametrize(("least", "most", "code", "months"), [(None, 9, "duration_shorter", 3),
                                                               (24, None, "duration_longer", 12)])  # fmt: skip
def test_duration(least: int | None, most: int | None, code: str, months: int) -> None:
    found = certain(proposal(), window(duration=DurationRule(minimum=least, maximum=most)))
    assert codes(found) == [code]
    assert found.cost.months == months


def test_a_state_that_is_refused_is_dropped() -> None:
    found = certain(proposal(), window(countries=CountryRule(basis="list", states={"KGZ": Tri.YES, "TJK": Tri.NO})))
    assert (codes(found), found.facts.states, found.cost.states) == (["states_drop"], frozenset({"KGZ"}), 1)


def test_work_is_not_moved_wholly_to_other_states() -> None:
    terms = window(countries=CountryRule(basis="list", states={"KGZ": Tri.NO, "TJK": Tri.NO, "MNG": Tri.YES}))
    assert helped(proposal(), terms) == Help(None, None, ("states",), ())


def test_a_partner_that_may_apply_leads() -> None:
    terms = window(applicants=ApplicantRule(kinds=["government", "research"], uncertain=["company"]))
    found = certain(proposal(), terms)
    assert found.amendments[0].params == {"kinds": ["government", "research"]}
    assert (found.cost.leads, found.cost.found) == (1, 1)


ZOOLOGY, RESERVE = Partner("Institute of Zoology", "research"), Partner("Reserve", "government")
EITHER = window(applicants=ApplicantRule(kinds=["government", "research"]))


def lead(*partners: Partner) -> tuple[str, object, Cost]:
    """(code, whose names, cost) of the only change that EITHER asks of a proposal with these partners."""
    found = certain(proposal(partners=frozenset(partners)), EITHER)
    [amendment] = found.amendments
    return amendment.code, amendment.params.get("partners"), found.cost


def test_a_partner_that_is_named_leads_before_one_to_be_found() -> None:
    assert lead() == ("lead", None, Cost(leads=1, found=1))
    assert lead(ZOOLOGY) == ("lead_partner", ["Institute of Zoology"], Cost(leads=1, letters=1))
    assert lead(Partner("Company", "company")) == ("lead", None, Cost(leads=1, found=1))


def test_any_of_several_partners_may_lead_and_one_that_has_agreed_goes_first() -> None:
    both = ["Reserve", "Institute of Zoology"]
    assert lead(ZOOLOGY, RESERVE) == ("lead_partner", both, Cost(leads=1, letters=1))
    assert lead(replace(ZOOLOGY, agreed=True), RESERVE) == ("lead_agreed", ["Institute of Zoology"], Cost(leads=1))


def test_a_partner_of_a_kind_that_is_only_uncertain_does_not_pass_for_a_sure_one() -> None:
    terms = window(applicants=ApplicantRule(kinds=["government"], uncertain=["research"]))
    found = helped(proposal(partners=frozenset({ZOOLOGY})), terms)
    assert (codes(found.opens), codes(found.certain)) == (["lead_partner"], ["lead"])
    assert [one.rule for one in found.still_open] == ["applicant"]
    assert all(one.question for one in found.still_open)


def test_an_uncertain_lead_leaves_a_question() -> None:
    found = helped(proposal(), window(applicants=ApplicantRule(uncertain=["company"])))
    assert found.certain is None
    assert found.opens is not None
    assert (found.opens.overall, found.opens.unknown, found.open_questions) == (
        "unsure",
        ("applicant",),
        ("applicant",),
    )


def test_contributions_make_good_what_is_short() -> None:
    found = certain(proposal(cofinancing=Cofinancing(confirmed_cash=Decimal(4000))), window(cofinancing=MATCHED))
    assert len(found.amendments) == 1
    assert found.cost.usd == 11000


def test_letters_come_before_new_money() -> None:
    hoped = Cofinancing(confirmed_cash=Decimal(9000), indicative_cash=Decimal(5000))
    found = certain(proposal(cofinancing=hoped), window(cofinancing=MATCHED))
    assert (found.cost.usd, len(found.amendments)) == (Decimal(1000), 1)
    assert codes(found) == ["cofinancing_more_confirm"]


def test_some_cofinancing_where_no_sum_is_stated() -> None:
    found = certain(proposal(), window(cofinancing=CofinancingRule(mode="encouraged", required=Tri.YES)))
    assert codes(found) == ["cofinancing_some"]


def test_agency_and_endorsement_are_had() -> None:
    needed = IntermediaryRule(intermediary=Tri.YES, endorsement=Tri.YES, who="An agency")
    found = helped(proposal(duration_months=30), window(duration=DurationRule(maximum=24), intermediary=needed))
    assert codes(found.opens) == ["duration_shorter"]
    assert codes(found.certain) == ["duration_shorter", "agency", "endorsement"]
    assert found.certain is not None
    assert found.certain.cost.letters == 2


def test_what_must_be_brought_follows_what_is_asked_for() -> None:
    terms = window(cofinancing=MATCHED, amount=AmountRule(minimum=Decimal(50000)))
    found = certain(proposal(), terms)
    assert codes(found) == ["amount_more", "cofinancing_more"]
    assert found.cost.usd == 35000 + 50000


@pytest.mark.parametrize(("terms", "rules"), [
    (window(status="closed", call=CallRule(cycle="annual")), ("status",)),
    (window(status="open", call=CallRule(cycle="unknown", deadline=TODAY.replace(day=1))), ("call",)),
    (window(species=SpeciesRule(basis="list", species={"saiga": Tri.YES}, others=Tri.NO)), ("species",)),
    (window(status="closed", applicants=ApplicantRule(kinds=["government"])), ("status",)),
])  # fmt: skip
def test_nothing_helps_and_the_reason_is_named(terms: WindowTerms, rules: tuple[str, ...]) -> None:
    found = helped(proposal(), terms)
    assert (found.opens, found.certain, found.in_the_way) == (None, None, rules)


def test_a_window_that_contradicts_itself_is_said_to_be_in_the_way() -> None:
    terms = window(amount=AmountRule(minimum=Decimal(50000), maximum=Decimal(100)))
    found = helped(proposal(), terms)
    assert (found.opens, found.certain) == (None, None)
    assert found.in_the_way in (("amount_minimum",), ("amount_maximum",))
    doubtful = window(amount=AmountRule(minimum=Decimal(50000), maximum=Decimal(100), maximum_known=False))
    found = helped(proposal(), doubtful)
    assert (codes(found.opens), found.certain, found.open_questions) == (["amount_more"], None, ("amount_maximum",))


def everything(facts: ProposalFacts, terms: WindowTerms) -> list[Changed]:
    """Every subset of kinds with every amendment of each: no pruning, no order, no early end."""
    found = []
    for use in product((False, True), repeat=len(KINDS)):
        made = [Changed((), facts, {})]
        for kind in (kind for kind, used in zip(KINDS, use, strict=True) if used):
            made = [
                Changed((*one.amendments, amendment), changed, {})
                for one in made
                for amendment, changed in variants(kind, one.facts, terms, SETTING)
            ]
        found += [replace(one, verdicts=verdicts(one.facts, terms, SETTING)) for one in made]
    return found


def smallest(changes: list[Changed]) -> tuple[object, ...] | None:
    return min((one.key for one in changes), default=None)


@settings(max_examples=60, deadline=None)
@given(proposals, windows)
def test_nothing_smaller_would_do(facts: ProposalFacts, terms: WindowTerms) -> None:
    found, all_of_them = helped(facts, terms), everything(facts, terms)
    opens = smallest([one for one in all_of_them if one.overall != "not_eligible"])
    yes = smallest([one for one in all_of_them if one.overall == "eligible"])
    assert (found.opens.key if found.opens else None) == opens
    assert (found.certain.key if found.certain else None) == yes
    assert (found.opens is None) == bool(found.in_the_way)
    assert (found.certain is None) == bool(found.in_the_way or found.open_questions)
    for one in (found.opens, found.certain):
        if one is not None:
            assert one.verdicts == {each.rule: each.verdict for each in findings(one.facts, terms, SETTING)}


@given(
    proposals, windows, st.integers(1, 200), some(STATES), st.sampled_from(APPLICANTS),
    st.decimals(min_value=1, max_value=10**7, places=2), st.decimals(min_value=1, max_value=10**8, places=2),
)  # fmt: skip
def test_no_change_at_random_does_with_fewer_kinds(
    facts: ProposalFacts, terms: WindowTerms, months: int, states: list[str], lead: str, ask: Decimal, cash: Decimal
) -> None:
    """Amounts, months and states at will, not only those at which an answer turns."""
    found = helped(facts, terms)
    have = replace(facts.cofinancing, confirmed_cash=facts.cofinancing.confirmed_cash + cash)
    kept = frozenset(states) & facts.states or facts.states
    edits: list[dict[str, object]] = [
        {"duration_months": months}, {"states": kept}, {"applicant_kind": lead}, {"cofinancing": have},
    ]  # fmt: skip
    if terms.amount.currency == "USD":
        edits.append({**asking(str(ask))})
    for use in product((False, True), repeat=len(edits)):
        changed = replace(facts, **{k: v for one, used in zip(edits, use, strict=True) if used for k, v in one.items()})  # type: ignore[arg-type]
        if Tri.NO not in verdicts(changed, terms, SETTING).values():
            assert found.opens is not None
            assert len(found.opens.amendments) <= sum(use)


def test_openings_name_each_partner_and_the_best_kind_that_nobody_named_has() -> None:
    offered = [
        window("a", applicants=ApplicantRule(kinds=["research"])),
        window("b", applicants=ApplicantRule(kinds=["research", "company", "un_agency"])),
        window("c", applicants=ApplicantRule(kinds=["government", "company", "un_agency"])),
        window("d", applicants=ApplicantRule(kinds=["un_agency"])),
    ]
    botany = Partner("Institute of Botany", "research")
    facts = proposal(
        partners=frozenset({ZOOLOGY, botany, replace(RESERVE, agreed=True), Partner("Herders", "community")})
    )
    found = openings(facts, [(terms, SETTING) for terms in offered])
    assert [(one.amendment.params.get("partners"), one.amendment.params["kinds"], one.window_ids) for one in found] == [
        (None, ["un_agency"], ("b", "c", "d")),
        (["Institute of Botany", "Institute of Zoology"], ["research"], ("a", "b")),
        (["Reserve"], ["government"], ("c",)),
    ]


def test_openings_count_the_windows_that_one_change_opens() -> None:
    governmental = ApplicantRule(kinds=["government"])
    offered = [
        window("a", applicants=governmental),
        window("b", applicants=ApplicantRule(kinds=["research", "government"])),
        window("c", applicants=governmental, status="closed"),
        window("d", applicants=governmental, duration=DurationRule(maximum=6)),
        window("e", duration=DurationRule(maximum=6)),
        window("f"),
    ]
    found = openings(proposal(), [(terms, SETTING) for terms in offered])
    assert [(one.amendment.kind, one.window_ids) for one in found] == [("lead", ("a", "b")), ("duration", ("e",))]
    assert found[0].amendment.params == {"kinds": ["government"]}


@settings(max_examples=40)
@given(proposals, st.lists(windows, max_size=4))
def test_an_opening_opens_what_it_says(facts: ProposalFacts, offered: list[WindowTerms]) -> None:
    named = [terms.model_copy(update={"window_id": f"w{place}"}) for place, terms in enumerate(offered)]
    by_id = {terms.window_id: terms for terms in named}
    listed = {
        window_id for one in openings(facts, [(terms, SETTING) for terms in named]) for window_id in one.window_ids
    }
    for window_id in listed:
        found = helped(facts, by_id[window_id])
        assert found.opens is not None
        assert len(found.opens.amendments) <= 1
