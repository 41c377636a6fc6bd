"""Windows by kind, and one window with what it could pay for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, col

from contracts.events import ActionPublished
from contracts.values import LocalizedText, Money, Tri
from services.matching.queries.gaps import standings
from services.matching.rules import ACTION_PARTS
from services.matching.rules.gaps import STANDINGS, Standing
from services.matching.tables import LIVE, ActionCopy, ActionPair, Pair, ProposalCopy, WindowCopy


def group_of(kind: str, fund: str | None) -> str:
    """The group a coordinator looks for a window in: the GEF's windows are one, whatever body runs them."""
    return "gef" if fund == "gef" else kind


@dataclass(frozen=True)
class WindowHead:
    """A window as a row of a list names it."""

    window_id: str
    name: str
    donor_name: str
    kind: str
    fund: str | None
    status: str
    deadline: date | None
    deadline_certain: bool

    @property
    def group(self) -> str:
        """Its group."""
        return group_of(self.kind, self.fund)


@dataclass(frozen=True)
class WindowRow(WindowHead):
    """One window with how much it could pay for."""

    actions: int
    eligible: int
    unsure: int


def windows(session: Session, programme_id: str | None) -> list[WindowRow]:
    """Every window, those that could pay for most first."""
    actions = dict(
        cast(Any, session.execute(
            select(col(ActionPair.window_id), func.count())
            .where(col(ActionPair.programme_id) == programme_id).group_by(col(ActionPair.window_id))
        ).all())
    )  # fmt: skip
    proposals = {
        (window_id, overall): number
        for window_id, overall, number in session.execute(
            select(col(Pair.window_id), col(Pair.overall), func.count())
            .join(ProposalCopy, col(ProposalCopy.proposal_id) == col(Pair.proposal_id))
            .where(LIVE, col(Pair.stage) != "dismissed").group_by(col(Pair.window_id), col(Pair.overall))
        )
    }  # fmt: skip
    columns = (
        col(WindowCopy.window_id), col(WindowCopy.name), col(WindowCopy.donor_name), col(WindowCopy.kind),
        col(WindowCopy.fund), col(WindowCopy.status), col(WindowCopy.deadline),
        col(WindowCopy.deadline_certain),
    )  # fmt: skip
    rows = [
        WindowRow(
            **row._mapping, actions=actions.get(row[0], 0), eligible=proposals.get((row[0], "eligible"), 0),
            unsure=proposals.get((row[0], "unsure"), 0),
        )
        for row in session.execute(select(*columns))
    ]  # fmt: skip
    rows.sort(key=lambda row: (-(row.eligible + row.unsure), -row.actions, row.donor_name, row.name))
    return rows


@dataclass(frozen=True)
class PairedAction:
    """An action that a window could pay for."""

    action: ActionPublished
    overall: str
    fit: int
    parts: tuple[int, ...]
    standing: Standing = "orphaned"
    """How far the money for it has come, from whomever."""

    @property
    def named_parts(self) -> list[tuple[str, int]]:
        """(part code, points)."""
        return list(zip(ACTION_PARTS, self.parts, strict=True))


@dataclass(frozen=True)
class FittingProposal:
    """A live proposal that a window can or may fund."""

    proposal_id: UUID
    reference: str
    title: LocalizedText
    organisation: str
    requested: Money
    overall: str
    fit: int | None
    stage: str


def actions_of(session: Session, window_id: str, programme_id: str | None) -> list[PairedAction]:
    """The actions a window could pay for: by priority, then the most orphaned first, then what is certain before what
    is not, then by fit."""
    query = (
        select(
            col(ActionCopy.payload), col(ActionCopy.priority_rank), col(ActionCopy.sort_key),
            col(ActionPair.overall), col(ActionPair.fit), col(ActionPair.part_priority),
            col(ActionPair.part_themes), col(ActionPair.part_species), col(ActionPair.part_states),
        )
        .join(
            ActionCopy,
            (col(ActionCopy.programme_id) == col(ActionPair.programme_id))
            & (col(ActionCopy.action_id) == col(ActionPair.action_id)),
        )
        .where(col(ActionPair.window_id) == window_id, col(ActionPair.programme_id) == programme_id)
    )  # fmt: skip
    come = standings(session, programme_id) if programme_id else {}
    found = []
    for payload, rank, sort_key, overall, fit, *parts in session.execute(query):
        action = ActionPublished.model_validate(payload)
        paired = PairedAction(action, overall, fit, tuple(parts), come.get(action.action_id, "orphaned"))
        order = (-rank, STANDINGS.index(paired.standing), overall != Tri.YES.value, -fit, sort_key)
        found.append((order, paired))
    return [paired for _, paired in sorted(found, key=lambda one: one[0])]


def proposals_of(session: Session, window_id: str) -> Sequence[FittingProposal]:
    """Live proposals that the window can or may fund, best first."""
    query = (
        select(
            col(ProposalCopy.proposal_id), col(ProposalCopy.reference), col(ProposalCopy.title),
            col(ProposalCopy.organisation_name), col(ProposalCopy.requested), col(ProposalCopy.currency),
            col(Pair.overall), col(Pair.fit), col(Pair.stage),
        )
        .join(Pair, col(Pair.proposal_id) == col(ProposalCopy.proposal_id))
        .where(LIVE, col(Pair.window_id) == window_id, col(Pair.overall) != "not_eligible")
        .order_by(col(Pair.overall), col(Pair.fit).desc(), col(ProposalCopy.reference))
    )  # fmt: skip
    return [
        FittingProposal(id_, reference, LocalizedText.model_validate(title), organisation,
                        Money(amount=requested, currency=currency), overall, fit, stage)
        for id_, reference, title, organisation, requested, currency, overall, fit, stage in session.execute(query)
    ]  # fmt: skip
