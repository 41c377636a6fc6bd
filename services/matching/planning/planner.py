"""Computes the plans that wait, in the background, and takes up again what a crash has left behind."""

import queue
import time
from typing import Any, ClassVar, Final
from uuid import UUID

from services.chassis.errors import CamiError
from services.matching.handlers import plans
from services.matching.planning.worker import LOG, NEWS_SECONDS, Lines, Worker
from services.matching.portfolio.verify import faults
from services.matching.queries.current import current_to
from services.matching.queries.plans import anything_waits
from services.matching.queries.portfolios import live, pursued_pairs
from services.matching.rules.portfolios import Changes
from services.matching.rules.portfolios.effort import effort_of
from services.matching.rules.portfolios.record import digest_of, record_of, request_of
from services.matching.rules.portfolios.summary import summary_of
from services.matching.tables import PlanRun

MARGINS_TIMES: Final = 6
MARGINS_AT_LEAST: Final = 60.0
"""Seconds for all margins together: six times the plan's own, and a minute at least."""
GRACE_SECONDS: Final = 60.0
"""What the process may take beyond all limits before it is ended."""


class Planner(Worker):
    """The planner of one process of the program."""

    name: ClassVar[str] = "planner"
    module: ClassVar[str] = "services.matching.planning.process"

    def turn(self) -> bool:
        """Take up one run, if one waits, and see it to its end. Answers whether there was one."""
        with self._service.read() as session:
            if not anything_waits(session):
                return False
        with self._service.work() as context:
            run = plans.take_next(context)
        if run is None or run.taken is None:
            return False
        try:
            self._compute(run, run.taken)
        except Exception as error:
            if not self._stop.is_set():
                LOG.warning("plan %s failed: %s", run.run_id, error, exc_info=True)
            self._give_up(run.run_id, run.taken)
        return True

    def _give_up(self, run_id: UUID, token: UUID) -> None:
        try:
            with self._service.work() as context:
                plans.put_back(context, run_id, token, counts=not self._stop.is_set())
        except CamiError:
            LOG.warning("could not put plan %s back; its lease will run out", run_id, exc_info=True)

    def _compute(self, run: PlanRun, token: UUID) -> None:
        changes = Changes.from_json(run.changes)
        with self._service.read() as session:
            today = live(session, changes)
            pursued = pursued_pairs(session, today)
            current = current_to(session)
        request, record = request_of(today), record_of(today)
        made_from = {
            "request": request, "record": record, "digest": digest_of(request),
            "current_event": current.event_id if current else "", "current_at": current.at if current else None,
            "current_position": current.position if current else 0,
        }  # fmt: skip
        # A plan that an interrupted attempt has left stays whole until the new one takes its place.
        if not self._note(run, token, **(made_from if run.answer is None else {})):
            return
        margin_seconds = max(MARGINS_AT_LEAST, MARGINS_TIMES * run.time_limit)
        job = {
            "request": request, "pursued": pursued, "effort": effort_of(today),
            "time_limit": run.time_limit, "seed": run.seed, "margin_seconds": margin_seconds,
        }  # fmt: skip
        with self._at_work(job) as lines:
            self._follow(run, token, made_from, lines, margin_seconds)

    def _follow(
        self, run: PlanRun, token: UUID, made_from: dict[str, Any], lines: Lines,
        margin_seconds: float,
    ) -> None:  # fmt: skip
        """Take in what the process says until it ends. Raises RuntimeError when it ends before its work is done."""
        started = written = time.monotonic()
        latest = started + 2 * run.time_limit + margin_seconds + GRACE_SECONDS
        margins: dict[str, dict[str, Any]] = {}
        seen: dict[str, Any] = {}
        planned = False
        while True:
            try:
                line = lines.get(timeout=NEWS_SECONDS)
            except queue.Empty:
                line = {}
            if self._stop.is_set() or time.monotonic() > latest:
                raise RuntimeError("the planning process was ended")
            if line is None:
                raise RuntimeError("the planning process ended before its work was done")
            if "error" in line:
                with self._service.work() as context:
                    plans.fail(context, run.run_id, token, line["error"]["code"], line["error"]["detail"])
                return
            if "plan" in line:
                planned = True
                if not self._take_plan(run, token, made_from, line["plan"]):
                    return
                written = time.monotonic()
            if "margin" in line:
                found = line["margin"]
                seen = {"done": found.pop("done"), "steps": found.pop("steps")}
                margins.setdefault(found.pop("kind"), {})[found.pop("id")] = found
            if "end" in line:
                with self._service.work() as context:
                    plans.finish(context, run.run_id, token, margins=margins)
                return
            if time.monotonic() - written >= NEWS_SECONDS:
                if not planned:
                    seen = {"done": min(run.time_limit, int(time.monotonic() - started))}
                if not self._note(run, token, **seen, **({"margins": margins} if margins else {})):
                    return  # it was cancelled, or another has taken it up
                written = time.monotonic()

    def _take_plan(self, run: PlanRun, token: UUID, made_from: dict[str, Any], plan: dict[str, Any]) -> bool:
        """Keep a plan that is found right by the independent check; False when the run is not ours any more."""
        answer, others = plan["answer"], plan["others"]
        request, record = made_from["request"], made_from["record"]
        if wrong := faults(request, answer):
            LOG.error("plan %s is wrong: %s", run.run_id, "; ".join(wrong))
            with self._service.work() as context:
                plans.fail(context, run.run_id, token, "wrong", "; ".join(wrong)[:1000])
            return False
        return self._note(
            run, token, **made_from, answer=answer, others=others, margins=None, phase=plans.MARGINS, done=0, steps=0,
            summary=summary_of(request, record, answer, others),
        )  # fmt: skip

    def _note(self, run: PlanRun, token: UUID, **seen: Any) -> bool:
        with self._service.work() as context:
            return plans.renew(context, run.run_id, token, **seen)
