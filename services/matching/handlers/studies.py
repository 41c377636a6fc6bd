"""The life of a study: asked for, taken up, done or failed. As with plans, a row is the job and its result in one, and
whoever works at it holds a lease, so that what a crash leaves behind is taken up by another."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import and_, update
from sqlmodel import col, select

from contracts.envelope import new_id
from services.chassis import leases
from services.chassis.service import Context
from services.matching.commands.studies import AskStudy
from services.matching.handlers.plans import LEASE
from services.matching.tables import Study
from services.matching.tables.portfolios import DONE, FAILED, QUEUED, RUNNING

_FREED: Final[dict[str, Any]] = {"taken": None, "leased_until": None}


def ask_study(context: Context, command: AskStudy) -> UUID:
    """The id of a new study, or of the one that the same form has asked for already.

    Raises AlreadyThere when both were sent at the same moment; `Service.run` then tries again and finds it.
    """
    found = context.session.exec(select(Study.study_id).where(col(Study.once) == command.once)).first()
    if found is not None:
        return found
    study = Study(
        study_id=new_id(), once=command.once, kind=command.kind, asked=dict(command.asked), asked_by=command.by,
        asked_at=context.now,
    )  # fmt: skip
    context.session.add(study)
    return study.study_id


def take_next(context: Context) -> Study | None:
    """The oldest study that nobody works at, now leased to the caller; None when there is none.

    One that was taken up and lost again and again is given up: it may be what kills the solver.
    """
    free = leases.free(col(Study.state), col(Study.leased_until), context.now, LEASE, waits=QUEUED, works=RUNNING)
    while True:
        oldest = select(Study).where(free).order_by(col(Study.asked_at), col(Study.study_id)).limit(1)
        study = context.session.exec(oldest.with_for_update(skip_locked=True)).first()
        if study is None:
            return None
        given_up = study.attempts >= leases.MOST_ATTEMPTS
        values: dict[str, Any] = (
            {"state": FAILED, "error": leases.INTERRUPTED, "ended_at": context.now, **_FREED}
            if given_up
            else {
                "state": RUNNING, "done": 0, "steps": 0, "attempts": study.attempts + 1, "taken": new_id(),
                "leased_until": context.now + LEASE,
            }
        )  # fmt: skip
        taken = leases.written(
            context.session, update(Study).where(col(Study.study_id) == study.study_id, free).values(**values)
        )
        context.session.refresh(study)
        if taken and not given_up:
            return study


def note(context: Context, study_id: UUID, token: UUID, **seen: Any) -> bool:
    """Keep the lease and write down what is seen; False when the study is not the caller's any more."""
    return _write(context, study_id, token, {"leased_until": context.now + LEASE, **seen})


def finish(context: Context, study_id: UUID, token: UUID, result: dict[str, Any]) -> bool:
    """It is done; False when it is not the caller's any more."""
    return _write(context, study_id, token, {"state": DONE, "result": result, "ended_at": context.now, **_FREED})


def fail(context: Context, study_id: UUID, token: UUID, error: str, detail: str = "") -> bool:
    """Give it up. `error` is a code that the page puts into words."""
    values = {"state": FAILED, "error": error, "detail": detail, "ended_at": context.now, **_FREED}
    return _write(context, study_id, token, values)


def put_back(context: Context, study_id: UUID, token: UUID, *, counts: bool) -> bool:
    """Let it wait again. `counts`: the attempt was one, so that there is an end to them."""
    values: dict[str, Any] = {"state": QUEUED, **_FREED}
    if not counts:
        values["attempts"] = Study.attempts - 1
    return _write(context, study_id, token, values)


def _write(context: Context, study_id: UUID, token: UUID, values: dict[str, Any]) -> bool:
    held = and_(col(Study.study_id) == study_id, col(Study.taken) == token, col(Study.state) == RUNNING)
    return leases.written(context.session, update(Study).where(held).values(**values))
