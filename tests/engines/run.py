"""One run of the tests, in one process or in several: what its workers share, and that nothing outlives it.

What has a standard input that the run holds open ends with the run, also when that is killed. The kernel counts who
holds it, so there is nothing to get wrong. Whatever else a test has left behind is found by a mark in its environment.
"""

import fcntl
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import psutil
import pytest

MARK: Final = "TESTS_RUN"
"""In the environment of every process of a run: the run's own folder. Settings of ours are kept from the programs that
are put to the test; this is none."""
PATIENCE: Final = 60.0
"""Seconds that engines have to end; they take one or two."""
ASKED: Final = 10.0
"""Seconds that what was left behind has to end by itself after it was asked to."""
MEMORY_OF_A_WORKER: Final = 2 * 1024**3
"""Bytes: with a browser, a cluster or a broker at its side."""
FEWEST: Final = 2
"""A test that waits for a process leaves its core to another, so that one core has work for two."""
MOST: Final = 8
"""The longest group takes as long as an eighth of the whole."""

_held: list[int] = []


def folder() -> Path:
    """The folder of this run: short-lived, and of nobody else."""
    return Path(os.environ[MARK])


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """One for each core, as long as there is memory; PYTEST_XDIST_AUTO_NUM_WORKERS says otherwise."""
    if os.environ.get("PYTEST_XDIST_AUTO_NUM_WORKERS"):
        return None  # xdist reads it
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return workers(cores, psutil.virtual_memory().available)


def workers(cores: int, memory: int) -> int:
    """How many processes run tests on a machine with that many cores and that much free memory, in bytes."""
    return max(1, min(max(FEWEST, cores), MOST, memory // MEMORY_OF_A_WORKER))


def leads(config: pytest.Config) -> bool:
    """Whether this process is the one that was started by hand, and not one of its workers."""
    return not hasattr(config, "workerinput")


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Begin the run: there are no workers yet, and where temporary folders lie is settled. Workers inherit both."""
    if leads(config):
        _begin()
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # asked to stop, it cleans up as after Ctrl-C


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """End the run: by now the workers have ended."""
    if leads(session.config):
        left = _end()
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        if left and reporter is not None:
            reporter.ensure_newline()
            reporter.write_line(f"Ended what tests have left running: {', '.join(left)}", red=True)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """End it also when it never came to a session."""
    if leads(config):
        _end()


def _begin() -> None:
    made = Path(tempfile.mkdtemp(prefix="cami-tests-"))
    made.chmod(0o711)  # the user that PostgreSQL runs as must be able to pass
    os.mkfifo(made / "lifeline", 0o600)
    _held.append(os.open(made / "lifeline", os.O_RDWR))  # a reader too, so that opening it waits for nobody
    os.environ[MARK] = str(made)
    # What has no time to tidy up is removed with the run's folder; folders of tests that failed stay to be looked at.
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", tempfile.gettempdir())
    os.environ["TMPDIR"] = tempfile.tempdir = str(made)


def _end() -> list[str]:
    """Let go of what the run holds, wait for it, and end what still carries its mark. Answers what that was."""
    if not _held:
        return []
    os.close(_held.pop())
    ours = folder()
    deadline = time.monotonic() + PATIENCE
    for note in ours.glob("*.pid"):
        while _lives(int(note.read_text())) and time.monotonic() < deadline:
            time.sleep(0.05)
    left = list(_marked(str(ours)))
    names = [_name(process) for process in left]
    for process in left:
        _tell(process, signal.SIGTERM)
    _, stubborn = psutil.wait_procs(left, timeout=ASKED)
    for process in stubborn:
        _tell(process, signal.SIGKILL)
    shutil.rmtree(ours, ignore_errors=True)
    del os.environ[MARK]
    return names


def _lives(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _marked(run: str) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == run and process.status() != psutil.STATUS_ZOMBIE:
                yield process
        except psutil.Error:
            continue  # it has ended, or is somebody else's


def _name(process: psutil.Process) -> str:
    try:
        return f"{' '.join(process.cmdline()[:6])} ({process.pid})"
    except psutil.Error:
        return str(process.pid)


def _tell(process: psutil.Process, what: signal.Signals) -> None:
    with suppress(psutil.Error):  # it was faster
        process.send_signal(what)


@contextmanager
def lock(name: str) -> Iterator[None]:
    """One worker at a time; what is locked is free again when the worker dies."""
    with (folder() / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def lifeline() -> Iterator[int]:
    """A standard input for what shall last as long as the run."""
    opened = os.open(folder() / "lifeline", os.O_RDONLY)
    try:
        yield opened
    finally:
        os.close(opened)


def once(name: str, make: Callable[[], str]) -> str:
    """What `make` answers in the first worker that asks; the others wait for it and are told the same."""
    told = folder() / f"{name}.told"
    with lock(name):
        if not told.exists():
            told.write_text(make(), encoding="utf-8")
        return told.read_text(encoding="utf-8")


def lasts(name: str, pid: int) -> None:
    """Note a process that holds the lifeline: the run's end waits for its."""
    (folder() / f"{name}.pid").write_text(str(pid))
