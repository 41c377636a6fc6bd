"""Pursuits that are made anew from their moves are those that the service lives with."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import delete, update

from services.chassis.bus import Bus
from services.chassis.rebuild import rebuild
from services.matching.component import COMPONENT
from services.matching.tables import Pursuit
from tests.conftest import MakeService
from tests.integration.matching.pursuing import move, moves, pursuit, undo
from tests.integration.rebuild.life import PROPOSALS, Life, edited, lived

DAY = date(2026, 11, 22)


@pytest.fixture
def life(make_service: MakeService, bus: Bus) -> Life:
    """Matching after some days of work, with an award, a refusal, and moves that were undone in between."""
    made = lived(make_service(COMPONENT, poll_seconds=0.02), bus)
    service, (one, two, *_others) = made.service, PROPOSALS
    move(service, one, "contacted", 8700, currency="EUR", window_id="alpha", reason="Rang")
    move(service, one, "submitted", 9000, window_id="alpha")
    move(service, one, "declined", 9000, window_id="alpha", reason="Full")
    undo(service, one, moves(service)[-1].move_id, "alpha")
    move(service, one, "awarded", 9000, window_id="alpha", day=DAY, reason="More than hoped")
    move(service, two, "contacted", window_id="beta", reason="Rang")
    undo(service, two, moves(service)[-1].move_id, "beta")
    with made.listening():
        made.say(edited("alpha", 50))
        made.hear()
    move(service, two, "contacted", window_id="alpha", reason="Rang")
    move(service, two, "declined", window_id="alpha", reason="Not this year")
    return made


def test_a_check_finds_nothing_to_mend(life: Life) -> None:
    stands = pursuit(life.service, PROPOSALS[0], "alpha")
    assert stands is not None
    assert (stands.stage, stands.amount) == ("awarded", Decimal(9000))
    report = rebuild(life.service, life.bus, check=True)
    assert report.equal, report


def test_lost_and_falsified_pursuits_come_back(life: Life) -> None:
    before = life.rows()
    assert len(before["pursuit"]) == 3
    with life.service.db.write() as session:
        connection = session.connection()
        connection.execute(delete(Pursuit).where(Pursuit.window_id == "beta"))  # type: ignore[arg-type]
        connection.execute(update(Pursuit).values(stage="declined", amount_usd=1))
    assert life.rows() != before
    report = rebuild(life.service, life.bus)
    assert report.tables["pursuit"].added
    assert life.rows() == before
