"""Read copies of the other services' facts.

Events may come twice, late, or in another order than they happened: what is older than the copy is ignored. Where a
payload carries a version or a revision that decides; else the time of the event does, and its id where times are equal.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, delete

from contracts.envelope import Event
from contracts.events import (
    ActionPublished,
    PairDecided,
    ProposalJudged,
    ProposalSubmitted,
    ProposalWithdrawn,
    WindowPairedWithActions,
    WindowPublished,
)
from services.chassis.service import Context
from services.reports.tables import (
    ActionRow,
    DecisionRow,
    JudgementRow,
    PairingRow,
    ProposalRow,
    VerdictRow,
    WindowRow,
)

Age = tuple[int, datetime, UUID]
"""Revision, time and id of an event: of two events about one thing, the greater is the newer."""


def on_proposal_submitted(context: Context, event: Event[ProposalSubmitted]) -> None:
    """Keep the newest submitted version."""
    data = event.data
    row = context.session.get(ProposalRow, data.proposal_id) or ProposalRow(id=data.proposal_id)
    if row.payload is not None and _older(event, data.version, row.version, row.event_time, row.event_id):
        return
    row.version, row.reference = data.version, data.reference
    row.organisation_id = data.organisation.organisation_id
    row.payload = data.model_dump(mode="json")
    row.event_id, row.event_time = event.id, event.time
    context.session.add(row)


def on_proposal_withdrawn(context: Context, event: Event[ProposalWithdrawn]) -> None:
    """Note which version has been taken back; the copy stays, since people may still print it."""
    data = event.data
    row = context.session.get(ProposalRow, data.proposal_id) or ProposalRow(id=data.proposal_id)
    if row.withdrawn_version >= data.version:
        return
    row.reference = row.reference or data.reference
    row.withdrawn_version, row.withdrawn_at = data.version, data.withdrawn_at
    row.withdrawn_event_id = event.id
    context.session.add(row)


def on_window_published(context: Context, event: Event[WindowPublished]) -> None:
    """Keep the newest terms."""
    terms = event.data.terms
    row = context.session.get(WindowRow, terms.window_id)
    if row and _older(event, terms.revision, row.revision, row.event_time, row.event_id):
        return
    context.session.merge(
        WindowRow(
            id=terms.window_id, revision=terms.revision, name=terms.name, donor_name=terms.donor_name,
            payload=terms.model_dump(mode="json"), event_id=event.id, event_time=event.time,
        )
    )  # fmt: skip


def on_action_published(context: Context, event: Event[ActionPublished]) -> None:
    """Keep the newest texts of an action."""
    data = event.data
    row = context.session.get(ActionRow, (data.programme_id, data.action_id))
    if row and _older(event, data.revision, int(row.payload.get("revision", 0)), row.event_time, row.event_id):
        return
    context.session.merge(
        ActionRow(
            programme_id=data.programme_id, action_id=data.action_id, payload=data.model_dump(mode="json"),
            event_id=event.id, event_time=event.time,
        )
    )  # fmt: skip


def on_proposal_judged(context: Context, event: Event[ProposalJudged]) -> None:
    """Keep the newest judgement, with all its verdicts in the place of those before."""
    data = event.data
    row = context.session.get(JudgementRow, data.proposal_id)
    if row and _older(event, data.version, row.version, row.event_time, row.event_id):
        return
    context.session.merge(
        JudgementRow(proposal_id=data.proposal_id, version=data.version, event_id=event.id, event_time=event.time)
    )
    context.session.execute(delete(VerdictRow).where(col(VerdictRow.proposal_id) == data.proposal_id))
    for pair in {pair.window_id: pair for pair in data.pairs}.values():
        context.session.add(
            VerdictRow(
                proposal_id=data.proposal_id, window_id=pair.window_id, window_revision=pair.window_revision,
                overall=pair.overall, yes=pair.yes, unknown=pair.unknown, no=pair.no, fit=pair.fit, stage=pair.stage,
            )
        )  # fmt: skip


def on_window_paired(context: Context, event: Event[WindowPairedWithActions]) -> None:
    """Keep the newest list of actions that a window could pay for."""
    data = event.data
    row = context.session.get(PairingRow, (data.window_id, data.programme_id))
    if row and _older(event, data.window_revision, row.window_revision, row.event_time, row.event_id):
        return
    context.session.merge(
        PairingRow(
            window_id=data.window_id, programme_id=data.programme_id, window_revision=data.window_revision,
            count=data.count, actions=[action.model_dump(mode="json") for action in data.actions],
            event_id=event.id, event_time=event.time,
        )
    )  # fmt: skip


def on_pair_decided(context: Context, event: Event[PairDecided]) -> None:
    """Keep the coordinators' newest decision of a pair."""
    data = event.data
    row = context.session.get(DecisionRow, (data.proposal_id, data.window_id))
    if row and (data.decided_at, event.time, event.id) <= (row.decided_at, row.event_time, row.event_id):
        return
    context.session.merge(
        DecisionRow(
            proposal_id=data.proposal_id, window_id=data.window_id, stage=data.stage, decided_at=data.decided_at,
            event_id=event.id, event_time=event.time,
        )
    )  # fmt: skip


def _older(
    event: Event[Any], revision: int, kept_revision: int, kept_time: datetime | None, kept_id: UUID | None
) -> bool:
    """True when `event` tells nothing newer than what is kept."""
    if kept_time is None or kept_id is None:
        return False
    arrived: Age = (revision, event.time, event.id)
    return arrived <= (kept_revision, kept_time, kept_id)
