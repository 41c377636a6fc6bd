"""The map as it was: which proposals stood at a moment, and how far each had come.

Nothing is stored for this. Every version of a proposal is kept with when it stood, every move of a pursuit with when
it was made: any month can be computed from them at any time, and comes out the same.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Final, cast
from uuid import UUID

from services.matching.rules.gaps.facts import STANDINGS, Plea, Pursued, plea_of
from services.matching.rules.gaps.money import NOTHING, Sums, shares
from services.matching.rules.pursuits import PursuitStage, stage_of

NOW: Final = datetime.max.replace(tzinfo=UTC)
"""As of all that is known, whatever the clock says."""
_MOMENT: Final = timedelta(microseconds=1)


@dataclass(frozen=True)
class Life:
    """One version of a proposal."""

    proposal_id: UUID
    version: int
    submitted_at: datetime | None
    withdrawn_at: datetime | None
    action_ids: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    species: tuple[str, ...] = ()
    requested: Decimal = Decimal(0)


@dataclass(frozen=True)
class Move:
    """Where the pursuit of a window's money for a proposal stood from a moment on.

    `decision`: it is what a coordinator decided of the pair (`shortlisted`, `dismissed` or `none`), not a move.
    """

    proposal_id: UUID
    window_id: str
    at: datetime
    stage: str
    usd: Decimal | None = None
    decision: bool = False


@dataclass(frozen=True)
class Month:
    """What the map came to at the end of a month, or by now in the month that is not over."""

    first: date
    counts: tuple[int, ...]
    """Actions in the order of `STANDINGS`, each once."""
    money: Sums

    @property
    def need(self) -> int:
        """How many actions."""
        return sum(self.counts)


def month_end(first: date) -> datetime:
    """The last moment of the month, in UTC."""
    return datetime.combine(_next(first), time(), UTC) - _MOMENT


def _next(first: date) -> date:
    return (first.replace(day=1) + timedelta(days=32)).replace(day=1)


def months_between(since: datetime | None, now: datetime) -> list[date]:
    """The first days of all months from that of `since` to that of `now`; of this month alone without `since`."""
    last = now.astimezone(UTC).date().replace(day=1)
    month = min(since.astimezone(UTC).date().replace(day=1), last) if since else last
    months = [month]
    while month < last:
        month = _next(month)
        months.append(month)
    return months


def standing_lives(lives: Iterable[Life], at: datetime) -> list[Life]:
    """The versions that stood at a moment: of each proposal the latest that was submitted by then, unless it, or one
    after it, had been withdrawn."""
    newest: dict[UUID, Life] = {}
    withdrawn: dict[UUID, int] = {}
    for life in lives:
        if life.withdrawn_at is not None and life.withdrawn_at <= at:
            withdrawn[life.proposal_id] = max(withdrawn.get(life.proposal_id, 0), life.version)
        if life.submitted_at is not None and life.submitted_at <= at:
            known = newest.get(life.proposal_id)
            if known is None or known.version < life.version:
                newest[life.proposal_id] = life
    return [life for life in newest.values() if life.version > withdrawn.get(life.proposal_id, 0)]


def pursuits_at(moves: Iterable[Move], at: datetime) -> dict[UUID, tuple[Pursued, ...]]:
    """Proposal -> its pursuits at a moment. `moves` in the order in which they were made."""
    moved: dict[tuple[UUID, str], Move] = {}
    decided: dict[tuple[UUID, str], str] = {}
    for move in moves:
        if move.at > at:
            continue
        if move.decision:
            decided[move.proposal_id, move.window_id] = move.stage
        else:
            moved[move.proposal_id, move.window_id] = move
    found: dict[UUID, tuple[Pursued, ...]] = {}
    for pair in sorted(moved.keys() | decided.keys()):
        stand = moved.get(pair)
        stage = stage_of(cast(PursuitStage, stand.stage if stand else "none"), decided.get(pair, "none"))
        if stage != "none":
            pursued = Pursued(pair[1], stage, stand.usd if stand else None)
            found[pair[0]] = (*found.get(pair[0], ()), pursued)
    return found


def pleas_from(
    lives: Iterable[Life], pursuits: Mapping[UUID, tuple[Pursued, ...]], memo: dict[object, Plea] | None = None
) -> list[Plea]:  # fmt: skip
    """Versions that stand, with their pursuits. `memo` keeps those that are the same in several months."""
    pleas = []
    for life in lives:
        own = pursuits.get(life.proposal_id, ())
        key = (life, own)
        plea = memo.get(key) if memo is not None else None
        if plea is None:
            plea = plea_of(
                life.proposal_id, action_ids=life.action_ids, states=life.states, species=life.species,
                requested=life.requested, pursuits=own,
            )  # fmt: skip
            if memo is not None:
                memo[key] = plea
        pleas.append(plea)
    return pleas


def history(
    known: Collection[str], kept: Collection[str], lives: Sequence[Life], moves: Sequence[Move], months: Iterable[date],
    now: datetime,
) -> list[Month]:  # fmt: skip
    """What the map of the actions `kept` came to at the end of each month.

    `known`: all actions of the Programme as it is today; a proposal's money is split over those it addresses.
    """
    memo: dict[object, Plea] = {}
    parts: dict[int, list[tuple[str, Sums]]] = {}
    found = []
    for first in months:
        at = month_end(first)
        at = NOW if at >= now else at
        ranks = dict.fromkeys(kept, 0)
        money = NOTHING
        for plea in pleas_from(standing_lives(lives, at), pursuits_at(moves, at), memo):
            rank = STANDINGS.index(plea.standing)
            if id(plea) not in parts:  # the memo keeps every plea, so no id is given twice
                parts[id(plea)] = [
                    (action_id, share)
                    for action_id, share in shares(plea.money, sorted(plea.action_ids & set(known))).items()
                    if action_id in ranks
                ]
            for action_id, share in parts[id(plea)]:
                ranks[action_id] = max(ranks[action_id], rank)
                money = money.plus(share)
        counts = [0] * len(STANDINGS)
        for rank in ranks.values():
            counts[rank] += 1
        found.append(Month(first, tuple(counts), money))
    return found
