"""Proposals arrive, are replaced by a newer version, or are taken back."""

from contracts.envelope import Event
from contracts.events import ProposalSubmitted, ProposalWithdrawn
from services.chassis.service import Context
from services.matching.handlers.judging import judge_proposal
from services.matching.handlers.lives import keep_submission, keep_withdrawal
from services.matching.handlers.terms import all_terms
from services.matching.rules import facts_of
from services.matching.tables import ProposalCopy


def on_proposal_submitted(context: Context, event: Event[ProposalSubmitted]) -> None:
    """Keep the proposal and judge it against every window. A version that is already here changes nothing."""
    submitted = event.data
    keep_submission(context, submitted)
    copy = context.session.get(ProposalCopy, submitted.proposal_id)
    if copy is not None and copy.version >= submitted.version:
        return
    copy = copy or ProposalCopy(proposal_id=submitted.proposal_id, reference=submitted.reference)
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
    if not copy.live:  # its withdrawal was faster
        return
    context.session.flush()
    judge_proposal(context, copy, facts_of(submitted), all_terms(context.session), "proposal")


def on_proposal_withdrawn(context: Context, event: Event[ProposalWithdrawn]) -> None:
    """Let the proposal rest: it is judged no more, and its verdicts and decisions stay for when it comes back."""
    withdrawn = event.data
    keep_withdrawal(context, withdrawn)
    copy = context.session.get(ProposalCopy, withdrawn.proposal_id)
    copy = copy or ProposalCopy(proposal_id=withdrawn.proposal_id, reference=withdrawn.reference)
    copy.withdrawn_version = max(copy.withdrawn_version, withdrawn.version)
    context.session.add(copy)
