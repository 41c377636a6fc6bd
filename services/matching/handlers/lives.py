"""Keeps when each version of a proposal stood. Events may come twice, late and in any order: the row is the same."""

from contracts.events import ProposalSubmitted, ProposalWithdrawn
from services.chassis.service import Context
from services.matching.tables import ProposalLife


def keep_submission(context: Context, submitted: ProposalSubmitted) -> None:
    """Keep that a version was submitted, also one that a later version has overtaken on the way."""
    life = context.session.get(ProposalLife, (submitted.proposal_id, submitted.version))
    life = life or ProposalLife(proposal_id=submitted.proposal_id, version=submitted.version)
    life.submitted_at = submitted.submitted_at
    life.programme_id = submitted.programme_id
    life.action_ids = [action.action_id for action in submitted.actions]
    life.states, life.species = list(submitted.states), list(submitted.species)
    life.requested_usd = submitted.requested_usd
    context.session.add(life)


def keep_withdrawal(context: Context, withdrawn: ProposalWithdrawn) -> None:
    """Keep that a version, and with it those before, was withdrawn."""
    life = context.session.get(ProposalLife, (withdrawn.proposal_id, withdrawn.version))
    life = life or ProposalLife(proposal_id=withdrawn.proposal_id, version=withdrawn.version)
    life.withdrawn_at = withdrawn.withdrawn_at
    context.session.add(life)
