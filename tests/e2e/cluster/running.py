"""A cluster as `make cluster` starts it, in a folder and on ports of its own."""

import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from deploy.cluster.folder import Folder
from services.chassis.settings import Settings
from tests.e2e.program import READY, ROOT, RUNNING, Books, Running, until, without_settings

QUICK = {"POSTGRES_FSYNC": "off", "CAMI_KAFKA_JVM": "-XX:TieredStopAtLevel=1", "CAMI_PORT": "0"}
"""Nothing here has to outlive a power cut, or to run for days."""


class Cluster(Running):
    """What a single process of the program is to the tests, a cluster is too."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.log = folder.parent / f"{folder.name}.log"
        self.books = Books(folder / "data")
        self._start(*options)

    def restart(self) -> None:
        """Start it again, after a stop, at the address that it had."""
        self._start(port=self.address.rpartition(":")[2])

    def _start(self, *options: str, port: str = "0") -> None:
        with self.log.open("ab") as log:
            self._begins = log.tell()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "deploy.cluster", "start", "--held", "--folder", str(self.folder), *options],
                cwd=ROOT, stdin=subprocess.PIPE, stdout=log, stderr=log,
                env=without_settings() | QUICK | {"CAMI_PORT": port},
            )  # fmt: skip
        if self not in RUNNING:  # it may have been stopped from elsewhere
            RUNNING.append(self)
        try:
            until(lambda: READY in self.said() or self.ended, "the cluster's address", seconds=240)
            assert READY in self.said(), f"the cluster did not start:\n{self.said()}"
        except BaseException:
            self.end()
            raise
        self.address = self.said().split(READY, 1)[1].split()[0]
        lines = (shlex.split(line)[0] for line in (self.folder / "settings.env").read_text().splitlines())
        self.environment = dict(line.split("=", 1) for line in lines)
        found = {name.removeprefix("CAMI_").lower(): value for name, value in self.environment.items()}
        # Whoever holds the books goes on with them: after a new start the engines listen elsewhere.
        self.books.settings = Settings.model_validate(found)

    def process(self, part: str) -> int:
        """The process id of a part, as the supervisor notes it."""
        return noted(self.folder)[part]

    def kill(self, part: str) -> None:
        """kill -9 of a part."""
        os.kill(self.process(part), signal.SIGKILL)

    def end(self) -> None:
        """End it whatever it is doing, and what it has started."""
        if not self.ended:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(120)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        ask("stop", self.folder)
        self._forget()


def ask(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """`stop` or `status` from elsewhere."""
    return subprocess.run(
        [sys.executable, "-m", "deploy.cluster", command, "--folder", str(folder)], cwd=ROOT, env=without_settings(),
        text=True, capture_output=True, timeout=180,
    )  # fmt: skip


def noted(folder: Path) -> dict[str, int]:
    """Part -> process id, of parts that run."""
    return {name: process.pid for name, process in Folder(folder).leftovers().items()}


def gone(pids: list[int]) -> bool:
    """Whether none of these processes runs any more."""
    return not any(psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE for pid in pids)


@contextmanager
def own_folder() -> Iterator[Path]:
    """A folder that PostgreSQL's and nginx's users can pass into, which pytest's own folders are not."""
    parent = Path(tempfile.mkdtemp(prefix="cami-cluster-"))
    parent.chmod(0o711)
    try:
        yield parent / "cluster"
    finally:
        shutil.rmtree(parent, ignore_errors=True)
