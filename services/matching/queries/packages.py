"""What blended packages of one proposal are made of."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from services.matching.handlers.judging import facts_from, setting_for
from services.matching.handlers.outcomes import histories
from services.matching.handlers.terms import all_terms
from services.matching.handlers.weights import weights_in_force
from services.matching.queries.pursuits import pursuits
from services.matching.rules.contributors import Blending, Candidate, Granted, Purpose, candidates
from services.matching.rules.facts import ZERO
from services.matching.rules.purses import purse_of
from services.matching.rules.weights import Weights
from services.matching.tables import Pair, ProposalCopy
from services.matching.words import name_of_window


@dataclass(frozen=True)
class Ingredients:
    """A proposal's need, and who could take part in paying for it."""

    purpose: Purpose
    windows: tuple[Candidate, ...]
    names: dict[str, str]
    """Window -> its name."""
    weights: Weights
    declined: tuple[str, ...]
    """Windows that have declined this proposal."""
    dismissed: tuple[str, ...]
    """Windows that a coordinator has dismissed for it; empty where the reader may not know."""


def ingredients(
    session: Session, proposal: ProposalCopy, blending: Blending, now: datetime, *, decided: bool
) -> Ingredients:  # fmt: skip
    """What packages of `proposal` are made of. `decided`: leave out what coordinators have dismissed."""
    terms = all_terms(session)
    by_id = {one.window_id: one for one in terms}
    own = [one for one in pursuits(session) if one.proposal_id == proposal.proposal_id]
    granted = tuple(
        Granted(one.window_id, purse_of(by_id[one.window_id]), one.amount_usd)
        for one in own
        if one.stage == "awarded" and one.amount_usd is not None and one.amount_usd > ZERO and one.window_id in by_id
    )
    declined = tuple(one.window_id for one in own if one.stage == "declined")
    dismissed = _dismissed(session, proposal) if decided else ()
    out = {*declined, *dismissed, *(one.window_id for one in granted)}
    facts = facts_from(proposal)
    able = candidates(
        facts, [(one, setting_for(one, now)) for one in terms if one.window_id not in out], blending,
        histories(session),
    )  # fmt: skip
    names = {one.window_id: name_of_window(one.name, one.donor_name) for one in terms}
    return Ingredients(Purpose(facts, granted), tuple(able), names, weights_in_force(session), declined, dismissed)


def without(ingredients_: Ingredients, left_out: Collection[str]) -> tuple[Candidate, ...]:
    """The windows less those that the reader leaves out."""
    return tuple(one for one in ingredients_.windows if one.window_id not in left_out)


def _dismissed(session: Session, proposal: ProposalCopy) -> tuple[str, ...]:
    query = select(col(Pair.window_id)).where(
        col(Pair.proposal_id) == proposal.proposal_id, col(Pair.stage) == "dismissed"
    )
    return tuple(session.execute(query.order_by(col(Pair.window_id))).scalars())
