"""The program as a process of its own: started on a free port, looked into from outside, stopped or killed."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar
from uuid import UUID

import psycopg

from services.accounts.component import COMPONENT as ACCOUNTS
from services.chassis.bus import Message, open_bus
from services.chassis.service import Service
from services.chassis.settings import Settings

T = TypeVar("T")

ROOT: Final = Path(__file__).resolve().parents[2]
DEADLINE_SECONDS: Final = 90.0
"""How long anything may take on a busy machine. Nothing here takes five seconds on a quiet one."""
READY: Final = "CAMI Funding is ready: "

RUNNING: Final[list["Running"]] = []
"""Programs that run now: their logs are shown when a test fails."""


def until(condition: Callable[[], T], what: str, seconds: float = DEADLINE_SECONDS) -> T:
    """Wait until `condition` answers something true, and answer that; fail after the deadline."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.02)
    return found


def without_settings() -> dict[str, str]:
    """The environment without any setting of ours."""
    return {name: value for name, value in os.environ.items() if not name.startswith("CAMI_")}


def _as_sqlite_has_it(value: object) -> object:
    if isinstance(value, UUID):
        return value.hex
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


class Books:
    """What is written in the files of a data folder, read from outside; the program may run meanwhile."""

    def __init__(self, data_dir: Path, settings: Settings | None = None) -> None:
        self.data_dir = data_dir
        self.settings = settings or Settings(data_dir=data_dir)

    def rows(self, service: str, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        """The rows that `query` finds in the database of `service`, as SQLite would give them."""
        url = self.settings.database_url_of(service)
        if not url.startswith("sqlite"):
            with psycopg.connect(url.replace("+psycopg", "")) as server:
                found = server.execute(query.replace("?", "%s").encode(), parameters).fetchall()
            return [tuple(_as_sqlite_has_it(value) for value in row) for row in found]
        with closing(sqlite3.connect(self.data_dir / f"{service}.sqlite3", timeout=30)) as connection:
            return connection.execute(query, parameters).fetchall()

    def count(self, service: str, table: str, where: str = "1 = 1", *parameters: object) -> int:
        """How many rows of `table` there are."""
        (found,) = self.rows(service, f'SELECT count(*) FROM "{table}" WHERE {where}', *parameters)[0]
        return int(found)

    def events(self, topic: str) -> list[Message]:
        """Every message of a topic on the bus."""
        with closing(open_bus(self.settings)) as bus:
            return list(bus.read(topic, limit=100_000))

    @contextmanager
    def accounts(self) -> Iterator[Service]:
        """The accounts service on this folder, as the command line opens it beside the program."""
        service = Service(ACCOUNTS, self.settings)
        try:
            yield service
        finally:
            service.close()


class Running:
    """One process of the program. `fault` arms a place where it ends itself (see services.chassis.faults); `others` are
    settings besides those of where it lives."""

    def __init__(
        self, data_dir: Path, fault: str = "", targets: Sequence[str] = ("all",),
        others: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        self.books = Books(data_dir)
        self.environment = {"CAMI_DATA_DIR": str(data_dir), **(others or {})}
        """What a command beside the program has to be told."""
        self.log = data_dir.parent / f"{data_dir.name}-{'-'.join(targets)}.log"
        settings = {"CAMI_DATA_DIR": str(data_dir), "CAMI_HOST": "127.0.0.1", "CAMI_PORT": "0"}
        with self.log.open("ab") as log:
            self._begins = log.tell()
            settings |= {"CAMI_TEST_FAULT": fault} if fault else {}
            self._process = subprocess.Popen(
                [sys.executable, "-m", "services", "run", *(f"--target={target}" for target in targets)], cwd=ROOT,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=without_settings() | settings | dict(others or {}),
            )  # fmt: skip
        RUNNING.append(self)
        try:
            until(lambda: READY in self.said() or self.ended, "the program's address")
            assert READY in self.said(), f"the program did not start:\n{self.said()}"
        except BaseException:
            self.end()
            raise
        self.address = self.said().split(READY, 1)[1].split()[0]

    def said(self) -> str:
        """All that this process has written so far."""
        with self.log.open("rb") as log:
            log.seek(self._begins)
            return log.read().decode("utf-8", "replace")

    @property
    def ended(self) -> bool:
        """Whether the process is no more."""
        return self._process.poll() is not None

    def wait(self) -> int:
        """Wait until it has ended by itself; answers the exit status."""
        return self._process.wait(DEADLINE_SECONDS)

    def stop(self) -> int:
        """Ask it to stop, as a supervisor does, and answer the exit status."""
        self._process.send_signal(signal.SIGTERM)
        status = self.wait()
        self._forget()
        return status

    def end(self) -> None:
        """End it if it still runs, whatever it is doing."""
        if not self.ended:
            self._process.kill()
            self._process.wait()
        self._forget()

    def _forget(self) -> None:
        if self in RUNNING:
            RUNNING.remove(self)


@contextmanager
def running(
    data_dir: Path, fault: str = "", targets: Sequence[str] = ("all",), others: Mapping[str, str] | None = None,
) -> Iterator[Running]:  # fmt: skip
    """The program on `data_dir`, while the block lasts."""
    program = Running(data_dir, fault, targets, others)
    try:
        yield program
    finally:
        program.end()


def copied(data_dir: Path, to: Path) -> Path:
    """A copy of the data folder of a program that does not run."""
    shutil.copytree(data_dir, to)
    return to
