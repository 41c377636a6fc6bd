"""A coordinator changes terms: the form, the look at the changes, the event, the history, and who was faster."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from starlette.testclient import TestClient

from services.chassis.service import Service
from services.donors import queries
from tests.integration.donors.conftest import published
from tests.support import csrf_of, form_post, outbox_of

EDIT = "/donors/windows/mbz/edit"
AMOUNT: dict[str, Any] = {
    "revision": "1", "amount_minimum": "", "amount_maximum": "30 000", "amount_currency": "USD",
    "amount_minimum_known": "1", "amount_maximum_known": "1", "amount_sentence": "Raised in 2026.",
    "amount_source": "https://example.org/call", "amount_year": "2026", "amount_checked": "2026-11-20",
    "amount_confidence": "high", "reason": "The new call text says so.",
}  # fmt: skip


def up_to(digits: str) -> str:
    """A ceiling as the English pages write it."""
    return f"up to USD\N{NO-BREAK SPACE}{digits}"


def terms(service: Service, window_id: str = "mbz") -> Any:
    with service.read() as session:
        return queries.window(session, window_id).terms


def test_saving_makes_a_revision_and_tells_everybody(donors: Service, coordinator: TestClient) -> None:
    response = form_post(coordinator, EDIT, {**AMOUNT, "step": "save"})
    assert (response.status_code, response.headers["location"]) == (303, "/donors/windows/mbz")
    present = terms(donors)
    assert (present.revision, present.amount.maximum, present.amount.evidence.year) == (2, Decimal(30000), 2026)
    assert present.amount.evidence.check_again.isoformat() == "2027-05-20"
    first, second = published(donors, "mbz")
    assert (first.data.changed, second.data.changed) == ([], ["amount"])
    assert second.data.terms == present
    assert (second.data.changed_by, second.data.reason) == ("Camille Test", "The new call text says so.")


def test_a_section_that_was_not_sent_stays_as_it_was(donors: Service, coordinator: TestClient) -> None:
    before = terms(donors)
    form_post(coordinator, EDIT, AMOUNT)
    after = terms(donors)
    assert after.species == before.species
    assert after.countries == before.countries


def test_looking_at_the_changes_saves_nothing(donors: Service, coordinator: TestClient) -> None:
    response = form_post(coordinator, EDIT, {**AMOUNT, "step": "preview"})
    assert response.status_code == 200
    assert up_to("30,000") in response.text
    assert up_to("25,000") in response.text
    assert terms(donors).revision == 1
    assert len(published(donors, "mbz")) == 1


def test_what_was_looked_at_can_be_saved_or_changed_further(donors: Service, coordinator: TestClient) -> None:
    shown = form_post(coordinator, EDIT, {**AMOUNT, "step": "preview"})
    carried = {**AMOUNT, "csrf": csrf_of(shown.text)}
    back = coordinator.post(EDIT, data={**carried, "step": "back"})
    assert back.status_code == 200
    assert 'value="30 000"' in back.text
    saved = coordinator.post(EDIT, data={**carried, "step": "save"})
    assert saved.status_code == 303
    assert terms(donors).amount.maximum == Decimal(30000)


def test_a_double_click_saves_once(donors: Service, coordinator: TestClient) -> None:
    first = form_post(coordinator, EDIT, AMOUNT)
    page = coordinator.get("/donors/windows/mbz/edit")
    second = coordinator.post(EDIT, data={**AMOUNT, "csrf": csrf_of(page.text)})
    assert (first.status_code, second.status_code) == (303, 303)
    assert terms(donors).revision == 2
    assert len(published(donors, "mbz")) == 2


def test_errors_stand_at_their_fields_and_what_was_typed_stays(donors: Service, coordinator: TestClient) -> None:
    wrong = {**AMOUNT, "amount_minimum": "90000", "amount_source": "see the website", "reason": ""}
    response = form_post(coordinator, EDIT, wrong)
    assert response.status_code == 400
    assert 'id="f-amount_source-error"' in response.text
    assert 'id="f-reason-error"' in response.text
    assert 'href="#f-amount_source"' in response.text
    assert 'value="see the website"' in response.text
    assert 'value="90000"' in response.text
    contradiction = form_post(coordinator, EDIT, {**AMOUNT, "amount_minimum": "90000"})
    assert contradiction.status_code == 400
    assert "it is below the smallest amount" in contradiction.text
    assert terms(donors).revision == 1


def test_saving_what_stands_already_says_so(donors: Service, coordinator: TestClient) -> None:
    response = form_post(coordinator, EDIT, {"revision": "1", "duration_minimum": "", "duration_maximum": "",
        "duration_sentence": terms(donors).duration.evidence.sentence, "duration_year": "2012",
        "duration_source": terms(donors).duration.evidence.url, "duration_checked": "2026-11-22",
        "duration_confidence": "unknown", "reason": "Nothing."})  # fmt: skip
    assert response.status_code == 400
    assert "These are the terms as they stand" in response.text


def test_unknown_stays_unknown(donors: Service, coordinator: TestClient) -> None:
    form = {
        "revision": "1", "countries_basis": "dac_oda_hotspot", "country_KGZ": "yes", "country_RUS": "no",
        "countries_confidence": "low", "reason": "The list has been published.",
    }  # fmt: skip
    form_post(coordinator, "/donors/windows/darwin-main/edit", form)
    rule = terms(donors, "darwin-main").countries
    assert (rule.states["KGZ"], rule.states["RUS"], rule.states["TJK"]) == ("yes", "no", "unknown")


def test_a_changed_english_summary_makes_the_others_older(donors: Service, coordinator: TestClient) -> None:
    old = terms(donors).summary
    form = {
        "revision": "1", "summary_en": "Small grants for one species.", "summary_ru": old.versions["ru"].text,
        "summary_fr": "Petites subventions pour une espèce.", "reason": "Shorter.",
    }  # fmt: skip
    form_post(coordinator, EDIT, form)
    versions = terms(donors).summary.versions
    assert [versions[code].stale for code in ("en", "ru", "fr")] == [False, True, False]


def test_when_somebody_was_faster_both_are_shown_and_nothing_is_lost(
    donors: Service, visitor: Callable[..., TestClient]
) -> None:
    mine, theirs = visitor("coordinator", name="Anna First"), visitor("secretariat", name="Boris Second")
    opened = mine.get(EDIT)
    form_post(theirs, EDIT, {**AMOUNT, "amount_maximum": "40 000", "reason": "I heard 40 000."})
    form_post(theirs, EDIT, {
        "revision": "2", "intermediary_needed": "yes", "intermediary_endorsement": "no",
        "intermediary_who": "A partner", "intermediary_confidence": "low", "reason": "They need a partner.",
    })  # fmt: skip
    response = mine.post(EDIT, data={**AMOUNT, "csrf": csrf_of(opened.text)})
    assert response.status_code == 409
    assert up_to("40,000") in response.text
    assert up_to("30,000") in response.text
    assert "Boris Second" in response.text
    assert "I heard 40 000." in response.text
    assert 'value="30000"' in response.text
    assert "The new call text says so." in response.text
    assert 'value="A partner"' in response.text
    assert terms(donors).amount.maximum == Decimal(40000)
    again = mine.post(EDIT, data={**AMOUNT, "revision": "3", "csrf": csrf_of(response.text)})
    assert again.status_code == 303
    present = terms(donors)
    assert (present.revision, present.amount.maximum, present.intermediary.who) == (4, Decimal(30000), "A partner")


def test_history_shows_what_each_revision_changed(coordinator: TestClient, donors: Service) -> None:
    form_post(coordinator, EDIT, AMOUNT)
    page = coordinator.get("/donors/windows/mbz/history")
    assert page.status_code == 200
    for expected in (up_to("25,000"), up_to("30,000"), "Camille Test", "The new call text says so."):
        assert expected in page.text


def test_only_coordinator_secretariat_and_administrator_may_edit(visitor: Callable[..., TestClient]) -> None:
    for role in ("applicant", "lead"):
        assert visitor(role).get("/donors/windows/mbz").status_code == 200
        assert visitor(role).get(EDIT).status_code == 403
        assert "Change the terms" not in visitor(role).get("/donors/windows/mbz").text
    for role in ("coordinator", "secretariat", "administrator"):
        assert visitor(role).get(EDIT).status_code == 200


def test_a_form_of_odd_content_is_answered(coordinator: TestClient, donors: Service) -> None:
    for odd in ({"revision": "x"}, {"revision": "999999"}, {"revision": "1", "status": "nonsense"}):
        assert form_post(coordinator, EDIT, odd).status_code == 400
    assert coordinator.get("/donors/windows/no-such/edit").status_code == 404
    assert len(outbox_of(donors)) == 69


@pytest.mark.parametrize(("day", "status"), [("2026-11-23", 303), ("2026-11-24", 400)])
def test_a_morning_in_the_east_is_not_still_to_come(
    donors: Service, coordinator: TestClient, day: str, status: int
) -> None:
    donors.clock = lambda: datetime(2026, 11, 22, 21, 0, tzinfo=UTC)
    assert form_post(coordinator, EDIT, {**AMOUNT, "amount_checked": day}).status_code == status
