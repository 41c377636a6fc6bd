"""Databases of a test: SQLite files in its own folder, or databases of their own on a real PostgreSQL.

A migrated database is made once a session for each component; tests begin with copies of it.
"""

import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Protocol

import pytest

from services.chassis.db import Database
from services.chassis.migrations import upgrade
from services.chassis.service import Component, Service
from services.chassis.settings import Settings
from tests.engines.postgres import PostgresServer


class Databases(Protocol):
    """Where the services of one test keep their rows."""

    url: str
    """`CAMI_DATABASE_URL` of this test, with `{service}`."""

    def migrated(self, component: Component, *, loaded: bool = False) -> None:
        """Make the database of `component`, with its tables, unless this test has it; `loaded`: and what it ships."""

    def another(self, component: Component) -> str:
        """The URL of one more, with the tables of `component`."""

    def empty(self, name: str) -> None:
        """Make the database `name` without tables."""


class Templates:
    """Migrated databases, by the component's metadata: tests have components of their own that share a name."""

    def __init__(self, make: Callable[[str], str]) -> None:
        self._make = make
        self._made: dict[tuple[int, bool], str] = {}

    def url(self, component: Component, *, loaded: bool = False) -> str:
        """The URL of a database with all tables, empty or `loaded`; nobody is connected to it."""
        key = (id(component.metadata), loaded)
        if key not in self._made:
            url = self._make(component.name)
            db = Database(url)
            upgrade(component, db)
            if loaded:
                Service(component, Settings(secret_key="test-key"), db=db).load(lambda *_: None)
            if db.is_sqlite:
                with db.engine.connect() as connection:
                    connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            db.close()
            self._made[key] = url
        return self._made[key]


class Files:
    """SQLite files in `folder`."""

    def __init__(self, folder: Path, templates: Templates) -> None:
        self.url = "sqlite:///{data_dir}/{service}.sqlite3"
        self._folder = folder
        self._numbers = count(2)
        self._templates = templates

    def migrated(self, component: Component, *, loaded: bool = False) -> None:
        """Copy the file."""
        self._copy(component, component.name, loaded=loaded)

    def another(self, component: Component) -> str:
        """Copy the file under another name."""
        return f"sqlite:///{self._copy(component, f'{component.name}-{next(self._numbers)}')}"

    def _copy(self, component: Component, name: str, *, loaded: bool = False) -> Path:
        target = self._folder / f"{name}.sqlite3"
        if not target.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self._templates.url(component, loaded=loaded).removeprefix("sqlite:///"), target)
        return target

    def empty(self, name: str) -> None:
        """SQLite makes files by itself."""


class OnServer:
    """Databases on `server`, whose names begin with `prefix`."""

    def __init__(self, server: PostgresServer, prefix: str, templates: Templates) -> None:
        self.url = server.url.replace("cami_{service}", f"{prefix}_{{service}}")
        self._server = server
        self._templates = templates
        self._made: set[str] = set()

    def migrated(self, component: Component, *, loaded: bool = False) -> None:
        """Copy the template."""
        self._create(component.name, self._templates.url(component, loaded=loaded).rsplit("/", 1)[1])

    def another(self, component: Component) -> str:
        """Copy the template under another name."""
        name = self._server.new_name(component.name)
        self._create(name, self._templates.url(component).rsplit("/", 1)[1])
        return self.url.format(service=name)

    def empty(self, name: str) -> None:
        """Make one from nothing."""
        self._create(name, "template0")

    def _create(self, name: str, template: str) -> None:
        if name not in self._made:
            self._server.create(self.url.format(service=name).rsplit("/", 1)[1], template)
            self._made.add(name)

    def drop(self) -> None:
        """Remove them all."""
        for name in self._made:
            self._server.drop(self.url.format(service=name))


@pytest.fixture
def database() -> str:
    """Which one this test runs on. A suite that runs on both says so with a fixture of this name in its conftest."""
    return "sqlite"


@pytest.fixture(scope="session")
def sqlite_templates(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    """Migrated files."""
    return Templates(lambda name: f"sqlite:///{tmp_path_factory.mktemp('migrated')}/{name}.sqlite3")


@pytest.fixture(scope="session")
def postgres_templates(postgres_server: PostgresServer) -> Templates:
    """Migrated databases on the server."""
    return Templates(lambda name: postgres_server.fresh(f"migrated_{name}"))


@pytest.fixture
def databases(request: pytest.FixtureRequest, database: str, tmp_path: Path) -> Iterator[Databases]:
    """The databases of this test."""
    if database == "sqlite":
        yield Files(tmp_path / "var", request.getfixturevalue("sqlite_templates"))
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    made = OnServer(server, server.new_name("test"), request.getfixturevalue("postgres_templates"))
    yield made
    made.drop()
