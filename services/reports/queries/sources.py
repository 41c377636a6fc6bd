"""From read copies to what a document is made from."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, col, select

from contracts.events import ActionFit, ActionPublished, ProposalSubmitted
from contracts.values import LocalizedText
from contracts.windows import WindowTerms
from services.reports.sources import (
    Action,
    BriefingSource,
    Fitting,
    Origin,
    Pairing,
    ProposalSource,
    Withdrawal,
)
from services.reports.tables import (
    ActionRow,
    DecisionRow,
    JudgementRow,
    PairingRow,
    ProposalRow,
    VerdictRow,
    WindowRow,
)


@dataclass(frozen=True)
class ProposalLine:
    """A proposal that can be printed."""

    id: UUID
    reference: str
    version: int
    title: LocalizedText
    organisation: str
    withdrawn: bool


@dataclass(frozen=True)
class WindowLine:
    """A window that a briefing can be printed for."""

    id: str
    name: str
    donor_name: str
    kind: str


def proposal_source(session: Session, proposal_id: UUID) -> ProposalSource | None:
    """What the proposal's document is made from; None while no copy of it has arrived."""
    row = session.get(ProposalRow, proposal_id)
    if row is None or row.payload is None or row.event_id is None or row.event_time is None:
        return None
    proposal = ProposalSubmitted.model_validate(row.payload)
    withdrawal = None
    if row.withdrawn_version >= row.version and row.withdrawn_at and row.withdrawn_event_id:
        withdrawal = Withdrawal(row.withdrawn_at, Origin(row.withdrawn_event_id, row.withdrawn_at))
    keys = {(proposal.programme_id, ref.action_id) for ref in proposal.actions}
    actions = {action_id: action for (_, action_id), action in _actions(session, keys).items()}
    return ProposalSource(proposal, Origin(row.event_id, row.event_time), actions, withdrawal)


def briefing_source(session: Session, window_id: str) -> BriefingSource | None:
    """What the window's briefing is made from; None while no copy of the window has arrived."""
    row = session.get(WindowRow, window_id)
    if row is None:
        return None
    pairings = tuple(
        Pairing(p.programme_id, p.window_revision, p.count, tuple(ActionFit.model_validate(a) for a in p.actions),
                Origin(p.event_id, p.event_time))
        for p in session.exec(
            select(PairingRow).where(PairingRow.window_id == window_id).order_by(col(PairingRow.programme_id))
        )
    )  # fmt: skip
    keys = {(pairing.programme_id, fit.action_id) for pairing in pairings for fit in pairing.actions}
    return BriefingSource(
        WindowTerms.model_validate(row.payload), Origin(row.event_id, row.event_time), pairings,
        _actions(session, keys), _fitting(session, window_id),
    )  # fmt: skip


def proposal_lines(session: Session, *, organisation_id: UUID | None, limit: int = 200) -> list[ProposalLine]:
    """Proposals that can be printed, the newest first; only those of `organisation_id` unless that is None."""
    query = select(ProposalRow).where(col(ProposalRow.event_id).is_not(None))
    if organisation_id is not None:
        query = query.where(ProposalRow.organisation_id == organisation_id)
    rows = session.exec(query.order_by(col(ProposalRow.event_time).desc(), col(ProposalRow.id)).limit(limit))
    return [
        ProposalLine(
            row.id, row.reference, row.version, LocalizedText.model_validate((row.payload or {})["title"]),
            str((row.payload or {})["organisation"]["name"]), row.withdrawn_version >= row.version,
        )
        for row in rows
    ]  # fmt: skip


def window_lines(session: Session) -> list[WindowLine]:
    """Every window, by donor and name."""
    rows = session.exec(
        select(WindowRow.id, WindowRow.name, WindowRow.donor_name, WindowRow.payload).order_by(
            col(WindowRow.donor_name), col(WindowRow.name)
        )
    )
    return [WindowLine(id_, name, donor, str(payload["kind"])) for id_, name, donor, payload in rows]


def _actions(session: Session, keys: set[tuple[str, str]]) -> dict[tuple[str, str], Action]:
    if not keys:
        return {}
    rows = session.exec(
        select(ActionRow).where(
            col(ActionRow.programme_id).in_({programme for programme, _ in keys}),
            col(ActionRow.action_id).in_({action for _, action in keys}),
        )
    )
    return {
        (row.programme_id, row.action_id): Action(
            ActionPublished.model_validate(row.payload), Origin(row.event_id, row.event_time)
        )
        for row in rows
        if (row.programme_id, row.action_id) in keys
    }


def _fitting(session: Session, window_id: str) -> tuple[Fitting, ...]:
    """Submitted proposals that the window may fund, best first; without dismissed ones and those taken back."""
    rows = session.exec(
        select(VerdictRow, JudgementRow, ProposalRow)
        .join(JudgementRow, col(JudgementRow.proposal_id) == VerdictRow.proposal_id)
        .join(ProposalRow, col(ProposalRow.id) == VerdictRow.proposal_id)
        .where(VerdictRow.window_id == window_id, VerdictRow.overall != "not_eligible")
    ).all()
    decided = {
        row.proposal_id: row.stage
        for row in session.exec(select(DecisionRow).where(DecisionRow.window_id == window_id))
    }
    found = []
    for verdict, judgement, row in rows:
        stage = decided.get(row.id, verdict.stage)
        if row.payload is None or row.event_id is None or row.event_time is None or verdict.fit is None:
            continue
        if stage == "dismissed" or row.withdrawn_version >= row.version or judgement.version != row.version:
            continue  # a judgement of an earlier version says nothing of this one
        found.append(
            Fitting(
                ProposalSubmitted.model_validate(row.payload), Origin(row.event_id, row.event_time),
                Origin(judgement.event_id, judgement.event_time), verdict.overall, verdict.yes, verdict.unknown,
                verdict.no, verdict.fit, stage == "shortlisted",
            )
        )  # fmt: skip
    return tuple(sorted(found, key=lambda f: (-f.fit, f.overall != "eligible", f.proposal.reference)))
