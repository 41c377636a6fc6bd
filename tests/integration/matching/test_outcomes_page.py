"""Outcomes as they are read from decisions and moves, and the page that tells of them."""

import re
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.chassis.service import Service
from services.matching.commands import DecidePair
from services.matching.handlers import decide_pair
from services.matching.queries.outcomes import Known, outcomes
from services.matching.rules.decisions import Decision
from services.matching.tables import Pair
from tests.integration.matching.conftest import NGO, Pages
from tests.integration.matching.events import NOW, hand, published, submitted
from tests.integration.matching.pursuing import PERSON, move, moves, undo
from tests.unit.matching.build import window

ONE = UUID(int=1)
TODAY = date(2026, 11, 22)


def decide(service: Service, stage: Any, reason: str = "", window_id: str = "a", proposal_id: UUID = ONE) -> None:
    command = DecidePair(proposal_id, window_id, Decision(stage, reason), PERSON, "Dina")
    service.run(lambda context: decide_pair(context, command))


def found(service: Service) -> dict[str, Known]:
    """Window -> what came of it."""
    with service.read() as session:
        return {one.window_id: one for one in outcomes(session)}


@pytest.fixture
def matched(pages: Pages) -> Pages:
    """One proposal; `a` and `b` may fund it, `no` may not."""
    closed = published(window("no", status="closed"))
    hand(pages.service, published(window("a")), published(window("b")), closed, submitted(ONE))
    return pages


def test_an_outcome_rests_on_the_verdict_with_which_the_pair_went_to_the_donor(matched: Pages) -> None:
    service = matched.service
    move(service, ONE, "submitted", 9000)
    service.clock = lambda: NOW + timedelta(days=1)
    hand(service, published(window("a", revision=2, status="closed")))
    move(service, ONE, "awarded", 9000, day=TODAY)
    one = found(service)["a"]
    assert (one.case.outcome, one.case.seen.overall, one.case.seen.verdicts["status"]) == ("awarded", "eligible", "yes")
    assert one.case.begun == one.case.seen
    undo(service, ONE, moves(service)[-1].move_id)
    assert found(service)["a"].case.outcome == "submitted"
    undo(service, ONE, moves(service)[0].move_id)
    assert found(service) == {}


def test_dismissals_and_shortlists_are_outcomes_until_they_are_taken_back(matched: Pages) -> None:
    service = matched.service
    decide(service, "dismissed", "They never answer")
    decide(service, "shortlisted", window_id="b")
    known = found(service)
    assert {window_id: one.case.outcome for window_id, one in known.items()} == {"a": "dismissed", "b": "shortlisted"}
    assert (known["a"].reason, known["a"].by, known["a"].kept) == ("They never answer", "Dina", True)
    decide(service, "none")
    assert set(found(service)) == {"b"}
    move(service, ONE, "contacted", window_id="b")
    assert found(service)["b"].case.outcome == "approached"
    decide(service, "dismissed", "No", window_id="b")
    assert found(service)["b"].case.outcome == "dismissed"


def test_the_page_tells_of_rules_and_of_those_who_knew_better(matched: Pages) -> None:
    service = matched.service
    decide(service, "dismissed", "They never answer")
    move(service, ONE, "contacted", window_id="no", reason="They open again in May")
    move(service, ONE, "submitted", 9000, window_id="no")
    move(service, ONE, "awarded", 9000, window_id="no", day=TODAY)
    page = matched.get("/matching/outcomes")
    pursued = page.split('id="pursued-head"')[1].split("</section>")[0]
    assert "They open again in May" in pursued
    assert "tri--no" in pursued
    dismissed = page.split('id="dismissed-head"')[1].split("</section>")[0]
    assert "They never answer" in dismissed
    assert "too few to tell" in page
    assert "USD\xa09,000" in page


def test_from_ten_cases_on_a_share_and_its_interval_are_given(matched: Pages) -> None:
    service = matched.service
    for number in range(100, 112):
        hand(service, submitted(UUID(int=number), reference=f"CAMI-2026-0{number}"))
        if number < 109:
            move(service, UUID(int=number), "submitted", 9000)
        else:
            decide(service, "dismissed", "No", proposal_id=UUID(int=number))
    page = matched.get("/matching/outcomes")
    assert re.search(r"<b>75%</b> <span class=\"muted small\">47% to 91%, of 12</span>", page)
    assert "nothing settled yet" not in page


def test_an_empty_page_says_when_it_will_fill_and_is_for_those_who_coordinate(matched: Pages) -> None:
    assert "Nothing has come of any pair yet" in matched.get("/matching/outcomes")
    matched.be("lead", organisation=NGO)
    matched.get("/matching/outcomes", 403)


def test_the_page_of_outcomes_is_found_from_every_page_of_matching(matched: Pages) -> None:
    """Also before anything is pursued: what is dismissed has come to something, too."""
    for path in ("/matching", "/matching/windows", "/matching/pursuits", "/matching/fit", "/matching/outcomes"):
        assert '<a href="/matching/outcomes"' in matched.get(path), path
    assert 'href="/matching/outcomes" aria-current="page"' in matched.get("/matching/outcomes")
    assert re.search(r"<h1[^>]*>Pursuits</h1>", matched.get("/matching/pursuits"))


def test_a_pair_names_the_event_that_it_was_judged_for(matched: Pages) -> None:
    with matched.service.read() as session:
        pair = session.get(Pair, (ONE, "a"))
    assert pair is not None
    assert pair.because
    assert pair.because in matched.get(f"/matching/proposals/{ONE}/windows/a")
