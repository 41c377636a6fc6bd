"""Proposals handed to the secretariat, and taken back."""

from decimal import Decimal

from sqlmodel import col, update

from contracts.events import ProposalSubmitted, ProposalWithdrawn
from services.chassis import money
from services.chassis.errors import Conflict, Forbidden
from services.chassis.i18n import N_
from services.chassis.service import Context
from services.projects.commands.proposals import SubmitProposal, WithdrawProposal
from services.projects.handlers.proposals.drafts import PUT_AWAY, NotNow, own
from services.projects.records.proposals import read_actions, read_organisation, read_proposal
from services.projects.rules import proposals as rules
from services.projects.rules.proposals.payload import Submission, submitted
from services.projects.rules.search import searchable
from services.projects.tables.proposals import ProposalRow, ProposalVersionRow
from services.projects.values.proposals import TEXT_FIELDS, status_of

OTHER_VERSION = N_("This form is older than the proposal. Look at the proposal as it is now, and decide again.")
NOT_SUBMITTED = N_("Only a submitted proposal can be withdrawn.")


class NotReady(Conflict):
    """The proposal has gaps that must be closed before it can be submitted."""

    def __init__(self, gaps: list[rules.Gap]) -> None:
        super().__init__("; ".join(gap.message for gap in gaps))
        self.gaps = gaps


def converter(rates: money.Rates) -> rules.Convert:
    """The conversion of amounts that rules ask for, at `rates`."""

    def convert(amount: Decimal, source: str, target: str) -> Decimal:
        return money.convert(amount, source, target, rates).amount

    return convert


def submit_proposal(context: Context, command: SubmitProposal) -> ProposalRow:
    """Hand a proposal to the secretariat; does nothing when that very version is with it already.

    Emits ProposalSubmitted. Raises NotReady with the gaps, NotNow, Forbidden for all but leads, or NotFound.
    """
    session = context.session
    row = own(context, command.actor, command.proposal_id)
    if not command.actor.lead:
        raise Forbidden("only the lead of the organisation submits")
    if row.status == "submitted" and row.version == command.version:
        return row
    if row.status == "deleted":
        raise NotNow(PUT_AWAY)
    if command.version != row.version + 1:
        raise NotNow(OTHER_VERSION)
    proposal = read_proposal(session, row)
    actions = read_actions(session, proposal.actions)
    organisation = read_organisation(session, row.organisation_id)
    rates = money.shipped_rates()
    convert = converter(rates)
    figures = rules.totals(proposal.budget, proposal.cofinancing, convert)
    gaps = rules.gaps(
        proposal, figures, [one.action_id for one in actions], organisation_known=organisation is not None
    )
    if organisation is None or not rules.may_submit(status_of(row.status), lead=True, gaps=gaps):
        raise NotReady([gap for gap in gaps if gap.blocks])
    said = submitted(proposal, actions, figures, convert, Submission(
        row.id, row.reference, command.version, organisation, command.actor.name, context.now, rates.date, rates.source,
        rates.units,
    ))  # fmt: skip
    _keep_version(context, row, said, {code: str(units) for code, units in said.rates.items()})
    row.status, row.version, row.updated_at = "submitted", command.version, context.now
    context.emit(said, subject=str(row.id))
    return row


def withdraw_proposal(context: Context, command: WithdrawProposal) -> ProposalRow:
    """Take a submitted proposal back for changes; does nothing when that version has been taken back already.

    Emits ProposalWithdrawn. Raises NotNow, Forbidden for all but leads, or NotFound.
    """
    row = own(context, command.actor, command.proposal_id)
    if not command.actor.lead:
        raise Forbidden("only the lead of the organisation withdraws")
    if row.status == "withdrawn" and row.version == command.version:
        return row
    if not rules.may_withdraw(status_of(row.status), lead=True):
        raise NotNow(NOT_SUBMITTED)
    if command.version != row.version:
        raise NotNow(OTHER_VERSION)
    version = context.session.get(ProposalVersionRow, (row.id, row.version))
    if version is not None:
        version.withdrawn_at, version.withdrawn_by = context.now, command.actor.name
        version.withdrawn_reason = command.reason
    row.status, row.updated_at = "withdrawn", context.now
    context.emit(ProposalWithdrawn(
        proposal_id=row.id, reference=row.reference, version=row.version, withdrawn_at=context.now,
        reason=command.reason,
    ), subject=str(row.id))  # fmt: skip
    return row


def _keep_version(context: Context, row: ProposalRow, said: ProposalSubmitted, rates: dict[str, str]) -> None:
    """Keep what was submitted as it was submitted, with what lists and searches need of it."""
    context.session.exec(
        update(ProposalVersionRow).where(col(ProposalVersionRow.proposal_id) == row.id).values(latest=False)
    )
    texts = [version.text for name in TEXT_FIELDS[:2] for version in getattr(said, name).versions.values()]
    context.session.add(ProposalVersionRow(
        proposal_id=row.id, version=said.version, payload=said.model_dump(mode="json"), rates=rates,
        latest=True, title=said.title.model_dump(mode="json"), organisation_name=said.organisation.name[:300],
        requested=said.requested.amount, currency=said.currency,
        facets="".join(f"|{code}" for code in (*said.species, *said.states)) + "|",
        words=searchable([said.reference, said.organisation.name, *texts]),
        submitted_at=context.now, submitted_by=said.submitted_by,
    ))  # fmt: skip
