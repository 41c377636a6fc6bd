"""Priority actions that nobody has proposed work on yet: what a donor can be invited to ask for."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlmodel import Session, col

from contracts.events import ActionPublished, ProposalSubmitted
from contracts.values import LocalizedText
from services.matching.commands.studies import Unlock
from services.matching.queries.actions import programmes
from services.matching.tables import LIVE, ActionCopy, ActionPair, ProposalCopy, WindowCopy

HIGH: Final = 4
"""Priority ranks from here on: high, and high to medium."""


@dataclass(frozen=True)
class Invitation:
    """An action of high priority that no live proposal addresses."""

    action_id: str
    title: LocalizedText
    section_title: LocalizedText
    priority: str | None
    certain: bool
    """Whether every rule of one of the donor's windows says that it could pay for it."""


def invitations(session: Session, asked: Unlock) -> list[Invitation]:
    """Such actions of the newest Programme that the donor could pay for (any, without a donor), in the states and on
    the species that the money is for."""
    known = programmes(session)
    if not known:
        return []
    programme_id = known[0].programme_id
    addressed = _addressed(session, programme_id)
    payable = _payable(session, programme_id, asked.donor) if asked.donor else None
    query = (
        select(ActionCopy)
        .where(col(ActionCopy.programme_id) == programme_id, col(ActionCopy.priority_rank) >= HIGH)
        .order_by(col(ActionCopy.priority_rank).desc(), col(ActionCopy.sort_key))
    )
    found = []
    for copy in session.execute(query).scalars():
        if copy.action_id in addressed or (payable is not None and copy.action_id not in payable):
            continue
        action = ActionPublished.model_validate(copy.payload)
        wanted = (not asked.states or asked.states & set(action.states)) and (
            not asked.species or asked.species & set(action.species)
        )
        if wanted:
            certain = payable is not None and payable[copy.action_id]
            found.append(
                Invitation(copy.action_id, action.title, action.section_title, copy.priority, certain)
            )  # fmt: skip
    return found


def _addressed(session: Session, programme_id: str) -> set[str]:
    payloads = session.execute(select(col(ProposalCopy.payload)).where(LIVE)).scalars()
    submitted = (ProposalSubmitted.model_validate(payload) for payload in payloads)
    return {action.action_id for one in submitted if one.programme_id == programme_id for action in one.actions}


def _payable(session: Session, programme_id: str, donor: str) -> dict[str, bool]:
    """Action -> whether one of the donor's windows certainly could pay for it."""
    query = (
        select(col(ActionPair.action_id), col(ActionPair.overall))
        .join(WindowCopy, col(WindowCopy.window_id) == col(ActionPair.window_id))
        .where(col(ActionPair.programme_id) == programme_id, col(WindowCopy.donor_id) == donor)
    )
    found: dict[str, bool] = {}
    for action_id, overall in session.execute(query):
        found[action_id] = found.get(action_id, False) or overall == "yes"
    return found
