"""Moves in, where a pursuit stands out."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from contracts.envelope import new_id
from contracts.events import PursuitMoved
from contracts.windows import AmountRule
from services.chassis.errors import NotFound
from services.chassis.service import Service
from services.matching.commands import DecidePair
from services.matching.handlers import decide_pair
from services.matching.handlers.decisions import MoneyGranted
from services.matching.handlers.pursuits import Overtaken
from services.matching.queries.pursuits import pursuits
from services.matching.rules.decisions import Decision
from services.matching.rules.pursuits import Refused
from services.matching.rules.settled import Question
from services.matching.tables import PairDecision
from tests.integration.matching.answering import answer
from tests.integration.matching.events import NOW, hand, published, submitted, withdrawn
from tests.integration.matching.pursuing import PERSON, move, moves, pursuit, undo
from tests.support import outbox_of
from tests.unit.matching.build import window

ONE = UUID(int=1)
TODAY = date(2026, 11, 22)


def told(service: Service) -> list[PursuitMoved]:
    return [event.data for event in outbox_of(service) if isinstance(event.data, PursuitMoved)]


def decide(service: Service, stage: Any, reason: str = "", window_id: str = "a") -> None:
    with service.work() as context:
        decide_pair(context, DecidePair(ONE, window_id, Decision(stage, reason), PERSON, "Coordinator"))


def listed(service: Service) -> list[tuple[str, str, Decimal | None]]:
    with service.read() as session:
        return [(one.window_id, one.stage, one.amount_usd) for one in pursuits(session)]


@pytest.fixture
def matched(matching: Service) -> Service:
    """One proposal that asks for 15 000 dollars; window `a` may fund it, `no` may not."""
    hand(matching, published(window("a")), published(window("no", status="closed")), submitted(ONE))
    return matching


def test_a_move_is_kept_told_and_listed(matched: Service) -> None:
    assert move(matched, ONE, "contacted", 8700, currency="EUR", note="Rang them")
    stands = pursuit(matched, ONE)
    assert stands is not None
    assert (stands.stage, stands.amount, stands.currency, stands.amount_usd, stands.rates_date) == (
        "contacted", Decimal(8700), "EUR", Decimal(10000), date(2026, 11, 1),
    )  # fmt: skip
    (event,) = told(matched)
    assert (event.was_stage, event.stage, event.amount_usd, event.owner) == (
        "none",
        "contacted",
        Decimal(10000),
        "Aigul",
    )
    assert "Rang" not in event.model_dump_json()
    with matched.read() as session:
        (one,) = pursuits(session)
    assert (one.reference, one.donor_id, one.stage, one.amount_usd, one.requested_usd, one.owner, one.live) == (
        "CAMI-2026-0042", "rufford", "contacted", Decimal(10000), Decimal(15000), "Aigul", True,
    )  # fmt: skip


def test_the_same_click_twice_is_one_move(matched: Service) -> None:
    once = new_id()
    assert move(matched, ONE, "contacted", once=once, seen=None)
    assert not move(matched, ONE, "contacted", once=once, seen=None)
    assert not move(matched, ONE, "contacted")  # another page, but nothing would change
    assert len(moves(matched)) == len(told(matched)) == 1


def test_the_second_of_two_people_is_told_what_the_first_did(matched: Service) -> None:
    move(matched, ONE, "contacted", by="Dina")
    drawn = pursuit(matched, ONE)
    assert drawn is not None
    move(matched, ONE, "submitted", 9000, by="Dina")
    with pytest.raises(Overtaken) as met:
        move(matched, ONE, "concept_note", seen=drawn.last_id, by="Aigul")
    assert (met.value.stage, met.value.by) == ("submitted", "Dina")
    with pytest.raises(Overtaken):
        move(matched, ONE, "identified", reason="x", seen=None)
    assert listed(matched) == [("a", "submitted", Decimal(9000))]


def test_moves_are_undone_one_by_one_back_to_nothing(matched: Service) -> None:
    move(matched, ONE, "contacted", owner="Dina")
    move(matched, ONE, "submitted", 12000)
    move(matched, ONE, "declined", 12000, reason="Too many applied")
    first, second, third = moves(matched)
    with pytest.raises(Overtaken):
        undo(matched, ONE, second.move_id)
    assert undo(matched, ONE, third.move_id)
    assert not undo(matched, ONE, third.move_id)
    stands = pursuit(matched, ONE)
    assert stands is not None
    assert (stands.stage, stands.amount, stands.reason, stands.move_id) == (
        "submitted", Decimal(12000), "", second.move_id,
    )  # fmt: skip
    assert undo(matched, ONE, second.move_id)
    assert undo(matched, ONE, first.move_id)
    assert listed(matched) == []
    assert [(one.was_stage, one.stage, one.undone) for one in told(matched)][3:] == [
        ("declined", "submitted", True), ("submitted", "contacted", True), ("contacted", "none", True),
    ]  # fmt: skip
    with pytest.raises(NotFound):
        undo(matched, ONE, moves(matched)[-1].move_id)
    assert move(matched, ONE, "contacted")  # and it begins anew


def test_an_award_needs_its_money_and_its_day_and_more_than_asked_a_reason(matched: Service) -> None:
    move(matched, ONE, "submitted", 15000)
    with pytest.raises(Refused) as met:
        move(matched, ONE, "awarded")
    assert {problem.field for problem in met.value.problems} == {"amount", "day"}
    with pytest.raises(Refused) as met:
        move(matched, ONE, "awarded", 15001, day=TODAY)
    assert [(problem.field, problem.code) for problem in met.value.problems] == [("reason", "reason_above_asked")]
    assert move(matched, ONE, "awarded", 15001, day=TODAY, reason="They added the audit")
    assert listed(matched) == [("a", "awarded", Decimal(15001))]


def test_more_than_a_window_gives_as_its_donor_told_needs_a_reason(matched: Service) -> None:
    hand(matched, published(window("told", amount=AmountRule(maximum=None, maximum_known=False))))
    answer(matched, Question("told", "ceiling"), "amount", number=12000)
    move(matched, ONE, "submitted", 12000, window_id="told", reason="They take a part of it")
    with pytest.raises(Refused) as met:
        move(matched, ONE, "awarded", 12001, window_id="told", day=TODAY)
    assert [(problem.field, problem.code) for problem in met.value.problems] == [("reason", "reason_above_maximum")]
    assert move(matched, ONE, "awarded", 12000, window_id="told", day=TODAY)


def test_a_dismissed_pair_is_pursued_when_that_is_taken_back(matched: Service) -> None:
    decide(matched, "shortlisted")
    assert listed(matched) == [("a", "identified", None)]
    move(matched, ONE, "contacted")
    decide(matched, "dismissed", "They fund no rangers")
    assert listed(matched) == []
    with pytest.raises(Refused) as met:
        move(matched, ONE, "submitted", 100)
    assert met.value.problems[0].code == "dismissed"
    decide(matched, "none")
    assert listed(matched) == [("a", "contacted", None)]


def test_what_has_granted_money_is_not_dismissed_and_a_refusal_outlives_a_dismissal(matched: Service) -> None:
    move(matched, ONE, "submitted", 9000)
    move(matched, ONE, "awarded", 9000, day=TODAY)
    with pytest.raises(MoneyGranted):
        decide(matched, "dismissed", "No")
    move(matched, ONE, "declined", 9000, reason="The grant was taken back")
    decide(matched, "dismissed", "Not again")
    assert listed(matched) == [("a", "declined", Decimal(9000))]


def test_a_withdrawn_proposal_is_pursued_no_further_but_its_answer_is_kept(matched: Service) -> None:
    move(matched, ONE, "submitted", 9000)
    hand(matched, withdrawn(submitted(ONE)))
    with matched.read() as session:
        assert [one.live for one in pursuits(session)] == [False]
    with pytest.raises(Refused) as met:
        move(matched, ONE, "contacted", reason="Begin again")
    assert met.value.problems[0].code == "withdrawn"
    assert move(matched, ONE, "declined", 9000, reason="They were full")


def test_moves_and_decisions_keep_the_verdict_as_it_was(matched: Service) -> None:
    with pytest.raises(Refused) as met:
        move(matched, ONE, "contacted", window_id="no")
    assert met.value.problems[0].code == "reason_despite"
    move(matched, ONE, "contacted", window_id="no", reason="They open again in May")
    decide(matched, "shortlisted")
    matched.clock = lambda: NOW + timedelta(hours=1)
    hand(matched, published(window("a", revision=2, status="closed")), published(window("no", revision=2)))
    (kept,) = moves(matched)
    assert kept.overall == "not_eligible"
    assert kept.verdicts is not None
    assert kept.verdicts["status"] == "no"
    assert kept.parts == {}
    with matched.read() as session:
        (decision,) = session.execute(select(PairDecision)).scalars()
    assert decision.verdicts is not None
    assert decision.verdicts["status"] == "yes"
    assert decision.parts is not None
    assert sum(points for points, _most in decision.parts.values()) == decision.fit


def test_a_pair_that_is_not_there_is_not_pursued(matched: Service) -> None:
    with pytest.raises(NotFound):
        move(matched, UUID(int=9), "contacted")
    with pytest.raises(NotFound):
        move(matched, ONE, "contacted", window_id="nobody")


def test_of_many_who_move_at_once_one_does_and_the_others_are_told(matched: Service) -> None:
    move(matched, ONE, "contacted")
    drawn = pursuit(matched, ONE)
    assert drawn is not None

    def try_it(number: int) -> str:
        try:
            move(matched, ONE, "submitted", 1000 + number, seen=drawn.last_id, by=f"Person {number}")
        except Overtaken:
            return "told"
        return "moved"

    with ThreadPoolExecutor(6) as pool:
        answers = sorted(pool.map(try_it, range(6)))
    assert answers == ["moved", *["told"] * 5]
    assert len(moves(matched)) == len(told(matched)) == 2


def test_one_click_that_arrives_many_times_at_once_is_one_move(matched: Service) -> None:
    once = new_id()
    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(lambda _: move(matched, ONE, "contacted", once=once, seen=None), range(6)))
    assert sum(made) == 1
    assert len(moves(matched)) == len(told(matched)) == 1
