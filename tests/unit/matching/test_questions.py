"""Answers settle what is unknown, and nothing else."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.values import Evidence, Money, Tri
from contracts.windows import (
    AmountRule,
    ApplicantRule,
    CallRule,
    CofinancingRule,
    CountryRule,
    SpeciesRule,
    WindowTerms,
)
from services.matching.kernel import Kernel
from services.matching.rules import RULES, ProposalFacts
from services.matching.rules.answers import Setting
from services.matching.rules.eligibility import findings
from services.matching.rules.questions import ASKS, asked, day_of, facts_told, is_open, options, settled
from services.matching.rules.settled import OPEN, Question, Told
from services.matching.words import answer_text
from tests.unit.matching.build import RATES, TODAY, asking, proposal, window
from tests.unit.matching.test_properties import proposals, windows

SETTING = Setting(TODAY, RATES)
PROPOSAL = UUID(int=1)
NOTE = Evidence(sentence="They told us so.", url="https://example.org/told", checked=TODAY, confidence="high")


def told(question: Question, choice: str, **figures: Any) -> Told:
    return Told(question, choice, evidence=NOTE, by="Programme officer", **figures)


def open_questions(facts: ProposalFacts, terms: WindowTerms) -> list[Question]:
    """What the pair asks."""
    found = findings(facts, terms, SETTING)
    return [question for finding in found for question in asked(finding, terms, PROPOSAL)]


@st.composite
def answers_to(draw: st.DrawFn, questions: list[Question], terms: WindowTerms) -> list[Told]:
    """An answer to some of the questions, each of a kind that fits."""
    some = draw(st.lists(st.sampled_from(questions), unique=True)) if questions else []
    found = []
    for question in some:
        choice = draw(st.sampled_from([*options(question, terms), OPEN]))
        day = draw(st.dates(date(2026, 12, 1), date(2028, 1, 1))) if choice == "date" else None
        number = Decimal(draw(st.integers(0, 10**6))) if choice in ("amount", "ratio") else None
        currency = terms.amount.currency if choice == "amount" else ""
        found.append(told(question, choice, day=day, number=number, currency=currency))
    return found


def known_terms(terms: WindowTerms, answers: list[Told]) -> dict[str, Any]:
    """What the terms know, by name, without what a question about a day that has passed puts aside."""
    renewed = {told.question.ask for told in answers if told.question.about[:1].isdigit()}
    known: dict[str, Any] = {f"kind {kind}": True for kind in terms.applicants.kinds}
    known |= {f"state {code}": tri for code, tri in terms.countries.states.items() if tri is not Tri.UNKNOWN}
    known |= {f"species {code}": tri for code, tri in terms.species.species.items() if tri is not Tri.UNKNOWN}
    known |= {f"theme {theme}": True for theme in terms.themes}
    if terms.amount.maximum_known:
        known["ceiling"] = terms.amount.maximum
    if terms.amount.minimum_known:
        known["floor"] = terms.amount.minimum
    known["currency"], known["duration"] = terms.amount.currency, terms.duration
    if terms.cofinancing.mode != "unknown":
        known["mode"], known["ratio"] = terms.cofinancing.mode, terms.cofinancing.ratio
    for name, tri in (
        ("in kind", terms.cofinancing.counts_in_kind), ("required", terms.cofinancing.required),
        ("intermediary", terms.intermediary.intermediary), ("endorsement", terms.intermediary.endorsement),
    ):  # fmt: skip
        if tri is not Tri.UNKNOWN and not (name == "required" and terms.cofinancing.mode == "unknown"):
            known[name] = tri
    known["cycle"] = terms.call.cycle
    if terms.call.deadline and terms.call.deadline_certain and "deadline" not in renewed:
        known["deadline"] = terms.call.deadline
    if terms.status not in ("unknown", "opens_later"):
        known["status"] = terms.status
    return known


@given(proposals, windows, st.data())
@settings(max_examples=150, deadline=None)
def test_a_known_term_is_never_overridden(facts: ProposalFacts, terms: WindowTerms, data: st.DataObject) -> None:
    answers = data.draw(answers_to(open_questions(facts, terms), terms))
    before, after = known_terms(terms, answers), known_terms(settled(terms, answers), answers)
    assert {name: after.get(name) for name in before} == before


@given(proposals, windows, st.data())
@settings(max_examples=150, deadline=None)
def test_what_is_unknown_becomes_known_by_an_answer_only(
    facts: ProposalFacts, terms: WindowTerms, data: st.DataObject
) -> None:
    answers = data.draw(answers_to(open_questions(facts, terms), terms))
    made = settled(terms, answers)
    before = findings(facts, terms, SETTING)
    after = findings(facts_told(facts, made, answers), made, SETTING)
    rules = {rule for told_ in answers if told_.choice != OPEN for rule in ASKS[told_.question.ask].rules}
    if any(told_.question.ask == "opening" and told_.choice != OPEN for told_ in answers):
        rules.add("call")  # a window that is closed for good takes no application after its deadline
    for was, now in zip(before, after, strict=True):
        if was.rule not in rules:
            assert (was.verdict, was.reason) == (now.verdict, now.reason)
    assert settled(terms, [told(one.question, OPEN) for one in answers]) == terms


@given(proposals, windows, st.data())
@settings(max_examples=100, deadline=None)
def test_the_order_of_answers_does_not_matter(facts: ProposalFacts, terms: WindowTerms, data: st.DataObject) -> None:
    answers = data.draw(answers_to(open_questions(facts, terms), terms))
    shuffled = data.draw(st.permutations(answers))
    assert settled(terms, answers) == settled(terms, shuffled)
    assert settled(settled(terms, answers), answers) == settled(terms, answers)


@given(proposals, proposals, windows, st.data())
@settings(max_examples=150, deadline=None)
def test_one_answer_settles_all_who_ask_the_same(
    facts: ProposalFacts, other: ProposalFacts, terms: WindowTerms, data: st.DataObject
) -> None:
    shared = [one for one in open_questions(facts, terms) if one in open_questions(other, terms)]
    shared = [one for one in shared if ASKS[one.ask].side == "window"]
    if not shared:
        return
    question = data.draw(st.sampled_from(shared))
    answer = data.draw(answers_to([question], terms).filter(lambda some: bool(some) and some[0].choice != OPEN))
    made = settled(terms, answer)
    for each in (facts, other):
        left = open_questions(each, made)
        assert question not in left
        assert set(left) - set(open_questions(each, terms)) <= {
            one for one in left if one.ask in ("opening", "deadline", "agency", "endorsed", "in_kind", "amount")
        }, "an answer may lead on to the next question of the same rule, and to no other"


def test_every_question_of_a_pair_is_open_and_can_be_answered() -> None:
    terms = window(
        status="unknown", call=CallRule(cycle="unknown"), applicants=ApplicantRule(known=False),
        countries=CountryRule(basis="list"), species=SpeciesRule(basis="list", others=Tri.UNKNOWN), themes=[],
        amount=AmountRule(maximum_known=False, minimum_known=False),
    )  # fmt: skip
    asks = open_questions(proposal(), terms)
    assert {one.key for one in asks} == {
        "opening", "deadline", "kind:ngo_local", "state:KGZ", "state:TJK", "species:snow_leopard",
        "theme:community_conservation", "floor", "ceiling",
    }  # fmt: skip
    assert all(is_open(one, terms) and options(one, terms) for one in asks)


def test_the_answers_evidence_stands_in_the_place_of_the_rules() -> None:
    terms = window(countries=CountryRule(basis="list", states={"TJK": Tri.YES}))
    made = settled(terms, [told(Question("rufford-1", "state", "KGZ"), "yes")])
    here = {one.rule: one for one in findings(proposal(), made, SETTING)}
    assert here["states"].verdict is Tri.YES
    assert here["states"].evidence == NOTE
    assert here["status"].evidence != NOTE
    elsewhere = findings(proposal(states=frozenset({"TJK"})), made, SETTING)
    assert next(one for one in elsewhere if one.rule == "states").evidence != NOTE, "it does not rest on the answer"


def test_a_deadline_that_was_told_may_pass_and_be_asked_for_again() -> None:
    terms = window(call=CallRule(cycle="annual", last_deadline=date(2026, 1, 31)))
    first = told(Question("rufford-1", "deadline"), "date", day=date(2027, 1, 31))
    made = settled(terms, [first])
    later = Setting(date(2027, 2, 10), RATES)
    again = next(one for one in findings(proposal(), made, later) if one.rule == "call")
    assert again.verdict is Tri.UNKNOWN
    (question,) = asked(again, made)
    assert question.about == "2027-01-31"
    second = told(question, "date", day=date(2028, 1, 31))
    assert settled(terms, [second, first]).call.deadline == date(2028, 1, 31)
    assert settled(terms, [second]).call.deadline is None, "without the first there is nothing that it comes after"
    backwards = told(question, "date", day=date(2026, 12, 31))
    assert settled(terms, [first, backwards]).call.deadline == date(2027, 1, 31)


def test_a_ratio_that_was_told_is_required() -> None:
    terms = window(cofinancing=window().cofinancing.model_copy(update={"mode": "unknown", "required": Tri.UNKNOWN}))
    question = Question("rufford-1", "cofinancing")
    made = settled(terms, [told(question, "ratio", number=Decimal(1))])
    assert next(one for one in findings(proposal(), made, SETTING) if one.rule == "cofinancing").verdict is Tri.NO
    free = settled(terms, [told(question, "none")])
    assert next(one for one in findings(proposal(), free, SETTING) if one.rule == "cofinancing").verdict is Tri.YES


def test_answers_about_one_pair_change_its_facts() -> None:
    terms = window(intermediary=window().intermediary.model_copy(update={"intermediary": Tri.YES}))
    question = Question("rufford-1", "agency", proposal_id=PROPOSAL)
    assert facts_told(proposal(), terms, [told(question, "yes")]).agency_agreed
    assert not facts_told(proposal(), terms, [told(question, OPEN)]).agency_agreed
    assert not facts_told(proposal(), window(), [told(question, "yes")]).agency_agreed, "nobody asks this any more"


def test_an_answer_about_another_window_does_nothing() -> None:
    terms = window(countries=CountryRule(basis="list"))
    assert settled(terms, [told(Question("elsewhere", "state", "KGZ"), "yes")]) == terms


@pytest.mark.parametrize(
    ("ask", "about"),
    [
        ("agency", "1"), ("endorsed", "x"), ("floor", "2"), ("ceiling", "USD"), ("submits", "1"), ("endorses", "1"),
        ("arrangement", "1"), ("invited", "1"), ("parent", "1"), ("cofinancing", "1"), ("in_kind", "1"),
        ("state", ""), ("species", ""), ("theme", ""), ("kind", ""), ("state", "K G Z"), ("deadline", "1st"),
        ("opening", "1"), ("amount", ""), ("amount", "1"), ("weather", ""),
    ],
)  # fmt: skip
def test_a_question_about_something_else_is_never_open(ask: str, about: str) -> None:
    """It would settle nothing, and its key would stand beside the real one."""
    vague = window().intermediary.model_copy(update={"intermediary": Tri.YES, "endorsement": Tri.YES})
    unknown = window().intermediary.model_copy(update={"intermediary": Tri.UNKNOWN, "endorsement": Tri.UNKNOWN})
    for status, cycle, intermediary in (
        ("unknown", "unknown", vague), ("by_arrangement", "by_invitation", unknown), ("recurring", "with_parent", vague)
    ):  # fmt: skip
        terms = window(
            status=status, call=CallRule(cycle=cycle), applicants=ApplicantRule(known=False), themes=[],
            countries=CountryRule(basis="list"), species=SpeciesRule(basis="list", others=Tri.UNKNOWN),
            amount=AmountRule(maximum_known=False, minimum_known=False), intermediary=intermediary,
            cofinancing=CofinancingRule(),
        )  # fmt: skip
        question = Question("rufford-1", ask, about, PROPOSAL)
        assert not is_open(question, terms)
        assert settled(terms, [told(question, "yes")]) == terms
        assert day_of(question) is None


LEAST, MOST = Decimal(1000), Decimal(50000)
IN_EUROS = AmountRule(minimum=LEAST, maximum=MOST, currency="EUR")


def exactly(number: int | str, currency: str = "EUR") -> Told:
    """What is asked for, as somebody has told it for the pair."""
    question = Question("rufford-1", "amount", currency, PROPOSAL)
    return told(question, "amount", number=Decimal(number), currency=currency)


def ceiling_verdict(facts: ProposalFacts, terms: WindowTerms) -> Tri:
    return next(one.verdict for one in findings(facts, terms, SETTING) if one.rule == "amount_maximum")


def test_an_amount_that_was_told_does_not_outlive_the_sum_that_it_was_told_of() -> None:
    terms = window(amount=IN_EUROS)
    first, second = proposal(**asking(56000)), proposal(**asking(400000))
    assert ceiling_verdict(first, terms) is Tri.UNKNOWN
    assert ceiling_verdict(facts_told(first, terms, [exactly(48000)]), terms) is Tri.YES
    assert ceiling_verdict(facts_told(second, terms, [exactly(48000)]), terms) is Tri.NO


def test_an_amount_that_was_told_does_not_count_without_a_rate() -> None:
    terms = window(amount=AmountRule(maximum=MOST, currency="XAU"))
    assert ceiling_verdict(facts_told(proposal(), terms, [exactly(10, "XAU")]), terms) is Tri.UNKNOWN


@given(st.integers(1, 200_000), st.integers(0, 200_000))
@settings(max_examples=300, deadline=None)
def test_an_amount_that_was_told_turns_no_verdict_round_and_the_kernel_agrees(dollars: int, number: int) -> None:
    terms, facts = window(amount=IN_EUROS), proposal(**asking(dollars))
    with_it = facts_told(facts, terms, [exactly(number)])
    assert with_it.asked_exactly == Money(amount=Decimal(number), currency="EUR")
    for was, now in zip(findings(facts, terms, SETTING), findings(with_it, terms, SETTING), strict=True):
        assert was.verdict is now.verdict or was.verdict is Tri.UNKNOWN
    numbers = {Tri.YES: 0, Tri.UNKNOWN: 1, Tri.NO: 2}
    kernel = Kernel([facts, with_it], [terms], [SETTING])
    for row, one in enumerate((facts, with_it)):
        expected = [numbers[rule(one, terms, SETTING).verdict] for rule in RULES.values()]
        assert kernel.of_window(0)[:, row].tolist() == expected


@pytest.mark.parametrize("ask", ["floor", "ceiling"])
def test_a_limit_that_was_told_is_of_the_currency_in_which_it_was_told(ask: str) -> None:
    euros = window(amount=AmountRule(currency="EUR", minimum_known=False, maximum_known=False))
    limit = told(Question("rufford-1", ask), "amount", number=Decimal(100000), currency="EUR")
    field = "minimum" if ask == "floor" else "maximum"
    assert getattr(settled(euros, [limit]).amount, field) == Decimal(100000)
    tenge = window(amount=AmountRule(currency="KZT", minimum_known=False, maximum_known=False))
    assert settled(tenge, [limit]) == tenge
    none = told(Question("rufford-1", ask), "none")
    assert getattr(settled(tenge, [none]).amount, f"{field}_known")
    assert "100" in answer_text(limit, tenge)
    assert "EUR" in answer_text(limit, tenge) or "€" in answer_text(limit, tenge)
