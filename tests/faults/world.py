"""The system that faults happen to: every service as a process of its own, matching twice if asked, and ways in."""

import resource
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

from services.chassis.bus import Bus, open_bus
from services.chassis.service import Service
from services.chassis.settings import Settings
from services.registry import COMPONENTS
from tests.engines.kafka import free_ports
from tests.faults.engines import ROOT, Engines, without_settings

DEADLINE_SECONDS: Final = 300.0
"""How long anything may take on a busy machine."""
READY: Final = "CAMI Funding is ready: "
SECOND: Final = "matching-2"
KILLED: Final = 137


@dataclass
class Part:
    """A process that runs one service."""

    name: str
    port: int
    log: Path
    process: subprocess.Popen[bytes] | None = None
    begins: int = 0
    wanted: bool = False
    """Whether it is to be started again when it has ended by itself."""
    armed: str = ""
    """The place where it is to end itself; empty when nothing is armed."""
    ends: list[int] = field(default_factory=list)
    """Exit statuses that nobody had asked for."""

    @property
    def service(self) -> str:
        """The service that it runs."""
        return self.name.removesuffix("-2")

    @property
    def runs(self) -> bool:
        """Whether the process is there."""
        return self.process is not None and self.process.poll() is None

    @property
    def ready(self) -> bool:
        """Whether it serves pages."""
        with self.log.open("rb") as log:
            log.seek(self.begins)
            return self.runs and READY.encode() in log.read()


class World:
    """All processes, on `engines`, in `folder`. Faults come from one thread; people come from any."""

    def __init__(self, folder: Path, engines: Engines) -> None:
        self.folder = folder
        self.engines = engines
        self.clock = folder / "clock"
        self.clock.write_text("0", encoding="ascii")
        self._environment = {
            "CAMI_DATA_DIR": str(folder / "var"), "CAMI_HOST": "127.0.0.1", "CAMI_SESSION_HOURS": "720",
            "CAMI_CONSUMER_RETRIES": "8", "CAMI_LOG_LEVEL": "WARNING", "CAMI_TEST_CLOCK": str(self.clock),
            **engines.settings,
        }  # fmt: skip
        names = [*COMPONENTS, SECOND]
        self.parts = {
            name: Part(name, port, folder / f"{name}.log") for name, port in zip(names, free_ports(6), strict=True)
        }
        self.settings = Settings(
            data_dir=folder / "var",
            poll_seconds=0.05,
            **{name.removeprefix("CAMI_").lower(): value for name, value in engines.settings.items()},  # type: ignore[arg-type]
        )
        self.reached: Counter[tuple[str, str]] = Counter()
        """(part, place where it has ended itself) -> how often."""
        self.not_reached: Counter[tuple[str, str]] = Counter()

    # --- processes

    def start(self, name: str, fault: str = "", *, wait: bool = True) -> Part:
        """Start a part; `fault` arms a place where it ends itself."""
        part = self.parts[name]
        with part.log.open("ab") as log:
            part.begins = log.tell()
            part.process = subprocess.Popen(
                [sys.executable, "-m", "services", "run", f"--target={part.service}"], cwd=ROOT,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=without_settings() | self._environment | {"CAMI_PORT": str(part.port)}
                | ({"CAMI_TEST_FAULT": fault} if fault else {}),
            )  # fmt: skip
        part.wanted, part.armed = True, fault
        if wait:
            self.until(lambda: part.ready or not part.runs, f"that {name} is ready")
        return part

    def kill(self, name: str) -> None:
        """kill -9."""
        part = self.parts[name]
        part.wanted = False
        if part.process is not None:
            part.process.kill()
            part.process.wait()
        part.armed = ""

    def stop(self, name: str) -> int:
        """Ask it to stop, and answer its exit status."""
        part = self.parts[name]
        part.wanted = False
        assert part.process is not None
        part.process.send_signal(signal.SIGTERM)
        return part.process.wait(DEADLINE_SECONDS)

    def tend(self) -> None:
        """Start again what has ended by itself, as a supervisor does."""
        for part in self.parts.values():
            if part.wanted and part.process is not None and (status := part.process.poll()) is not None:
                if part.armed and status == KILLED:
                    self.reached[part.name, part.armed.partition(":")[0]] += 1
                    self.start(part.name, wait=False)
                else:  # it has found an engine away, and what was to happen to it is still to come
                    part.ends.append(status)
                    self.start(part.name, part.armed, wait=False)

    def pause(self, seconds: float) -> None:
        """Be the supervisor for a while."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.tend()
            time.sleep(min(0.05, left))

    def disarm(self, name: str, seconds: float) -> None:
        """Give a part that is armed and at work some time to come to its place; one that does not is noted."""
        part = self.parts[name]
        self.until(lambda: part.ready or not part.armed, f"that {name} is ready")
        until = time.monotonic() + seconds
        while part.armed and time.monotonic() < until:
            self.pause(0.05)
        if part.armed:
            self.not_reached[name, part.armed.partition(":")[0]] += 1
            self.kill(name)
            self.start(name, wait=False)

    def fill_disk(self, bytes_left: int = 0) -> None:
        """No process can make a file grow beyond that size any more; what is there stays."""
        self._limit_files(bytes_left)

    def free_disk(self) -> None:
        """There is room again."""
        self._limit_files(resource.RLIM_INFINITY)

    def _limit_files(self, most: int) -> None:
        for part in self.parts.values():
            if part.runs:
                assert part.process is not None
                hard = resource.prlimit(part.process.pid, resource.RLIMIT_FSIZE)[1]
                resource.prlimit(part.process.pid, resource.RLIMIT_FSIZE, (most, hard))

    def close(self) -> None:
        """End everything that still runs."""
        for name in self.parts:
            self.kill(name)

    # --- looking at it

    def until(self, condition: Callable[[], object], what: str, seconds: float = DEADLINE_SECONDS) -> None:
        """Wait until `condition` holds, and be the supervisor meanwhile; raises AssertionError at the deadline."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"waited in vain: {what}\n{self.said()}"
            self.tend()
            time.sleep(0.05)

    def said(self, lines: int = 15) -> str:
        """The last lines of every log."""
        return "\n".join(
            f"--- {part.name}\n" + "\n".join(part.log.read_text("utf-8", "replace").splitlines()[-lines:])
            for part in self.parts.values() if part.log.exists()
        )  # fmt: skip

    @contextmanager
    def bus(self) -> Iterator[Bus]:
        """The bus, from outside."""
        with closing(open_bus(self.settings)) as bus:
            yield bus

    @contextmanager
    def service(self, name: str) -> Iterator[Service]:
        """A service on its own database, from outside; it must not be asked to print."""
        with closing(Service(COMPONENTS[name], self.settings)) as service:
            yield service

    def transport(self) -> httpx.BaseTransport:
        """Leads each request to the process that serves its path, as the reverse proxy of a cluster does."""
        return _Doors({name: self.parts[name].port for name in COMPONENTS})


class _Doors(httpx.BaseTransport):
    def __init__(self, ports: dict[str, int]) -> None:
        self._ports = ports
        self._inner = httpx.HTTPTransport(retries=0)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        service = request.url.path.split("/")[1]
        request.url = request.url.copy_with(host="127.0.0.1", port=self._ports.get(service, self._ports["accounts"]))
        return self._inner.handle_request(request)

    def close(self) -> None:
        self._inner.close()


@contextmanager
def world_on(folder: Path, engines: Engines) -> Iterator[World]:
    """A world in which every service runs and the shipped data is loaded everywhere."""
    world = World(folder, engines)
    with ExitStack() as stack:
        stack.callback(world.close)
        for name in COMPONENTS:
            world.start(name, wait=False)
        world.until(lambda: all(world.parts[name].ready for name in COMPONENTS), "that all services are ready")
        yield world
