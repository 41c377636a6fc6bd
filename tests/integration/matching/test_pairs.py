"""Events in, pairs out."""

from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from contracts.events import PairDecided, Payload, ProposalJudged, WindowPairedWithActions
from contracts.values import Tri
from contracts.windows import CallRule, SpeciesRule
from services.chassis.db import Database
from services.chassis.errors import Conflict, NotFound
from services.chassis.migrations import differences
from services.chassis.service import Service
from services.matching.commands import DecidePair
from services.matching.component import COMPONENT
from services.matching.handlers import catch_up, decide_pair
from services.matching.rules.decisions import Decision
from services.matching.tables import ActionPair, Pair, PairDecision, ProposalCopy
from tests.engines.databases import Databases
from tests.integration.matching.events import NOW, action, hand, hand_events, imported, published, submitted, withdrawn
from tests.support import outbox_of
from tests.unit.matching.build import window

PERSON = UUID(int=7)


def pairs(service: Service) -> dict[tuple[UUID, str], Pair]:
    with service.read() as session:
        return {(pair.proposal_id, pair.window_id): pair for pair in session.execute(select(Pair)).scalars()}


def verdicts(service: Service) -> dict[Any, Any]:
    """What does not depend on when and by which event a pair was judged."""
    return {
        key: (pair.window_revision, pair.proposal_version, pair.overall, pair.fit, pair.findings, pair.parts)
        for key, pair in pairs(service).items()
    }


def action_pairs(service: Service) -> set[tuple[Any, ...]]:
    with service.read() as session:
        rows = session.execute(select(ActionPair)).scalars()
        return {(row.window_id, row.action_id, row.overall, row.fit, row.part_themes) for row in rows}


def emitted(service: Service, kind: type[Payload]) -> list[Any]:
    return [event.data for event in outbox_of(service) if isinstance(event.data, kind)]


def test_models_and_migrations_are_equal(matching: Service) -> None:
    assert differences(COMPONENT, matching.db) == []


def test_a_submitted_proposal_is_judged_against_every_window(matching: Service) -> None:
    proposal = submitted()
    hand(matching, published(window("a")), published(window("b", status="closed")))
    (event,) = hand(matching, proposal)
    found = pairs(matching)
    assert set(found) == {(proposal.proposal_id, "a"), (proposal.proposal_id, "b")}
    assert [found[proposal.proposal_id, w].overall for w in "ab"] == ["eligible", "not_eligible"]
    assert found[proposal.proposal_id, "a"].because == str(event.id)
    (judged,) = emitted(matching, ProposalJudged)
    assert judged.because == str(event.id)
    assert [(pair.window_id, pair.overall, pair.fit) for pair in judged.pairs] == [
        ("a", "eligible", found[proposal.proposal_id, "a"].fit), ("b", "not_eligible", None),
    ]  # fmt: skip


def test_the_same_event_twice_is_one_effect(matching: Service) -> None:
    events = hand(matching, published(window("a")), submitted(), action("3.1"), imported(1))
    before, told = verdicts(matching), len(outbox_of(matching))
    assert hand_events(matching, events) == 0
    assert (verdicts(matching), len(outbox_of(matching))) == (before, told)


def test_the_same_facts_in_another_event_change_nothing(matching: Service) -> None:
    proposal = submitted()
    hand(matching, published(window("a")), proposal)
    before, told = pairs(matching), len(outbox_of(matching))
    hand(matching, published(window("a")), proposal)
    assert (pairs(matching), len(outbox_of(matching))) == (before, told)


def test_the_order_of_arrival_does_not_matter(matching: Service, databases: Databases) -> None:
    one, two = submitted(UUID(int=1)), submitted(UUID(int=2), species=["saiga"], requested=50000)
    facts = [
        published(window("a")), published(window("b", species=SpeciesRule(basis="any"))), one, two,
        action("3.1"), action("9.1", "low", species=["saiga"]), imported(2),
    ]  # fmt: skip
    hand(matching, *facts)
    expected = (verdicts(matching), action_pairs(matching))
    assert len(expected[0]) == 4
    assert expected[1]
    for order in Random(42).sample(list(permutations(facts)), 24):
        other = Service(COMPONENT, matching.settings, db=Database(databases.another(COMPONENT)))
        other.clock = lambda: NOW
        hand(other, *order)
        assert (verdicts(other), action_pairs(other)) == expected, [type(fact).__name__ for fact in order]
        other.close()


def test_an_older_or_equal_revision_is_ignored(matching: Service) -> None:
    proposal = submitted()
    hand(matching, proposal, published(window("a", revision=2, status="closed")))
    hand(matching, published(window("a", revision=1)), published(window("a", revision=2)))
    pair = pairs(matching)[proposal.proposal_id, "a"]
    assert (pair.window_revision, pair.overall) == (2, "not_eligible")


def test_a_changed_window_is_judged_again_alone_and_remembers_what_it_was(matching: Service) -> None:
    proposal = submitted()
    hand(matching, published(window("a")), published(window("b")), proposal)
    matching.clock = lambda: NOW + timedelta(hours=1)
    (event,) = hand(matching, published(window("a", revision=2, status="closed")))
    found = pairs(matching)
    a, b = found[proposal.proposal_id, "a"], found[proposal.proposal_id, "b"]
    assert (a.overall, a.was_overall, a.was_fit, a.was_place) == ("not_eligible", "eligible", 96, 1)
    assert (a.changed_at, a.because) == (NOW + timedelta(hours=1), str(event.id))
    assert [finding["reason"] for finding in a.changed_findings] == ["status_closed"]
    assert (b.judged_at, b.was_overall) == (NOW, None)
    last = emitted(matching, ProposalJudged)[-1]
    assert [pair.window_id for pair in last.pairs] == ["b", "a"]


def test_a_change_that_alters_nothing_keeps_the_memory_of_the_one_before(matching: Service) -> None:
    proposal = submitted()
    hand(matching, published(window("a")), proposal, published(window("a", revision=2, status="closed")))
    matching.clock = lambda: NOW + timedelta(hours=2)
    hand(matching, published(window("a", revision=3, status="closed", notes="a comma")))
    pair = pairs(matching)[proposal.proposal_id, "a"]
    assert (pair.window_revision, pair.was_overall, pair.changed_at) == (3, "eligible", NOW)


def test_a_new_version_replaces_and_a_withdrawal_rests_the_proposal(matching: Service) -> None:
    first = submitted()
    hand(matching, published(window("a")), first, withdrawn(first))
    hand(matching, published(window("a", revision=2, status="closed")))
    assert pairs(matching)[first.proposal_id, "a"].window_revision == 1
    hand(matching, submitted(first.proposal_id, version=2))
    pair = pairs(matching)[first.proposal_id, "a"]
    assert (pair.proposal_version, pair.window_revision, pair.overall) == (2, 2, "not_eligible")
    hand(matching, first)
    assert pairs(matching)[first.proposal_id, "a"].proposal_version == 2


def test_a_withdrawal_that_overtakes_its_proposal_holds(matching: Service) -> None:
    proposal = submitted()
    hand(matching, published(window("a")), withdrawn(proposal), proposal)
    assert pairs(matching) == {}
    with matching.read() as session:
        copy = session.get(ProposalCopy, proposal.proposal_id)
        assert copy is not None
        assert not copy.live


def decide(service: Service, proposal_id: UUID, stage: Any, reason: str = "") -> bool:
    with service.work() as context:
        return decide_pair(context, DecidePair(proposal_id, "a", Decision(stage, reason), PERSON, "Coordinator"))


def test_decisions_are_recorded_once_and_outlive_judgements(matching: Service) -> None:
    proposal = submitted()
    hand(matching, published(window("a")), proposal)
    assert decide(matching, proposal.proposal_id, "dismissed", "Too small for this")
    assert not decide(matching, proposal.proposal_id, "dismissed", "Too small for this")
    hand(matching, published(window("a", revision=2, status="by_arrangement")))
    pair = pairs(matching)[proposal.proposal_id, "a"]
    assert (pair.stage, pair.stage_reason, pair.overall, pair.stage_overall) == (
        "dismissed", "Too small for this", "unsure", "eligible",
    )  # fmt: skip
    assert emitted(matching, ProposalJudged)[-1].pairs[0].stage == "dismissed"
    assert decide(matching, proposal.proposal_id, "none")
    with matching.read() as session:
        history = session.execute(select(PairDecision).order_by(PairDecision.decision_id)).scalars().all()  # type: ignore[arg-type]
    assert [(decision.stage, decision.overall) for decision in history] == [
        ("dismissed", "eligible"),
        ("none", "unsure"),
    ]
    assert [decided.stage for decided in emitted(matching, PairDecided)] == ["dismissed", "none"]


def test_a_pair_that_is_not_there_or_rests_cannot_be_decided(matching: Service) -> None:
    proposal = submitted()
    hand(matching, published(window("a")), proposal, withdrawn(proposal))
    with pytest.raises(NotFound):
        decide(matching, UUID(int=9), "shortlisted")
    with pytest.raises(Conflict):
        decide(matching, proposal.proposal_id, "shortlisted")


def test_a_deadline_that_passes_without_an_event_is_noticed(matching: Service) -> None:
    proposal = submitted()
    call = CallRule(cycle="irregular", deadline=date(2026, 11, 30), zone="Asia/Bishkek")
    hand(matching, published(window("a", status="open", call=call)), proposal)
    moments = [datetime(2026, 11, 30, 17, 59, tzinfo=UTC), datetime(2026, 11, 30, 18, 1, tzinfo=UTC)]
    seen = []
    for moment in (*moments, moments[-1]):
        matching.clock = lambda moment=moment: moment  # type: ignore[misc]
        with matching.work() as context:
            seen.append(catch_up(context))
    assert seen == [0, 1, 0]  # the day ends six hours earlier in Bishkek
    pair = pairs(matching)[proposal.proposal_id, "a"]
    assert (pair.overall, pair.was_overall, pair.changed_cause, pair.because) == ("not_eligible", "eligible", "day", "")


def test_windows_are_paired_when_the_programme_is_complete(matching: Service) -> None:
    hand(matching, published(window("a")), action("3.1"), imported(2))
    assert action_pairs(matching) == set()
    hand(matching, action("10.1", None, species=["saiga"]), published(window("b", status="closed")))
    assert {(row[0], row[1]) for row in action_pairs(matching)} == {("a", "3.1")}
    told = emitted(matching, WindowPairedWithActions)
    assert [(one.window_id, one.count) for one in told] == [("a", 1), ("b", 0)]
    assert (told[0].actions[0].action_id, told[0].actions[0].overall) == ("3.1", Tri.YES)


def test_actions_are_told_by_priority_then_fit(matching: Service) -> None:
    actions = [
        action("9.1", "low"), action("10.1", "high", states=["KGZ", "MNG"]), action("2.1", "high"), action("1.1", None),
    ]  # fmt: skip
    hand(matching, *actions, imported(4), published(window("a")))
    (told,) = emitted(matching, WindowPairedWithActions)
    assert [one.action_id for one in told.actions] == ["2.1", "10.1", "9.1", "1.1"]


def test_what_is_certain_comes_before_a_better_fit_that_is_not(matching: Service) -> None:
    species = SpeciesRule(basis="preference", preferred=["snow_leopard"])
    actions = [action("2.1", "high", species=["argali"]), action("10.1", "high", states=["IRN"])]
    hand(matching, *actions, imported(2), published(window("a", species=species)))
    (told,) = emitted(matching, WindowPairedWithActions)
    assert [(one.action_id, one.overall) for one in told.actions] == [("2.1", Tri.YES), ("10.1", Tri.UNKNOWN)]
    assert told.actions[1].fit > told.actions[0].fit


def test_an_action_that_changes_later_is_paired_anew(matching: Service) -> None:
    hand(matching, published(window("a")), published(window("b", themes=["ecotourism"])), action("3.1"), imported(1))
    assert {row[0] for row in action_pairs(matching)} == {"a", "b"}
    told = len(emitted(matching, WindowPairedWithActions))
    hand(matching, action("3.1", species=["saiga"]))
    assert action_pairs(matching) == set()
    assert len(emitted(matching, WindowPairedWithActions)) == told + 2
