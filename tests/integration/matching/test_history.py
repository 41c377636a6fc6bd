"""A donor's history follows what its answers were about: a proposal that is submitted anew may be about other work."""

from datetime import date
from typing import Any
from uuid import UUID

from services.chassis.bus import Bus
from services.chassis.rebuild import rebuild
from services.chassis.service import Service
from services.matching.commands.weights import PutWeights
from services.matching.component import COMPONENT
from services.matching.handlers import put_weights
from services.matching.handlers.refitting import refitted
from services.matching.handlers.weights import weights_in_force
from services.matching.tables import Pair
from tests.conftest import MakeService
from tests.integration.matching.events import NOW, hand, published, submitted, withdrawn
from tests.integration.matching.pursuing import move
from tests.integration.rebuild.life import PROPOSALS, lived
from tests.unit.matching.build import window

ONE, TWO = UUID(int=1), UUID(int=2)
HEAVY: dict[str, int] = {
    "priority": 10, "themes": 10, "species": 10, "states": 10, "size": 5, "time": 5, "cofinancing": 0, "history": 50,
}  # fmt: skip
"""Points under which no move of a history is rounded away."""
OTHER_WORK: dict[str, Any] = {"species": ["argali"], "themes": ["livelihoods"]}
Fits = dict[tuple[UUID, str], tuple[int | None, list[dict[str, Any]]]]


def fits(service: Service) -> tuple[Fits, Fits]:
    """(as they are stored, as they would be made from nothing) of every pair of a live proposal that has a fit."""
    stored: Fits = {}
    fresh: Fits = {}
    with service.read() as session:
        for one in refitted(session, NOW, weights_in_force(session)):
            for window_id, (points, parts) in one.fits.items():
                key = one.proposal.proposal_id, window_id
                pair = session.get(Pair, key)
                assert pair is not None
                stored[key] = pair.fit, [dict(part) for part in pair.parts]
                fresh[key] = points, [part.as_json() for part in parts]
    return stored, fresh


def prepared(service: Service) -> None:
    """Two donors have answered the first proposal, a third has not; the second is like the first."""
    service.clock = lambda: NOW
    hand(
        service, published(window("a")), published(window("b")),
        published(window("c", donor_id="defra", donor_name="Defra")),
        published(window("d", donor_id="iucn", donor_name="IUCN")), submitted(ONE), submitted(TWO),
    )  # fmt: skip
    why = dict.fromkeys(HEAVY, "To see it move")
    command = PutWeights(base=3, points=HEAVY, reasons=why, person_id=UUID(int=7), person_name="Aigul")
    service.run(lambda context: put_weights(context, command))
    move(service, ONE, "submitted", 15000)
    move(service, ONE, "awarded", 15000, day=date(2026, 11, 20))
    move(service, ONE, "submitted", 15000, window_id="c")
    move(service, ONE, "declined", reason="Not this year", window_id="c")


def test_a_resubmission_about_other_work_moves_the_pairs_of_the_donors_that_have_answered_it(matching: Service) -> None:
    prepared(matching)
    before, fresh = fits(matching)
    assert before == fresh
    hand(matching, submitted(ONE, version=2, **OTHER_WORK))
    stored, fresh = fits(matching)
    assert stored == fresh
    assert (stored[TWO, "a"][0] or 0) < (before[TWO, "a"][0] or 0)  # the award is no longer for work like this
    assert (stored[TWO, "c"][0] or 0) > (before[TWO, "c"][0] or 0)
    assert stored[TWO, "d"] == before[TWO, "d"]
    with matching.read() as session:
        pair = session.get(Pair, (TWO, "a"))
        assert pair is not None
        assert (pair.changed_cause, pair.was_fit) == ("history", before[TWO, "a"][0])


def test_a_withdrawal_leaves_the_history_as_it_is_and_a_version_withdrawn_on_its_way_does_not(
    matching: Service,
) -> None:
    prepared(matching)
    before, _ = fits(matching)
    second = submitted(ONE, version=2, **OTHER_WORK)
    hand(matching, withdrawn(second))
    stored, fresh = fits(matching)
    assert stored == fresh == {key: fit for key, fit in before.items() if key[0] != ONE}
    hand(matching, second)  # its withdrawal was faster: it is not judged, and yet it is what the answers are about now
    stored, fresh = fits(matching)
    assert stored == fresh
    assert (stored[TWO, "a"][0] or 0) < (before[TWO, "a"][0] or 0)


def test_a_rebuild_makes_the_same_history(make_service: MakeService, bus: Bus) -> None:
    life = lived(make_service(COMPONENT, poll_seconds=0.02), bus)
    answered = PROPOSALS[0]
    move(life.service, answered, "submitted", 15000, window_id="alpha")
    move(life.service, answered, "awarded", 15000, window_id="alpha", day=date(2026, 11, 20))
    life.say(submitted(answered, version=2, **OTHER_WORK))
    life.hear()
    report = rebuild(life.service, bus, check=True)
    assert report.equal, report
