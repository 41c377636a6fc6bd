"""A proposal's windows, best first, and one pair in full."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from contracts.events import ProposalSubmitted
from contracts.windows import WindowTerms
from services.matching.handlers.judging import facts_from
from services.matching.handlers.terms import answers_for, for_pair, terms_of, terms_of_some
from services.matching.rules import Finding, Overall, Part, ProposalFacts, Ranked, evidence_by_rule, sort_key
from services.matching.rules.eligibility import told_evidence
from services.matching.rules.questions import settled
from services.matching.tables import Pair, PairDecision, ProposalCopy, WindowCopy


@dataclass(frozen=True)
class RankedWindow:
    """One row of a ranking. `place` counts from 1 over all windows, whatever is filtered."""

    place: int
    window_id: str
    name: str
    donor_name: str
    kind: str
    fund: str | None
    deadline: date | None
    deadline_certain: bool
    window_revision: int
    overall: Overall
    yes: int
    unknown: int
    no: int
    fit: int | None
    weights: int
    """The version of the weights that the fit was made with."""
    stage: str
    judged_at: datetime
    because: str
    was_overall: str | None
    was_fit: int | None
    was_place: int | None
    changed_at: datetime | None
    changed_cause: str
    changed_findings: tuple[Finding, ...]
    stage_overall: str | None

    @property
    def changed_since_decision(self) -> bool:
        """Whether the verdict is another one than when the pair was shortlisted or dismissed."""
        return self.stage != "none" and self.stage_overall != self.overall


def proposal(session: Session, proposal_id: UUID) -> ProposalCopy | None:
    """The proposal's copy, if it has been submitted."""
    found = session.get(ProposalCopy, proposal_id)
    return found if found is not None and found.version else None


def ranking(session: Session, proposal_id: UUID) -> list[RankedWindow]:
    """Every window judged for a proposal, best first."""
    query = select(
        col(Pair.window_id), col(WindowCopy.name), col(WindowCopy.donor_name), col(WindowCopy.kind),
        col(WindowCopy.fund), col(WindowCopy.deadline), col(WindowCopy.deadline_certain),
        col(Pair.window_revision), col(Pair.overall), col(Pair.yes),
        col(Pair.unknown), col(Pair.no), col(Pair.fit), col(Pair.weights), col(Pair.stage),
        col(Pair.judged_at), col(Pair.because),
        col(Pair.was_overall), col(Pair.was_fit), col(Pair.was_place), col(Pair.changed_at), col(Pair.changed_cause),
        col(Pair.changed_findings), col(Pair.stage_overall),
    ).join(WindowCopy, col(WindowCopy.window_id) == col(Pair.window_id))  # fmt: skip
    rows = [dict(row._mapping) for row in session.execute(query.where(col(Pair.proposal_id) == proposal_id))]
    rows.sort(key=lambda row: sort_key(Ranked(row["window_id"], row["overall"], row["fit"], row["no"])))
    for row in rows:
        row["changed_findings"] = tuple(Finding.from_json(one) for one in row["changed_findings"])
    return [RankedWindow(place=place, **row) for place, row in enumerate(rows, start=1)]


@dataclass(frozen=True)
class WholePair:
    """One pair with everything that its page shows."""

    proposal: ProposalCopy
    pair: Pair
    window: WindowCopy
    terms: WindowTerms
    """With people's answers."""
    facts: ProposalFacts
    findings: tuple[Finding, ...]
    parts: tuple[Part, ...]
    changed_findings: tuple[Finding, ...]
    decisions: Sequence[PairDecision]
    """Newest first."""

    @property
    def submitted(self) -> ProposalSubmitted:
        """The proposal as it was submitted."""
        return ProposalSubmitted.model_validate(self.proposal.payload)


def whole_pair(session: Session, proposal_id: UUID, window_id: str) -> WholePair | None:
    """One pair, or None."""
    copy, pair = proposal(session, proposal_id), session.get(Pair, (proposal_id, window_id))
    window, terms = session.get(WindowCopy, window_id), terms_of(session, window_id)
    if copy is None or pair is None or window is None or terms is None:
        return None
    facts, terms = for_pair(facts_from(copy), terms, answers_for(session, proposal_id))
    evidence = evidence_by_rule(terms)
    history = (
        select(PairDecision)
        .where(col(PairDecision.proposal_id) == proposal_id, col(PairDecision.window_id) == window_id)
        .order_by(col(PairDecision.decision_id).desc())
    )
    return WholePair(
        copy, pair, window, terms, facts,
        tuple(
            Finding.from_json(stored, told_evidence(terms, stored["rule"], stored.get("params", {}))
                              or evidence.get(stored["rule"]))
            for stored in pair.findings
        ),
        tuple(Part.from_json(stored) for stored in pair.parts),
        tuple(Finding.from_json(stored) for stored in pair.changed_findings),
        session.execute(history).scalars().all(),
    )  # fmt: skip


def refusing_windows(session: Session, proposal_id: UUID) -> list[WindowTerms]:
    """The terms of the windows that cannot fund a proposal as it is, with what was answered for it, in order of ids."""
    query = select(col(Pair.window_id)).where(col(Pair.proposal_id) == proposal_id, col(Pair.overall) == "not_eligible")
    answers = answers_for(session, proposal_id)
    return [
        settled(terms, answers.get(terms.window_id, ()))
        for terms in terms_of_some(session, list(session.execute(query).scalars()))
    ]
