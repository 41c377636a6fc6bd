"""The whole house at work, as its administrators see it."""

import re
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from prometheus_client import REGISTRY
from starlette.testclient import TestClient

from services.chassis import gauges
from services.chassis.groups import groups_of
from services.chassis.runner import Program
from services.chassis.service import Component
from services.chassis.settings import Settings
from services.chassis.web.navigation import SERVICES
from services.registry import COMPONENTS
from tests.support import sign_in

EACH = pytest.mark.parametrize("component", COMPONENTS.values(), ids=COMPONENTS)


@pytest.fixture(scope="module")
def admin(app: FastAPI, house_settings: Settings) -> Iterator[TestClient]:
    """An administrator's browser."""
    with TestClient(app, follow_redirects=False, headers={"accept": "text/html"}) as client:
        sign_in(client, house_settings, "administrator")
        yield client


def test_every_service_has_a_tab() -> None:
    assert set(SERVICES) == set(COMPONENTS)


@EACH
def test_every_consumer_is_at_work_and_has_caught_up(admin: TestClient, component: Component) -> None:
    page = admin.get(f"/{component.name}/operations").text
    for group in groups_of(component):
        assert group.replace(".", ".<wbr>") in page
    assert page.count("waits for events") == len(groups_of(component))
    tabs = re.findall(r'href="/(\w+)/operations"( aria-current="page")?', page)
    assert tabs == [(name, ' aria-current="page"' if name == component.name else "") for name in SERVICES]


@EACH
def test_every_gauge_is_read(house: Program, component: Component) -> None:
    gauges.refresh(house.services[component.name], house.bus)

    def measured(name: str, **labels: str) -> float | None:
        return REGISTRY.get_sample_value(name, {"service": component.name, **labels})

    assert measured("cami_outbox_depth") == 0
    assert measured("cami_parked_messages") == 0
    assert measured("cami_database_connections_most") is not None
    for group, topic in groups_of(component).items():
        assert measured("cami_consumer_lag", group=group, topic=topic) == 0
