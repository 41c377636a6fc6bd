"""PDF documents, rendered by WeasyPrint in processes of their own.

The engine is large and works on text that strangers typed, so it never runs in the program's own process: a worker may
crash, hang or eat its memory, and the program lives on. Workers are started by the first document, not before, and go
home when nothing is asked of them, so that at rest there are none. This module does not import WeasyPrint.
"""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

from services.chassis import metrics
from services.chassis.errors import CamiError
from services.chassis.tracing import here, step

_PROJECT: Final = Path(__file__).resolve().parents[2]
_ENVIRONMENT: Final = (
    "PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "XDG_CACHE_HOME", "LD_LIBRARY_PATH", "FONTCONFIG_FILE",
)  # fmt: skip
"""All that a worker learns of our environment: it needs fonts and libraries, and no secret."""


class PdfError(CamiError):
    """The document could not be made. The text says why, in English, for the log."""


class PdfBusy(PdfError):
    """Too many documents are waiting; try again later."""

    status = 503


class PdfTimeout(PdfError):
    """The document took longer than one document may; its worker was ended."""


class PdfCrashed(PdfError):
    """The worker died over the document."""


class PdfRefused(PdfError):
    """The document asked for a resource that is not on the allow-list."""


_REASONS: Final = {PdfBusy: "busy", PdfTimeout: "timeout", PdfCrashed: "crashed", PdfRefused: "refused"}


@dataclass(frozen=True)
class Rendered:
    """A finished document."""

    pdf: bytes
    pages: int
    warnings: tuple[str, ...] = ()
    """What the engine found odd (unknown CSS, a picture it could not read); empty for a sound document."""


def input_hash(html: str, stylesheets: Sequence[str], *, language: str, title: str) -> str:
    """Hash (hex) of all that decides the bytes of a document, the engine's version among it."""
    parts = [html, *stylesheets, language, title, version("weasyprint")]
    return sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


class PdfPool:
    """At most `workers` processes that render documents. Thread-safe; `render` blocks its thread.

    `resources` names the folders that a document may take pictures and style sheets from: `cami:NAME/path` is read
    from the folder NAME. Beside those only `data:` URIs of moderate size are let in.
    """

    def __init__(
        self, workers: int = 1, timeout_seconds: float = 120.0, resources: Mapping[str, Path] | None = None, *,
        queue: int = 32, idle_seconds: float = 120.0, documents_per_worker: int = 200,
    ) -> None:  # fmt: skip
        self.timeout_seconds = timeout_seconds
        self._config = {
            "resources": {name: str(path.resolve()) for name, path in (resources or {}).items()},
            "timeout_seconds": timeout_seconds, "idle_seconds": idle_seconds,
        }  # fmt: skip
        self._documents_per_worker = documents_per_worker
        self._room = workers + queue
        self._slots = threading.Semaphore(workers)
        self._lock = threading.Lock()
        self._inside = 0
        self._resting: list[_Worker] = []
        self._all: set[_Worker] = set()
        self._closed = False

    def render(self, html: str, stylesheets: Sequence[str] = (), *, language: str, title: str) -> Rendered:
        """Render `html` with the CSS texts `stylesheets`. The same input gives the same bytes.

        Raises PdfBusy, PdfTimeout, PdfCrashed, PdfRefused, or PdfError for any other failure of the engine.
        """
        request = json.dumps(
            {
                "html": html, "stylesheets": list(stylesheets), "language": language, "title": title,
                "identifier": input_hash(html, stylesheets, language=language, title=title)[:32],
            }
        ).encode()  # fmt: skip
        with step("render PDF", "internal", here()) as work:
            try:
                rendered = self._in_turn(request)
            except PdfError as error:
                metrics.PDF_FAILURES.labels(_REASONS.get(type(error), "failed")).inc()
                raise
            work.describe(None, {"cami.pages": rendered.pages, "cami.bytes": len(rendered.pdf)})
            return rendered

    def _in_turn(self, request: bytes) -> Rendered:
        with self._lock:
            if self._closed:
                raise PdfError("the PDF pool is closed")
            if self._inside >= self._room:
                raise PdfBusy("too many documents are waiting: busy, try again")
            self._inside += 1
        try:
            if not self._slots.acquire(timeout=self.timeout_seconds):
                raise PdfBusy("no worker came free in time: busy, try again")
            try:
                with metrics.PDF_RENDERING.track_inprogress(), metrics.PDF_SECONDS.time():
                    return self._render(request)
            finally:
                self._slots.release()
        finally:
            with self._lock:
                self._inside -= 1

    @property
    def processes(self) -> list[int]:
        """Process ids of the workers that are alive."""
        with self._lock:
            return [worker.process.pid for worker in self._all if worker.process.poll() is None]

    def close(self) -> None:
        """End all workers. A document under way fails with PdfCrashed."""
        with self._lock:
            self._closed = True
            workers, self._all, self._resting = list(self._all), set(), []
        for worker in workers:
            worker.end()

    def _render(self, request: bytes) -> Rendered:
        while True:
            worker = self._take()
            sound = False
            try:
                rendered = worker.render(request, self.timeout_seconds)
                sound = True
                return rendered
            except _WentHome:  # it had been idle for so long that it left just as we called: ask a fresh one
                continue
            except (PdfRefused, _Failed) as error:
                sound = True  # the document is at fault, not the worker
                if isinstance(error, _Failed):
                    raise PdfError(str(error)) from None
                raise
            finally:
                self._give_back(worker, sound and worker.documents < self._documents_per_worker)

    def _take(self) -> "_Worker":
        with self._lock:
            while self._resting:
                worker = self._resting.pop()
                if worker.process.poll() is None:
                    return worker
                self._all.discard(worker)
                worker.end()
        worker = _Worker(self._config, self.timeout_seconds)
        with self._lock:
            if not self._closed:
                self._all.add(worker)
                return worker
        worker.end()
        raise PdfError("the PDF pool is closed")

    def _give_back(self, worker: "_Worker", keep: bool) -> None:
        with self._lock:
            if keep and not self._closed:
                self._resting.append(worker)
                return
            self._all.discard(worker)
        worker.end()


class _WentHome(Exception):
    """The worker left of its own accord before it took the document."""


class _Failed(Exception):
    """The engine failed over this document, and the worker is well."""


class _Worker:
    """One process and the line to it. Used by one thread at a time."""

    def __init__(self, config: Mapping[str, Any], timeout: float) -> None:
        ours, theirs = socket.socketpair()
        environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        with theirs:
            self.process = subprocess.Popen(  # noqa: S603  (our own interpreter and module)
                [sys.executable, "-m", "services.chassis.pdf_worker", str(theirs.fileno())],
                pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, start_new_session=True,
                env=environment | {"PYTHONPATH": str(_PROJECT), "PYTHONDONTWRITEBYTECODE": "1"},
            )  # fmt: skip
        self.line = Connection(ours.detach())
        self.documents = 0
        try:
            self.line.send_bytes(json.dumps(config).encode())
            if not self.line.poll(timeout):
                raise PdfTimeout("the PDF engine did not start in time")
            self.line.recv_bytes()
        except (EOFError, OSError) as error:
            self.end()
            raise PdfError("the PDF engine could not start; its own message is in the log") from error
        except PdfTimeout:
            self.end()
            raise

    def render(self, request: bytes, timeout: float) -> Rendered:
        """Have one document made. Raises what `PdfPool.render` does, _WentHome and _Failed."""
        try:
            self.line.send_bytes(request)
            if not self.line.poll(timeout):
                self.process.kill()
                raise PdfTimeout(f"the document took longer than {timeout:g} s")
            answer = json.loads(self.line.recv_bytes())
            body = self.line.recv_bytes()
        except (EOFError, OSError):
            code = self._code()
            if code == 0:
                raise _WentHome from None
            raise PdfCrashed(f"the PDF worker died over the document (exit code {code})") from None
        self.documents += 1
        if answer.get("refused"):
            raise PdfRefused(answer["refused"])
        if answer.get("failed"):
            raise _Failed(answer["failed"])
        return Rendered(body, answer["pages"], tuple(answer["warnings"]))

    def _code(self) -> int | None:
        try:
            return self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return None

    def end(self) -> None:
        """End the process, whatever it is doing, and reap it."""
        self.process.kill()
        self.process.wait()
        self.line.close()
