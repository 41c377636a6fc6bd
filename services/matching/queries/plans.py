"""Runs of plans: what waits, what a scenario's plan is, and how much has happened since."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlmodel import Session, col

from services.matching.rules.portfolios import Changes
from services.matching.tables import MESSAGING, PlanRun, Scenario, ScenarioVersion
from services.matching.tables.portfolios import DONE, UNFINISHED

HEAD = (
    col(PlanRun.run_id), col(PlanRun.scenario_id), col(PlanRun.scenario_revision), col(PlanRun.state),
    col(PlanRun.phase), col(PlanRun.done), col(PlanRun.steps), col(PlanRun.time_limit), col(PlanRun.asked_by),
    col(PlanRun.asked_at), col(PlanRun.ended_at), col(PlanRun.error), col(PlanRun.detail), col(PlanRun.digest),
    col(PlanRun.current_event), col(PlanRun.current_at), col(PlanRun.current_position), col(PlanRun.summary),
    col(PlanRun.changes),
)  # fmt: skip


@dataclass(frozen=True)
class RunHead:
    """A run without its instance and plan."""

    run_id: UUID
    scenario_id: UUID
    scenario_revision: int
    state: str
    phase: str
    done: int
    steps: int
    time_limit: int
    asked_by: str
    asked_at: datetime
    ended_at: datetime | None
    error: str
    detail: str
    digest: str
    current_event: str
    current_at: datetime | None
    current_position: int
    summary: dict[str, Any] | None
    changes: dict[str, Any]
    """What the scenario changed when the run was asked for."""

    @property
    def unfinished(self) -> bool:
        """Whether it waits or is being computed."""
        return self.state in UNFINISHED

    @property
    def has_plan(self) -> bool:
        """Whether a plan is there, with or without its margins."""
        return self.summary is not None and (self.state == DONE or self.unfinished)

    def answers(self, scenario: Scenario) -> bool:
        """Whether it is of the scenario as it stands. Another name or description makes no other plan."""
        same = self.scenario_revision == scenario.revision
        return same or Changes.from_json(self.changes) == Changes.from_json(scenario.changes)


@dataclass(frozen=True)
class Shelved:
    """A scenario in the list, with its newest run and the newest that has a plan."""

    scenario: Scenario
    latest: RunHead | None
    planned: RunHead | None


def anything_waits(session: Session) -> bool:
    """Whether a run waits or is under way."""
    return (
        session.execute(select(col(PlanRun.run_id)).where(col(PlanRun.state).in_(UNFINISHED)).limit(1)).first()
        is not None
    )


def happened_since(session: Session, position: int) -> int:
    """How many events, decisions and turns of the calendar matching has taken in since then."""
    inbox = MESSAGING.inbox
    return int(session.execute(select(func.count()).select_from(inbox).where(inbox.c.position > position)).scalar_one())


def runs_of(session: Session, scenario_ids: Sequence[UUID]) -> dict[UUID, list[RunHead]]:
    """The runs of each scenario, newest first."""
    query = select(*HEAD).where(col(PlanRun.scenario_id).in_(scenario_ids))
    found: dict[UUID, list[RunHead]] = {}
    for row in session.execute(query.order_by(col(PlanRun.asked_at).desc(), col(PlanRun.run_id).desc())):
        head = _head(row)
        found.setdefault(head.scenario_id, []).append(head)
    return found


def shelf(session: Session) -> list[Shelved]:
    """Every scenario, the one that was changed last first; archived ones too."""
    query = select(Scenario).order_by(col(Scenario.changed_at).desc(), col(Scenario.scenario_id).desc())
    scenarios = session.execute(query).scalars().all()
    runs = runs_of(session, [one.scenario_id for one in scenarios])
    return [shelved(one, runs.get(one.scenario_id, [])) for one in scenarios]


def shelved(scenario: Scenario, runs: Sequence[RunHead]) -> Shelved:
    """A scenario with what is shown of its runs."""
    return Shelved(scenario, runs[0] if runs else None, next((run for run in runs if run.has_plan), None))


def scenario(session: Session, scenario_id: UUID) -> Scenario | None:
    """A scenario as it is now."""
    return session.get(Scenario, scenario_id)


def versions(session: Session, scenario_id: UUID) -> Sequence[ScenarioVersion]:
    """What a scenario was, newest first."""
    query = select(ScenarioVersion).where(col(ScenarioVersion.scenario_id) == scenario_id)
    return session.execute(query.order_by(col(ScenarioVersion.revision).desc())).scalars().all()


def whole_run(session: Session, run_id: UUID) -> PlanRun | None:
    """A run with its instance and plan."""
    return session.get(PlanRun, run_id)


def _head(row: Row[Any]) -> RunHead:
    return RunHead(**dict(row._mapping))
