"""Fixtures that every suite may use. They build real services on real SQLite files; nothing is mocked."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
from starlette.testclient import TestClient

from services.chassis.bus import Bus, open_bus
from services.chassis.db import Database
from services.chassis.migrations import upgrade
from services.chassis.service import Component, Service
from services.chassis.settings import Settings
from services.chassis.web import create_app
from tests import support

pytest_plugins = ["tests.engines.postgres"]

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
def settings(tmp_path: Path) -> Settings:
    """Settings of a program that lives in this test's own folder."""
    return support.settings_in(tmp_path)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Component], Path]:
    """Answers an empty database of a component, migrated once a session: hundreds of tests begin with a copy of it."""
    made: dict[int, Path] = {}  # by metadata: tests have components of their own that share a name

    def empty(component: Component) -> Path:
        if id(component.metadata) not in made:
            path = tmp_path_factory.mktemp("migrated") / f"{component.name}.sqlite3"
            db = Database(f"sqlite:///{path}")
            upgrade(component, db)
            with db.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            db.close()
            made[id(component.metadata)] = path
        return made[id(component.metadata)]

    return empty


@pytest.fixture
def make_service(settings: Settings, migrated: Callable[[Component], Path]) -> Iterator[MakeService]:
    """Makes services on fresh, migrated databases in this test's own folder; asked twice, it gives the same one."""
    made: dict[str, Service] = {}

    def make(component: Component, **options: object) -> Service:
        if component.name not in made:
            settings.data_dir.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(migrated(component), settings.data_dir / f"{component.name}.sqlite3")
            service = Service(component, settings.model_copy(update=options))
            made[component.name] = service
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
