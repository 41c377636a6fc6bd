"""Judging pairs: one proposal against some windows, in one transaction, with bulk inserts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final, Literal, cast
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import bindparam, insert, select, update
from sqlmodel import Session, col

from contracts.events import PairSummary, ProposalJudged, ProposalSubmitted
from contracts.windows import WindowTerms
from services.chassis.service import Context
from services.matching.handlers.outcomes import histories
from services.matching.handlers.terms import answers_by_proposal, answers_for, for_pair
from services.matching.handlers.weights import weights_in_force
from services.matching.rules import (
    NO_HISTORY,
    Change,
    Finding,
    History,
    Judgement,
    Overall,
    ProposalFacts,
    Ranked,
    Weights,
    change_between,
    facts_of,
    judge,
    positions,
    version,
)
from services.matching.rules.answers import Setting
from services.matching.rules.decisions import Stage
from services.matching.rules.ranking import sort_key
from services.matching.rules.settled import Told
from services.matching.shipped import rates
from services.matching.tables import LIVE, Pair, ProposalCopy

Cause = Literal["proposal", "window", "day", "weights", "history", "answer", "rules"]


@lru_cache(maxsize=64)
def zone_named(name: str) -> ZoneInfo:
    """The zone of an IANA name; UTC for one that nobody knows."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def day_at(zone: str, now: datetime) -> date:
    """The day at the funder's: a deadline is a day in its zone."""
    return now.astimezone(zone_named(zone)).date()


def setting_for(terms: WindowTerms, now: datetime) -> Setting:
    """The day at the funder's, and the rates in force."""
    return Setting(day_at(terms.call.zone, now), rates())


@dataclass(frozen=True)
class Standing:
    """What is stored of a pair, less its findings: enough to rank it and to tell of it."""

    window_id: str
    window_revision: int
    overall: Overall
    yes: int
    unknown: int
    no: int
    fit: int | None
    stage: Stage

    @property
    def ranked(self) -> Ranked:
        """As much as its place depends on."""
        return Ranked(self.window_id, self.overall, self.fit, self.no)


def facts_from(proposal: ProposalCopy) -> ProposalFacts:
    """The facts of a stored proposal."""
    return facts_of(ProposalSubmitted.model_validate(proposal.payload))


@dataclass(frozen=True)
class Grounds:
    """What judging goes by beside the proposal and the window, as it stands in one transaction."""

    weights: Weights
    histories: Mapping[str, History]
    answers: Mapping[UUID, Mapping[str, Sequence[Told]]]
    """Proposal id -> window id -> what was answered for that pair."""


def grounds(session: Session) -> Grounds:
    """For whoever judges many proposals: read once, while nothing of it changes."""
    return Grounds(weights_in_force(session), histories(session), answers_by_proposal(session))


def judge_live(context: Context, windows: Sequence[WindowTerms], cause: Cause) -> None:
    """Judge every live proposal against `windows`."""
    live = select(ProposalCopy).where(LIVE)
    shared = grounds(context.session)
    for proposal in context.session.scalars(live.order_by(col(ProposalCopy.proposal_id))).all():
        judge_proposal(context, proposal, facts_from(proposal), windows, cause, shared)


def judge_proposal(
    context: Context, proposal: ProposalCopy, facts: ProposalFacts, windows: Sequence[WindowTerms], cause: Cause,
    shared: Grounds | None = None,
) -> None:  # fmt: skip
    """Judge `proposal` against `windows`, store what comes of it, and tell of all its pairs.

    `shared` is what has been read already for all that is judged in this transaction.
    """
    _before, after = store_verdicts(context, proposal, facts, windows, cause, shared)
    tell(context, proposal, cause, after.values(), windows[0].window_id if cause == "window" and windows else "")


def store_verdicts(
    context: Context, proposal: ProposalCopy, facts: ProposalFacts, windows: Sequence[WindowTerms], cause: Cause,
    shared: Grounds | None = None,
) -> tuple[Mapping[str, Standing], Mapping[str, Standing]]:  # fmt: skip
    """Judge `proposal` against `windows` and store what comes of it; answers where all its pairs stood, and stand now,
    by window id."""
    session = context.session
    judged_by(proposal)
    before = _standings(context, proposal)
    places = positions(standing.ranked for standing in before.values())
    findings = _stored_findings(context, proposal, [w.window_id for w in windows if w.window_id in before])
    after = dict(before)
    new: list[dict[str, Any]] = []
    again: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    if shared is None:
        weights, known = weights_in_force(session), histories(session)
        answers: Mapping[str, Sequence[Told]] = answers_for(session, proposal.proposal_id)
    else:
        weights, known = shared.weights, shared.histories
        answers = shared.answers.get(proposal.proposal_id, {})
    for window in windows:
        facts_here, terms = for_pair(facts, window, answers)
        today = day_at(terms.call.zone, context.now)
        judgement = judge(
            facts_here, terms, today=today, rates=rates(), weights=weights,
            history=known.get(terms.donor_id, NO_HISTORY),
        )  # fmt: skip
        old = before.get(terms.window_id)
        row = _row(context, proposal, terms, judgement) | {"weights": weights.version}
        after[terms.window_id] = _standing(terms, judgement, old.stage if old else "none")
        if old is None:
            new.append(row | NO_CHANGE | _NO_STAGE)
            continue
        again.append({f"b_{name}": value for name, value in row.items()})
        if change := change_between(findings[terms.window_id], old.overall, old.fit, judgement):
            changed.append(_change(context, proposal, terms, change, places[terms.window_id], cause))
    connection = session.connection()
    if new:
        connection.execute(insert(Pair), new)
    if again:
        connection.execute(_UPDATE_VERDICT, again)
    if changed:
        connection.execute(UPDATE_CHANGE, changed)
    return before, after


def judged_by(proposal: ProposalCopy) -> None:
    """Note that these rules have judged some of its pairs: a program with older rules says so of what a newer one had
    judged, and a newer one lets the others' pairs be what they are until all are judged anew."""
    proposal.rules = min(proposal.rules, version.VERSION)


def _standings(context: Context, proposal: ProposalCopy) -> dict[str, Standing]:
    query = select(
        col(Pair.window_id), col(Pair.window_revision), col(Pair.overall),
        col(Pair.yes), col(Pair.unknown), col(Pair.no), col(Pair.fit), col(Pair.stage),
    ).where(col(Pair.proposal_id) == proposal.proposal_id)  # fmt: skip
    rows = context.session.connection().execute(query)
    return {row[0]: Standing(*cast(Any, row)) for row in rows}


def _stored_findings(context: Context, proposal: ProposalCopy, window_ids: list[str]) -> dict[str, list[Finding]]:
    if not window_ids:
        return {}
    query = select(col(Pair.window_id), col(Pair.findings)).where(
        col(Pair.proposal_id) == proposal.proposal_id, col(Pair.window_id).in_(window_ids)
    )
    rows = context.session.connection().execute(query)
    return {row.window_id: [Finding.from_json(stored) for stored in row.findings] for row in rows}


def _standing(terms: WindowTerms, judged: Judgement, stage: Stage) -> Standing:
    return Standing(
        terms.window_id, terms.revision, judged.overall, judged.yes, judged.unknown, judged.no, judged.fit, stage
    )


def _row(context: Context, proposal: ProposalCopy, terms: WindowTerms, judged: Judgement) -> dict[str, Any]:
    return {
        "proposal_id": proposal.proposal_id, "window_id": terms.window_id,
        "window_revision": terms.revision, "proposal_version": proposal.version,
        "overall": judged.overall, "yes": judged.yes, "unknown": judged.unknown, "no": judged.no, "fit": judged.fit,
        "findings": [finding.as_json() for finding in judged.findings],
        "parts": [part.as_json() for part in judged.parts],
        "judged_at": context.now, "because": context.event_id,
    }  # fmt: skip


NO_CHANGE: Final[dict[str, Any]] = {
    "was_overall": None, "was_fit": None, "was_place": None, "changed_at": None, "changed_cause": "",
    "changed_findings": [],
}  # fmt: skip
_NO_STAGE: Final[dict[str, Any]] = {
    "stage": "none", "stage_reason": "", "stage_by": "", "stage_at": None, "stage_overall": None,
}  # fmt: skip
_VERDICT = (
    "window_revision", "proposal_version", "overall", "yes", "unknown", "no", "fit", "findings", "parts",
    "judged_at", "because", "weights",
)  # fmt: skip


def updating(columns: Iterable[str]) -> Any:
    """The statement that writes `columns` of many pairs; its parameters are their names after `b_`, and the key's."""
    this_pair = (col(Pair.proposal_id) == bindparam("b_proposal_id")) & (
        col(Pair.window_id) == bindparam("b_window_id")
    )
    table = cast(Any, Pair).__table__
    return update(table).where(this_pair).values({name: bindparam(f"b_{name}") for name in columns})


_UPDATE_VERDICT = updating(_VERDICT)
UPDATE_CHANGE: Final = updating(NO_CHANGE)


def _change(
    context: Context, proposal: ProposalCopy, terms: WindowTerms, change: Change, place: int, cause: Cause
) -> dict[str, Any]:
    return {
        "b_proposal_id": proposal.proposal_id, "b_window_id": terms.window_id,
        "b_was_overall": change.overall, "b_was_fit": change.fit, "b_was_place": place,
        "b_changed_at": context.now, "b_changed_cause": cause,
        "b_changed_findings": [finding.as_json() for finding in change.findings],
    }  # fmt: skip


def note_judged(context: Context, proposal: ProposalCopy, cause: Cause, window_id: str = "") -> None:
    """Note when and why a proposal was judged: of two judgements, readers keep the later one."""
    proposal.judged_at = context.later_than(proposal.judged_at)
    proposal.judged_because, proposal.judged_cause, proposal.judged_window = context.event_id, cause, window_id
    context.session.add(proposal)


def tell(
    context: Context, proposal: ProposalCopy, cause: Cause, standings: Iterable[Standing], window_id: str = ""
) -> None:
    """Note when and why a proposal was judged, and tell of all its pairs."""
    note_judged(context, proposal, cause, window_id)
    pairs = [
        PairSummary(
            window_id=one.window_id, window_revision=one.window_revision, overall=one.overall,
            yes=one.yes, unknown=one.unknown, no=one.no, fit=one.fit, stage=one.stage,
        )
        for one in sorted(standings, key=lambda one: sort_key(one.ranked))
    ]  # fmt: skip
    context.emit(
        ProposalJudged(
            proposal_id=proposal.proposal_id, version=proposal.version, pairs=pairs, because=context.event_id
        ),
        subject=str(proposal.proposal_id),
        time=proposal.judged_at,
    )
