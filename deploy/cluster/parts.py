"""The parts of a cluster: what is started, with which settings, in which order, and how one sees that it is ready.

Engines first, then each service after those it needs, then the second replicas, and the front door last.
"""

import os
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Final

import httpx
import psutil

from deploy.cluster import proxy
from deploy.cluster.folder import Folder
from services.chassis.errors import CamiError
from services.chassis.settings import Settings
from services.registry import COMPONENTS

ROOT: Final = Path(__file__).resolve().parents[2]
KAFKA: Final = ROOT / "deploy" / "kafka" / "kafka.sh"
POSTGRES: Final = ROOT / "deploy" / "postgres" / "postgres.sh"
REPLICAS: Final[Mapping[str, int]] = {"matching": 2, "reports": 2}
"""How many processes a service has; one where nothing is said."""
LOOPBACK: Final = "127.0.0.1"
Say = Callable[[str], None]


@dataclass(frozen=True)
class Part:
    """A process that the supervisor keeps alive."""

    name: str
    command: Sequence[str]
    ready: Callable[[], bool]
    """Whether it does its work; asked again and again."""
    address: str = ""
    environment: Callable[[], Mapping[str, str]] = dict
    """Its settings, asked for when it starts: the database's password is known by then."""
    held: bool = False
    """It ends in good order when its standard input does, and not by a signal."""
    stop_signal: int = signal.SIGTERM
    alive: Callable[[], bool] = lambda: True
    """Whether what it has started besides itself still runs."""


@dataclass(frozen=True)
class Plan:
    """All parts in waves, each wave after the one before is ready; and the settings that every service shares."""

    address: str
    waves: Sequence[Sequence[Part]]
    settings: Mapping[str, str]
    before_services: Callable[[], None]
    """To be called when the engines are ready (the first wave, which may be empty)."""


def make_plan(folder: Folder, settings: Settings, environment: Mapping[str, str], say: Say) -> Plan:
    """The plan of a cluster in `folder`, whose front door listens where `settings` say.

    Engines that `environment` names by CAMI_BUS_URL or CAMI_DATABASE_URL are used as they are; else they are started
    here. Raises CamiError when a program is missing or the port is taken.
    """
    nginx = proxy.program()
    names = [
        f"{name}-{number}" if REPLICAS.get(name, 1) > 1 else name
        for name in COMPONENTS for number in range(1, REPLICAS.get(name, 1) + 1)
    ]  # fmt: skip
    front, kafka_port, controller_port, postgres_port, *rest = free_ports(4 + len(names))
    ports = dict(zip(names, rest, strict=True))
    front = settings.port or front
    address = settings.base_url.rstrip("/") or f"http://{settings.host}:{front}"

    engines: list[Part] = []
    bus_url, database_url = environment.get("CAMI_BUS_URL", ""), environment.get("CAMI_DATABASE_URL", "")
    before_services: Callable[[], None] = lambda: None  # noqa: E731
    if not bus_url:
        bus_url = f"kafka:{LOOPBACK}:{kafka_port}"
        jars = Path(environment.get("CAMI_KAFKA_JARS", ROOT / ".engines" / "kafka"))
        if not (jars / ".complete").exists():
            say("Fetching Apache Kafka from Maven Central, once")
        _script(KAFKA, "jars")
        engines.append(_kafka(folder, kafka_port, controller_port))
    if not database_url:
        # The password is made with the data, so the URL is asked for again when the server runs.
        database_url = f"postgresql+psycopg://cami@{LOOPBACK}:{postgres_port}/cami_{{service}}"
        engines.append(_postgres(folder, postgres_port))

    shared = {
        "CAMI_DATA_DIR": str(folder.data), "CAMI_BUS_URL": bus_url, "CAMI_DATABASE_URL": database_url,
        "CAMI_BASE_URL": address, "CAMI_HOST": LOOPBACK,
    }  # fmt: skip

    def prepare_databases() -> None:
        _script(POSTGRES, "create-db", str(folder.postgres), *(f"cami_{name}" for name in COMPONENTS))
        shared["CAMI_DATABASE_URL"] = _script(POSTGRES, "url", str(folder.postgres)).strip()

    if any(part.name == "postgres" for part in engines):
        before_services = prepare_databases
    waves: list[list[Part]] = [engines]
    for names_of_wave in _in_order():
        waves.append([_service(name, ports, shared, 1) for name in names_of_wave])
    waves.append([_service(name, ports, shared, n) for name, most in REPLICAS.items() for n in range(2, most + 1)])
    servers = {name: [port for part, port in ports.items() if part.partition("-")[0] == name] for name in COMPONENTS}
    configuration = proxy.write(folder, settings, front, servers)
    waves.append([_nginx(nginx, folder, configuration, settings, front, address)])
    say(f"Starting the cluster in {folder.path}")
    return Plan(address, waves, shared, before_services)


def write_settings(folder: Folder, settings: Mapping[str, str]) -> None:
    """Leave the settings for commands beside the cluster; the file holds a password, so it is its owner's alone.

    A shell reads it with `set -a; . var/cluster/settings.env`.
    """
    text = "".join(f"{name}={shlex.quote(value)}\n" for name, value in settings.items() if name != "CAMI_HOST")
    folder.settings.unlink(missing_ok=True)
    folder.settings.touch(mode=0o600)
    folder.settings.write_text(text)


def free_ports(count: int) -> list[int]:
    """Ports of the loopback address that nobody listens on at this moment, all different."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind((LOOPBACK, 0))
        return [int(one.getsockname()[1]) for one in sockets]


def _in_order() -> list[list[str]]:
    """The services in waves: each after all that it needs."""
    sorter = TopologicalSorter({name: set(component.needs) for name, component in COMPONENTS.items()})
    sorter.prepare()
    waves = []
    while sorter.is_active():
        wave = list(sorter.get_ready())
        waves.append(wave)
        sorter.done(*wave)
    return waves


def _kafka(folder: Folder, port: int, controller_port: int) -> Part:
    command = ["sh", str(KAFKA), "run", str(folder.kafka), "--port", str(port)]
    return Part(
        "kafka", [*command, "--controller-port", str(controller_port)],
        lambda: _succeeds(KAFKA, "status", str(folder.kafka)), f"{LOOPBACK}:{port}",
    )  # fmt: skip


def _postgres(folder: Folder, port: int) -> Part:
    def alive() -> bool:
        with suppress(OSError, ValueError, IndexError):
            return psutil.pid_exists(int((folder.postgres / "postmaster.pid").read_text().split()[0]))
        return False

    return Part(
        "postgres", ["sh", str(POSTGRES), "hold", str(folder.postgres), str(port)],
        lambda: alive() and _listens(port), f"{LOOPBACK}:{port}", held=True, alive=alive,
    )  # fmt: skip


def _service(name: str, ports: Mapping[str, int], shared: Mapping[str, str], number: int) -> Part:
    part = f"{name}-{number}" if REPLICAS.get(name, 1) > 1 else name
    address = f"{LOOPBACK}:{ports[part]}"
    return Part(
        part, [sys.executable, "-m", "services", "run", f"--target={name}"],
        lambda: _answers(f"http://{address}/readyz"), address,
        environment=lambda: {**shared, "CAMI_PORT": str(ports[part])},
    )  # fmt: skip


def _nginx(
    program: str, folder: Folder, configuration: Path, settings: Settings, port: int, address: str
) -> Part:  # fmt: skip
    return Part(
        "nginx", [program, "-c", str(configuration), "-p", str(folder.nginx), "-e", str(folder.nginx / "error.log")],
        lambda: _answers(f"http://{settings.host}:{port}/healthz"), address, stop_signal=signal.SIGQUIT,
    )  # fmt: skip


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0


def _succeeds(script: Path, *arguments: str) -> bool:
    return subprocess.run(["sh", str(script), *arguments], capture_output=True, check=False).returncode == 0  # noqa: S603, S607


def _script(script: Path, *arguments: str) -> str:
    """What a script of ours prints. Raises CamiError with its last line when it fails."""
    done = subprocess.run(  # noqa: S603
        ["sh", str(script), *arguments], capture_output=True, text=True, check=False,  # noqa: S607
        env=os.environ,
    )  # fmt: skip
    if done.returncode != 0:
        raise CamiError((done.stderr.strip() or f"{script.name} {arguments[0]} failed").splitlines()[-1])
    return done.stdout
