"""What a section offers to choose from: actions of the Programme of Work, its species and its states."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session, col, select

from contracts import vocabulary
from services.chassis.forms import FormState
from services.projects.handlers.proposals import newest_programme
from services.projects.queries.actions import find, read_selection
from services.projects.queries.programmes import ActionView, ProgrammeView, SectionView, heads, programme
from services.projects.rules import proposals as rules
from services.projects.tables.organisations import OrganisationRow
from services.projects.values.proposals import AddressedAction, Proposal

MOST_NAMES: Final = 500
"""Registered organisations that are offered as partners; any other can be written."""
FILTERS: Final = ("q", "section", "priority", "species", "state", "theme")
"""Names of the filters of the list of actions, as the list's own page names them."""


@dataclass(frozen=True)
class Group:
    """The actions of one section of the Programme that are shown, and how many of them are ticked."""

    section: SectionView
    actions: list[ActionView]
    ticked: int


def programme_of(session: Session, proposal: Proposal, asked: str = "") -> ProgrammeView | None:
    """The Programme of Work to choose from: the one asked for, else the proposal's, else the newest."""
    for programme_id in (asked, proposal.actions.programme_id, newest_programme(session)):
        if programme_id and (found := programme(session, programme_id)):
            return found
    return None


def offered_codes(session: Session, proposal: Proposal) -> dict[str, list[str]]:
    """Codes of `species` and `states`: those of the Programme, then what the proposal names beside it; `programmes`.

    While no Programme is loaded, all that the vocabulary knows.
    """
    view = programme_of(session, proposal)
    species = [one.code for one in view.species] if view else vocabulary.codes("species")
    states = [one.code for one in view.states] if view else vocabulary.codes("states")
    return {
        "species": list(dict.fromkeys((*species, *proposal.species.species))),
        "states": list(dict.fromkeys((*states, *proposal.species.states))),
        "programmes": [head.id for head in heads(session)],
    }


def suggestions(
    session: Session, proposal: Proposal, actions: Sequence[AddressedAction]
) -> dict[str, dict[str, int]]:  # fmt: skip
    """Codes that the ticked actions name, with how many of them do; for `species` and `states`."""
    view = programme_of(session, proposal)
    listed = [one.code for one in view.species if one.cms_appendix] if view else vocabulary.codes("species")
    states = [one.code for one in view.states] if view else vocabulary.codes("states")
    return {
        "species": rules.suggested(actions, "species", listed),
        "states": rules.suggested(actions, "states", states),
    }


def registered_names(session: Session, own: UUID) -> list[str]:
    """Names of registered organisations to choose a partner from, in their order; less the organisation's own."""
    others = select(OrganisationRow.name).where(col(OrganisationRow.id) != own).distinct()
    return sorted(session.exec(others.order_by(col(OrganisationRow.name)).limit(MOST_NAMES)), key=str.casefold)


def action_choices(
    session: Session, proposal: Proposal, asked: Sequence[tuple[str, str]], values: Mapping[str, Any]
) -> dict[str, Any]:
    """What the page of the section "actions" needs: the list as it is filtered, and all that is ticked.

    `values` are those of the form. One that was sent holds the ticks of what it showed; the rest stays as it is saved.
    """
    view = programme_of(session, proposal, dict(asked).get("programme", ""))
    if view is None:
        return {"programme": None}
    selection, _ignored = read_selection(view, [*asked, ("all", "1")])
    found = find(view, selection)
    saved = set(proposal.actions.ids) if proposal.actions.programme_id in ("", view.id) else set()
    shown = str(values.get("shown", "")).split()
    ticks = FormState(values).values_of("actions")
    ticked = (saved - set(shown)) | set(ticks) if shown else saved
    groups: dict[int, list[ActionView]] = {}
    for action in found.page:
        groups.setdefault(action.section, []).append(action)
    return {
        "programme": view,
        "programmes": heads(session),
        "selection": selection,
        "found": found.page.total,
        "facets": {facet.name: facet for facet in found.facets},
        "groups": [
            Group(view.by_section[number], actions, sum(action.id in ticked for action in actions))
            for number, actions in groups.items()
        ],
        "ticked": [action for action in view.actions if action.id in ticked],
    }
