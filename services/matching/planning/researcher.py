"""Makes the studies that wait, in the background, each in a process of its own."""

import queue
import time
from typing import Any, ClassVar, Final
from uuid import UUID

from services.chassis.errors import CamiError
from services.chassis.service import Service
from services.matching.handlers import studies
from services.matching.planning.planner import Planner
from services.matching.planning.renewer import Renewer
from services.matching.planning.worker import LOG, NEWS_SECONDS, Lines, Worker
from services.matching.queries.studies import anything_waits, job_of
from services.matching.tables import Study

LONGEST_SECONDS: Final = 300.0
"""What a study may take at most."""


class Researcher(Worker):
    """The maker of studies of one process of the program."""

    name: ClassVar[str] = "researcher"
    module: ClassVar[str] = "services.matching.planning.study"

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
        with self._at_work(job) as lines:
            self._follow(study, token, lines)

    def _follow(self, study: Study, token: UUID, lines: Lines) -> None:
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


class Workers(Planner):
    """The planner, and beside it who makes studies and who judges anew. They are woken and closed together."""

    def __init__(self, service: Service) -> None:
        super().__init__(service)
        self.researcher = Researcher(service)
        self.renewer = Renewer(service)

    def wake(self) -> None:
        """Say that something waits, or was cancelled."""
        super().wake()
        self.researcher.wake()
        self.renewer.wake()

    def close(self) -> None:
        """Stop them all."""
        self.renewer.close()
        self.researcher.close()
        super().close()
