"""The copies of matching, made anew from the log, are those that it lives with."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete, update
from sqlmodel import col

from contracts.envelope import new_id
from contracts.events import ProposalWithdrawn, WindowPublished
from services.chassis import parked
from services.chassis.bus import Bus
from services.chassis.errors import CamiError
from services.chassis.rebuild import rebuild
from services.chassis.service import Service
from services.donors.component import COMPONENT as DONORS
from services.matching.component import COMPONENT
from services.matching.handlers import ROUTES
from services.matching.tables import ActionPair, Pair, ProposalCopy, WindowCopy
from tests.conftest import MakeService
from tests.integration.matching.events import submitted, withdrawn
from tests.integration.rebuild.life import PROPOSALS, Life, edited, lived


@pytest.fixture
def life(make_service: MakeService, bus: Bus) -> Life:
    """Matching after some days of work."""
    return lived(make_service(COMPONENT, poll_seconds=0.02), bus)


def damage(service: Service) -> None:
    """Rows are lost, wrong, and too many."""
    with service.db.write() as session:
        connection = session.connection()
        connection.execute(delete(Pair).where(col(Pair.proposal_id) == PROPOSALS[0]))
        connection.execute(update(Pair).values(fit=1, stage_reason="nobody said this"))
        connection.execute(update(WindowCopy).where(col(WindowCopy.window_id) == "alpha").values(name="Wrong"))
        connection.execute(delete(ActionPair))
        session.add(ProposalCopy(proposal_id=UUID(int=99), reference="CAMI-0000-0000"))


def test_the_copies_that_the_log_makes_are_those_of_the_service(life: Life) -> None:
    before = life.rows()
    stages = {(row["proposal_id"], row["window_id"]): row["stage"] for row in before["pair"]}
    assert stages[PROPOSALS[0], "beta"] == stages[PROPOSALS[0], "alpha"] == "shortlisted"
    assert any(row["changed_cause"] == "day" for row in before["pair"]), "the calendar has had its say"
    report = rebuild(life.service, life.bus, check=True)
    assert report.equal, report
    assert report.events > 15
    assert life.rows() == before


def test_a_check_tells_what_differs_and_changes_nothing(life: Life) -> None:
    damage(life.service)
    before = life.rows()
    report = rebuild(life.service, life.bus, check=True)
    assert not report.equal
    assert report.tables["pair"].added == {(PROPOSALS[0], name) for name in ("alpha", "beta", "gamma")}
    assert len(report.tables["pair"].changed) == 6
    assert report.tables["proposal"].removed == {(UUID(int=99),)}
    assert report.tables["window"].changed == {("alpha",)}
    assert report.tables["action_pair"].added
    assert life.rows() == before


def test_a_rebuild_puts_everything_right(life: Life) -> None:
    before = life.rows()
    damage(life.service)
    assert life.rows() != before
    report = rebuild(life.service, life.bus)
    assert not report.equal, "it tells what it has changed"
    assert life.rows() == before
    assert rebuild(life.service, life.bus, check=True).equal


@pytest.mark.parametrize("phase", ["Reading the log", "Handling events again", "Comparing pair"])
def test_the_service_works_on_meanwhile_and_nothing_new_is_lost(
    life: Life, phase: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.chassis.rebuild.rebuilding.FEW", 10)
    damage(life.service)
    happened = False

    def step(what: str, _done: int, _total: int) -> None:
        nonlocal happened
        if what == phase and not happened:
            happened = True
            with life.listening():
                new = UUID(int=50)
                life.say(edited("beta", 7, name="Beta anew"), submitted(new), withdrawn(submitted(PROPOSALS[1]), 2))
                life.say(*(edited("alpha", revision) for revision in range(10, 40)))
                life.hear()
                life.decide(new, "beta", "shortlisted", "at once")

    rebuild(life.service, life.bus, progress=step)
    assert happened
    rows = life.rows()
    revisions = {row["window_id"]: row["revision"] for row in rows["window"]}
    assert revisions == {"alpha": 39, "beta": 7, "gamma": 2}
    assert [row["stage"] for row in rows["pair"] if row["proposal_id"] == UUID(int=50) and row["window_id"] == "beta"]
    assert rebuild(life.service, life.bus, check=True).equal


def test_consumers_that_never_rest_do_not_harm_it(life: Life) -> None:
    damage(life.service)
    with life.listening():
        life.say(*(edited("alpha", revision) for revision in range(10, 80)))
        rebuild(life.service, life.bus)
        life.say(edited("gamma", 9))
        life.hear()
    assert rebuild(life.service, life.bus, check=True).equal


def test_an_event_that_was_passed_without_a_trace_is_told_of_and_handed_in(life: Life) -> None:
    tables = COMPONENT.messaging
    before = {row["proposal_id"] for row in life.rows()["proposal"]}
    with life.service.db.write() as session:
        connection = session.connection()
        connection.execute(delete(tables.inbox).where(tables.inbox.c.type == "cami.projects.proposal.submitted.v1"))
    report = rebuild(life.service, life.bus, check=True)
    assert len(report.lost) == 5
    assert not report.equal
    rebuild(life.service, life.bus)
    assert {row["proposal_id"] for row in life.rows()["proposal"]} == before
    assert rebuild(life.service, life.bus, check=True).equal


def test_a_database_that_has_forgotten_everything_learns_it_again(life: Life) -> None:
    windows, proposals = life.rows()["window"], life.rows()["proposal"]
    with life.service.db.write() as session:
        for table in (*COMPONENT.copies, COMPONENT.messaging.inbox):
            session.connection().execute(delete(table))
    rebuild(life.service, life.bus)
    assert [row["terms"] for row in life.rows()["window"]] == [row["terms"] for row in windows]
    assert [row["payload"] for row in life.rows()["proposal"]] == [row["payload"] for row in proposals]
    assert rebuild(life.service, life.bus, check=True).equal


def test_what_the_service_has_still_before_it_is_no_loss(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.chassis.rebuild.rebuilding.PATIENCE_SECONDS", 0.0)
    life.say(edited("beta", 7))
    report = rebuild(life.service, life.bus, check=True)
    assert report.equal, "nobody has passed it"
    rebuild(life.service, life.bus)
    assert {row["window_id"]: row["revision"] for row in life.rows()["window"]}["beta"] == 1, "it was left alone"
    life.hear()
    assert rebuild(life.service, life.bus, check=True).equal


def test_what_is_parked_stays_parked(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_context: object, _event: object) -> None:
        raise ValueError("no good")

    monkeypatch.setattr(life.service, "settings", life.service.settings.model_copy(update={"consumer_retries": 0}))
    whole = life.service.component
    life.service.component = replace(whole, routes=dict(ROUTES) | {ProposalWithdrawn: fails})
    life.say(withdrawn(submitted(PROPOSALS[0])))
    life.hear()
    life.service.component = whole
    with life.service.read() as session:
        (message,) = parked.waiting(session, COMPONENT.messaging)
    before = life.rows()
    assert rebuild(life.service, life.bus, check=True).equal
    rebuild(life.service, life.bus)
    assert life.rows() == before
    parked.replay(life.service, message.id)
    assert life.rows() != before
    assert rebuild(life.service, life.bus, check=True).equal, "it stands in the journal where it was handled"


def test_from_a_moment_on_what_is_missing_comes_back(life: Life) -> None:
    life.say(edited("delta", 1))
    life.hear()
    moment = next(m.time for m in life.bus.read("cami.donors", limit=100) if m.key == "delta")
    with life.service.db.write() as session:
        session.connection().execute(delete(WindowCopy).where(col(WindowCopy.window_id).in_(["delta", "gamma"])))
    report = rebuild(life.service, life.bus, since=moment)
    assert report.tables["window"].added == {("delta",)}
    assert {row["window_id"] for row in life.rows()["window"]} == {"alpha", "beta", "delta"}


def test_what_the_log_has_lost_is_told(life: Life) -> None:
    strange = new_id()
    with life.service.db.write() as session:
        session.connection().execute(
            COMPONENT.messaging.inbox.insert(),
            {"consumer": "matching", "event_id": strange, "type": "cami.donors.window.published.v1",
             "handled_at": life.now, "position": 3},
        )  # fmt: skip
    with pytest.raises(CamiError, match=f"no longer on the log.*{strange}"):
        rebuild(life.service, life.bus)
    assert rebuild(life.service, life.bus, since=life.now + timedelta(days=30)).equal


def test_an_event_that_cannot_be_handled_any_more_is_named(life: Life) -> None:
    def fails(_context: object, _event: object) -> None:
        raise ValueError("no good")

    before = life.rows()
    whole = life.service.component
    life.service.component = replace(whole, routes=dict(ROUTES) | {WindowPublished: fails})
    with pytest.raises(CamiError, match=r"cami\.donors\.window\.published\.v1 .* no good"):
        rebuild(life.service, life.bus)
    assert life.rows() == before


def test_a_service_without_copies_says_so(make_service: MakeService, bus: Bus) -> None:
    with pytest.raises(CamiError, match="donors keeps no copies"):
        rebuild(make_service(DONORS), bus)
