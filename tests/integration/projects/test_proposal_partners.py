"""The section of partners: filled in, with rows added and removed without scripts, submitted, and read again."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from contracts.envelope import new_id
from services.chassis.service import Service
from services.chassis.settings import Settings
from tests.integration.projects.proposal_desk import FILLED, Desk, desk_of


@pytest.fixture
def desk(make_service: Callable[..., Service], client: Callable[..., TestClient], settings: Settings) -> Desk:
    return desk_of(make_service, client, settings)


def partners_of(desk: Desk, url: str) -> list[dict[str, str]]:
    lines: list[dict[str, str]] = desk.json(url)["draft"]["partners"]["lines"]
    return lines


def test_a_registered_organisation_is_offered_and_known_by_its_name(desk: Desk) -> None:
    other = new_id()
    desk.register(organisation=other, name="Saiga Alliance")
    url = desk.start()
    page = desk.client.get(f"{url}/partners").text
    assert '<option value="Saiga Alliance"></option>' in page
    assert '<option value="Steppe Trust"></option>' not in page, "an organisation is no partner of its own"
    desk.save(f"{url}/partners", {"lines-0-name": "saiga alliance", "lines-0-role": "Patrols"})
    [line] = partners_of(desk, url)
    assert (line["organisation_id"], line["kind"], line["country"], line["lead"]) == (
        str(other), "ngo_local", "KAZ", "open",
    )  # fmt: skip


def test_rows_are_added_and_removed_without_scripts(desk: Desk) -> None:
    url = desk.start()
    added = desk.save(f"{url}/partners", {**FILLED["partners"], "add": "lines"})
    assert added.status_code == 303
    page = desk.client.get(added.headers["location"].split("#")[0]).text
    assert 'name="lines-1-name"' in page
    second = {"lines-1-name": "Reserve", "lines-1-kind": "government", "lines-1-country": "KGZ", "lines-1-role": "Home"}
    desk.save(f"{url}/partners", {**FILLED["partners"], **second})
    assert [one["name"] for one in partners_of(desk, url)] == ["Institute of Zoology", "Reserve"]
    desk.save(f"{url}/partners", {**FILLED["partners"], **second, "remove": "lines-0"})
    assert [one["name"] for one in partners_of(desk, url)] == ["Reserve"]


def test_what_cannot_be_read_is_named_by_its_partner_and_nothing_is_lost(desk: Desk) -> None:
    url = desk.start()
    answer = desk.save(f"{url}/partners", {**FILLED["partners"], "lines-0-kind": "guild"})
    assert answer.status_code == 400
    assert "Partner 1, Kind of organisation" in answer.text
    assert 'value="Institute of Zoology"' in answer.text
    assert partners_of(desk, url) == []


def test_a_script_saves_a_half_filled_partner(desk: Desk) -> None:
    url = desk.start()
    answer = desk.save(
        f"{url}/partners", {"lines-0-name": "Reserve"}, {"X-Autosave": "1", "Accept": "application/json"}
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["revision"] == 1
    [line] = partners_of(desk, url)
    assert (line["name"], line["kind"]) == ("Reserve", "")
    check = desk.client.get(f"{url}/check").text
    assert "Partner 1: choose the kind of organisation." in check


def test_partners_are_submitted_read_and_compared(desk: Desk) -> None:
    url = desk.start()
    desk.complete(url)
    assert desk.submit(url).status_code == 303
    [event] = desk.events()
    assert [(one.name, one.applicant_kind, one.lead) for one in event.partners] == [
        ("Institute of Zoology", "research", "agreed")
    ]
    page = desk.client.get(url).text
    assert "Institute of Zoology" in page
    assert "Agrees to lead if needed" in page
    desk.save_to(url, f"{url}/withdraw", {})
    desk.save(f"{url}/partners", {**FILLED["partners"], "lines-0-lead": "no"})
    assert "Will not lead" in desk.client.get(f"{url}/check").text
    assert desk.submit(url).status_code == 303
    changes = desk.client.get(f"{url}/versions/2/changes").text
    assert "Partners, line 1" in changes
    assert "Will not lead" in changes


def test_a_draft_without_partners_may_be_submitted(desk: Desk) -> None:
    url = desk.start()
    for section, data in FILLED.items():
        if section != "partners":
            desk.save(f"{url}/{section}", data)
    assert "some donors are open only if a partner leads" in desk.client.get(f"{url}/check").text
    assert desk.submit(url).status_code == 303
    assert desk.events()[0].partners == []
    assert "Could it lead?" not in desk.client.get(url).text
