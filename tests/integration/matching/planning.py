"""Scenarios and runs for the tests, and a planner that works when it is told to."""

from typing import Any
from uuid import UUID

from contracts.envelope import new_id
from services.chassis.service import Service
from services.matching.commands.portfolios import AskForPlan, Author, Draft, StartScenario
from services.matching.handlers.plans import ask_for_plan
from services.matching.handlers.scenarios import start_scenario
from services.matching.planning.planner import Planner
from services.matching.rules.portfolios import Changes
from services.matching.tables import PlanRun

AUTHOR = Author(UUID(int=7), "Coordinator Test")


def scenario(service: Service, name: str = "As it is today", **changes: Any) -> UUID:
    """A scenario that is kept."""
    with service.work() as context:
        return start_scenario(context, StartScenario(new_id(), Draft(name, "", Changes(**changes)), AUTHOR))


def asked(service: Service, scenario_id: UUID, time_limit: int = 10) -> UUID:
    """A run of it that waits."""
    with service.work() as context:
        return ask_for_plan(context, AskForPlan(new_id(), scenario_id, time_limit, AUTHOR))


def run_of(service: Service, run_id: UUID) -> PlanRun:
    """The run as it is now."""
    with service.read() as session:
        run = session.get(PlanRun, run_id)
        assert run is not None
        session.expunge(run)
        return run


def planned(service: Service, scenario_id: UUID | None = None, **changes: Any) -> PlanRun:
    """A run that has been computed to its end, by a planner of our own."""
    run_id = asked(service, scenario_id or scenario(service, **changes))
    planner = Planner(service)
    try:
        assert planner.turn()
    finally:
        planner.close()
    return run_of(service, run_id)
