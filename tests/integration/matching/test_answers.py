"""One answer settles every pair that asks the same, and none else; taken back, everything is as it was."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlmodel import select

from contracts.events import QuestionAnswered
from contracts.values import Tri
from contracts.windows import AmountRule, CallRule, CountryRule, IntermediaryRule
from services.chassis.errors import Conflict, NotFound
from services.chassis.service import Context, Service
from services.matching.handlers.answers import Known
from services.matching.handlers.terms import terms_of
from services.matching.rules.settled import OPEN, Question
from services.matching.tables import ActionPair, Answer, QuestionAnswer, WindowCopy
from tests.integration.matching.answering import answer, findings, pairs, take_back
from tests.integration.matching.events import NOW, action, hand, imported, published, submitted, withdrawn
from tests.support import outbox_of
from tests.unit.matching.build import window

ONE, TWO, THREE = UUID(int=1), UUID(int=2), UUID(int=3)
KYRGYZSTAN = Question("asks", "state", "KGZ")


@pytest.fixture
def asked(matching: Service) -> Service:
    """Two windows that do not say whether they pay for work in Kyrgyzstan, and three proposals, one elsewhere."""
    unsure = CountryRule(basis="list", states={"TJK": Tri.YES})
    hand(
        matching, published(window("asks", countries=unsure)), published(window("other", countries=unsure)),
        action("3.1"), action("9.1", "low", states=["TJK"]), imported(2),
        submitted(ONE), submitted(TWO, states=["KGZ", "TJK"]), submitted(THREE, states=["TJK"]),
    )  # fmt: skip
    return matching


def said_of(service: Service) -> int:
    return sum(isinstance(event.data, QuestionAnswered) for event in outbox_of(service))


def test_one_answer_settles_every_pair_that_asks_and_no_other_window(asked: Service) -> None:
    before = pairs(asked)
    judged = pairs(asked, "judged_at", "changed_cause")
    asked.clock = lambda: NOW + timedelta(hours=1)
    assert answer(asked, KYRGYZSTAN, "yes") == 2
    after = pairs(asked)
    for proposal in (ONE, TWO):
        assert before[proposal, "asks"][0] == "unsure"
        assert after[proposal, "asks"][0] == "eligible"
        assert pairs(asked, "changed_cause")[proposal, "asks"] == ("answer",)
    assert {pair: row for pair, row in after.items() if pair[1] == "other"} == {
        pair: row for pair, row in before.items() if pair[1] == "other"
    }
    now = pairs(asked, "judged_at", "changed_cause")
    assert {pair for pair in now if now[pair] != judged[pair]} == {(p, "asks") for p in (ONE, TWO, THREE)}


def test_a_no_refuses(asked: Service) -> None:
    assert answer(asked, KYRGYZSTAN, "no") == 2
    assert findings(asked, ONE, "asks")["states"] is Tri.NO
    assert findings(asked, THREE, "asks")["states"] is Tri.YES
    assert findings(asked, ONE, "other")["states"] is Tri.UNKNOWN


def test_an_answer_counts_for_actions_too(asked: Service) -> None:
    def overall() -> dict[tuple[str, str], str]:
        with asked.read() as session:
            return {(row.window_id, row.action_id): row.overall for row in session.exec(select(ActionPair)).all()}

    before = overall()
    assert before["asks", "3.1"] == "unknown"
    answer(asked, KYRGYZSTAN, "yes")
    assert overall() == before | {("asks", "3.1"): "yes"}
    answer(asked, KYRGYZSTAN, "no")
    assert ("asks", "3.1") not in overall()
    take_back(asked, KYRGYZSTAN)
    assert overall() == before


def test_what_was_taken_back_leaves_no_trace_in_verdicts(asked: Service) -> None:
    before = pairs(asked)
    answer(asked, KYRGYZSTAN, "yes")
    answer(asked, KYRGYZSTAN, "no", sentence="We have asked again.")
    assert pairs(asked) != before
    assert take_back(asked, KYRGYZSTAN)
    assert pairs(asked) == before
    with asked.read() as session:
        assert [row.state for row in session.exec(select(QuestionAnswer)).all()] == [
            "answered",
            "answered",
            "taken_back",
        ]


def test_the_same_answer_twice_is_one(asked: Service) -> None:
    assert answer(asked, KYRGYZSTAN, "yes") == 2
    told = said_of(asked)
    assert answer(asked, KYRGYZSTAN, "yes") is None
    assert said_of(asked) == told == 1
    with asked.read() as session:
        assert len(session.exec(select(QuestionAnswer)).all()) == 1


def test_asked_and_still_not_known_stays_unknown(asked: Service) -> None:
    before = pairs(asked)
    assert answer(asked, KYRGYZSTAN, OPEN, sentence="They will write next week.") == 0
    assert pairs(asked) == before
    with asked.read() as session:
        assert session.exec(select(QuestionAnswer)).one().state == "open"


def test_what_the_inventory_publishes_later_wins(asked: Service) -> None:
    answer(asked, KYRGYZSTAN, "yes")
    known = CountryRule(basis="list", states={"TJK": Tri.YES, "KGZ": Tri.NO})
    hand(asked, published(window("asks", revision=2, countries=known)))
    assert findings(asked, ONE, "asks")["states"] is Tri.NO
    with pytest.raises(Known):
        answer(asked, KYRGYZSTAN, "yes", sentence="Once more.")


def test_a_revision_that_leaves_it_open_keeps_the_answer(asked: Service) -> None:
    answer(asked, KYRGYZSTAN, "yes")
    open_ = CountryRule(basis="list", states={"TJK": Tri.YES})
    hand(asked, published(window("asks", revision=2, countries=open_, name="Another name")))
    assert findings(asked, ONE, "asks")["states"] is Tri.YES


def test_a_proposal_that_comes_later_profits_from_the_answer(asked: Service) -> None:
    answer(asked, KYRGYZSTAN, "yes")
    hand(asked, submitted(UUID(int=4)))
    assert findings(asked, UUID(int=4), "asks")["states"] is Tri.YES


def test_an_answer_to_one_pair_is_about_no_other(matching: Service) -> None:
    rule = IntermediaryRule(intermediary=Tri.YES, endorsement=Tri.YES)
    hand(matching, published(window("gef", intermediary=rule)), published(window("gef-2", intermediary=rule)))
    hand(matching, submitted(ONE), submitted(TWO))
    question = Question("gef", "agency", proposal_id=ONE)
    before = pairs(matching)
    assert answer(matching, question, "yes") == 1
    assert findings(matching, ONE, "gef")["intermediary"] is Tri.YES
    assert {pair for pair, row in pairs(matching).items() if row != before[pair]} == {(ONE, "gef")}
    assert answer(matching, Question("gef", "endorsed", proposal_id=ONE), "yes") == 1
    assert pairs(matching, "overall")[ONE, "gef"] == ("eligible",)
    answer(matching, question, OPEN, sentence="They have not agreed after all.")
    assert findings(matching, ONE, "gef")["intermediary"] is Tri.UNKNOWN
    answer(matching, question, "yes")
    take_back(matching, question)
    assert findings(matching, ONE, "gef")["intermediary"] is Tri.UNKNOWN


def test_a_ceiling_that_was_told_is_compared_with(matching: Service) -> None:
    hand(matching, published(window("w", amount=AmountRule(maximum=Decimal(10000), maximum_known=False))))
    hand(matching, submitted(ONE), submitted(TWO, requested=Decimal(9000)))
    assert findings(matching, ONE, "w")["amount_maximum"] is Tri.UNKNOWN
    assert answer(matching, Question("w", "ceiling"), "amount", number=20000) == 1
    assert findings(matching, ONE, "w")["amount_maximum"] is Tri.YES
    answer(matching, Question("w", "ceiling"), "amount", number=8000)
    assert findings(matching, TWO, "w")["amount_maximum"] is Tri.NO, "it did not ask, and yet it is judged again"


@pytest.mark.parametrize("older", [False, True])
def test_a_ceiling_that_was_told_stays_in_its_currency(matching: Service, older: bool) -> None:
    euros = AmountRule(currency="EUR", maximum_known=False)
    hand(matching, published(window("w", amount=euros)), submitted(ONE))
    question = Question("w", "ceiling")
    assert answer(matching, question, "amount", number=100000) == 1
    if older:

        def without_currency(context: Context) -> None:
            said = context.session.exec(select(Answer)).one().said
            said = {name: value for name, value in said.items() if name != "currency"}
            context.session.execute(update(Answer).values(said=said))

        matching.run(without_currency)
        hand(matching, submitted(TWO))
        assert findings(matching, TWO, "w")["amount_maximum"] is Tri.YES
    hand(matching, published(window("w", revision=2, amount=euros.model_copy(update={"currency": "KZT"}))))
    assert findings(matching, ONE, "w")["amount_maximum"] is Tri.UNKNOWN
    assert answer(matching, question, "amount", number=100000) == (2 if older else 1), "it is another amount"
    assert findings(matching, ONE, "w")["amount_maximum"] is Tri.NO
    hand(matching, published(window("w", revision=3, amount=euros)))
    assert findings(matching, ONE, "w")["amount_maximum"] is Tri.UNKNOWN


def test_an_amount_that_was_told_is_of_the_version_that_asked_for_it(matching: Service) -> None:
    hand(matching, published(window("w", amount=AmountRule(maximum=Decimal(50000), currency="EUR"))))
    hand(matching, submitted(ONE, requested=Decimal(56000)))
    assert answer(matching, Question("w", "amount", "EUR", ONE), "amount", number=48000) == 1
    assert findings(matching, ONE, "w")["amount_maximum"] is Tri.YES
    hand(matching, submitted(ONE, requested=Decimal(400000), version=2))
    assert findings(matching, ONE, "w")["amount_maximum"] is Tri.NO


def test_a_deadline_that_was_told_is_shown_and_passes(matching: Service) -> None:
    hand(matching, published(window("w", call=CallRule(cycle="annual", last_deadline=date(2026, 1, 31)))))
    hand(matching, submitted(ONE))
    assert answer(matching, Question("w", "deadline"), "date", day="2027-03-01") == 1
    assert findings(matching, ONE, "w")["call"] is Tri.YES
    with matching.read() as session:
        copy = session.get(WindowCopy, "w")
        assert copy is not None
        assert (copy.deadline, copy.deadline_certain) == (date(2027, 3, 1), True)
        assert copy.terms["call"]["deadline"] is None, "what the inventory said stays as it was"


def test_what_is_no_question_is_not_answered(asked: Service) -> None:
    for question in (
        Question("nowhere", "state", "KGZ"), Question("asks", "weather"), Question("asks", "agency"),
        Question("asks", "state", "KGZ", ONE), Question("asks", "invited", proposal_id=UUID(int=99)),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            answer(asked, question, "yes")
    with pytest.raises(Conflict):
        answer(asked, Question("asks", "state", "TJK"), "yes")
    with pytest.raises(Conflict):
        answer(asked, KYRGYZSTAN, "amount", number=3)


def test_a_withdrawn_proposal_is_not_answered_for(matching: Service) -> None:
    hand(matching, published(window("gef", intermediary=IntermediaryRule(intermediary=Tri.YES))))
    proposal = submitted(ONE)
    hand(matching, proposal, withdrawn(proposal))
    with pytest.raises(Conflict):
        answer(matching, Question("gef", "agency", proposal_id=ONE), "yes")


def test_terms_are_read_with_answers_everywhere(asked: Service) -> None:
    answer(asked, KYRGYZSTAN, "yes")
    with asked.read() as session:
        terms = terms_of(session, "asks")
        assert terms is not None
        assert terms.countries.states["KGZ"] is Tri.YES
    take_back(asked, KYRGYZSTAN)
    with asked.read() as session:
        terms = terms_of(session, "asks")
        assert terms is not None
        assert "KGZ" not in terms.countries.states
