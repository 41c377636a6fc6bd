"""The lists: one's own with progress, the secretariat's with filters; and an empty one that says what to do."""

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


def results(html: str) -> int:
    return html.count('<li class="result">')


def submitted(desk: Desk, title: str, **species: list[str]) -> str:
    url = desk.start()
    desk.complete(url)
    desk.save(f"{url}/summary", {**FILLED["summary"], "title-en": title})
    desk.save(f"{url}/species", {**FILLED["species"], **species})
    assert desk.submit(url).status_code == 303
    return url


def test_ones_own_list_shows_progress_and_amounts(desk: Desk) -> None:
    url = desk.start("Half done")
    desk.save(f"{url}/budget", FILLED["budget"])
    listed = desk.client.get("/projects/proposals").text
    assert "Half done" in listed
    assert "1 of 8 sections done" in listed
    assert "EUR" in listed


def test_an_empty_list_says_what_to_do(desk: Desk) -> None:
    assert "/projects/proposals/new" in desk.client.get("/projects/proposals").text
    desk.sign_in("coordinator")
    assert "Nothing has been submitted yet" in desk.client.get("/projects/proposals").text


def test_coordinators_filter_by_status_species_state_and_words(desk: Desk) -> None:
    submitted(desk, "Corridors for saiga")
    submitted(desk, "Argali of the mountains", species=["argali"], states=["UZB"])
    desk.register(organisation=(other := new_id()), name="Устюртский фонд")
    desk.sign_in("lead", organisation=other)
    withdrawn = submitted(desk, "Снежный барс", species=["snow_leopard"], states=["KAZ"])
    desk.save_to(withdrawn, f"{withdrawn}/withdraw", {})
    desk.sign_in("coordinator")

    def found(query: str) -> int:
        answer = desk.client.get(f"/projects/proposals?{query}")
        assert answer.status_code == 200
        return results(answer.text)

    assert found("") == 3
    assert found("status=submitted") == 2
    assert found("status=withdrawn") == 1
    assert found("status=submitted&status=withdrawn") == 3
    assert found("status=nonsense") == 3
    assert found("species=argali") == 1
    assert found("species=argali&species=saiga") == 2
    assert found("species=argali&state=KAZ") == 0
    assert found("state=KAZ") == 2
    assert found("species=%25") == 0
    assert found("q=ARGALI") == 1
    assert found("q=барса") == 1
    assert found("q=ustyurt") == 0
    assert found("q=устюртский+фонд") == 1
    assert found("q=CAMI-2") == 0
    assert found("q=corridors+saiga") == 1
    assert found("q=%27%22%3B--%5C_%25") == 3
    assert found("page=99") == 3
    assert found("page=x") == 3


def test_a_reference_finds_its_proposal(desk: Desk) -> None:
    submitted(desk, "One")
    url = submitted(desk, "Two")
    reference = desk.json(url)["reference"]
    desk.sign_in("secretariat")
    assert results(desk.client.get(f"/projects/proposals?q={reference}").text) == 1


def test_only_the_newest_version_is_listed(desk: Desk) -> None:
    url = submitted(desk, "First words")
    desk.save_to(url, f"{url}/withdraw", {})
    desk.save(f"{url}/summary", {**FILLED["summary"], "title-en": "Second words"})
    desk.submit(url)
    desk.sign_in("coordinator")
    listed = desk.client.get("/projects/proposals").text
    assert results(listed) == 1
    assert "Second words" in listed


def test_the_words_looked_for_stand_in_the_readers_quotation_marks(desk: Desk) -> None:
    submitted(desk, "Saiga crossings")
    desk.sign_in("coordinator")
    desk.client.cookies.set("cami_lang", "ru")
    assert "«saiga»" in desk.client.get("/projects/proposals?q=saiga").text
