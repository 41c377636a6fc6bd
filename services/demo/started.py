"""A program for the demonstration: the one that runs already, or one that is started and stopped again."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from services.chassis.errors import CamiError
from services.chassis.settings import Settings

START_SECONDS = 240
CLUSTER_SETTINGS = Path(os.environ.get("CLUSTER", "var/cluster"), "settings.env")
"""Where `make cluster` leaves the settings that its services run with; the variable is the Makefile's."""


def running_at(address: str) -> bool:
    """Whether a program of ours answers at `address`."""
    try:
        answer = httpx.get(f"{address}/healthz", timeout=2)
        return answer.status_code == 200 and answer.json().get("status") == "ok"
    except (httpx.HTTPError, ValueError, AttributeError):
        return False


@contextmanager
def program(url: str) -> Iterator[tuple[str, Settings]]:
    """(address, settings) of a running program.

    With `url`, the one there; raises CamiError if none answers. Else the one at our own address, if it runs. Else
    one is started in a temporary folder on a free port, and stopped at the end.
    """
    settings = Settings()
    if url:
        if not running_at(url.rstrip("/")):
            raise CamiError(f"no program answers at {url}; start one with: make run")
        yield url.rstrip("/"), _cluster_at(url.rstrip("/")) or settings
        return
    if running_at(settings.address):
        yield settings.address, settings
        return
    with tempfile.TemporaryDirectory(prefix="cami-demo-") as folder:
        own = settings.model_copy(update={"data_dir": Path(folder), "port": 0, "secret_key": ""})
        with start_program(own) as address:
            yield address, own


def _cluster_at(address: str) -> Settings | None:
    """The settings of the cluster on this machine, if `address` is its front door: its databases are not ours."""
    if not CLUSTER_SETTINGS.is_file():
        return None
    settings = Settings(_env_file=CLUSTER_SETTINGS)
    return settings if settings.address == address else None


@contextmanager
def start_program(settings: Settings, *, bus_url: str = "") -> Iterator[str]:
    """Start a program in `settings.data_dir` on a free port; answers its address, and stops it at the end. Its bus is
    a log in that folder, unless `bus_url` names another."""
    environment = dict(os.environ) | {
        "CAMI_DATA_DIR": str(settings.data_dir),
        "CAMI_PORT": "0",
        "CAMI_HOST": "127.0.0.1",
    }
    for name in ("CAMI_BASE_URL", "CAMI_DATABASE_URL", "CAMI_BUS_URL", "CAMI_SECRET_KEY"):
        environment.pop(name, None)  # what is started here lives in its own folder and nowhere else
    if bus_url:
        environment["CAMI_BUS_URL"] = bus_url
    process = subprocess.Popen(  # our own program, by the interpreter that runs us
        [sys.executable, "-m", "services", "run"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, start_new_session=True,
    )  # fmt: skip
    timer = threading.Timer(START_SECONDS, process.kill)
    timer.daemon = True
    timer.start()
    said: deque[str] = deque(maxlen=60)
    try:
        address = _address(process, said)
        timer.cancel()
        threading.Thread(target=_drain, args=(process, said), daemon=True).start()
        yield address
    except CamiError:
        sys.stderr.write("".join(said))  # what the program said last, most likely about this
        raise
    finally:
        timer.cancel()
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _address(process: subprocess.Popen[str], said: deque[str]) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        said.append(line)
        if "CAMI Funding is ready: " in line:
            return line.split("ready: ", 1)[1].strip()
    raise CamiError("the program did not start; what it said stands above")


def _drain(process: subprocess.Popen[str], said: deque[str]) -> None:
    assert process.stdout is not None
    said.extend(process.stdout)
