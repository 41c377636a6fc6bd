"""A real program for every test that wants one, and people to use it."""

import json
import os
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from services.demo.browser import Browser
from tests.e2e.people import Town
from tests.e2e.program import RUNNING, Books, Running, copied, running
from tests.engines import run

LINES_SHOWN = 60
SAID_BEFORE = pytest.StashKey[dict[Path, int]]()


@dataclass(frozen=True)
class Prepared:
    """A data folder after a first day: an NGO has registered and written a complete draft. Nothing runs on it."""

    data_dir: Path
    email: str
    proposal: str

    def told(self) -> str:
        """What another process has to know of it."""
        return json.dumps([str(self.data_dir), self.email, self.proposal])

    @classmethod
    def made(cls, told: str) -> "Prepared":
        """The one that was told of."""
        data_dir, email, proposal = json.loads(told)
        return cls(Path(data_dir), email, proposal)


@pytest.fixture(scope="session", autouse=True)
def _no_settings_of_this_machine() -> Iterator[None]:
    """What somebody has exported must not reach the tests."""
    kept = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("CAMI_")}
    yield
    os.environ.update(kept)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Note how far the logs are, so that a failure shows what was said during its own test."""
    item.stash[SAID_BEFORE] = {program.log: len(program.said()) for program in RUNNING}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """When a test fails, what the programs that run have said meanwhile is shown with it."""
    report = yield
    if report.failed:
        before = item.stash.get(SAID_BEFORE, {})
        for program in RUNNING:
            lines = program.said()[before.get(program.log, 0) :].splitlines()
            report.sections.append((f"the program's log ({program.log.name})", "\n".join(lines[-LINES_SHOWN:])))
    return report


def town_of(program: Running) -> Town:
    """The ways into a running program."""
    return Town(lambda: Browser(program.address), program.books.accounts)


@pytest.fixture(scope="package")
def prepared() -> Prepared:
    """Made once a run: a first start, an NGO, a draft that could be submitted; stopped in good order."""
    return Prepared.made(run.once("prepared", _prepare))


def _prepare() -> str:
    data_dir = run.folder() / "prepared" / "var"
    data_dir.parent.mkdir()
    with running(data_dir) as program:
        ngo = town_of(program).register()
        proposal = ngo.write()
        assert program.stop() == 0
    return Prepared(data_dir, ngo.email, proposal).told()


@pytest.fixture(scope="package")
def program(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The program that most tests share."""
    with running(copied(prepared.data_dir, tmp_path_factory.mktemp("program") / "var")) as started:
        yield started
        assert started.stop() == 0


@pytest.fixture(scope="package")
def town(program: Running) -> Town:
    """The ways into the shared program."""
    return town_of(program)


@pytest.fixture(scope="package")
def books(program: Running) -> Books:
    """The files of the shared program."""
    return program.books


@pytest.fixture(scope="package")
def coordinator(town: Town) -> Browser:
    """A fundraising coordinator at the shared program."""
    return town.example("coordinator")
