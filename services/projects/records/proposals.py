"""Proposals between their rows and the values that rules decide on."""

from collections.abc import Callable, Collection, Sequence
from typing import Any, Final, cast
from uuid import UUID

from sqlmodel import Session, delete, select

from contracts.envelope import new_id
from contracts.events import OrganisationRegistered
from contracts.values import Language, LocalizedText
from services.projects.rules.proposals.partners import Registered, folded
from services.projects.tables.organisations import OrganisationRow
from services.projects.tables.programmes import ActionRow
from services.projects.tables.proposals import (
    BudgetLineRow,
    CofinancingLineRow,
    ContactRow,
    PartnerRow,
    ProposalActionRow,
    ProposalRow,
)
from services.projects.values.proposals import (
    AddressedAction,
    Budget,
    BudgetLine,
    ChosenActions,
    Cofinancing,
    CofinancingLine,
    Contact,
    Contacts,
    Dates,
    Partner,
    Partners,
    Places,
    Proposal,
    Section,
    Summary,
)


def read_proposal(session: Session, row: ProposalRow) -> Proposal:
    """Everything that has been filled in, as one value."""
    actions = session.exec(
        select(ProposalActionRow).where(ProposalActionRow.proposal_id == row.id).order_by(_(ProposalActionRow.position))
    )
    budget = session.exec(
        select(BudgetLineRow).where(BudgetLineRow.proposal_id == row.id).order_by(_(BudgetLineRow.position))
    )
    brought = session.exec(
        select(CofinancingLineRow)
        .where(CofinancingLineRow.proposal_id == row.id)
        .order_by(_(CofinancingLineRow.position))
    )
    partners = session.exec(select(PartnerRow).where(PartnerRow.proposal_id == row.id).order_by(_(PartnerRow.position)))
    contacts = session.exec(select(ContactRow).where(ContactRow.proposal_id == row.id).order_by(_(ContactRow.position)))
    return Proposal(
        Summary(cast(Language, row.written_in), {
            name: LocalizedText.model_validate(text) for name, text in row.texts.items()
        }),
        ChosenActions(row.programme_id, tuple(one.action_id for one in actions)),
        Places(tuple(row.species), tuple(row.states)),
        Dates(row.starts, row.ends),
        Budget(row.currency, tuple(
            BudgetLine(one.id, one.description, one.category, one.year, one.amount, one.currency) for one in budget
        )),
        Cofinancing(row.no_cofinancing, tuple(
            CofinancingLine(one.id, one.source_name, one.source, one.kind, one.status, one.amount, one.currency)
            for one in brought
        )),
        Partners(row.no_partners, tuple(
            Partner(one.id, one.name, one.kind, one.country, one.role, one.lead, one.organisation_id)
            for one in partners
        )),
        Contacts(tuple(Contact(one.id, one.name, one.role, one.email) for one in contacts)),
    )  # fmt: skip


def write_section(session: Session, row: ProposalRow, proposal: Proposal, section: Section) -> None:
    """Make the rows say what `section` of `proposal` says."""
    _WRITERS[section](session, row, proposal)
    session.add(row)


def read_actions(session: Session, chosen: ChosenActions) -> list[AddressedAction]:
    """What the Programme of Work says of the actions chosen, in their order; one it has not any more is left out."""
    rows = session.exec(
        select(ActionRow).where(ActionRow.programme_id == chosen.programme_id, _(ActionRow.id).in_(chosen.ids))
    )
    found = {row.id: row for row in rows}
    return [addressed(found[action_id]) for action_id in chosen.ids if action_id in found]


def addressed(row: ActionRow) -> AddressedAction:
    """An action's row as a proposal sees it."""
    return AddressedAction(
        row.id, row.priority, LocalizedText.model_validate(row.title), tuple(row.themes), tuple(row.species),
        tuple(row.states),
    )  # fmt: skip


def read_organisation(session: Session, organisation_id: UUID) -> OrganisationRegistered | None:
    """The newest profile of an organisation that has reached this service."""
    row = session.get(OrganisationRow, organisation_id)
    return OrganisationRegistered.model_validate(row.profile) if row else None


def registered_as(session: Session, names: Collection[str]) -> list[Registered]:
    """The organisations whose folded name is among `names`."""
    if not names:
        return []
    known = session.exec(select(OrganisationRow.id, OrganisationRow.name))
    wanted = [organisation_id for organisation_id, name in known if folded(name) in names]
    profiles = [one for organisation_id in wanted if (one := read_organisation(session, organisation_id))]
    return [Registered(one.organisation_id, one.name, one.applicant_kind, one.country) for one in profiles]


def _(column: Any) -> Any:
    """A column as SQLAlchemy sees it; to the type checker SQLModel's columns are their values."""
    return column


def _write_summary(_session: Session, row: ProposalRow, proposal: Proposal) -> None:
    row.written_in = proposal.summary.written_in
    row.texts = {name: text.model_dump(mode="json") for name, text in proposal.summary.texts.items()}


def _write_actions(session: Session, row: ProposalRow, proposal: Proposal) -> None:
    row.programme_id = proposal.actions.programme_id
    session.exec(delete(ProposalActionRow).where(_(ProposalActionRow.proposal_id) == row.id))
    for position, action_id in enumerate(proposal.actions.ids):
        session.add(ProposalActionRow(proposal_id=row.id, action_id=action_id, position=position))


def _write_species(_session: Session, row: ProposalRow, proposal: Proposal) -> None:
    row.species, row.states = list(proposal.species.species), list(proposal.species.states)


def _write_dates(_session: Session, row: ProposalRow, proposal: Proposal) -> None:
    row.starts, row.ends = proposal.dates.starts, proposal.dates.ends


def _write_budget(session: Session, row: ProposalRow, proposal: Proposal) -> None:
    row.currency = proposal.budget.currency
    ids = _cleared(session, BudgetLineRow, row.id, proposal.budget.lines)
    for position, (line_id, line) in enumerate(zip(ids, proposal.budget.lines, strict=True)):
        session.add(BudgetLineRow(
            id=line_id, proposal_id=row.id, position=position, description=line.description, category=line.category,
            year=line.year, amount=line.amount, currency=line.currency,
        ))  # fmt: skip


def _write_cofinancing(session: Session, row: ProposalRow, proposal: Proposal) -> None:
    row.no_cofinancing = proposal.cofinancing.none
    ids = _cleared(session, CofinancingLineRow, row.id, proposal.cofinancing.lines)
    for position, (line_id, line) in enumerate(zip(ids, proposal.cofinancing.lines, strict=True)):
        session.add(CofinancingLineRow(
            id=line_id, proposal_id=row.id, position=position, source_name=line.source_name, source=line.source,
            kind=line.kind, status=line.status, amount=line.amount, currency=line.currency,
        ))  # fmt: skip


def _write_partners(session: Session, row: ProposalRow, proposal: Proposal) -> None:
    row.no_partners = proposal.partners.none
    ids = _cleared(session, PartnerRow, row.id, proposal.partners.lines)
    for position, (line_id, line) in enumerate(zip(ids, proposal.partners.lines, strict=True)):
        session.add(PartnerRow(
            id=line_id, proposal_id=row.id, position=position, organisation_id=line.organisation_id, name=line.name,
            kind=line.kind, country=line.country, role=line.role, lead=line.lead,
        ))  # fmt: skip


def _write_contacts(session: Session, row: ProposalRow, proposal: Proposal) -> None:
    ids = _cleared(session, ContactRow, row.id, proposal.contacts.lines)
    for position, (line_id, line) in enumerate(zip(ids, proposal.contacts.lines, strict=True)):
        session.add(ContactRow(
            id=line_id, proposal_id=row.id, position=position, name=line.name, role=line.role, email=line.email,
        ))  # fmt: skip


def _cleared(
    session: Session, table: type[BudgetLineRow | CofinancingLineRow | PartnerRow | ContactRow], proposal_id: UUID,
    lines: Sequence[BudgetLine] | Sequence[CofinancingLine] | Sequence[Partner] | Sequence[Contact],
) -> list[UUID]:  # fmt: skip
    """Delete the lines of a table and answer the ids of those that replace them.

    A line keeps its id if it had one here; the id of another proposal's line, or one that comes twice, is not taken.
    """
    columns = cast(Any, table)
    had = set(session.exec(select(columns.id).where(columns.proposal_id == proposal_id)))
    session.exec(delete(table).where(columns.proposal_id == proposal_id))
    ids = []
    for line in lines:
        line_id = line.line_id if line.line_id in had else new_id()
        had.discard(line_id)
        ids.append(cast(UUID, line_id))
    return ids


_WRITERS: Final[dict[Section, Callable[[Session, ProposalRow, Proposal], None]]] = {
    "summary": _write_summary, "actions": _write_actions, "species": _write_species, "dates": _write_dates,
    "budget": _write_budget, "cofinancing": _write_cofinancing, "partners": _write_partners,
    "contacts": _write_contacts,
}  # fmt: skip
