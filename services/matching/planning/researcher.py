"""Makes the studies that wait, in the background, each in a process of its own."""

import json
import logging
import os
import queue
import subprocess
import sys
import threading
import time
from typing import Any, Final
from uuid import UUID

from services.chassis.errors import CamiError
from services.chassis.service import Service
from services.matching.handlers import studies
from services.matching.planning.planner import HANDED_ON, NEWS_SECONDS, REST_SECONDS, ROOT, Line, Planner
from services.matching.queries.studies import anything_waits, job_of
from services.matching.tables import Study

LOG = logging.getLogger("cami.matching")
LONGEST_SECONDS: Final = 300.0
"""What a study may take at most."""


class Researcher:
    """The maker of studies of one process of the program. Its thread starts with the first `wake`; thread-safe."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._news, self._stop, self._lock = threading.Event(), threading.Event(), threading.Lock()
        self._thread: threading.Thread | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def wake(self) -> None:
        """Say that something waits."""
        with self._lock:
            if self._thread is None and not self._stop.is_set():
                self._thread = threading.Thread(target=self._run, name="researcher", daemon=True)
                self._thread.start()
        self._news.set()

    def close(self) -> None:
        """Stop. What is being worked at waits for whoever comes next."""
        self._stop.set()
        self._news.set()
        if self._process is not None:
            self._process.kill()
        if self._thread is not None:
            self._thread.join(timeout=10)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._news.clear()
            try:
                worked = self.turn()
            except Exception:  # whatever it was, a thread that is gone would make no more studies until a restart
                LOG.warning("studies could not be seen to; it is tried again", exc_info=True)
                worked = False
            if not worked:
                self._news.wait(REST_SECONDS)

    def turn(self) -> bool:
        """Take up one study, if one waits, and see it to its end. Answers whether there was one."""
        with self._service.read() as session:
            if not anything_waits(session):
                return False
        with self._service.work() as context:
            study = studies.take_next(context)
        if study is None or study.taken is None:
            return False
        try:
            self._make(study, study.taken)
        except Exception as error:
            if not self._stop.is_set():
                LOG.warning("study %s failed: %s", study.study_id, error, exc_info=True)
            self._give_up(study.study_id, study.taken)
        return True

    def _give_up(self, study_id: UUID, token: UUID) -> None:
        try:
            with self._service.work() as context:
                studies.put_back(context, study_id, token, counts=not self._stop.is_set())
        except CamiError:
            LOG.warning("could not put study %s back; its lease will run out", study_id, exc_info=True)

    def _make(self, study: Study, token: UUID) -> None:
        with self._service.read() as session:
            job, record, current = job_of(session, study)
        if not self._note(study, token, job=job, record=record, current_event=current.event_id if current else "",
                          current_at=current.at if current else None):  # fmt: skip
            return
        environment = {name: os.environ[name] for name in HANDED_ON if name in os.environ}
        process = subprocess.Popen(
            [sys.executable, "-m", "services.matching.planning.study"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
            env=environment | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
        self._process = process
        if self._stop.is_set():
            process.kill()
        try:
            self._follow(study, token, _lines(process, job))
        finally:
            self._process = None
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()

    def _follow(self, study: Study, token: UUID, lines: "queue.SimpleQueue[Line]") -> None:
        """Take in what the process says until it ends. Raises RuntimeError when it ends before its work is done."""
        latest = time.monotonic() + LONGEST_SECONDS
        while True:
            try:
                line = lines.get(timeout=NEWS_SECONDS)
            except queue.Empty:
                line = {}
            if line is None or self._stop.is_set() or time.monotonic() > latest:
                raise RuntimeError("the process ended, or was ended, before its work was done")
            if "result" in line:
                with self._service.work() as context:
                    studies.finish(context, study.study_id, token, line["result"])
                return
            if "error" in line:
                with self._service.work() as context:
                    studies.fail(context, study.study_id, token, line["error"]["code"], line["error"]["detail"])
                return
            if not self._note(study, token, **line):
                return  # another has taken it up

    def _note(self, study: Study, token: UUID, **seen: Any) -> bool:
        with self._service.work() as context:
            return studies.note(context, study.study_id, token, **seen)


def _lines(process: "subprocess.Popen[bytes]", job: dict[str, Any]) -> "queue.SimpleQueue[Line]":
    """Hand the process its job; what it says comes into the queue, and None at its end. Its standard input stays open:
    it ends when that closes, and so when we are killed."""
    assert process.stdin is not None
    assert process.stdout is not None
    stdin, stdout, lines = process.stdin, process.stdout, queue.SimpleQueue[Line]()

    def read() -> None:
        try:
            for line in stdout:
                lines.put(json.loads(line))
        except ValueError:  # it was ended in the middle of a line
            LOG.debug("the process of a study ended in the middle of a line")
        lines.put(None)

    threading.Thread(target=read, name="researcher-reader", daemon=True).start()
    try:
        stdin.write(json.dumps(job).encode() + b"\n")
        stdin.flush()
    except BrokenPipeError:
        LOG.debug("the process of a study is gone already")
    return lines


class Workers(Planner):
    """The planner, and beside it who makes studies. Both are woken together, and closed together."""

    def __init__(self, service: Service) -> None:
        super().__init__(service)
        self.researcher = Researcher(service)

    def wake(self) -> None:
        """Say that something waits, or was cancelled."""
        super().wake()
        self.researcher.wake()

    def close(self) -> None:
        """Stop both."""
        self.researcher.close()
        super().close()
