"""Fixtures that every suite may use. They build real services on real databases; nothing is mocked."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest
from starlette.testclient import TestClient

from services.chassis.bus import Bus, open_bus
from services.chassis.service import Component, Service
from services.chassis.settings import Settings
from services.chassis.web import create_app
from tests import support

if TYPE_CHECKING:
    from tests.engines.databases import Databases

pytest_plugins = [
    "tests.engines.run",
    "tests.engines.shares",
    "tests.engines.postgres",
    "tests.engines.databases",
    "tests.engines.kafka",
]

IN_MEMORY = Path("/dev/shm")  # pytest makes a folder of its own in it
ROOM = 2 * 1024**3


hypothesis.settings.register_profile("untimed", deadline=None)  # a busy machine is no fault of what is tested
hypothesis.settings.load_profile("untimed")


def pytest_configure() -> None:
    """Let temporary folders lie in memory where there is room: every commit waits for the disk, thousands of times."""
    usable = IN_MEMORY.is_dir() and os.access(IN_MEMORY, os.W_OK) and shutil.disk_usage(IN_MEMORY).free > ROOM
    if usable and "TMPDIR" not in os.environ:
        os.environ["TMPDIR"] = tempfile.tempdir = str(IN_MEMORY)


MakeService = Callable[..., Service]
MakeClient = Callable[..., TestClient]


@pytest.fixture
def settings(tmp_path: Path, databases: "Databases") -> Settings:
    """Settings of a program that lives in this test's own folder."""
    return support.settings_in(tmp_path, database_url=databases.url)


@pytest.fixture
def make_service(settings: Settings, databases: "Databases") -> Iterator[MakeService]:
    """Makes services on fresh, migrated databases of this test's own; asked twice, it gives the same one.

    `loaded`: with what the service ships.
    """
    made: dict[str, Service] = {}

    def make(component: Component, *, loaded: bool = False, **options: object) -> Service:
        if component.name not in made:
            databases.migrated(component, loaded=loaded)
            made[component.name] = Service(component, settings.model_copy(update=options))
        return made[component.name]

    yield make
    for service in made.values():
        service.close()


@pytest.fixture
def bus(settings: Settings) -> Iterator[Bus]:
    """The embedded event log in this test's own folder."""
    opened = open_bus(settings)
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
