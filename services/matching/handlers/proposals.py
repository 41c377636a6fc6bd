"""Proposals arrive, are replaced by a newer version, or are taken back."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from contracts.envelope import Event
from contracts.events import ProposalSubmitted, ProposalWithdrawn
from services.chassis.service import Context
from services.matching.handlers.history import rejudge_donor
from services.matching.handlers.judging import judge_proposal
from services.matching.handlers.lives import keep_submission, keep_withdrawal
from services.matching.handlers.terms import all_terms
from services.matching.rules import facts_of, version
from services.matching.rules.pursuits import CONCLUDED
from services.matching.tables import ProposalCopy, Pursuit


def on_proposal_submitted(context: Context, event: Event[ProposalSubmitted]) -> None:
    """Keep the proposal and judge it against every window. A version that is already here changes nothing."""
    submitted = event.data
    keep_submission(context, submitted)
    copy = context.session.get(ProposalCopy, submitted.proposal_id)
    if copy is not None and copy.version >= submitted.version:
        return
    copy = copy or ProposalCopy(proposal_id=submitted.proposal_id, reference=submitted.reference, rules=version.VERSION)
    copy.reference = submitted.reference
    copy.version = submitted.version
    copy.organisation_id = submitted.organisation.organisation_id
    copy.organisation_name = submitted.organisation.name
    copy.title = submitted.title.model_dump(mode="json")
    copy.states, copy.species = list(submitted.states), list(submitted.species)
    copy.requested, copy.currency = submitted.requested.amount, submitted.requested.currency
    copy.submitted_at = submitted.submitted_at
    copy.payload = submitted.model_dump(mode="json")
    context.session.add(copy)
    context.session.flush()
    if copy.live:  # else its withdrawal was faster
        judge_proposal(context, copy, facts_of(submitted), all_terms(context.session), "proposal")
    _rejudge_those_who_answered(context, submitted.proposal_id)


def on_proposal_withdrawn(context: Context, event: Event[ProposalWithdrawn]) -> None:
    """Let the proposal rest: it is judged no more, and its verdicts and decisions stay for when it comes back."""
    withdrawn = event.data
    keep_withdrawal(context, withdrawn)
    copy = context.session.get(ProposalCopy, withdrawn.proposal_id)
    copy = copy or ProposalCopy(proposal_id=withdrawn.proposal_id, reference=withdrawn.reference, rules=version.VERSION)
    copy.withdrawn_version = max(copy.withdrawn_version, withdrawn.version)
    context.session.add(copy)


def _rejudge_those_who_answered(context: Context, proposal_id: UUID) -> None:
    """What a donor's answer was about is what the proposal is about today, so that its history is another by now.

    A withdrawal changes nothing of it: the answer stands, and so does what the proposal was about.
    """
    answered = select(col(Pursuit.donor_id)).where(
        col(Pursuit.proposal_id) == proposal_id, col(Pursuit.stage).in_(sorted(CONCLUDED))
    )
    for donor_id in context.session.scalars(answered.distinct().order_by(col(Pursuit.donor_id))).all():
        rejudge_donor(context, donor_id)
