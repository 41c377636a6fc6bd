"""The life of a scenario: kept, changed, copied, put away. Every state that it was in is kept: one can go back."""

from uuid import UUID

from sqlmodel import col, select

from contracts.envelope import new_id
from services.chassis.errors import Conflict, NotFound
from services.chassis.service import Context
from services.matching.commands.portfolios import (
    ArchiveScenario,
    Author,
    ChangeScenario,
    Draft,
    StartScenario,
    UndoChange,
)
from services.matching.rules.portfolios import Changes
from services.matching.tables import Scenario, ScenarioVersion


class Overwritten(Conflict):
    """Somebody else has changed the scenario since the page was drawn."""

    def __init__(self, scenario: Scenario) -> None:
        super().__init__("somebody else has changed this scenario meanwhile")
        self.by, self.at, self.revision = scenario.changed_by, scenario.changed_at, scenario.revision


def start_scenario(context: Context, command: StartScenario) -> UUID:
    """Keep a new scenario and answer its id; that of the one there is, if the same form was sent before.

    Raises AlreadyThere when both were sent at the same moment; `Service.run` then tries again and finds it.
    """
    found = context.session.exec(select(Scenario.scenario_id).where(col(Scenario.once) == command.once)).first()
    if found is not None:
        return found
    draft, author = command.draft, command.author
    scenario = Scenario(
        scenario_id=new_id(), once=command.once, name=draft.name, description=draft.description,
        changes=draft.changes.as_json(), copied_from=command.copied_from, created_by=author.name,
        created_at=context.now, changed_by=author.name, changed_at=context.now,
    )  # fmt: skip
    context.session.add(scenario)
    _keep(context, scenario, author)
    return scenario.scenario_id


def change_scenario(context: Context, command: ChangeScenario) -> bool:
    """Change it; False when it is like that already (a button pressed twice).

    Raises NotFound, Overwritten when somebody else has changed it meanwhile.
    """
    scenario = _get(context, command.scenario_id)
    if _draft_of(scenario) == command.draft:
        return False
    if scenario.revision != command.revision:
        raise Overwritten(scenario)
    _put(context, scenario, command.draft, command.author)
    return True


def archive_scenario(context: Context, command: ArchiveScenario) -> bool:
    """Put it away or take it out again; False when it is there already. Raises NotFound."""
    scenario = _get(context, command.scenario_id)
    if scenario.archived == command.archived:
        return False
    scenario.archived = command.archived
    _put(context, scenario, _draft_of(scenario), command.author)
    return True


def undo_change(context: Context, command: UndoChange) -> bool:
    """Give the scenario the name, description and changes that it had before `revision`; False when there is nothing
    before it. That is a change like any other, and can be undone in turn.

    Raises NotFound, Overwritten when somebody else has changed it meanwhile.
    """
    scenario = _get(context, command.scenario_id)
    if scenario.revision != command.revision:
        raise Overwritten(scenario)
    before = context.session.get(ScenarioVersion, (scenario.scenario_id, scenario.revision - 1))
    if before is None:
        return False
    scenario.archived = before.archived
    _put(
        context, scenario, Draft(before.name, before.description, Changes.from_json(before.changes)), command.author
    )  # fmt: skip
    return True


def _get(context: Context, scenario_id: UUID) -> Scenario:
    scenario = context.session.get(Scenario, scenario_id, with_for_update=True)
    if scenario is None:
        raise NotFound(str(scenario_id))
    return scenario


def _draft_of(scenario: Scenario) -> Draft:
    return Draft(scenario.name, scenario.description, Changes.from_json(scenario.changes))


def _put(context: Context, scenario: Scenario, draft: Draft, author: Author) -> None:
    scenario.name, scenario.description = draft.name, draft.description
    scenario.changes = draft.changes.as_json()
    scenario.revision += 1
    scenario.changed_by, scenario.changed_at = author.name, context.now
    context.session.add(scenario)
    _keep(context, scenario, author)


def _keep(context: Context, scenario: Scenario, author: Author) -> None:
    context.session.add(
        ScenarioVersion(
            scenario_id=scenario.scenario_id, revision=scenario.revision, name=scenario.name,
            description=scenario.description, changes=scenario.changes, archived=scenario.archived,
            changed_by=author.name, person_id=author.person_id, changed_at=context.now,
        )
    )  # fmt: skip
