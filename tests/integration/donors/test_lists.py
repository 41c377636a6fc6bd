"""Lists, filters, donors and the JSON beside them."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from services.chassis.service import Service
from services.donors.component import COMPONENT


def ids(client: TestClient, query: str) -> list[str]:
    """Ids that the API finds for a query, over all its pages."""
    found: list[str] = []
    for page in range(1, 9):
        answer = client.get(f"/donors/api/windows?{query}&page={page}").json()
        found += [item["window_id"] for item in answer["items"]]
        if page == answer["pages"]:
            assert len(found) == answer["total"]
            return found
    raise AssertionError("too many pages")


def test_everything_is_there(coordinator: TestClient) -> None:
    assert len(set(ids(coordinator, ""))) == 69


def test_filters_narrow_and_counts_tell_what_they_would_show(coordinator: TestClient) -> None:
    answer = coordinator.get("/donors/api/windows?kind=private_sector").json()
    assert answer["total"] == 5
    assert answer["counts"]["kind"] == {
        "multilateral": 15, "trust_fund": 7, "bilateral": 15, "foundation": 22, "private_sector": 5, "national": 5,
    }  # fmt: skip
    assert sum(answer["counts"]["status"].values()) == 5
    assert len(ids(coordinator, "fund=gef")) == 9
    both = ids(coordinator, "kind=trust_fund&kind=private_sector")
    assert len(both) == 12


def test_unknown_is_found_and_a_no_is_not(coordinator: TestClient) -> None:
    in_russia = ids(coordinator, "state=RUS")
    assert "gef-fsp" in in_russia
    assert "iwtcf-main" not in in_russia
    for_argali = ids(coordinator, "species=argali")
    assert "unep-vt" in for_argali
    assert "iucn-sos-ca" not in for_argali


def test_filters_of_all_kinds_work_together(coordinator: TestClient) -> None:
    found = ids(
        coordinator, "state=MNG&species=snow_leopard&theme=research_monitoring&cofinancing=none&status=recurring"
    )
    assert "sabin-sl" in found
    assert "sca-sgp" not in found


@pytest.mark.parametrize(
    ("words", "window"), [("saiga alliance", "sca-sgp"), ("барс", "sln-grants"), ("FORÊTS", "wb-progreen")]
)
def test_search_in_three_languages(coordinator: TestClient, words: str, window: str) -> None:
    assert window in ids(coordinator, f"q={words}")


def test_orders(coordinator: TestClient) -> None:
    assert ids(coordinator, "sort=amount")[0] == "adaptation-fund-regional"
    by_deadline = ids(coordinator, "sort=deadline")
    assert by_deadline.index("mbz") < by_deadline.index("whitley") < by_deadline.index("gef-fsp")


def test_pages_are_shown_in_every_language(coordinator: TestClient) -> None:
    titles = {"en": "Funding windows", "ru": "Окна финансирования", "fr": "Guichets de financement"}
    for language, title in titles.items():
        coordinator.cookies.set("cami_lang", language)
        page = coordinator.get("/donors/windows?state=KAZ&q=")
        assert page.status_code == 200
        assert title in page.text
        for path in ("/donors", "/donors/windows/mbz", "/donors/windows/gef-msp", "/donors/windows/mbz/edit",
                     "/donors/windows/mbz/history"):  # fmt: skip
            assert coordinator.get(path).status_code == 200, path


def test_every_window_has_a_page(coordinator: TestClient) -> None:
    for window in ids(coordinator, ""):
        page = coordinator.get(f"/donors/windows/{window}")
        assert page.status_code == 200, window


def test_nothing_found_says_what_to_do(coordinator: TestClient) -> None:
    page = coordinator.get("/donors/windows?q=zzzz")
    assert page.status_code == 200
    assert "No window fits all of this" in page.text
    assert coordinator.get("/donors/windows?kind=nonsense&page=abc&sort=x").status_code == 200
    assert coordinator.get("/donors/windows?page=999").status_code == 200


def test_the_inventory_may_be_empty(client: Callable[..., TestClient], settings: object, make_service: object) -> None:
    from tests.support import sign_in

    made = client(COMPONENT)
    sign_in(made, settings, "coordinator")  # type: ignore[arg-type]
    assert "The inventory is empty" in made.get("/donors/windows").text
    assert "The inventory is empty" in made.get("/donors").text


def test_only_people_who_are_signed_in_see_it(client: Callable[..., TestClient], donors: Service) -> None:
    stranger = client(COMPONENT)
    for path in ("/donors", "/donors/windows", "/donors/windows/mbz", "/donors/windows/mbz/history"):
        assert stranger.get(path).headers["location"].startswith("/accounts/sign-in"), path
    assert stranger.get("/donors/api/windows", headers={"accept": "application/json"}).status_code == 401


def test_one_window_as_json(visitor: Callable[..., TestClient]) -> None:
    answer = visitor("applicant").get("/donors/api/windows/mbz").json()
    assert answer["terms"]["amount"]["maximum"] == "25000"
    assert answer["history"][0]["revision"] == 1
    assert (
        visitor("applicant").get("/donors/api/windows/none", headers={"accept": "application/json"}).status_code == 404
    )


def test_the_words_looked_for_stand_in_the_readers_quotation_marks(coordinator: TestClient) -> None:
    coordinator.cookies.set("cami_lang", "ru")
    assert "«saiga»" in coordinator.get("/donors/windows?q=saiga").text
