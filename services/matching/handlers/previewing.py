"""What other weights would move, found with the same computation that putting them in force does."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from services.matching import shipped
from services.matching.handlers.refitting import refitted
from services.matching.handlers.terms import all_terms
from services.matching.handlers.weights import weights_in_force
from services.matching.rules import Weights
from services.matching.rules.labelled import LabelledSet, Quality, quality
from services.matching.rules.moves import Moves, moves


@dataclass(frozen=True)
class Preview:
    """What would move, and how well the labelled pairs would be told apart, now and then."""

    moves: Moves
    before: Quality
    after: Quality
    labelled: LabelledSet
    by_time: int
    """Of the pairs that would move, those that would move with the weights of today as well, because days have
    passed since they were weighed."""


def preview(session: Session, now: datetime, weights: Weights) -> Preview:
    """What putting `weights` in force at `now` would do."""
    in_force = weights_in_force(session)
    found, by_time = {}, 0
    for one in refitted(session, now, weights, other=in_force):
        found[str(one.proposal.proposal_id)] = (
            [standing.ranked for standing in one.before.values()], [standing.ranked for standing in one.after.values()],
        )  # fmt: skip
        by_time += len(one.moved_otherwise)
    return Preview(
        moves(found), measured(session, in_force), measured(session, weights), shipped.labelled(), by_time
    )  # fmt: skip


def measured(session: Session, weights: Weights) -> Quality:
    """The labelled pairs, judged against the windows as they are known here."""
    terms = {one.window_id: one for one in all_terms(session)}
    return quality(shipped.labelled(), terms, weights, shipped.rates())
