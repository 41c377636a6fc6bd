"""Today's proposals, windows and pairs, as plans are made of them."""

from collections.abc import Collection, Iterable
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, String, and_, cast, or_, select
from sqlmodel import Session, col

from contracts.events import ProposalSubmitted
from contracts.values import LocalizedText
from services.matching.handlers.terms import all_terms
from services.matching.queries.pursuits import Pursued, pursuits
from services.matching.rules import facts_of
from services.matching.rules.portfolios import Award, Candidate, Changes, Judged, Live, Topic, live_instance
from services.matching.shipped import blending, rates
from services.matching.tables import LIVE, ActionCopy, Pair, ProposalCopy, WindowCopy

SIZE_REASONS: Final = ("maximum_passed", "cofinancing_short")
"""Reasons, of one rule each, that refuse the size of the whole amount alone; see `rules.portfolios.basis_of`."""


def live(session: Session, changes: Changes = Changes()) -> Live:  # noqa: B008 - frozen
    """The instance of what is here now, under the changes of a scenario."""
    submitted = _submitted(session)
    pursued = pursuits(session)
    declined = {(one.proposal_id, one.window_id) for one in pursued if one.stage == "declined"}
    return live_instance(
        [candidate(one) for one in submitted], topics(session, submitted), all_terms(session),
        judged(session, declined), awards(pursued), rates(), changes, blending().preparation,
    )  # fmt: skip


def candidates(session: Session, proposal_ids: Collection[UUID]) -> list[Candidate]:
    """Some of the live proposals."""
    return [candidate(one) for one in _submitted(session, col(ProposalCopy.proposal_id).in_(proposal_ids))]


def _submitted(session: Session, *only: ColumnElement[bool]) -> list[ProposalSubmitted]:
    query = select(col(ProposalCopy.payload)).where(LIVE, *only).order_by(col(ProposalCopy.proposal_id))
    return [ProposalSubmitted.model_validate(payload) for payload in session.execute(query).scalars()]


def candidate(one: ProposalSubmitted) -> Candidate:
    """A submitted proposal as plans see it."""
    facts = facts_of(one)
    return Candidate(
        one.proposal_id, one.reference, one.title, one.organisation.name, facts.applicant_kind, facts.states,
        facts.species, tuple(dict.fromkeys(f"{one.programme_id}/{action.action_id}" for action in one.actions)),
        facts.requested_usd, facts.cofinancing.confirmed, facts.cofinancing.indicative,
        facts.cofinancing.confirmed_in_kind,
    )  # fmt: skip


def topics(session: Session, submitted: Iterable[ProposalSubmitted]) -> dict[str, Topic]:
    """The actions that the proposals address: as the Programme has them now, else as the proposal named them."""
    found = {
        f"{one.programme_id}/{action.action_id}": Topic(
            f"{one.programme_id}/{action.action_id}", action.action_id, one.programme_id, action.title, action.priority
        )
        for one in submitted
        for action in one.actions
    }
    query = select(
        col(ActionCopy.programme_id), col(ActionCopy.action_id), col(ActionCopy.priority), col(ActionCopy.sort_key),
        col(ActionCopy.payload),
    )  # fmt: skip
    for programme_id, action_id, priority, sort_key, payload in session.execute(query):
        key = f"{programme_id}/{action_id}"
        if key in found:
            title = LocalizedText.model_validate(payload["title"])
            found[key] = Topic(key, action_id, programme_id, title, priority, sort_key)
    return found


def judged(
    session: Session, declined: Collection[tuple[UUID, str]] = (), proposal_ids: Collection[UUID] | None = None
) -> list[Judged]:
    """The verdicts on live proposals (or on some of them) that a plan may count: of refusals only those that name
    nothing but the size.

    Most pairs are refused for other reasons; reading why costs more than everything else, so they are not read.
    """
    said = cast(col(Pair.findings), String)
    size = or_(*(said.like(f'%"{reason}"%') for reason in SIZE_REASONS))
    query = (
        select(
            col(Pair.proposal_id), col(Pair.window_id), col(Pair.overall), col(Pair.stage), col(Pair.findings),
        )
        .join(ProposalCopy, col(ProposalCopy.proposal_id) == col(Pair.proposal_id))
        .where(LIVE, or_(col(Pair.overall) != "not_eligible", and_(col(Pair.no) <= len(SIZE_REASONS), size)))
        .order_by(col(Pair.proposal_id), col(Pair.window_id))
    )  # fmt: skip
    if proposal_ids is not None:
        query = query.where(col(Pair.proposal_id).in_(proposal_ids))
    return [
        Judged(
            proposal_id, window_id, overall,
            tuple(finding["rule"] for finding in findings if finding["verdict"] == "unknown"),
            frozenset((finding["rule"], finding["reason"]) for finding in findings if finding["verdict"] == "no"),
            stage == "dismissed" or (proposal_id, window_id) in declined,
        )
        for proposal_id, window_id, overall, stage, findings in session.execute(query)
    ]  # fmt: skip


def awards(found: Iterable[Pursued]) -> list[Award]:
    """Money that donors have granted already. An award without an amount promises nothing."""
    return [
        Award(one.proposal_id, one.window_id, one.amount_usd)
        for one in found
        if one.stage == "awarded" and one.amount_usd is not None
    ]


def pursued_pairs(session: Session, record: Live) -> list[tuple[int, int]]:
    """Pairs of the instance that somebody is after now, by position."""
    at = {one.proposal_id: number for number, one in enumerate(record.proposals)}
    to = {one.window_id: number for number, one in enumerate(record.windows)}
    found = {
        (at[one.proposal_id], to[one.window_id])
        for one in pursuits(session)
        if one.stage not in ("declined", "awarded") and one.proposal_id in at and one.window_id in to
    }
    return sorted(found & set(record.pairs))


def names_of_windows(session: Session) -> dict[str, tuple[str, str]]:
    """Each window's name and its donor's."""
    query = select(col(WindowCopy.window_id), col(WindowCopy.name), col(WindowCopy.donor_name))
    return {window_id: (name, donor) for window_id, name, donor in session.execute(query)}


def references(session: Session) -> dict[str, str]:
    """The reference of each live proposal, by its id."""
    query = select(col(ProposalCopy.proposal_id), col(ProposalCopy.reference)).where(LIVE)
    return {str(proposal_id): reference for proposal_id, reference in session.execute(query)}
