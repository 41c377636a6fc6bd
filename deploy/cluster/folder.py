"""The folder of a cluster: what lies where, who runs on it, and how to end what a killed supervisor left behind."""

import fcntl
import json
import os
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import psutil

from services.chassis.errors import CamiError

STOP_SECONDS: Final = 90.0
"""How long everything may take to stop in good order."""


class Folder:
    """Paths below one folder, and the notes that the supervisor keeps there."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.data = self.path / "data"
        self.logs = self.path / "logs"
        self.nginx = self.path / "nginx"
        self.kafka = self.path / "kafka"
        self.postgres = self.path / "postgres"
        self.notes = self.path / "cluster.json"
        self.settings = self.path / "settings.env"

    def make(self) -> None:
        """Make what is missing. Others may pass through (PostgreSQL and nginx run as users of their own), not look."""
        self.path.mkdir(parents=True, exist_ok=True)
        self.path.chmod(0o711)
        for part in (self.data, self.logs, self.nginx):
            part.mkdir(exist_ok=True)
        self.data.chmod(0o700)

    @contextmanager
    def mine(self) -> Iterator[None]:
        """Hold the folder for this process. Raises CamiError when a cluster runs on it already."""
        with (self.path / "lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                where = self.read().get("address") or "it is still starting"
                raise CamiError(f"the cluster in {self.path} is running already: {where}") from error
            yield

    def read(self) -> dict[str, Any]:
        """The notes; empty when there are none."""
        try:
            found: dict[str, Any] = json.loads(self.notes.read_text())
        except (OSError, ValueError):
            return {}
        return found

    def note(self, address: str, processes: Mapping[str, int]) -> None:
        """Write down the supervisor and its processes, so that they can be found and are not mistaken for others."""
        notes = {
            "address": address,
            "supervisor": _identity(os.getpid()),
            "processes": {name: found for name, pid in processes.items() if (found := _identity(pid))},
        }
        part = self.notes.with_suffix(".part")
        part.write_text(json.dumps(notes, indent=1))
        part.replace(self.notes)

    def forget(self) -> None:
        """The cluster has ended."""
        self.notes.unlink(missing_ok=True)

    def supervisor(self) -> psutil.Process | None:
        """The supervisor that runs on this folder."""
        return _process(self.read().get("supervisor"))

    def leftovers(self) -> dict[str, psutil.Process]:
        """Processes that are noted and still run."""
        noted = self.read().get("processes", {})
        return {name: found for name, identity in noted.items() if (found := _process(identity))}

    def end_leftovers(self) -> list[str]:
        """End what a supervisor has left behind that was killed itself; answers the names."""
        left = self.leftovers()
        for process in left.values():
            _signal_group(process.pid, signal.SIGTERM)
        _gone, stubborn = psutil.wait_procs(left.values(), timeout=30)
        for process in stubborn:
            _signal_group(process.pid, signal.SIGKILL)
        psutil.wait_procs(stubborn, timeout=10)
        return sorted(left)


def stop(folder: Folder) -> str:
    """Stop the cluster that runs in `folder`; answers what was done. Raises CamiError when it does not stop."""
    supervisor = folder.supervisor()
    if supervisor is not None:
        supervisor.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while _runs(supervisor):
            if time.monotonic() > deadline:
                raise CamiError(f"process {supervisor.pid} did not stop within {STOP_SECONDS:.0f} s")
            time.sleep(0.1)
        return "The cluster has stopped; its data stays."
    left = folder.end_leftovers()
    folder.forget()
    return f"Ended what was left of a cluster: {', '.join(left)}" if left else f"No cluster runs in {folder.path}."


def _identity(pid: int) -> dict[str, float] | None:
    """A process by number and moment of birth: the number alone may be given to another one later."""
    with suppress(psutil.Error):
        return {"pid": pid, "created": psutil.Process(pid).create_time()}
    return None


def _process(identity: Mapping[str, float] | None) -> psutil.Process | None:
    if not identity:
        return None
    with suppress(psutil.Error):
        process = psutil.Process(int(identity["pid"]))
        if abs(process.create_time() - identity["created"]) < 1 and _runs(process):
            return process
    return None


def _runs(process: psutil.Process) -> bool:
    """Whether it still does; one that has ended and waits for its parent to hear of it does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _signal_group(pid: int, number: int) -> None:
    """Every part leads a process group of its own, so that its helpers go with it."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def end_group(pid: int) -> None:
    """Kill whatever is left of a part's process group."""
    _signal_group(pid, signal.SIGKILL)
