"""Closing a window and opening it again."""

from starlette.testclient import TestClient

from services.chassis.service import Service
from services.donors import queries
from tests.integration.donors.conftest import published
from tests.support import csrf_of, form_post

PAGE = "/donors/windows/ptes"


def status(service: Service) -> tuple[str, int]:
    with service.read() as session:
        found = queries.window(session, "ptes").terms
    return found.status, found.revision


def test_closing_tells_everybody_with_the_reason(donors: Service, coordinator: TestClient) -> None:
    response = form_post(coordinator, PAGE, {"revision": "1", "reason": "No call in 2027."}, to=f"{PAGE}/close")
    assert response.status_code == 303
    assert status(donors) == ("closed", 2)
    event = published(donors, "ptes")[-1]
    assert (event.data.changed, event.data.reason, event.data.terms.status) == (
        ["status"],
        "No call in 2027.",
        "closed",
    )
    assert event.data.terms.status_evidence.sentence == "No call in 2027."


def test_a_second_click_closes_nothing_twice(donors: Service, coordinator: TestClient) -> None:
    token = csrf_of(coordinator.get(PAGE).text)
    for _ in range(2):
        answer = coordinator.post(f"{PAGE}/close", data={"csrf": token, "revision": "1", "reason": "Over."})
        assert answer.status_code == 303
    assert len(published(donors, "ptes")) == 2


def test_closing_needs_a_reason(donors: Service, coordinator: TestClient) -> None:
    response = form_post(coordinator, PAGE, {"revision": "1", "reason": " "}, to=f"{PAGE}/close")
    assert response.status_code == 400
    assert 'id="f-reason-error"' in response.text
    assert status(donors) == ("recurring", 1)


def test_opening_again_offers_the_status_of_before(donors: Service, coordinator: TestClient) -> None:
    form_post(coordinator, PAGE, {"revision": "1", "reason": "Over."}, to=f"{PAGE}/close")
    page = coordinator.get(PAGE)
    assert '<option value="recurring" selected>' in page.text
    response = form_post(
        coordinator, PAGE, {"revision": "2", "status": "recurring", "reason": "Back."}, to=f"{PAGE}/reopen"
    )
    assert response.status_code == 303
    assert status(donors) == ("recurring", 3)


def test_it_cannot_be_opened_as_closed(donors: Service, coordinator: TestClient) -> None:
    form_post(coordinator, PAGE, {"revision": "1", "reason": "Over."}, to=f"{PAGE}/close")
    response = form_post(coordinator, PAGE, {"revision": "2", "status": "closed", "reason": "?"}, to=f"{PAGE}/reopen")
    assert response.status_code == 400
    assert status(donors) == ("closed", 2)


def test_closing_terms_that_changed_meanwhile_asks_to_look_again(donors: Service, coordinator: TestClient) -> None:
    token = csrf_of(coordinator.get(PAGE).text)
    form_post(coordinator, f"{PAGE}/edit", {
        "revision": "1", "duration_maximum": "36", "duration_confidence": "low", "reason": "Longer.",
    })  # fmt: skip
    answer = coordinator.post(f"{PAGE}/close", data={"csrf": token, "revision": "1", "reason": "My long reason."})
    assert answer.status_code == 409
    assert "My long reason." in answer.text
    assert status(donors) == ("recurring", 2)
