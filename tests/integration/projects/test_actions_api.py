"""Actions as JSON."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from services.projects.component import COMPONENT
from tests.conftest import MakeClient, MakeService


@pytest.fixture
def api(make_service: MakeService, client: MakeClient) -> TestClient:
    """A program that asks for JSON."""
    make_service(COMPONENT, loaded=True)
    made = client(COMPONENT)
    made.headers["accept"] = "application/json"
    return made


def get(api: TestClient, address: str, status: int = 200) -> Any:
    """The JSON at `address`."""
    answer = api.get(address)
    assert answer.status_code == status
    return answer.json()


def test_one_action(api: TestClient) -> None:
    action = get(api, "/projects/api/actions/3.2")
    assert action["id"] == action["number"] == "3.2"
    assert action["programme"] == "cami-2021-2026"
    assert action["part"] == "I"
    assert action["section"]["number"] == 3
    assert set(action["title"]) == set(action["summary"]) == set(action["section"]["title"]) == {"en", "ru", "fr"}
    assert action["priority"] == "high_medium"
    assert action["sub_item_priorities"] == {"a": "high", "b": "high", "c": "high", "d": "medium"}
    assert action["responsible"] == ["government_agencies", "national_scientific_institutions", "ngos", "cms", "unep"]
    assert action["sub_items"][:2] == ["a", "a.i"]
    assert action["see_also"] == ["3.1"]
    assert len(action["states"]) == 14
    assert len(action["species"]) == 15


def test_a_list(api: TestClient) -> None:
    answer = get(api, "/projects/api/actions?species=snow_leopard&section=22&priority=high")
    assert (answer["total"], answer["page"], answer["pages"], answer["per_page"]) == (8, 1, 1, 25)
    assert [item["id"] for item in answer["items"]][:2] == ["22.1", "22.2"]
    assert {"value": "high", "count": 8} in answer["facets"]["priority"]
    assert answer["ignored"] == []


def test_all_on_one_page(api: TestClient) -> None:
    assert len(get(api, "/projects/api/actions?all=1")["items"]) == 228


def test_bad_values_are_named(api: TestClient) -> None:
    answer = get(api, "/projects/api/actions?species=unicorn&page=x")
    assert answer["ignored"] == [
        {"parameter": "species", "value": "unicorn"}, {"parameter": "page", "value": "x"}
    ]  # fmt: skip
    assert answer["total"] == 228


def test_the_programme_can_be_named(api: TestClient) -> None:
    assert get(api, "/projects/api/actions?programme=cami-2021-2026")["total"] == 228
    get(api, "/projects/api/actions?programme=none", status=404)
    get(api, "/projects/api/actions/1.1?programme=none", status=404)


def test_an_unknown_action(api: TestClient) -> None:
    assert get(api, "/projects/api/actions/99.9", status=404)["status"] == 404
