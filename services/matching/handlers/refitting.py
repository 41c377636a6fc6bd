"""Fits made anew in bulk. Verdicts stay as they are: no rule asks for the weights or for a donor's history.

The same computation answers what would move, before anything is put in force.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from services.chassis.service import Context
from services.matching.handlers.judging import (
    UPDATE_CHANGE,
    Cause,
    Standing,
    facts_from,
    judged_by,
    setting_for,
    tell,
    updating,
)
from services.matching.handlers.outcomes import histories
from services.matching.handlers.terms import all_terms, answers_by_proposal, for_pair
from services.matching.handlers.weights import weights_in_force
from services.matching.rules import NO_HISTORY, Part, Weights, positions
from services.matching.rules.fit import fit, shares, weighed
from services.matching.tables import LIVE, Pair, ProposalCopy

_UPDATE_FIT: Final = updating(("fit", "parts", "weights"))


@dataclass(frozen=True)
class Refitted:
    """One live proposal: where its pairs stand, and the fit that those asked for would have."""

    proposal: ProposalCopy
    before: Mapping[str, Standing]
    """By window id."""
    fits: Mapping[str, tuple[int, tuple[Part, ...]]]
    """Of the pairs that have a fit, by window id."""
    otherwise: Mapping[str, int]
    """The fits that they would have by the other weights that were asked about, if any."""

    @property
    def after(self) -> dict[str, Standing]:
        """Where its pairs would stand."""
        return {
            window_id: replace(standing, fit=self.fits[window_id][0]) if window_id in self.fits else standing
            for window_id, standing in self.before.items()
        }

    @property
    def moved(self) -> list[str]:
        """Windows whose fit would be another."""
        return [window_id for window_id, (points, _parts) in self.fits.items() if points != self.before[window_id].fit]

    @property
    def moved_otherwise(self) -> list[str]:
        """Windows whose fit would be another by the other weights."""
        return [window_id for window_id, points in self.otherwise.items() if points != self.before[window_id].fit]


def refitted(
    session: Session, now: datetime, weights: Weights, windows: Collection[str] | None = None,
    other: Weights | None = None,
) -> Iterator[Refitted]:  # fmt: skip
    """Every live proposal with its fits at `now`, by `weights`: of all its windows, or of `windows` alone.

    With `other` weights, also what those would give: most of the work is the same for both.
    """
    known = histories(session)
    terms = {one.window_id: one for one in all_terms(session)}
    settings = {window_id: setting_for(one, now) for window_id, one in terms.items()}
    standings, told = _standings(session), answers_by_proposal(session)
    # What a part earns depends on the scales of the weights only, and people change the points.
    alike = other is not None and (other.priority_percent, other.pace_days) == (
        weights.priority_percent, weights.pace_days,
    )  # fmt: skip
    wanted = terms.keys() if windows is None else terms.keys() & set(windows)
    live = select(ProposalCopy).where(LIVE).order_by(col(ProposalCopy.proposal_id))
    for proposal in session.execute(live).scalars().all():
        before = standings.get(proposal.proposal_id, {})
        facts, answers = facts_from(proposal), told.get(proposal.proposal_id, {})
        fits, otherwise = {}, {}
        for window_id, standing in before.items():
            if standing.fit is None or window_id not in wanted:
                continue
            pair, past = for_pair(facts, terms[window_id], answers), known.get(terms[window_id].donor_id, NO_HISTORY)
            earned = shares(*pair, settings[window_id], weights, past)
            fits[window_id] = weighed(earned, weights)
            if other is not None and alike:
                otherwise[window_id] = weighed(earned, other)[0]
            elif other is not None:
                otherwise[window_id] = fit(*pair, settings[window_id], other, past)[0]
        yield Refitted(proposal, before, fits, otherwise)


def refit(context: Context, cause: Cause, windows: Collection[str] | None = None) -> int:
    """Store the fits of live proposals anew, and tell of those that have moved; answers how many pairs have."""
    session = context.session
    session.flush()
    weights = weights_in_force(session)
    again: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    for one in refitted(session, context.now, weights, windows):
        judged_by(one.proposal)
        again += [_row(one.proposal.proposal_id, window_id, *fit) for window_id, fit in one.fits.items()]
        if moved := one.moved:
            changed += _changes(context, one, moved, cause)
            tell(context, one.proposal, cause, one.after.values())
    connection = session.connection()
    if again:
        connection.execute(_UPDATE_FIT, [row | {"b_weights": weights.version} for row in again])
    if changed:
        connection.execute(UPDATE_CHANGE, changed)
    session.flush()
    for known in [row for row in session.identity_map.values() if isinstance(row, Pair)]:
        session.expire(known)  # its row has been written behind its back
    return len(changed)


def _standings(session: Session) -> dict[UUID, dict[str, Standing]]:
    query = (
        select(
            col(Pair.proposal_id), col(Pair.window_id), col(Pair.window_revision), col(Pair.overall),
            col(Pair.yes), col(Pair.unknown), col(Pair.no), col(Pair.fit), col(Pair.stage),
        )
        .join(ProposalCopy, col(ProposalCopy.proposal_id) == col(Pair.proposal_id))
        .where(LIVE)
        .order_by(col(Pair.proposal_id), col(Pair.window_id))
    )  # fmt: skip
    found: dict[UUID, dict[str, Standing]] = {}
    for row in session.connection().execute(query):
        found.setdefault(row[0], {})[row[1]] = Standing(*cast(Any, row[1:]))
    return found


def _row(proposal_id: UUID, window_id: str, points: int, parts: Sequence[Part]) -> dict[str, Any]:
    return {
        "b_proposal_id": proposal_id, "b_window_id": window_id,
        "b_fit": points, "b_parts": [part.as_json() for part in parts],
    }  # fmt: skip


def _changes(context: Context, one: Refitted, moved: Sequence[str], cause: Cause) -> list[dict[str, Any]]:
    places = positions(standing.ranked for standing in one.before.values())
    return [
        {
            "b_proposal_id": one.proposal.proposal_id, "b_window_id": window_id,
            "b_was_overall": one.before[window_id].overall, "b_was_fit": one.before[window_id].fit,
            "b_was_place": places[window_id], "b_changed_at": context.now, "b_changed_cause": cause,
            "b_changed_findings": [],
        }
        for window_id in moved
    ]  # fmt: skip
