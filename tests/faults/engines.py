"""What the services of a round run on: files, or a broker behind a proxy and a PostgreSQL. Each can be killed."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

import psutil

from services.registry import COMPONENTS
from tests.engines.kafka import HeldBroker, free_ports
from tests.faults.proxy import Proxy

ROOT: Final = Path(__file__).resolve().parents[2]
POSTGRES: Final = ROOT / "deploy" / "postgres" / "postgres.sh"


class Postgres:
    """A PostgreSQL in a folder of its own, that a commit waits for as it does in earnest."""

    def __init__(self, folder: Path) -> None:
        self._data = folder
        (self._port,) = free_ports(1)

    def start(self) -> None:
        """Start it, or start it again on the same data."""
        subprocess.run(
            ["sh", str(POSTGRES), "start", str(self._data), str(self._port)],
            check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        )  # fmt: skip

    def make_databases(self) -> str:
        """A database for each service; answers the URL of them all."""
        names = [f"cami_{name}" for name in COMPONENTS]
        subprocess.run(["sh", str(POSTGRES), "create-db", str(self._data), *names], check=True)
        answer = subprocess.run(
            ["sh", str(POSTGRES), "url", str(self._data)], check=True, text=True, stdout=subprocess.PIPE
        )
        return answer.stdout.strip()

    def kill(self) -> None:
        """kill -9: the postmaster and all that it has started."""
        postmaster = psutil.Process(int((self._data / "postmaster.pid").read_text(encoding="ascii").split()[0]))
        family = [postmaster, *postmaster.children(recursive=True)]
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
        psutil.wait_procs(family, timeout=30)

    def stop(self) -> None:
        """End it."""
        subprocess.run(["sh", str(POSTGRES), "stop", str(self._data)], check=False, stdout=subprocess.DEVNULL)


class Engines:
    """The engines of one world. `broker`, `proxy` and `postgres` are None where files do their work."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.settings: dict[str, str] = {}
        self.broker: HeldBroker | None = None
        self.proxy: Proxy | None = None
        self.postgres: Postgres | None = None


@contextmanager
def files() -> Iterator[Engines]:
    """SQLite and the embedded log."""
    yield Engines("embedded")


@contextmanager
def servers() -> Iterator[Engines]:
    """Kafka behind a proxy, and PostgreSQL; both started for this round."""
    engines = Engines("kafka+postgres")
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="cami-faults-"))
        folder.chmod(0o711)  # the user that PostgreSQL runs as must be able to pass
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        engines.postgres = Postgres(folder / "postgres")
        engines.postgres.start()
        stack.callback(engines.postgres.stop)
        engines.proxy = stack.enter_context(Proxy())
        port, controller = free_ports(2)
        engines.proxy.target = port
        engines.broker = HeldBroker(folder / "kafka", port, *_options(controller, engines.proxy.port))
        if not engines.broker.start():
            raise RuntimeError("the broker did not start")
        stack.callback(engines.broker.stop)
        engines.settings = {
            "CAMI_BUS_URL": f"kafka:127.0.0.1:{engines.proxy.port}",
            "CAMI_DATABASE_URL": engines.postgres.make_databases(), "CAMI_KAFKA_PARTITIONS": "3",
        }  # fmt: skip
        yield engines


def _options(controller: int, door: int) -> Sequence[str]:
    """All clients come through the proxy, also after the broker has told them where it is."""
    return "--controller-port", str(controller), "--set", f"advertised.listeners=PLAINTEXT://127.0.0.1:{door}"


def without_settings() -> dict[str, str]:
    """The environment without any setting of ours."""
    return {name: value for name, value in os.environ.items() if not name.startswith("CAMI_")}
