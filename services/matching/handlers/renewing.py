"""Newer rules: what older ones have judged is judged again, a little in each transaction, in the background.

How far this has come stands in the rows: a proposal says by which rules it was judged, and a window by which it was
paired with actions. Whoever has the turn takes up what is left, so that several processes share the work.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, col

from contracts.envelope import new_id
from contracts.windows import WindowTerms
from services.chassis.service import Context
from services.matching.handlers.actions import place_of
from services.matching.handlers.judging import (
    NO_CHANGE,
    UPDATE_CHANGE,
    Grounds,
    facts_from,
    grounds,
    note_judged,
    store_verdicts,
    tell,
)
from services.matching.handlers.pairing import complete_programmes, pair
from services.matching.handlers.terms import all_terms, keep_call, terms_of_some
from services.matching.rules import version
from services.matching.tables import LIVE, ActionCopy, Pair, ProposalCopy, Renewal, WindowCopy

RENEWAL: Final = "step.rules"
"""Kind of the step: what the row of that id names was judged again by newer rules."""
SECONDS: Final = 0.1
"""A transaction begins no further proposal or window after so long: a person's form may be waiting for its turn."""
AT_MOST: Final = 50
"""So many of either are looked up at once."""


Changes = dict[str, dict[str, Any]]
"""Window id -> the last change of its pair with a proposal, by column."""


@dataclass(frozen=True)
class Renewing:
    """How far judging anew by newer rules has come; both count proposals, and windows with their actions."""

    done: int
    total: int

    @property
    def share(self) -> float:
        """Done of all, in whole hundredths: less than one as long as anything is left."""
        return 100 * self.done // self.total / 100


def renewing(session: Session) -> Renewing | None:
    """What older rules have judged and is still to be judged again; None when there is nothing of the kind."""
    counts = [
        session.execute(
            select(func.count().filter(col(table.rules) < version.VERSION), func.count()).select_from(table)
        ).one()
        for table in (ProposalCopy, WindowCopy)
    ]
    old, every = (sum(column) for column in zip(*counts, strict=True))
    return Renewing(every - old, every) if old else None


def renew_some(context: Context, seconds: float = SECONDS) -> bool:
    """Judge again some of what older rules have judged: live proposals, then those that rest, then windows with
    actions. Answers False when there is nothing left."""
    context.take_turn()
    session, deadline = context.session, time.monotonic() + seconds
    proposals, windows = _stale_proposals(session), _stale_windows(session)
    if not proposals and not windows:
        return False
    row = Renewal(renewal_id=new_id(), rules=version.VERSION, done_at=context.now, proposals={}, windows=[])
    context.note_step(RENEWAL, row.renewal_id)
    shared, every = grounds(session), all_terms(session)
    for proposal in proposals:
        if row.proposals and time.monotonic() > deadline:
            break
        _judge(context, proposal, every, shared)
        row.proposals[str(proposal.proposal_id)] = _changes(context, proposal)
    for terms in terms_of_some(session, windows):
        if (row.proposals or row.windows) and time.monotonic() > deadline:
            break
        _pair(context, [terms])
        row.windows.append(terms.window_id)
    session.add(row)
    return True


def redo_renewal(context: Context, renewal_id: UUID) -> None:
    """Judge once more what was judged again, and let each pair's last change be what it was."""
    session = context.session
    row = session.get(Renewal, renewal_id)
    if row is None:
        return
    shared, every = grounds(session), all_terms(session)
    for proposal_id, changes in row.proposals.items():
        proposal = session.get(ProposalCopy, UUID(proposal_id))
        if proposal is not None:
            _judge(context, proposal, every, shared)
            _put_changes(context, proposal, changes)
    _pair(context, terms_of_some(session, row.windows))


def _stale_proposals(session: Session) -> Sequence[ProposalCopy]:
    query = select(ProposalCopy).where(col(ProposalCopy.rules) < version.VERSION)
    return session.execute(query.order_by(~LIVE, col(ProposalCopy.proposal_id)).limit(AT_MOST)).scalars().all()


def _stale_windows(session: Session) -> Sequence[str]:
    query = select(col(WindowCopy.window_id)).where(col(WindowCopy.rules) < version.VERSION)
    return session.execute(query.order_by(col(WindowCopy.window_id)).limit(AT_MOST)).scalars().all()


def _judge(context: Context, proposal: ProposalCopy, every: Sequence[WindowTerms], shared: Grounds) -> None:
    """Judge a proposal again; one that rests against those windows alone that it was judged against. Tells of a live
    one if any of its verdicts is another."""
    known = _known(context, proposal)
    if windows := [terms for terms in every if proposal.live or terms.window_id in known]:
        before, after = store_verdicts(context, proposal, facts_from(proposal), windows, "rules", shared)
        if proposal.live and before != after:
            tell(context, proposal, "rules", after.values())
        else:
            note_judged(context, proposal, "rules")
    proposal.rules = version.VERSION
    context.session.add(proposal)


def _known(context: Context, proposal: ProposalCopy) -> set[str]:
    query = select(col(Pair.window_id)).where(col(Pair.proposal_id) == proposal.proposal_id)
    return set(context.session.connection().execute(query).scalars())


def _changes(context: Context, proposal: ProposalCopy) -> Changes:
    columns = [getattr(Pair, name) for name in NO_CHANGE]
    query = select(col(Pair.window_id), *columns).where(
        col(Pair.proposal_id) == proposal.proposal_id, col(Pair.changed_at).is_not(None)
    )
    found = context.session.connection().execute(query).mappings()
    return {
        row["window_id"]: {name: row[name] for name in NO_CHANGE} | {"changed_at": row["changed_at"].isoformat()}
        for row in found
    }


def _put_changes(context: Context, proposal: ProposalCopy, changes: Mapping[str, Mapping[str, Any]]) -> None:
    rows = [
        {"b_proposal_id": proposal.proposal_id, "b_window_id": window_id}
        | {f"b_{name}": value for name, value in _change(changes.get(window_id)).items()}
        for window_id in sorted(_known(context, proposal))
    ]
    if rows:
        context.session.connection().execute(UPDATE_CHANGE, rows)


def _change(kept: Mapping[str, Any] | None) -> Mapping[str, Any]:
    return NO_CHANGE if kept is None else dict(kept) | {"changed_at": datetime.fromisoformat(kept["changed_at"])}


def _pair(context: Context, windows: Sequence[WindowTerms]) -> None:
    """Pair windows with actions again; what is kept of both for lists follows from the rules and vocabulary too."""
    session = context.session
    for action in session.execute(select(ActionCopy)).scalars() if windows else ():
        action.priority_rank, action.sort_key = place_of(action.action_id, action.priority)
    session.flush()
    for programme_id in complete_programmes(context):
        pair(context, windows, programme_id, tell_of_all=False)
    for terms in windows:
        copy = session.get(WindowCopy, terms.window_id, populate_existing=True)
        if copy is not None:
            keep_call(copy, terms)
            copy.rules = version.VERSION
            session.add(copy)
