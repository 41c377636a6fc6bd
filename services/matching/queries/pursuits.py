"""What is being pursued: of every proposal, the windows whose money somebody is after."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Select, and_, or_, select
from sqlmodel import Session, col

from services.matching.rules.pursuits import CONCLUDED, PursuitStage, stage_of
from services.matching.tables import Pair, ProposalCopy, Pursuit, WindowCopy


@dataclass(frozen=True)
class Pursued:
    """One pursuit. A pair that is shortlisted and not pursued otherwise counts as identified."""

    proposal_id: UUID
    reference: str
    window_id: str
    donor_id: str
    stage: PursuitStage
    """Never `none`."""
    amount_usd: Decimal | None
    """Asked of the donor, or granted by it once awarded; None where nobody has said."""
    requested_usd: Decimal
    """What the proposal asks for in all."""
    owner: str
    moved_at: datetime | None
    live: bool
    """False when the proposal has been withdrawn."""


def pursuits(session: Session) -> list[Pursued]:
    """Every pursuit, by reference of its proposal, then by window."""
    query = pursued(
        select(
            col(ProposalCopy.proposal_id), col(ProposalCopy.reference), col(WindowCopy.window_id),
            col(WindowCopy.donor_id), col(Pursuit.stage), col(Pair.stage), col(Pursuit.amount_usd),
            col(ProposalCopy.payload)["requested_usd"].as_string(), col(Pursuit.owner_name),
            col(Pursuit.moved_at), col(Pair.stage_at), col(ProposalCopy.version), col(ProposalCopy.withdrawn_version),
        )
    )  # fmt: skip
    found = []
    for (
        proposal_id, reference, window_id, donor_id, stored, decision, amount_usd, requested_usd, owner, moved_at,
        decided_at, version, withdrawn,
    ) in session.execute(query):  # fmt: skip
        stage = stage_of(cast(PursuitStage, stored or "none"), decision)
        if stage != "none":
            found.append(
                Pursued(
                    proposal_id, reference, window_id, donor_id, stage, amount_usd, Decimal(str(requested_usd)),
                    owner or "", moved_at or decided_at, version > withdrawn,
                )
            )  # fmt: skip
    return found


def pursued(columns: Select[Any]) -> Select[Any]:
    """Choose from the pairs that are, or may be, pursued: with their proposal, window and (outer) pursuit."""
    return (
        columns.select_from(Pair)
        .join(ProposalCopy, col(ProposalCopy.proposal_id) == col(Pair.proposal_id))
        .join(WindowCopy, col(WindowCopy.window_id) == col(Pair.window_id))
        .outerjoin(
            Pursuit,
            and_(col(Pursuit.proposal_id) == col(Pair.proposal_id), col(Pursuit.window_id) == col(Pair.window_id)),
        )
        .where(
            col(ProposalCopy.version) > 0,
            or_(
                and_(col(Pursuit.stage) != "none", col(Pair.stage) != "dismissed"),
                col(Pursuit.stage).in_(sorted(CONCLUDED)),
                col(Pair.stage) == "shortlisted",
            ),
        )
        .order_by(col(ProposalCopy.reference), col(ProposalCopy.proposal_id), col(WindowCopy.window_id))
    )
