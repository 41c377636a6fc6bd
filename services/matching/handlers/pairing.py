"""Pairing windows with the Programme's actions, in bulk: 69 windows by 228 actions is one insert.

A Programme is paired once all of its actions are here. They and the news that it is complete may come in any order
(a bus keeps order within one action only), and the outcome is the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, delete, func, insert, select, update
from sqlmodel import col

from contracts.events import ActionFit, ActionPublished, WindowPairedWithActions
from contracts.values import Tri
from contracts.windows import WindowTerms
from services.chassis.service import Context
from services.matching.handlers.judging import day_at
from services.matching.handlers.terms import all_terms
from services.matching.handlers.weights import weights_in_force
from services.matching.rules import ActionFacts, ActionVerdict, PreparedWindow, facts_of_action, version
from services.matching.tables import ActionCopy, ActionPair, ProgrammeCopy, WindowCopy

NAMED = 25
"""So many of a window's actions are named in the event that tells of them."""


@dataclass(frozen=True)
class Known:
    """An action with what its place in a list depends on."""

    facts: ActionFacts
    rank: int
    sort_key: str


def complete_programmes(context: Context) -> list[str]:
    """Programmes of which every action is here."""
    here = select(func.count()).where(col(ActionCopy.programme_id) == col(ProgrammeCopy.programme_id)).scalar_subquery()
    query = select(col(ProgrammeCopy.programme_id)).where(here >= col(ProgrammeCopy.actions))
    return list(context.session.execute(query.order_by(col(ProgrammeCopy.programme_id))).scalars())


def pair(
    context: Context, windows: Sequence[WindowTerms], programme_id: str, *, tell_of_all: bool = True
) -> None:  # fmt: skip
    """Pair `windows` anew with all actions of a Programme, and tell of each window, or of those alone whose pairs are
    not what they were."""
    if not windows:
        return
    actions = _actions(context, programme_id)
    ids = [terms.window_id for terms in windows]
    context.session.flush()
    connection = context.session.connection()
    told = _told_at(context, ids)
    before = {} if tell_of_all else _stored(context, programme_id, col(ActionPair.window_id).in_(ids))
    connection.execute(
        delete(ActionPair).where(col(ActionPair.programme_id) == programme_id, col(ActionPair.window_id).in_(ids))
    )
    rows: list[dict[str, Any]] = []
    weights = weights_in_force(context.session)
    for terms in windows:
        prepared = PreparedWindow(terms, today=day_at(terms.call.zone, context.now), weights=weights)
        found = [(known, verdict) for known in actions if (verdict := prepared.judge(known.facts)).could_pay]
        rows += [_row(terms.window_id, programme_id, known, verdict) for known, verdict in found]
        now = {(terms.window_id, known.facts.action_id): _said(verdict) for known, verdict in found}
        if tell_of_all or now != {key: said for key, said in before.items() if key[0] == terms.window_id}:
            _tell(context, terms, programme_id, found, told)
    if rows:
        connection.execute(insert(ActionPair), rows)


def pair_action(context: Context, published: ActionPublished) -> None:
    """Pair one action, whose facts have changed, with every window, and tell of the windows that this touches."""
    facts, programme_id = facts_of_action(published), published.programme_id
    before = _stored(context, programme_id, col(ActionPair.action_id) == facts.action_id)
    touched: list[WindowTerms] = []
    weights = weights_in_force(context.session)
    for terms in all_terms(context.session):
        verdict = PreparedWindow(terms, today=day_at(terms.call.zone, context.now), weights=weights).judge(facts)
        now = _said(verdict) if verdict.could_pay else None
        if before.get((terms.window_id, facts.action_id)) != now:
            touched.append(terms)
    pair(context, touched, programme_id)


def _stored(context: Context, programme_id: str, which: ColumnElement[bool]) -> dict[tuple[str, str], tuple[Any, ...]]:
    """(Window, action) -> what is stored of their pair."""
    query = select(
        col(ActionPair.window_id), col(ActionPair.action_id), col(ActionPair.overall), col(ActionPair.fit),
        col(ActionPair.part_priority), col(ActionPair.part_themes), col(ActionPair.part_species),
        col(ActionPair.part_states),
    ).where(col(ActionPair.programme_id) == programme_id, which)  # fmt: skip
    return {(row[0], row[1]): tuple(row[2:]) for row in context.session.connection().execute(query)}


def _said(verdict: ActionVerdict) -> tuple[Any, ...]:
    """A verdict as `_stored` answers it."""
    return verdict.overall.value, verdict.fit, *verdict.parts


def _actions(context: Context, programme_id: str) -> list[Known]:
    query = select(col(ActionCopy.payload), col(ActionCopy.priority_rank), col(ActionCopy.sort_key)).where(
        col(ActionCopy.programme_id) == programme_id
    )
    return [
        Known(
            ActionFacts(
                payload["action_id"], payload["priority"], frozenset(payload["themes"]),
                frozenset(payload["species"]), frozenset(payload["states"]),
            ), rank, sort_key,
        )
        for payload, rank, sort_key in context.session.execute(query)
    ]  # fmt: skip


def _row(window_id: str, programme_id: str, known: Known, verdict: ActionVerdict) -> dict[str, Any]:
    priority, themes, species, states = verdict.parts
    return {
        "window_id": window_id, "programme_id": programme_id, "action_id": known.facts.action_id,
        "overall": verdict.overall.value, "fit": verdict.fit, "part_priority": priority, "part_themes": themes,
        "part_species": species, "part_states": states,
    }  # fmt: skip


def _told_at(context: Context, window_ids: Sequence[str]) -> datetime:
    """When this is told: later than what was told of any of the windows before, for readers keep the later of two.

    A program with older rules says so of windows that a newer one had paired.
    """
    these = col(WindowCopy.window_id).in_(window_ids)
    told = context.later_than(context.session.execute(select(func.max(WindowCopy.paired_at)).where(these)).scalar())
    rules = col(WindowCopy.rules)
    oldest = case((rules > version.VERSION, version.VERSION), else_=rules)
    context.session.execute(update(WindowCopy).where(these).values(paired_at=told, rules=oldest))
    return told


def _tell(
    context: Context, terms: WindowTerms, programme_id: str, found: list[tuple[Known, ActionVerdict]], at: datetime
) -> None:  # fmt: skip
    """Best first: by priority, then what is certain before what is not, by fit, and in the Programme's own order."""

    def place(one: tuple[Known, ActionVerdict]) -> tuple[int, bool, int, Any]:
        known, verdict = one
        return -known.rank, verdict.overall is not Tri.YES, -verdict.fit, known.sort_key

    best = sorted(found, key=place)[:NAMED]
    context.emit(
        WindowPairedWithActions(
            window_id=terms.window_id, window_revision=terms.revision, programme_id=programme_id, count=len(found),
            actions=[
                ActionFit(action_id=known.facts.action_id, overall=Tri(verdict.overall), fit=verdict.fit)
                for known, verdict in best
            ],
        ),
        subject=terms.window_id, time=at,
    )  # fmt: skip
