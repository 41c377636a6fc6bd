"""One cluster for all of these tests. It begins with the backup of a program that ran as one process on SQLite.

`E2E=cluster` collects every journey; without it the whole road and what only a cluster has must do.
"""

import os
from collections.abc import Iterator

import pytest

from services.backup.saving import save
from services.chassis.settings import Settings
from services.demo.browser import Browser
from tests.e2e.cluster.running import Cluster, own_folder
from tests.e2e.conftest import Prepared, town_of
from tests.e2e.people import Town
from tests.e2e.program import Books
from tests.needs import require

collect_ignore = (
    [] if os.environ.get("E2E") == "cluster" else ["test_bad_input.py", "test_browser.py", "test_odd_addresses.py"]
)


@pytest.fixture(scope="package")
def program(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """The cluster, with everything in it that the one process had."""
    for engine in ("kafka", "postgres", "nginx"):
        require(engine, along_with="kafka")
    backup = tmp_path_factory.mktemp("backup") / "one-machine.zip"
    save(Settings(data_dir=prepared.data_dir), backup, lambda what, done, total: None)
    with own_folder() as folder:
        cluster = Cluster(folder, "--restore", str(backup))
        try:
            yield cluster
        finally:
            cluster.end()


@pytest.fixture(scope="package")
def town(program: Cluster) -> Town:
    """The ways into the cluster."""
    return town_of(program)


@pytest.fixture(scope="package")
def books(program: Cluster) -> Books:
    """The databases of the cluster."""
    return program.books


@pytest.fixture(scope="package")
def coordinator(town: Town) -> Browser:
    """A fundraising coordinator at the cluster."""
    return town.example("coordinator")
