"""Fixtures that every suite may use. They build real services on real SQLite files; nothing is mocked."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from services.chassis.bus import Bus, open_bus
from services.chassis.migrations import upgrade
from services.chassis.service import Component, Service
from services.chassis.settings import Settings
from services.chassis.web import create_app
from tests import support

MakeService = Callable[..., Service]
MakeClient = Callable[..., TestClient]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a program that lives in this test's own folder."""
    return support.settings_in(tmp_path)


@pytest.fixture
def make_service(settings: Settings) -> Iterator[MakeService]:
    """Makes services on fresh, migrated databases in this test's own folder; asked twice, it gives the same one."""
    made: dict[str, Service] = {}

    def make(component: Component, **options: object) -> Service:
        if component.name not in made:
            service = Service(component, settings.model_copy(update=options))
            upgrade(component, service.db)
            made[component.name] = service
        return made[component.name]

    yield make
    for service in made.values():
        service.close()


@pytest.fixture
def bus(settings: Settings) -> Iterator[Bus]:
    """The embedded event log in this test's own folder."""
    opened = open_bus(settings.bus)
    yield opened
    opened.close()


@pytest.fixture
def client(make_service: MakeService, settings: Settings) -> Iterator[MakeClient]:
    """Makes a test client over the pages of the components that are named, and signs nobody in."""
    clients: list[TestClient] = []

    def make(*components: Component) -> TestClient:
        services = {component.name: make_service(component) for component in components}
        made = TestClient(create_app(services, settings), follow_redirects=False, base_url="http://testserver")
        made.headers["accept"] = "text/html"
        clients.append(made)
        return made

    yield make
    for made in clients:
        made.close()


@pytest.fixture
def deliver(make_service: MakeService) -> Callable[..., int]:
    """Carries events by hand: publishes what stands in the outbox of each producer and hands it to each consumer."""
    return support.deliver
