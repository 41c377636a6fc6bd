"""An action and a window rule by rule say what the bulk judgement says; and what a window's rules shut out."""

from collections import Counter
from decimal import Decimal
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.values import Tri
from contracts.windows import CountryRule, SpeciesRule, WindowTerms
from services.matching.rules import ActionFacts, PreparedWindow, overall_of
from services.matching.rules.action_findings import action_findings, something_shared
from services.matching.rules.answers import Setting
from services.matching.rules.questions import ASKS, asked, is_open, options, settled
from services.matching.rules.settled import Question, Told
from services.matching.rules.shutting import shut_outs
from services.matching.rules.worth import Asking, worth
from tests.unit.matching.build import RATES, TODAY, WEIGHTS, action, window
from tests.unit.matching.test_properties import windows

SETTING = Setting(TODAY, RATES)
OVERALL = {"eligible": Tri.YES, "unsure": Tri.UNKNOWN, "not_eligible": Tri.NO}
THEMES = ("community_conservation", "research_monitoring", "anti_poaching")
actions = st.builds(
    action,
    st.just("3.1"), priority=st.sampled_from(["high", "low", None]),
    themes=st.frozensets(st.sampled_from(THEMES)),
    species=st.frozensets(st.sampled_from(["snow_leopard", "argali", "saiga"])),
    states=st.frozensets(st.sampled_from(["KGZ", "TJK", "MNG"])),
)  # fmt: skip
told_no = st.frozensets(st.sampled_from(THEMES))


def refusing(terms: WindowTerms, themes: frozenset[str]) -> WindowTerms:
    return settled(terms, [Told(Question(terms.window_id, "theme", theme), "no") for theme in themes])


@given(actions, windows, told_no)
@settings(max_examples=300, deadline=None)
def test_both_say_the_same(facts: ActionFacts, terms: WindowTerms, themes: frozenset[str]) -> None:
    made = refusing(terms, themes)
    quick = PreparedWindow(made, today=TODAY, weights=WEIGHTS).judge(facts)
    verdicts = [finding.verdict for finding in action_findings(facts, made, SETTING)]
    assert OVERALL[overall_of(verdicts)] is quick.overall
    assert quick.could_pay == (Tri.NO not in verdicts and something_shared(facts, made))
    assert sum(quick.parts) == quick.fit


@given(actions, windows)
@settings(max_examples=200, deadline=None)
def test_each_question_of_an_action_can_be_answered(facts: ActionFacts, terms: WindowTerms) -> None:
    for finding in action_findings(facts, terms, SETTING):
        assert (finding.verdict is Tri.UNKNOWN) == bool(finding.question)
        for question in asked(finding, terms):
            assert ASKS[question.ask].side == "window", "one that has a page without a proposal"
            assert is_open(question, terms)
            if "yes" in options(question, terms):
                made = settled(terms, [Told(question, "yes")])
                now = {one.rule: one.verdict for one in action_findings(facts, made, SETTING)}
                assert now[finding.rule] is Tri.YES


def test_an_action_without_a_payable_state_is_refused() -> None:
    terms = window(countries=CountryRule(basis="list", states={"KGZ": Tri.NO}))
    found = {one.rule: one for one in action_findings(action(), terms, SETTING)}
    assert (found["states"].verdict, found["states"].reason) == (Tri.NO, "states_refused")


def test_an_action_about_no_species_asks_for_those_that_are_not_known() -> None:
    terms = window(species=SpeciesRule(basis="list", species={"saiga": Tri.NO}, others=Tri.UNKNOWN))
    found = {one.rule: one for one in action_findings(action(species=frozenset()), terms, SETTING)}
    about = {question.about for question in asked(found["species"], terms)}
    assert "snow_leopard" in about
    assert "saiga" not in about


RULES = ("status", "states", "species", "themes")
verdict_maps = st.fixed_dictionaries({rule: st.sampled_from(list(Tri)) for rule in RULES})


@given(st.lists(st.tuples(st.sampled_from(["high", "low"]), verdict_maps), max_size=12))
def test_shut_outs_equal_what_one_counts_by_hand(judged: list[tuple[str, dict[str, Tri]]]) -> None:
    found = shut_outs(judged)
    for rule in RULES:
        opened = Counter(
            group for group, verdicts in judged
            if Tri.NO in verdicts.values() and Tri.NO not in (verdicts | {rule: Tri.YES}).values()
        )  # fmt: skip
        in_all = Counter(group for group, verdicts in judged if verdicts[rule] is Tri.NO)
        one = next((each for each in found if each.rule == rule), None)
        assert (one.alone if one else Counter()) == opened, "relaxing the rule opens just these"
        assert (one.in_all if one else Counter()) == in_all
    assert [one.key for one in found] == sorted(one.key for one in found)


ceiling, kind = Question("w", "ceiling"), Question("w", "kind", "ngo_local")
kgz, tjk = Question("w", "state", "KGZ"), Question("w", "state", "TJK")


def test_worth_counts_each_pair_once_and_knows_which_question_is_the_last() -> None:
    one, two, three = (UUID(int=number) for number in (1, 2, 3))
    found = worth(
        [
            Asking(one, [[ceiling]], Decimal(100)), Asking(two, [[ceiling], [kind]], Decimal(50)),
            Asking(three, [[kgz, tjk]], Decimal(10)),
        ],
        [Asking("3.1", [[kgz]]), Asking("9.1", [[kgz]])], ["3.1"],
    )  # fmt: skip
    by = {each.question: each for each in found}
    assert found[0].question == ceiling
    assert (by[ceiling].pairs, by[ceiling].last, by[ceiling].usd) == ({one, two}, {one}, Decimal(150))
    assert (by[kind].pairs, by[kind].last) == ({two}, set())
    assert by[kgz].last == set(), "the other state would still be open"
    assert (by[kgz].actions, by[kgz].foremost) == ({"3.1", "9.1"}, {"3.1"})


def test_an_amount_that_two_rules_ask_for_is_the_last_question_of_both() -> None:
    amount = Question("w", "amount", "GBP", UUID(int=1))
    (only,) = worth([Asking(UUID(int=1), [[amount], [amount]], Decimal(7))])
    assert (only.last, only.usd) == ({UUID(int=1)}, Decimal(7))


def test_what_only_the_proposal_can_say_stays_open() -> None:
    (only,) = worth([Asking(UUID(int=1), [[ceiling], []])])
    assert only.last == set()
