"""What the funding-gap map is counted from, read in bulk: a few queries, however many proposals there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from contracts.values import LocalizedText, Tri
from services.matching.handlers.terms import all_terms
from services.matching.queries.texts import ActionTexts
from services.matching.rules.gaps import (
    NOW,
    Axis,
    Dated,
    Life,
    Move,
    Need,
    Plea,
    Standing,
    assess,
    pleas_from,
    pursuits_at,
    standing_lives,
)
from services.matching.tables import ActionCopy, ActionPair, PairDecision, ProposalCopy, ProposalLife, PursuitMove


@dataclass(frozen=True)
class Known(ActionTexts):
    """An action with its texts."""

    need: Need
    payload: Mapping[str, Any]


def known_actions(session: Session, programme_id: str) -> list[Known]:
    """Every action of a Programme, in its own order."""
    query = select(
        col(ActionCopy.action_id), col(ActionCopy.section), col(ActionCopy.priority), col(ActionCopy.sort_key),
        col(ActionCopy.payload),
    ).where(col(ActionCopy.programme_id) == programme_id).order_by(col(ActionCopy.sort_key))  # fmt: skip
    return [
        Known(
            Need(
                action_id, section, priority, sort_key, frozenset(payload["states"]), frozenset(payload["species"]),
                frozenset(payload["themes"]), frozenset(payload.get("landscapes", ())),
            ), payload,
        )
        for action_id, section, priority, sort_key, payload in session.execute(query)
    ]  # fmt: skip


def lives(session: Session, programme_id: str) -> list[Life]:
    """Every version of every proposal for a Programme, with the withdrawals of those whose version is not here."""
    columns = (
        col(ProposalLife.proposal_id), col(ProposalLife.version), col(ProposalLife.submitted_at),
        col(ProposalLife.withdrawn_at), col(ProposalLife.action_ids), col(ProposalLife.states),
        col(ProposalLife.species), col(ProposalLife.requested_usd), col(ProposalLife.programme_id),
    )  # fmt: skip
    found = []
    for id_, version, submitted, withdrawn, actions, states, species, usd, programme in session.execute(
        select(*columns).order_by(col(ProposalLife.proposal_id), col(ProposalLife.version))
    ):
        mine = programme == programme_id  # a version for another Programme ends the one before all the same
        found.append(
            Life(
                id_, version, submitted, withdrawn, tuple(actions) if mine else (), tuple(states), tuple(species),
                usd if mine else Decimal(0),
            )
        )  # fmt: skip
    return found


def moves(session: Session) -> list[Move]:
    """Every move of a pursuit and every decision on a pair, in the order in which they were made."""
    moved = select(
        col(PursuitMove.proposal_id), col(PursuitMove.window_id), col(PursuitMove.moved_at), col(PursuitMove.stage),
        col(PursuitMove.amount_usd),
    ).order_by(col(PursuitMove.moved_at), col(PursuitMove.move_id))  # fmt: skip
    decided = select(
        col(PairDecision.proposal_id), col(PairDecision.window_id), col(PairDecision.decided_at),
        col(PairDecision.stage),
    ).order_by(col(PairDecision.decided_at), col(PairDecision.decision_id))  # fmt: skip
    return [
        *(Move(id_, window, at, stage, usd) for id_, window, at, stage, usd in session.execute(moved)),
        *(Move(id_, window, at, stage, decision=True) for id_, window, at, stage in session.execute(decided)),
    ]


def pleas(session: Session, versions: Sequence[Life], at: datetime = NOW) -> list[Plea]:
    """The proposals that stand at a moment, of these versions, each with its pursuits.

    For the present, too, these are read from the moves and decisions: they come to what `queries.pursuits` says
    (tested), and there are far fewer of them than pairs.
    """
    stood = [life for life in standing_lives(versions, at) if life.action_ids]
    return pleas_from(stood, pursuits_at(moves(session), at))


def payers(session: Session, programme_id: str) -> dict[str, set[str]]:
    """Action -> the windows that could pay for it, for sure or once a question is answered."""
    query = select(col(ActionPair.action_id), col(ActionPair.window_id)).where(
        col(ActionPair.programme_id) == programme_id
    )
    found: dict[str, set[str]] = {}
    for action_id, window_id in session.execute(query):
        found.setdefault(action_id, set()).add(window_id)
    return found


def refused(session: Session, axis: Axis, codes: Sequence[str]) -> dict[str, frozenset[str]]:
    """Window -> those of the states (or species) that it does not pay for. What is not known is not refused."""
    found = {}
    for terms in all_terms(session):
        if axis == "state":
            told = terms.countries.states
            no = {code for code in codes if told.get(code, Tri.UNKNOWN) is Tri.NO}
        else:
            no = {code for code in codes if terms.species.species.get(code, terms.species.others) is Tri.NO}
        if no:
            found[terms.window_id] = frozenset(no)
    return found


def dated_windows(session: Session) -> list[Dated]:
    """Every window with a deadline."""
    return [
        Dated(
            terms.window_id, terms.name, terms.donor_name, terms.call.deadline, terms.call.deadline_certain,
            terms.amount.maximum, terms.amount.currency,
        )
        for terms in all_terms(session)
        if terms.call.deadline is not None
    ]  # fmt: skip


def window_names(session: Session) -> dict[str, tuple[str, str]]:
    """Window -> its name, and its donor's."""
    return {terms.window_id: (terms.name, terms.donor_name) for terms in all_terms(session)}


def standings(session: Session, programme_id: str) -> dict[str, Standing]:
    """How far the money for each action of a Programme has come."""
    standing = pleas(session, lives(session, programme_id))
    needs = [
        Need(action_id, 0, None, "", frozenset(), frozenset())
        for action_id in session.execute(
            select(col(ActionCopy.action_id)).where(col(ActionCopy.programme_id) == programme_id)
        ).scalars()
    ]
    return {gap.need.action_id: gap.standing for gap in assess(needs, standing, "state")}


@dataclass(frozen=True)
class Titled:
    """A proposal as a list names it."""

    proposal_id: UUID
    reference: str
    title: LocalizedText
    organisation: str
    organisation_id: UUID | None


def titled(session: Session, ids: Sequence[UUID]) -> dict[UUID, Titled]:
    """Those of the proposals that are here."""
    query = select(
        col(ProposalCopy.proposal_id), col(ProposalCopy.reference), col(ProposalCopy.title),
        col(ProposalCopy.organisation_name), col(ProposalCopy.organisation_id),
    )  # fmt: skip
    wanted = set(ids)  # more than a database takes as parameters, and there are hardly more
    return {
        row[0]: Titled(row[0], row[1], LocalizedText.model_validate(row[2]), row[3], row[4])
        for row in session.execute(query)
        if row[0] in wanted
    }
