"""Actions of a Programme with the windows that could pay for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from contracts.events import ActionPublished
from services.matching.queries.gaps import standings
from services.matching.queries.texts import ActionTexts
from services.matching.queries.windows import WindowHead, group_of
from services.matching.rules import ACTION_PARTS
from services.matching.rules.gaps import Standing
from services.matching.tables import ActionCopy, ActionPair, ProgrammeCopy, WindowCopy


@dataclass(frozen=True)
class ActionRow(ActionTexts):
    """One action with how many windows of each group could pay for it."""

    action_id: str
    section: int
    priority: str | None
    rank: int
    sort_key: str
    species: frozenset[str]
    states: frozenset[str]
    groups: dict[str, int]
    payload: Mapping[str, Any]
    standing: Standing = "orphaned"
    """How far the money for it has come."""

    @property
    def windows(self) -> int:
        """How many windows in all."""
        return sum(self.groups.values())


@dataclass(frozen=True)
class PairedWindow(WindowHead):
    """A window that could pay for an action."""

    overall: str
    fit: int
    parts: tuple[int, ...]


def programmes(session: Session) -> Sequence[ProgrammeCopy]:
    """Programmes of Work, newest first."""
    query = select(ProgrammeCopy).order_by(col(ProgrammeCopy.first_year).desc(), col(ProgrammeCopy.programme_id))
    return session.execute(query).scalars().all()


def actions(session: Session, programme_id: str) -> list[ActionRow]:
    """Every action of a Programme, in its own order."""
    counts: dict[str, dict[str, int]] = {}
    grouped = (
        select(col(ActionPair.action_id), col(WindowCopy.kind), col(WindowCopy.fund), func.count())
        .join(WindowCopy, col(WindowCopy.window_id) == col(ActionPair.window_id))
        .where(col(ActionPair.programme_id) == programme_id)
        .group_by(col(ActionPair.action_id), col(WindowCopy.kind), col(WindowCopy.fund))
    )
    for action_id, kind, fund, number in session.execute(grouped):
        groups = counts.setdefault(action_id, {})
        group = group_of(kind, fund)
        groups[group] = groups.get(group, 0) + number
    come = standings(session, programme_id)
    query = select(ActionCopy).where(col(ActionCopy.programme_id) == programme_id).order_by(col(ActionCopy.sort_key))
    rows = []
    for copy in session.execute(query).scalars():
        payload = copy.payload
        rows.append(
            ActionRow(
                copy.action_id, copy.section, copy.priority, copy.priority_rank, copy.sort_key,
                frozenset(payload["species"]), frozenset(payload["states"]), counts.get(copy.action_id, {}), payload,
                come.get(copy.action_id, "orphaned"),
            )
        )  # fmt: skip
    return rows


def action(session: Session, programme_id: str, action_id: str) -> ActionPublished | None:
    """One action, or None."""
    found = session.get(ActionCopy, (programme_id, action_id))
    return ActionPublished.model_validate(found.payload) if found else None


def windows_of(session: Session, programme_id: str, action_id: str) -> list[PairedWindow]:
    """The windows that could pay for an action, best fit first."""
    query = (
        select(
            col(WindowCopy.window_id), col(WindowCopy.name), col(WindowCopy.donor_name), col(WindowCopy.kind),
            col(WindowCopy.fund), col(WindowCopy.status), col(WindowCopy.deadline),
            col(WindowCopy.deadline_certain), col(ActionPair.overall),
            col(ActionPair.fit), col(ActionPair.part_priority), col(ActionPair.part_themes),
            col(ActionPair.part_species), col(ActionPair.part_states),
        )
        .join(WindowCopy, col(WindowCopy.window_id) == col(ActionPair.window_id))
        .where(col(ActionPair.programme_id) == programme_id, col(ActionPair.action_id) == action_id)
        .order_by(col(ActionPair.fit).desc(), col(WindowCopy.donor_name), col(WindowCopy.name))
    )  # fmt: skip
    found = []
    for row in session.execute(query):
        fields = dict(row._mapping)
        parts = tuple(fields.pop(f"part_{part}") for part in ACTION_PARTS)
        found.append(PairedWindow(**fields, parts=parts))
    return found
