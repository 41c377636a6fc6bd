"""The buses that are put to the test."""

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest

from services.chassis.bus import Bus
from tests.conformance.helpers import open_at

BUSES: dict[str, Callable[[pytest.FixtureRequest], str]] = {
    "log": lambda request: f"log:{request.getfixturevalue('tmp_path') / 'events.sqlite3'}",
    "kafka": lambda request: f"kafka:{request.getfixturevalue('kafka')}",
}
"""Name -> what makes the URL of a bus for one test."""


@pytest.fixture(params=BUSES)
def bus_url(request: pytest.FixtureRequest) -> str:
    """URL of the bus under test."""
    return BUSES[request.param](request)


@pytest.fixture
def bus(bus_url: str) -> Iterator[Bus]:
    """The bus under test."""
    opened = open_at(bus_url)
    yield opened
    opened.close()


@pytest.fixture
def other_bus(bus_url: str, bus: Bus) -> Iterator[Bus]:
    """The same bus opened once more, as another process would."""
    opened = open_at(bus_url)
    yield opened
    opened.close()


@pytest.fixture
def topic() -> str:
    """A topic that no other test has used."""
    return f"test.{uuid4().hex}"


@pytest.fixture
def group() -> str:
    """A group that no other test has used."""
    return f"group-{uuid4().hex}"
