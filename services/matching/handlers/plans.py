"""The life of a run: asked for, taken up, and done, failed or cancelled.

A row is the job and the plan in one. Whoever computes it holds a lease that is renewed; when the holder dies the lease
runs out and another takes the run up, under a token of its own, so that one who was only slow cannot write over it.
"""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, update
from sqlmodel import col, select

from contracts.envelope import new_id
from services.chassis import leases
from services.chassis.errors import Conflict, NotFound
from services.chassis.service import Context
from services.matching.commands.portfolios import AskForPlan
from services.matching.tables import PlanRun, Scenario
from services.matching.tables.portfolios import CANCELLED, DONE, FAILED, QUEUED, RUNNING, UNFINISHED

LEASE: Final = timedelta(seconds=15)
"""Renewed every three seconds, so that clocks of replicas may be some seconds apart."""
MOST_ATTEMPTS: Final = leases.MOST_ATTEMPTS
STOPPED: Final = "stopped"
"""The plan is there; only its margins were not worked out to the end."""
PLAN, MARGINS = "plan", "margins"


def ask_for_plan(context: Context, command: AskForPlan) -> UUID:
    """The id of a run that waits to be taken up: a new one, unless the same form was sent before or a run of the very
    same scenario and time waits or is under way already.

    Raises NotFound; Conflict when the scenario has been archived.
    """
    session = context.session
    scenario = session.get(Scenario, command.scenario_id, with_for_update=True)
    if scenario is None:
        raise NotFound(str(command.scenario_id))
    same = and_(
        col(PlanRun.scenario_id) == scenario.scenario_id, col(PlanRun.state).in_(UNFINISHED),
        col(PlanRun.scenario_revision) == scenario.revision, col(PlanRun.time_limit) == command.time_limit,
        col(PlanRun.phase) != MARGINS,
    )  # fmt: skip
    found = session.exec(select(PlanRun.run_id).where(or_(col(PlanRun.once) == command.once, same))).first()
    if found is not None:
        return found
    if scenario.archived:
        raise Conflict("the scenario is archived")
    run = PlanRun(
        run_id=new_id(), once=command.once, scenario_id=scenario.scenario_id, scenario_revision=scenario.revision,
        scenario_name=scenario.name, changes=scenario.changes, time_limit=command.time_limit,
        asked_by=command.author.name, asked_at=context.now,
    )  # fmt: skip
    session.add(run)
    return run.run_id


def cancel_run(context: Context, scenario_id: UUID, run_id: UUID) -> bool:
    """Stop a run; False when it has ended already. A plan that is there stays, its margins end. Raises NotFound."""
    run = context.session.get(PlanRun, run_id, with_for_update=True)
    if run is None or run.scenario_id != scenario_id:
        raise NotFound(str(run_id))
    if run.state not in UNFINISHED:
        return False
    if run.answer is not None:
        _end(context, run, DONE, STOPPED)
    else:
        _end(context, run, CANCELLED, "")
    return True


def take_next(context: Context) -> PlanRun | None:
    """The oldest run that nobody computes, now leased to the caller; None when there is none.

    One that was taken up and lost again and again is given up: it may be what kills the solver. A checked plan that is
    there stays, with what it was made from, until another takes its place.
    """
    free = leases.free(
        col(PlanRun.state), col(PlanRun.leased_until), context.now, LEASE, waits=QUEUED, works=RUNNING
    )  # fmt: skip
    while True:
        oldest = select(PlanRun).where(free).order_by(col(PlanRun.asked_at), col(PlanRun.run_id)).limit(1)
        run = context.session.exec(oldest.with_for_update(skip_locked=True)).first()
        if run is None:
            return None
        if run.attempts >= MOST_ATTEMPTS:
            _lost(context, run)
            context.session.flush()
            continue
        taken = leases.written(
            context.session, update(PlanRun)
            .where(col(PlanRun.run_id) == run.run_id, free)
            .values(
                state=RUNNING, phase=PLAN, done=0, steps=run.time_limit, attempts=run.attempts + 1, taken=new_id(),
                leased_until=context.now + LEASE, started_at=context.now,
            )
        )  # fmt: skip
        context.session.refresh(run)
        if taken:
            return run


def renew(context: Context, run_id: UUID, token: UUID, **seen: Any) -> bool:
    """Keep the lease and note what is seen of the run (`done`, `steps`, `phase`, `margins`); False when it is not the
    caller's any more, because it was cancelled or another has taken it up."""
    return _write(context, _held(run_id, token), {"leased_until": context.now + LEASE, **seen})


def finish(context: Context, run_id: UUID, token: UUID, **found: Any) -> bool:
    """The run has come to its end; False when it is not the caller's any more."""
    return _write(
        context, _held(run_id, token),
        {
            "state": DONE, "taken": None, "leased_until": None, "ended_at": context.now, "error": "", "detail": "",
            **found,
        },
    )  # fmt: skip


def put_back(context: Context, run_id: UUID, token: UUID, *, counts: bool) -> bool:
    """Let the run wait again. `counts`: the attempt was one, so that there is an end to them."""
    run = context.session.get(PlanRun, run_id, with_for_update=True)
    if run is None or run.taken != token or run.state != RUNNING:
        return False
    run.attempts = run.attempts if counts else max(0, run.attempts - 1)
    if run.attempts >= MOST_ATTEMPTS:
        _lost(context, run)
    else:
        run.state, run.taken, run.leased_until = QUEUED, None, None
        context.session.add(run)
    return True


def fail(context: Context, run_id: UUID, token: UUID, error: str, detail: str = "") -> bool:
    """Give the run up. `error` is a code that the page puts into words."""
    run = context.session.get(PlanRun, run_id, with_for_update=True)
    if run is None or run.taken != token or run.state != RUNNING:
        return False
    _end(context, run, FAILED, error, detail)
    return True


def _lost(context: Context, run: PlanRun) -> None:
    """Interrupted for the last time: with a plan it is done all the same."""
    if run.answer is not None:
        _end(context, run, DONE, STOPPED)
    else:
        _end(context, run, FAILED, leases.INTERRUPTED)


def _end(context: Context, run: PlanRun, state: str, error: str, detail: str = "") -> None:
    run.state, run.error, run.detail = state, error, detail
    run.taken, run.leased_until, run.ended_at = None, None, context.now
    context.session.add(run)


def _held(run_id: UUID, token: UUID) -> ColumnElement[bool]:
    return and_(col(PlanRun.run_id) == run_id, col(PlanRun.taken) == token, col(PlanRun.state) == RUNNING)


def _write(context: Context, which: ColumnElement[bool], values: dict[str, Any]) -> bool:
    return leases.written(context.session, update(PlanRun).where(which).values(**values))
