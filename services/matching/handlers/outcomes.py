"""Donors' histories with us, read from where the pursuits of their money stand."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlmodel import Session, col

from services.matching.rules import History, Outcome
from services.matching.tables import ProposalCopy, Pursuit

AWARDED, DECLINED = "awarded", "declined"


def histories(session: Session, donor_id: str = "") -> Mapping[str, History]:
    """Donor id -> its history, of all donors or of one; a donor that is not in it has none.

    What an answer was about is what the proposal is about today.
    """
    query = (
        select(
            col(Pursuit.donor_id), col(Pursuit.stage), col(Pursuit.day), col(Pursuit.moved_at),
            col(ProposalCopy.species), col(ProposalCopy.payload)["themes"].as_json(),
            col(ProposalCopy.payload)["actions"].as_json(),
        )
        .outerjoin(ProposalCopy, col(ProposalCopy.proposal_id) == col(Pursuit.proposal_id))
        .where(col(Pursuit.stage).in_((AWARDED, DECLINED)))
    )  # fmt: skip
    if donor_id:
        query = query.where(col(Pursuit.donor_id) == donor_id)
    found: dict[str, list[Outcome]] = {}
    for donor, stage, day, moved_at, species, themes, actions in session.execute(query):
        about = frozenset(themes or ()) or frozenset(theme for action in actions or () for theme in action["themes"])
        outcome = Outcome(stage == AWARDED, day or moved_at.date(), frozenset(species or ()), about)
        found.setdefault(donor, []).append(outcome)
    return {donor: History.of(outcomes) for donor, outcomes in found.items()}
