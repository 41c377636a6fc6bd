"""Threads that see to what waits, one piece after the other: here, or each piece in a process of its own."""

import json
import logging
import os
import queue
import subprocess
import sys
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Final

from services.chassis.service import Service

LOG = logging.getLogger("cami.matching")
REST_SECONDS: Final = 10.0
"""How often to look for work that another replica has left behind, when there is none of our own."""
NEWS_SECONDS: Final = 1.0
"""How often progress is written down, the lease renewed, and a cancellation noticed."""
HANDED_ON: Final = ("PATH", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT", "LD_LIBRARY_PATH")
"""Of the environment, what the process needs; it must not see secrets."""
ROOT: Final = Path(__file__).resolve().parents[3]

Line = dict[str, Any] | None
"""What the process said; None when it has ended."""
Lines = queue.SimpleQueue[Line]


class Attendant(ABC):
    """One thread, which starts with the first `wake`; thread-safe."""

    name: ClassVar[str]
    """Of the thread, and in what is logged."""
    pause: ClassVar[float] = 0.0
    """Seconds between two pieces of work."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._news = threading.Event()
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """Say that something waits, or was cancelled."""
        with self._lock:
            if self._thread is None and not self._stop.is_set():
                self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
                self._thread.start()
        self._news.set()

    def close(self) -> None:
        """Stop. What is being worked at waits for whoever comes next."""
        self._stop.set()
        self._news.set()
        if self._thread is not None:
            self._thread.join(timeout=10)

    @abstractmethod
    def turn(self) -> bool:
        """Take up one piece of work, if one waits, and see it to its end. Answers whether there was one."""

    def _run(self) -> None:
        while not self._stop.is_set():
            self._news.clear()
            try:
                worked = self.turn()
            except Exception:  # whatever it was, a thread that is gone would do nothing more until a restart
                LOG.warning("the %s could not see to its work; it tries again", self.name, exc_info=True)
                worked = False
            if worked:
                self._stop.wait(self.pause)
            else:
                self._news.wait(REST_SECONDS)


class Worker(Attendant):
    """An attendant whose work is done by processes."""

    module: ClassVar[str]
    """What the process runs: it reads one job as a line of JSON, and says what it finds in lines of JSON."""

    def __init__(self, service: Service) -> None:
        super().__init__(service)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Process that is at work at the moment."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def close(self) -> None:
        """Stop, and end the process."""
        self._stop.set()
        process = self._process
        if process is not None:
            process.kill()
        super().close()

    @contextmanager
    def _at_work(self, job: dict[str, Any]) -> Iterator[Lines]:
        """A process at `job`, for as long as the block lasts: what it says comes into the queue, and None at its end.

        Its standard input stays open: it ends when that closes, and so when we are killed.
        """
        environment = {name: os.environ[name] for name in HANDED_ON if name in os.environ}
        process = subprocess.Popen(  # noqa: S603  # our own interpreter at a module of ours
            [sys.executable, "-m", self.module],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
            env=environment | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
        self._process = process
        if self._stop.is_set():
            process.kill()
        try:
            yield self._lines(process, job)
        finally:
            self._process = None
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()

    def _lines(self, process: subprocess.Popen[bytes], job: dict[str, Any]) -> Lines:
        assert process.stdin is not None
        assert process.stdout is not None
        stdin, stdout, lines = process.stdin, process.stdout, Lines()

        def read() -> None:
            try:
                for line in stdout:
                    lines.put(json.loads(line))
            except ValueError:  # it was ended in the middle of a line
                LOG.debug("the process of the %s ended in the middle of a line", self.name)
            lines.put(None)

        threading.Thread(target=read, name=f"{self.name}-reader", daemon=True).start()
        try:
            stdin.write(json.dumps(job).encode() + b"\n")
            stdin.flush()
        except (OSError, ValueError):  # it will be seen to have ended before its work was done
            LOG.debug("the process of the %s is gone already", self.name)
        return lines
