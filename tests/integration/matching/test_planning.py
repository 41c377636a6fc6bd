"""Plans are computed in the background: to the end, once, again after a crash, and not at all once cancelled."""

import json
import os
import signal
import threading
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from contracts.envelope import new_id
from contracts.values import Tri
from contracts.windows import AmountRule, IntermediaryRule
from services.chassis.errors import Conflict
from services.chassis.service import Service
from services.matching.commands.portfolios import ArchiveScenario, AskForPlan
from services.matching.handlers import plans
from services.matching.handlers.scenarios import archive_scenario
from services.matching.planning.planner import Planner
from services.matching.portfolio.verify import faults
from services.matching.queries.plans import runs_of
from services.matching.queries.portfolios import live, pursued_pairs
from services.matching.rules.portfolios.record import live_from
from services.matching.tables import PlanRun, Pursuit
from tests.integration.matching.events import NOW, action, hand, imported, published, submitted
from tests.integration.matching.planning import AUTHOR, asked, planned, run_of, scenario
from tests.unit.matching.build import window

FIRST, SECOND, THIRD = (UUID(int=number) for number in (1, 2, 3))


@pytest.fixture
def stocked(matching: Service) -> Service:
    """Two small windows and a large one that needs an agency; three proposals, one of them too large for the small."""
    agency = IntermediaryRule(intermediary=Tri.YES, endorsement=Tri.NO)
    hand(
        matching, action("3.1"), action("9.1", "low"), imported(2),
        published(window("small-1", name="Small one")), published(window("small-2", name="Small two")),
        published(window("large", name="Large", amount=AmountRule(maximum=Decimal(30000)), intermediary=agency)),
        submitted(FIRST, reference="CAMI-2026-0001"), submitted(SECOND, reference="CAMI-2026-0002"),
        submitted(THIRD, reference="CAMI-2026-0003", requested=Decimal(45000)),
    )  # fmt: skip
    return matching


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for a thread or process; the time limit of the test ends it."""
    pause = threading.Event()
    while not condition():
        pause.wait(0.02)


def test_a_run_is_computed_to_its_end_and_its_plan_is_right(stocked: Service) -> None:
    run = planned(stocked)
    assert (run.state, run.error, run.taken, run.leased_until) == ("done", "", None, None)
    assert run.request is not None
    assert run.answer is not None
    assert run.record is not None
    assert faults(run.request, run.answer) == []
    assert run.answer["status"] == "optimal"
    # Two fit the small windows whole; the third takes what the large one and one of the small ones can give.
    assert run.answer["value"] == 15
    assert run.summary is not None
    assert (run.summary["funded"], run.summary["proposals"]) == (2, 3)
    assert run.summary["greedy"] <= run.summary["value"]
    today = live_from(run.request, run.record)
    assert [one.reference for one in today.proposals] == ["CAMI-2026-0001", "CAMI-2026-0002", "CAMI-2026-0003"]
    assert run.current_event
    assert len(run.digest) == 64


def test_margins_are_solved_again_for_each_proposal_and_window(stocked: Service) -> None:
    run = planned(stocked)
    assert run.margins is not None
    assert run.answer is not None
    funded = set(run.answer["funded"])
    assert set(run.margins["proposal"]) == funded
    assert set(run.margins["forced"]) == {str(key) for key in (FIRST, SECOND, THIRD)} - funded
    assert set(run.margins["closed"]) == {window_id for _, window_id, _ in run.answer["grants"]}
    for found in run.margins["proposal"].values():
        assert found["state"] == "ok"
        assert 0 <= found["low"] <= found["high"]


def test_wishes_that_no_plan_keeps_are_told(stocked: Service) -> None:
    run = planned(stocked, must=frozenset({FIRST, SECOND, THIRD}), closed=frozenset({"large"}))
    assert (run.state, run.error) == ("failed", "unattainable")
    assert str(THIRD) in run.detail


def test_two_planners_never_take_the_same_run(stocked: Service) -> None:
    run_id = asked(stocked, scenario(stocked))
    with stocked.work() as context:
        assert plans.take_next(context) is not None
    with stocked.work() as context:
        assert plans.take_next(context) is None
    assert run_of(stocked, run_id).attempts == 1


def test_a_run_whose_holder_is_gone_is_taken_again_and_the_late_holder_writes_nothing(stocked: Service) -> None:
    run_id = asked(stocked, scenario(stocked))
    with stocked.work() as context:
        first = plans.take_next(context)
        assert first is not None
        late = first.taken
    stocked.clock = lambda: NOW + plans.LEASE + timedelta(seconds=1)
    planner = Planner(stocked)
    assert planner.turn()
    planner.close()
    done = run_of(stocked, run_id)
    assert (done.state, done.attempts) == ("done", 2)
    assert late is not None
    with stocked.work() as context:
        assert not plans.renew(context, run_id, late, done=1)
        assert not plans.finish(context, run_id, late, margins={})
        assert not plans.fail(context, run_id, late, "late")
    assert run_of(stocked, run_id).state == "done"


def test_a_process_that_is_killed_is_started_again(stocked: Service) -> None:
    run_id = asked(stocked, scenario(stocked))
    planner = Planner(stocked)
    worker = threading.Thread(target=planner.turn)
    worker.start()
    wait_until(lambda: planner.pid is not None)
    pid = planner.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    worker.join()
    assert (run_of(stocked, run_id).state, run_of(stocked, run_id).attempts) == ("queued", 1)
    assert planner.turn()
    planner.close()
    assert (run_of(stocked, run_id).state, run_of(stocked, run_id).attempts) == ("done", 2)


def test_a_run_that_kills_its_process_each_time_is_given_up(stocked: Service) -> None:
    run_id = asked(stocked, scenario(stocked))
    with stocked.work() as context:
        run = context.session.get(PlanRun, run_id)
        assert run is not None
        run.state, run.attempts, run.leased_until = "running", plans.MOST_ATTEMPTS, NOW - timedelta(minutes=1)
        context.session.add(run)
    with stocked.work() as context:
        assert plans.take_next(context) is None
    assert (run_of(stocked, run_id).state, run_of(stocked, run_id).error) == ("failed", "interrupted")


def test_the_process_ends_when_the_program_that_started_it_is_gone(stocked: Service) -> None:
    run_id = asked(stocked, scenario(stocked))
    planner = Planner(stocked)
    worker = threading.Thread(target=planner.turn)
    worker.start()
    wait_until(lambda: planner.pid is not None)
    process = planner._process
    assert process is not None
    assert process.stdin is not None
    process.stdin.close()  # what the kernel does for a program that is killed
    worker.join()
    assert process.returncode is not None
    assert run_of(stocked, run_id).state == "queued"
    planner.close()


def test_a_run_that_is_cancelled_stops(stocked: Service) -> None:
    scenario_id = scenario(stocked)
    run_id = asked(stocked, scenario_id)
    planner = Planner(stocked)
    worker = threading.Thread(target=planner.turn)
    worker.start()
    wait_until(lambda: planner.pid is not None)
    with stocked.work() as context:
        assert plans.cancel_run(context, scenario_id, run_id)
    worker.join()
    run = run_of(stocked, run_id)
    assert run.state in ("cancelled", "done")
    assert run.state == "cancelled" or run.error == "stopped"
    assert planner.pid is None
    assert not planner.turn()  # nothing waits any more
    planner.close()
    with stocked.work() as context:
        assert not plans.cancel_run(context, scenario_id, run_id)


def test_closing_the_program_leaves_the_run_for_the_next_one(stocked: Service) -> None:
    run_id = asked(stocked, scenario(stocked))
    planner = Planner(stocked)
    planner.wake()
    wait_until(lambda: planner.pid is not None)
    planner.close()
    run = run_of(stocked, run_id)
    assert (run.state, run.attempts) == ("queued", 0)


def test_the_same_button_twice_is_one_run(stocked: Service) -> None:
    scenario_id, once = scenario(stocked), new_id()
    found = set()
    for key in (once, once, new_id()):  # the last from another window of the browser, while the first waits
        with stocked.work() as context:
            found.add(plans.ask_for_plan(context, AskForPlan(key, scenario_id, 10, AUTHOR)))
    assert len(found) == 1


def test_an_archived_scenario_is_not_computed(stocked: Service) -> None:
    scenario_id = scenario(stocked)
    with stocked.work() as context:
        assert archive_scenario(context, ArchiveScenario(scenario_id, True, AUTHOR))
    with stocked.work() as context, pytest.raises(Conflict):
        plans.ask_for_plan(context, AskForPlan(new_id(), scenario_id, 10, AUTHOR))


def test_the_same_data_gives_the_same_plan(stocked: Service) -> None:
    first, second = planned(stocked), planned(stocked)
    assert first.digest == second.digest
    assert first.answer is not None
    assert second.answer is not None
    assert json.dumps(first.answer["grants"]) == json.dumps(second.answer["grants"])


def test_money_that_was_awarded_is_there_and_what_was_declined_is_left_out(stocked: Service) -> None:
    with stocked.work() as context:
        for proposal_id, window_id, stage, amount in (
            (FIRST, "small-1", "awarded", Decimal(15000)), (SECOND, "small-2", "declined", None),
            (SECOND, "large", "submitted", Decimal(15000)), (THIRD, "large", "awarded", None),
        ):  # fmt: skip
            context.session.add(
                Pursuit(
                    proposal_id=proposal_id, window_id=window_id, donor_id="rufford", stage=stage, amount=amount,
                    currency="USD", amount_usd=amount, moved_by="Somebody", moved_at=NOW, last_id=new_id(),
                )
            )  # fmt: skip
    with stocked.read() as session:
        today = live(session)
        pursued = pursued_pairs(session, today)
    needs = {one.reference: today.instance.proposals[p].need for p, one in enumerate(today.proposals)}
    # An award without an amount promises nothing.
    assert needs == {"CAMI-2026-0001": 0, "CAMI-2026-0002": 15000, "CAMI-2026-0003": 45000}
    of = {one.window_id: w for w, one in enumerate(today.windows)}
    assert today.instance.windows[of["small-1"]].budget == 5000
    assert today.set_aside == 1
    assert (1, of["small-2"]) not in today.pairs
    assert pursued == [(1, of["large"])]
    run = planned(stocked)
    assert run.others is not None
    assert run.others["pursuits"]["funded"] == [str(FIRST), str(SECOND)]


def test_windows_that_pay_for_preparation_only_are_in_no_plan(stocked: Service) -> None:
    hand(stocked, published(window("gef-ppg", name="Preparation")))
    with stocked.read() as session:
        today = live(session)
    assert "gef-ppg" not in {one.window_id for one in today.windows}
    assert [one.why for one in today.left_out if one.window_id == "gef-ppg"] == ["preparation"]


def interrupted(service: Service, attempts: int) -> PlanRun:
    """A run whose holder is gone while the margins are worked out: its plan has been checked and kept."""
    run = planned(service)
    with service.work() as context:
        found = context.session.get(PlanRun, run.run_id)
        assert found is not None
        found.state, found.phase, found.attempts, found.taken = "running", plans.MARGINS, attempts, new_id()
        found.ended_at, found.leased_until = None, NOW - timedelta(minutes=1)
        context.session.add(found)
    return run_of(service, run.run_id)


def whole(service: Service, run: PlanRun) -> bool:
    """Whether the run shows a plan, with all that belongs to it."""
    found = run_of(service, run.run_id)
    with service.read() as session:
        (head,) = runs_of(session, [run.scenario_id])[run.scenario_id]
    kept = (found.answer, found.others, found.summary, found.request, found.record)
    return head.has_plan and None not in kept and faults(found.request or {}, found.answer or {}) == []


def test_a_plan_stays_while_its_margins_are_interrupted_and_taken_up_again(stocked: Service) -> None:
    run = interrupted(stocked, 1)
    assert run.taken is not None
    with stocked.work() as context:
        assert plans.put_back(context, run.run_id, run.taken, counts=True)
    assert run_of(stocked, run.run_id).state == "queued"
    assert whole(stocked, run)
    hand(stocked, submitted(UUID(int=4), reference="CAMI-2026-0004"))  # what it is made from is not today's any more
    with stocked.work() as context:
        assert plans.take_next(context) is not None
    assert whole(stocked, run)
    stocked.clock = lambda: NOW + plans.LEASE + timedelta(seconds=1)
    planner = Planner(stocked)
    seen = []
    note = planner._note

    def noted(*args: Any, **values: Any) -> bool:
        done = note(*args, **values)
        seen.append(whole(stocked, run))
        return done

    planner._note = noted  # type: ignore[method-assign]
    assert planner.turn()
    planner.close()
    assert seen
    assert all(seen)
    done = run_of(stocked, run.run_id)
    assert (done.state, done.error) == ("done", "")
    assert done.digest != run.digest
    assert done.summary is not None
    assert done.summary["proposals"] == 4


@pytest.mark.parametrize("how", ["taken up", "put back"])
def test_a_run_that_is_interrupted_too_often_in_its_margins_keeps_its_plan(stocked: Service, how: str) -> None:
    run = interrupted(stocked, plans.MOST_ATTEMPTS)
    assert run.taken is not None
    with stocked.work() as context:
        if how == "taken up":
            assert plans.take_next(context) is None
        else:
            assert plans.put_back(context, run.run_id, run.taken, counts=True)
    done = run_of(stocked, run.run_id)
    assert (done.state, done.error, done.leased_until) == ("done", "stopped", None)
    assert whole(stocked, run)
