"""The twelve rules, one by one: what is a yes, what a no, and what nobody can tell."""

from datetime import date
from typing import Any

import pytest

from contracts.values import Evidence, Tri
from contracts.windows import (
    ApplicantRule,
    CallRule,
    CountryRule,
    IntermediaryRule,
    SpeciesRule,
    WindowTerms,
)
from services.matching.rules import RULES, Finding, Judgement, ProposalFacts, judge
from tests.unit.matching.build import RATES, TODAY, WEIGHTS, proposal, window


def judged(facts: ProposalFacts | None = None, terms: WindowTerms | None = None) -> Judgement:
    return judge(facts or proposal(), terms or window(), today=TODAY, rates=RATES, weights=WEIGHTS)


def finding(rule: str, facts: ProposalFacts | None = None, terms: WindowTerms | None = None) -> Finding:
    return next(found for found in judged(facts, terms).findings if found.rule == rule)


def test_a_window_that_suits_is_eligible_on_all_twelve_rules() -> None:
    result = judged()
    assert [found.rule for found in result.findings] == list(RULES)
    assert (result.overall, result.yes, result.unknown, result.no) == ("eligible", 12, 0, 0)


def test_every_unknown_has_a_question_and_no_plain_yes_has_one() -> None:
    bare = WindowTerms(
        window_id="bare", revision=1, donor_id="d", donor_name="D", name="N", kind="foundation", status="unknown",
        applicants=ApplicantRule(known=False), countries=CountryRule(basis="unknown"),
        species=SpeciesRule(basis="unknown", others=Tri.UNKNOWN),
    )  # fmt: skip
    result = judged(terms=bare)
    assert result.overall == "unsure"
    assert result.no == 0
    for found in result.findings:
        assert bool(found.question) == (found.verdict is Tri.UNKNOWN), found


def test_one_no_outweighs_everything_and_leaves_no_fit() -> None:
    result = judged(terms=window(status="closed", intermediary=IntermediaryRule()))
    assert (result.overall, result.yes, result.unknown, result.no) == ("not_eligible", 9, 2, 1)
    assert result.fit is None
    assert result.parts == ()


@pytest.mark.parametrize(
    ("status", "opens", "verdict", "reason"),
    [
        ("open", None, Tri.YES, "status_open"),
        ("recurring", None, Tri.YES, "status_recurring"),
        ("opens_later", None, Tri.UNKNOWN, "status_opens_later"),
        ("opens_later", date(2027, 3, 1), Tri.YES, "status_opens_on"),
        ("opens_later", date(2026, 3, 1), Tri.UNKNOWN, "status_opening_passed"),
        ("by_arrangement", None, Tri.UNKNOWN, "status_by_arrangement"),
        ("unknown", None, Tri.UNKNOWN, "status_unknown"),
        ("a-code-of-tomorrow", None, Tri.UNKNOWN, "status_unknown"),
        ("suspended", None, Tri.NO, "status_suspended"),
        ("closed", None, Tri.NO, "status_closed"),
        ("not_for_us", None, Tri.NO, "status_not_for_us"),
    ],
)
def test_status(status: str, opens: date | None, verdict: Tri, reason: str) -> None:
    found = finding("status", terms=window(status=status, call=CallRule(cycle="annual", opens=opens)))
    assert (found.verdict, found.reason) == (verdict, reason)


LATER, GONE = date(2027, 2, 1), date(2026, 10, 31)


@pytest.mark.parametrize(
    ("status", "call", "verdict", "reason"),
    [
        ("open", {"cycle": "annual", "deadline": LATER}, Tri.YES, "call_deadline"),
        ("open", {"cycle": "annual", "deadline": TODAY}, Tri.YES, "call_deadline"),
        ("open", {"cycle": "annual", "deadline": LATER, "deadline_certain": False}, Tri.UNKNOWN, "call_usual_date"),
        ("open", {"cycle": "annual", "opens": date(2027, 1, 1), "deadline": LATER}, Tri.YES, "call_opens_then"),
        ("opens_later", {"cycle": "annual", "opens": date(2027, 1, 1)}, Tri.YES, "call_opens"),
        ("recurring", {"cycle": "annual", "deadline": GONE}, Tri.UNKNOWN, "call_passed_returns"),
        ("recurring", {"cycle": "annual", "last_deadline": GONE}, Tri.UNKNOWN, "call_passed_returns"),
        ("open", {"cycle": "irregular", "deadline": GONE}, Tri.NO, "call_passed"),
        ("open", {"cycle": "irregular", "last_deadline": GONE}, Tri.UNKNOWN, "call_passed_returns"),
        ("closed", {"cycle": "annual", "last_deadline": GONE}, Tri.NO, "call_passed"),
        ("open", {"cycle": "rolling"}, Tri.YES, "call_any_time"),
        ("open", {"cycle": "rolling", "last_deadline": GONE}, Tri.YES, "call_any_time"),
        ("by_arrangement", {"cycle": "negotiated"}, Tri.YES, "call_negotiated"),
        ("open", {"cycle": "by_invitation"}, Tri.UNKNOWN, "call_by_invitation"),
        ("open", {"cycle": "with_parent"}, Tri.UNKNOWN, "call_with_parent"),
        ("by_arrangement", {"cycle": "none"}, Tri.UNKNOWN, "call_none"),
        ("recurring", {"cycle": "annual"}, Tri.UNKNOWN, "call_no_date"),
        ("recurring", {"cycle": "unknown"}, Tri.UNKNOWN, "call_unknown"),
    ],
)
def test_call(status: str, call: dict[str, Any], verdict: Tri, reason: str) -> None:
    found = finding("call", terms=window(status=status, call=CallRule(**call)))
    assert (found.verdict, found.reason) == (verdict, reason)


@pytest.mark.parametrize(
    ("rule", "verdict"),
    [
        (ApplicantRule(kinds=["ngo_local"]), Tri.YES),
        (ApplicantRule(kinds=["government"], uncertain=["ngo_local"]), Tri.UNKNOWN),
        (ApplicantRule(known=False), Tri.UNKNOWN),
        (ApplicantRule(kinds=["government"]), Tri.NO),
        (ApplicantRule(), Tri.NO),
    ],
)
def test_applicant(rule: ApplicantRule, verdict: Tri) -> None:
    assert finding("applicant", terms=window(applicants=rule)).verdict is verdict


@pytest.mark.parametrize(
    ("states", "verdict", "named"),
    [
        ({"KGZ": Tri.YES, "TJK": Tri.YES}, Tri.YES, ["KGZ", "TJK"]),
        ({"KGZ": Tri.YES, "TJK": Tri.NO}, Tri.NO, ["TJK"]),
        ({"KGZ": Tri.YES, "TJK": Tri.UNKNOWN}, Tri.UNKNOWN, ["TJK"]),
        ({"KGZ": Tri.YES}, Tri.UNKNOWN, ["TJK"]),
        ({"KGZ": Tri.UNKNOWN, "TJK": Tri.NO}, Tri.NO, ["TJK"]),
    ],
)
def test_states_need_every_one(states: dict[str, Tri], verdict: Tri, named: list[str]) -> None:
    found = finding("states", terms=window(countries=CountryRule(basis="list", states=states)))
    assert (found.verdict, found.params["states"]) == (verdict, named)


def test_a_proposal_without_states_is_unknown() -> None:
    assert finding("states", proposal(states=frozenset())).verdict is Tri.UNKNOWN


@pytest.mark.parametrize(
    ("species", "others", "verdict"),
    [
        ({"snow_leopard": Tri.YES, "saiga": Tri.NO}, Tri.NO, Tri.YES),
        ({"snow_leopard": Tri.NO, "saiga": Tri.UNKNOWN}, Tri.NO, Tri.UNKNOWN),
        ({"snow_leopard": Tri.NO, "saiga": Tri.NO}, Tri.YES, Tri.NO),
        ({"argali": Tri.YES}, Tri.NO, Tri.NO),
        ({"argali": Tri.YES}, Tri.UNKNOWN, Tri.UNKNOWN),
        ({}, Tri.YES, Tri.YES),
    ],
)
def test_species_need_only_one(species: dict[str, Tri], others: Tri, verdict: Tri) -> None:
    facts = proposal(species=frozenset({"snow_leopard", "saiga"}))
    rule = SpeciesRule(basis="list", species=species, others=others)
    assert finding("species", facts, window(species=rule)).verdict is verdict


def test_no_species_is_a_yes_only_for_a_donor_that_takes_any() -> None:
    facts = proposal(species=frozenset())
    assert finding("species", facts).verdict is Tri.UNKNOWN
    assert finding("species", facts, window(species=SpeciesRule(basis="any"))).verdict is Tri.YES


def test_themes_are_never_a_no() -> None:
    assert finding("themes").verdict is Tri.YES
    assert finding("themes", terms=window(themes=["ecotourism"])).verdict is Tri.UNKNOWN
    assert finding("themes", terms=window(themes=[])).verdict is Tri.UNKNOWN
    assert finding("themes", proposal(themes=frozenset())).verdict is Tri.UNKNOWN


@pytest.mark.parametrize("rule", ["intermediary", "endorsement"])
def test_somebody_else_who_has_to_act_is_unknown_until_asked(rule: str) -> None:
    for answer, verdict in ((Tri.NO, Tri.YES), (Tri.YES, Tri.UNKNOWN), (Tri.UNKNOWN, Tri.UNKNOWN)):
        other = IntermediaryRule(**{"intermediary": Tri.NO, "endorsement": Tri.NO, rule: answer, "who": "GEF Agency"})
        assert finding(rule, terms=window(intermediary=other)).verdict is verdict


def test_evidence_is_the_rules_own_else_the_windows() -> None:
    own = Evidence(sentence="Only in two states.", url="https://example.org/where", confidence="medium")
    countries = CountryRule(basis="list", states={"KGZ": Tri.YES, "TJK": Tri.YES}, evidence=own)
    terms = window(countries=countries, theme_words=["grassroots"])
    assert finding("states", terms=terms).evidence == own
    assert finding("applicant", terms=terms).evidence.url == "https://example.org/grants"
    assert finding("themes", terms=terms).evidence.sentence == "grassroots"


def test_a_finding_survives_storage() -> None:
    for found in judged(terms=window(status="by_arrangement")).findings:
        assert Finding.from_json(found.as_json(), found.evidence) == found
