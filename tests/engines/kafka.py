"""A real Apache Kafka for the tests: in a container where Docker answers, else from Maven Central's jars.

Started when the first test asks for it, on free ports and in a folder of its own. All workers of a run share it; it
ends with the run, also when that is killed: the script that holds it sees its standard input end.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import pytest

from tests.engines import run
from tests.engines.docker import docker_answers
from tests.needs import require

SCRIPT: Final = Path(__file__).resolve().parents[2] / "deploy" / "kafka" / "kafka.sh"
IMAGE: Final = "confluentinc/cp-kafka:8.1.0"
TRIES: Final = 5
"""How often free ports are looked for: another program may take them before the broker does."""
SOON_READY: Final = "-XX:TieredStopAtLevel=1"
"""A broker that lives for minutes need not be compiled to the last."""
QUICK: Final = {"group.min.session.timeout.ms": "1000"}
"""Members of groups may be missed after a second already: tests wait for it."""


class HeldBroker:
    """A broker of this machine that ends with this process. `options` are those of kafka.sh."""

    def __init__(self, data: Path, port: int, *options: str) -> None:
        self.data = data
        self.port = port
        self.secure_port = 0
        """A listener with TLS and SASL, where a test has made one."""
        self.certificate = data
        """Who signed its certificate."""
        self._options = options
        self._held: subprocess.Popen[str] | None = None

    def start(self, *, wait: bool = True, lifeline: int = subprocess.PIPE) -> bool:
        """Start it, or start it again on the same data. Answers whether it runs. It ends when nobody holds the other
        end of `lifeline` any more, a file descriptor; without one it is this process that holds it."""
        quick = [word for key, value in QUICK.items() for word in ("--set", f"{key}={value}")]
        command = ["sh", str(SCRIPT), "hold", str(self.data), "--port", str(self.port), *quick, *self._options]
        self._held = subprocess.Popen(
            command if wait else [*command, "--no-wait"], text=True, start_new_session=True,
            stdin=lifeline, stdout=subprocess.PIPE, env=os.environ | {"CAMI_KAFKA_JVM": SOON_READY},
        )  # fmt: skip
        assert self._held.stdout is not None
        return bool(self._held.stdout.readline())

    @property
    def holder(self) -> int:
        """The process that ends when the broker has ended."""
        assert self._held is not None
        return self._held.pid

    def wait(self) -> None:
        """Wait until it answers."""
        subprocess.run(["sh", str(SCRIPT), "wait", str(self.data)], check=True)

    def kill(self) -> None:
        """kill -9, if it runs."""
        if self._held is not None:
            os.kill(self._pid(), signal.SIGKILL)
            self.stop()

    def suspend(self) -> None:
        """Let it hang: it answers nobody, and its connections stay."""
        os.kill(self._pid(), signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        os.kill(self._pid(), signal.SIGCONT)

    def stop(self) -> None:
        """End it as it should be ended."""
        if self._held is not None:
            if self._held.stdin is not None:
                self._held.stdin.close()
            self._held.wait(timeout=60)
            self._held = None

    def _pid(self) -> int:
        return int((self.data / "kafka.pid").read_text())


def fetch_jars() -> None:
    """Fetch what brokers of this machine need, before several of them would at once."""
    with run.lock("jars"):
        subprocess.run(["sh", str(SCRIPT), "jars"], check=True)


@pytest.fixture(scope="session")
def kafka() -> Iterator[str]:
    """Address of a broker, HOST:PORT, for the whole run."""
    require("kafka")
    with ExitStack() as stack:
        yield _in_a_container(stack) if docker_answers() else run.once("kafka", _for_the_run)


def free_ports(count: int) -> Sequence[int]:
    """That many ports which nobody listens on now."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]


def from_jars(stack: ExitStack) -> str:
    """Start one from the jars; it ends with `stack`. Answers its address."""
    folder = Path(tempfile.mkdtemp(prefix="cami-kafka-"))
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    broker = _on_free_ports(folder)
    stack.callback(broker.stop)
    return f"127.0.0.1:{broker.port}"


def _for_the_run() -> str:
    fetch_jars()
    with run.lifeline() as lifeline:
        broker = _on_free_ports(run.folder() / "kafka", lifeline)
    run.lasts("kafka", broker.holder)
    return f"127.0.0.1:{broker.port}"


def _on_free_ports(folder: Path, lifeline: int = subprocess.PIPE) -> HeldBroker:
    for number in range(TRIES):
        port, controller = free_ports(2)
        broker = HeldBroker(folder / str(number), port, "--controller-port", str(controller), "--remove")
        if broker.start(lifeline=lifeline):
            return broker
        broker.stop()
    pytest.fail(f"Kafka did not start within {TRIES} tries", pytrace=False)


def _in_a_container(stack: ExitStack) -> str:
    from testcontainers.community.kafka import KafkaContainer

    container: Any = KafkaContainer(IMAGE).with_kraft()
    same = {"group.initial.rebalance.delay.ms": "0", "auto.create.topics.enable": "false"}  # as kafka.sh has it
    for key, value in (QUICK | same).items():
        container.with_env(f"KAFKA_{key.replace('.', '_').upper()}", value)
    stack.enter_context(container)
    address: str = container.get_bootstrap_server()
    return address.removeprefix("PLAINTEXT://")
