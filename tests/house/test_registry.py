"""The registry: which targets there are, in which order they start, and that each of them stands on its own."""

import importlib
import os
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from services.chassis.errors import CamiError
from services.chassis.migrations import upgrade
from services.chassis.service import Component, Service
from services.chassis.settings import Settings
from services.chassis.web import create_app
from services.cli import app as command_line
from services.registry import ALL, COMPONENTS, choose

ROOT = Path(__file__).resolve().parents[2]
NAMES = ["accounts", "projects", "donors", "matching", "reports"]
IMPORT_ALL = """
import importlib, socket, sqlite3, sys

def refuse(*_args, **_options):
    raise AssertionError("something connects at import")

class Guarded(socket.socket):
    connect = connect_ex = bind = sendto = refuse

socket.socket = Guarded
socket.create_connection = socket.getaddrinfo = refuse
sqlite3.connect = sqlite3.dbapi2.connect = refuse
for name in sys.argv[1:]:
    importlib.import_module(name)
print("imported", len(sys.argv) - 1)
"""


def names(components: list[Component]) -> list[str]:
    """Their names, in order."""
    return [component.name for component in components]


def test_these_are_the_components() -> None:
    assert list(COMPONENTS) == NAMES
    assert all(name == component.name for name, component in COMPONENTS.items())


def test_all_means_each_of_them_once() -> None:
    assert sorted(names(choose([ALL]))) == sorted(NAMES)
    assert sorted(names(choose([ALL, "donors"]))) == sorted(NAMES)


def test_what_a_component_needs_is_started_before_it() -> None:
    order = names(choose([ALL]))
    for component in COMPONENTS.values():
        for needed in component.needs:
            assert order.index(needed) < order.index(component.name), f"{component.name} needs {needed}"


@pytest.mark.parametrize("component", COMPONENTS.values(), ids=COMPONENTS)
def test_a_component_needs_those_whose_events_it_lives_on(component: Component) -> None:
    from contracts.events import NAME_OF

    spoken_by = {NAME_OF[payload].split(".")[1] for payload in component.routes}
    assert spoken_by <= {*component.needs, component.name}


def test_named_targets_run_alone_and_in_the_same_order() -> None:
    assert names(choose(["matching"])) == ["matching"]
    assert names(choose(["reports", "donors", "reports"])) == ["donors", "reports"]


def test_an_unknown_target_is_told_with_those_there_are() -> None:
    with pytest.raises(CamiError, match="unknown target nonsense; there are: all, accounts, projects, donors"):
        choose(["donors", "nonsense"])


def test_the_command_line_lists_the_targets() -> None:
    answer = CliRunner().invoke(command_line, ["run", "--list-targets"])
    assert answer.exit_code == 0
    assert answer.output.split() == [ALL, *NAMES]


def test_the_command_line_says_in_one_line_what_is_wrong_with_a_target(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CAMI_")}
    answer = subprocess.run(
        [sys.executable, "-m", "services", "run", "--target", "nonsense"], cwd=ROOT, capture_output=True, text=True,
        env=environment | {"CAMI_DATA_DIR": str(tmp_path)}, timeout=60, check=False,
    )  # fmt: skip
    assert answer.returncode == 1
    assert answer.stderr.strip() == f"cami: unknown target nonsense; there are: {', '.join([ALL, *NAMES])}"
    assert not list(tmp_path.iterdir()), "nothing was made"


@pytest.mark.parametrize("component", COMPONENTS.values(), ids=COMPONENTS)
def test_each_stands_alone(component: Component, settings: Settings) -> None:
    service = Service(component, settings)
    try:
        upgrade(component, service.db)
        app = create_app({component.name: service}, settings)
        with TestClient(app, follow_redirects=False, headers={"accept": "text/html"}) as client:
            assert client.get("/").status_code == 200
            assert client.get("/healthz").json() == {"status": "ok"}
            ready = client.get("/readyz")
            assert ready.status_code == 200, ready.text
            own = [path for path in paths_of(component) if "{" not in path]
            assert own
            for path in own:
                assert client.get(path).status_code in (200, 303, 404), path  # 404: nothing is loaded
            for name in set(COMPONENTS) - {component.name}:
                assert client.get(f"/{name}/nothing").status_code == 404
    finally:
        service.close()


def test_nothing_connects_at_import() -> None:
    modules = [
        module.name
        for package in ("contracts", "services")
        for module in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}.")
        if ".migrations" not in module.name and not module.name.endswith("__main__")
    ]
    answer = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL, *modules, "services.__main__"], cwd=ROOT, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    assert len(modules) > 150


def paths_of(component: Component) -> list[str]:
    """The addresses of its pages that are fetched."""
    from fastapi import FastAPI
    from fastapi.routing import iter_route_contexts

    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.include_router(component.router)
    return [str(route.path) for route in iter_route_contexts(app.routes) if "GET" in (route.methods or ())]


@pytest.mark.parametrize("component", COMPONENTS.values(), ids=COMPONENTS)
def test_every_table_is_a_copy_or_a_fact_of_its_service(component: Component) -> None:
    messaging = set(vars(component.messaging).values())
    kinds = [set(component.copies), set(component.facts), messaging]
    assert sum(map(len, kinds)) == len(set.union(*kinds)), "a table is one or the other"
    assert set.union(*kinds) == set(component.metadata.tables.values())
    assert set(component.consulted) <= set(component.facts)
    assert bool(component.copies) == bool(component.routes)
