"""Weights put in force: what is foreseen is what comes, nobody overwrites another, and all can be undone."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, select
from sqlmodel import col

from contracts.envelope import new_id
from contracts.events import ProposalJudged
from services.chassis.bus import Bus
from services.chassis.errors import NotFound
from services.chassis.rebuild import rebuild
from services.chassis.service import Service
from services.matching import shipped
from services.matching.commands.weights import PutWeights
from services.matching.component import COMPONENT
from services.matching.handlers import put_weights
from services.matching.handlers.history import history_of
from services.matching.handlers.previewing import preview
from services.matching.handlers.reweighing import Outpaced, wanted_data
from services.matching.handlers.weights import weights_in_force
from services.matching.rules import Weights
from services.matching.tables import Pair, ProposalCopy, WeightsVersion
from tests.conftest import MakeService
from tests.integration.matching.events import NOW, hand, published, submitted, withdrawn
from tests.integration.matching.pursuing import move, moves, undo
from tests.integration.rebuild.life import lived
from tests.support import outbox_of
from tests.unit.matching.build import window

ONE, TWO, GONE = UUID(int=1), UUID(int=2), UUID(int=3)
OTHER: dict[str, int] = {
    "priority": 10, "themes": 30, "species": 18, "states": 6, "size": 14, "time": 8, "cofinancing": 6, "history": 8,
}  # fmt: skip


def wish(base: int = 3, points: Mapping[str, int] = OTHER, **changed: Any) -> PutWeights:
    why = {"priority": "Too alike", "themes": "Decides"}
    return PutWeights(**{
        "base": base, "points": points, "reasons": why, "person_id": UUID(int=7), "person_name": "Aigul", **changed
    })  # fmt: skip


def put(service: Service, command: PutWeights) -> int | None:
    return service.run(lambda context: put_weights(context, command))


def pairs(service: Service) -> dict[tuple[UUID, str], Pair]:
    with service.read() as session:
        return {(pair.proposal_id, pair.window_id): pair for pair in session.execute(select(Pair)).scalars()}


def verdicts(service: Service) -> dict[tuple[UUID, str], Any]:
    return {
        key: (pair.overall, pair.yes, pair.unknown, pair.no, pair.findings, pair.judged_at, pair.because, pair.stage)
        for key, pair in pairs(service).items()
    }


@pytest.fixture
def matched(matching: Service) -> Service:
    """Four windows and three proposals, of which one is withdrawn."""
    gone = submitted(GONE)
    hand(
        matching,
        published(window("a")), published(window("b", themes=["ecotourism", "livelihoods"])),
        published(window("c", donor_id="defra", donor_name="Defra", themes=[])),
        published(window("no", status="closed")),
        submitted(ONE), submitted(TWO, themes=["livelihoods"], species=["argali"]), gone, withdrawn(gone),
    )  # fmt: skip
    return matching


def test_other_points_weigh_every_live_pair_anew_and_change_no_verdict(matched: Service) -> None:
    before, known = pairs(matched), verdicts(matched)
    told = len(outbox_of(matched))
    assert put(matched, wish()) == 4
    after = pairs(matched)
    assert verdicts(matched) == known
    assert after[ONE, "a"].weights == 4
    assert after[ONE, "b"].fit != before[ONE, "b"].fit
    assert after[ONE, "b"].fit == sum(part["points"] for part in after[ONE, "b"].parts)
    assert [part["most"] for part in after[ONE, "b"].parts] == list(OTHER.values())
    assert (after[ONE, "b"].was_fit, after[ONE, "b"].changed_cause) == (before[ONE, "b"].fit, "weights")
    assert after[ONE, "no"].fit is None
    assert (after[GONE, "b"].fit, after[GONE, "b"].weights) == (before[GONE, "b"].fit, 3)
    events = [event.data for event in outbox_of(matched)[told:] if isinstance(event.data, ProposalJudged)]
    assert {event.proposal_id for event in events} == {ONE, TWO}
    (mine,) = (event for event in events if event.proposal_id == ONE)
    assert {pair.window_id: pair.fit for pair in mine.pairs} == {
        key: pair.fit for (proposal, key), pair in after.items() if proposal == ONE
    }
    with matched.read() as session:
        (row,) = session.execute(select(WeightsVersion)).scalars()
        proposal = session.get(ProposalCopy, ONE)
        assert proposal is not None
        assert proposal.judged_cause == "weights"
    assert row.pairs == sum(before[key].fit != pair.fit for key, pair in after.items())


def test_what_is_foreseen_is_exactly_what_comes(matched: Service) -> None:
    matched.clock = lambda: NOW + timedelta(days=20)  # deadlines have come nearer since the pairs were weighed
    command = wish()
    with matched.read() as session:
        wanted = Weights.from_data(wanted_data(session, command))
        foreseen = preview(session, matched.clock(), wanted)
    before = pairs(matched)
    put(matched, command)
    came = {
        (str(key[0]), key[1]): (before[key].fit, pair.fit)
        for key, pair in pairs(matched).items() if pair.fit != before[key].fit
    }  # fmt: skip
    assert came
    assert {(one.proposal_id, one.window_id): (one.before, one.after) for one in foreseen.moves.moved} == came
    assert foreseen.moves.pairs == sum(pair.fit is not None for key, pair in before.items() if key[0] != GONE)
    with matched.read() as session:
        again = preview(session, matched.clock(), wanted)
    assert (again.moves.moved, again.by_time) == ((), 0)
    assert again.before == foreseen.after


def test_foreseeing_takes_as_many_queries_however_many_proposals(matched: Service) -> None:
    def queries() -> int:
        seen: list[str] = []
        with matched.read() as session:
            engine, wanted = session.get_bind(), Weights.from_data(wanted_data(session, wish()))

            def count(_c: object, _k: object, statement: str, *_rest: object) -> None:
                seen.append(statement)

            event.listen(engine, "before_cursor_execute", count)
            preview(session, NOW, wanted)
            event.remove(engine, "before_cursor_execute", count)
        return len(seen)

    few = queries()
    for _ in range(5):
        hand(matched, submitted(new_id()))
    assert queries() == few


def test_what_comes_later_is_weighed_by_the_weights_in_force(matched: Service) -> None:
    put(matched, wish())
    new = new_id()
    hand(matched, submitted(new), published(window("d")))
    assert {pair.weights for key, pair in pairs(matched).items() if key[0] == new or key == (ONE, "d")} == {4}


def test_the_second_of_two_who_edit_is_told_and_overwrites_nothing(matched: Service) -> None:
    put(matched, wish())
    theirs = wish(points={**OTHER, "size": 12, "history": 10}, person_id=UUID(int=8))
    with pytest.raises(Outpaced):
        put(matched, theirs)
    with matched.read() as session:
        assert weights_in_force(session).proposal == OTHER
    assert put(matched, wish(4, theirs.points, person_id=UUID(int=8))) == 5


def test_pressed_twice_it_is_one_version(matched: Service) -> None:
    assert (put(matched, wish()), put(matched, wish()), put(matched, wish(4))) == (4, None, None)
    with matched.read() as session:
        assert len(session.execute(select(WeightsVersion)).all()) == 1


def test_going_back_brings_back_every_fit_as_a_version_of_its_own(matched: Service) -> None:
    before = {key: (pair.fit, pair.parts) for key, pair in pairs(matched).items()}
    put(matched, wish())
    assert put(matched, wish(4, same_as=3)) == 5
    assert {key: (pair.fit, pair.parts) for key, pair in pairs(matched).items()} == before
    assert put(matched, wish(5, same_as=4)) == 6
    with matched.read() as session:
        assert weights_in_force(session).proposal == OTHER
        rows = session.execute(select(WeightsVersion).order_by(col(WeightsVersion.number))).scalars().all()
    assert [(row.number, row.based_on, row.same_as) for row in rows] == [(4, 3, None), (5, 4, 3), (6, 5, 4)]
    assert put(matched, wish(6, same_as=1)) == 7
    assert all(part["most"] == 0 for part in pairs(matched)[ONE, "a"].parts if part["part"] == "history")
    with pytest.raises(NotFound):
        put(matched, wish(7, same_as=99))


def test_points_that_do_not_add_up_are_refused_and_leave_no_trace(matched: Service) -> None:
    with pytest.raises(ValueError, match="add up to 100"):
        put(matched, wish(points={**OTHER, "size": 15}))
    with matched.read() as session:
        assert session.execute(select(WeightsVersion)).all() == []
        assert weights_in_force(session) is shipped.weights()


def test_a_donors_answer_moves_the_pairs_of_its_windows_and_no_others(matched: Service) -> None:
    before = pairs(matched)
    move(matched, ONE, "submitted", 15000)
    move(matched, ONE, "awarded", 15000, day=date(2026, 11, 20))
    after = pairs(matched)
    for key in ((ONE, "a"), (TWO, "a"), (TWO, "b")):
        assert (after[key].fit or 0) > (before[key].fit or 0)
        assert after[key].changed_cause == "history"
    assert after[ONE, "c"].fit == before[ONE, "c"].fit
    with matched.read() as session:
        assert (history_of(session, "rufford").awards, history_of(session, "defra").outcomes) == (1, ())
    undo(matched, ONE, moves(matched)[-1].move_id)
    assert {key: pair.fit for key, pair in pairs(matched).items()} == {key: pair.fit for key, pair in before.items()}
    move(matched, ONE, "declined", reason="Not this year")
    assert (pairs(matched)[TWO, "a"].fit or 0) < (before[TWO, "a"].fit or 0)


def test_a_rebuild_makes_the_same_fits_by_the_same_weights(make_service: MakeService, bus: Bus) -> None:
    life = lived(make_service(COMPONENT, poll_seconds=0.02), bus)
    put(life.service, wish())
    life.say(submitted(UUID(int=50)))
    life.hear()
    life.sleep(3)
    put(life.service, wish(4, same_as=1))
    put(life.service, wish(5, {**OTHER, "size": 12, "history": 10}))
    life.say(submitted(UUID(int=51)))
    life.hear()
    before = life.rows()
    assert {row["weights"] for row in before["pair"]} >= {6}
    report = rebuild(life.service, bus, check=True)
    assert report.equal, report
    with life.service.db.write() as session:
        for pair in session.execute(select(Pair)).scalars():
            pair.fit, pair.weights = 1, 1
        session.execute(COMPONENT.metadata.tables["weights_in_force"].delete())
    assert not rebuild(life.service, bus).equal
    assert life.rows() == before
