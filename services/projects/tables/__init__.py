"""Rows of this service, by subject. Importing this package makes its metadata complete."""

from typing import Final

from services.chassis.messaging import tables_of
from services.projects.tables import organisations, programmes, proposals
from services.projects.tables.base import MESSAGING, Table

__all__ = ["COPIES", "FACTS", "MESSAGING", "Table", "organisations", "programmes", "proposals"]

COPIES: Final = tables_of(organisations.OrganisationRow)
"""What `accounts` has told of organisations. All else is this service's own."""
FACTS: Final = tables_of(
    programmes.ProgrammeRow, programmes.ProgrammePartRow, programmes.ProgrammeSectionRow,
    programmes.ProgrammeSpeciesRow, programmes.ProgrammeStateRow, programmes.ActionRow,
    proposals.ReferenceCounterRow, proposals.ProposalRow, proposals.BudgetLineRow, proposals.CofinancingLineRow,
    proposals.ContactRow, proposals.PartnerRow, proposals.ProposalActionRow, proposals.ProposalVersionRow,
)  # fmt: skip
