"""What the pages show of a proposal: the draft with its gaps and figures, or a version as it was submitted."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Final

from sqlmodel import Session

from contracts.events import OrganisationRegistered, ProposalSubmitted
from contracts.values import LocalizedText
from services.chassis import money
from services.chassis.errors import FieldError
from services.chassis.i18n import N_
from services.projects.handlers.proposals import converter
from services.projects.queries import proposals as queries
from services.projects.records.proposals import read_actions, read_organisation, read_proposal
from services.projects.rules import proposals as rules
from services.projects.rules.proposals.payload import as_proposal
from services.projects.tables.proposals import ProposalRow, ProposalVersionRow
from services.projects.values.proposals import SECTIONS, AddressedAction, Proposal, Section, status_of

RATES_SOURCE: Final = N_(
    "Planning rates, rounded by this project; replace them with the United Nations operational rates of exchange before"
    " a figure goes to a donor"
)
"""The source of the shipped rates as contracts.vocabulary words it, named here so that it is translated."""


@dataclass(frozen=True)
class Draft:
    """A proposal as its organisation works on it, with all that is computed from it."""

    row: ProposalRow
    proposal: Proposal
    actions: list[AddressedAction]
    organisation: OrganisationRegistered | None
    rates: money.Rates

    @cached_property
    def figures(self) -> rules.Totals:
        """Its totals at today's rates."""
        return rules.totals(self.proposal.budget, self.proposal.cofinancing, converter(self.rates))

    @cached_property
    def gaps(self) -> list[rules.Gap]:
        """Every gap, advice too."""
        known = [action.action_id for action in self.actions]
        return rules.gaps(self.proposal, self.figures, known, organisation_known=self.organisation is not None)

    @cached_property
    def states(self) -> dict[Section, str]:
        """State of each section."""
        return dict(rules.section_states(self.proposal, self.gaps))

    @property
    def done(self) -> int:
        """How many sections are done."""
        return sum(state == "done" for state in self.states.values())

    @property
    def sections(self) -> int:
        """How many sections there are."""
        return len(SECTIONS)

    @property
    def title(self) -> LocalizedText:
        """The title, perhaps empty."""
        return queries.title_of(self.row)

    @property
    def blocking(self) -> list[rules.Gap]:
        """The gaps that keep it from being submitted."""
        return [gap for gap in self.gaps if gap.blocks]

    @property
    def advice(self) -> list[rules.Gap]:
        """What is worth a look and no obstacle."""
        return [gap for gap in self.gaps if not gap.blocks]

    @property
    def editable(self) -> bool:
        """Whether the form may be changed."""
        return rules.may_edit(status_of(self.row.status))

    @property
    def duration(self) -> int | None:
        """Whole months, None while a date is missing."""
        return rules.duration(self.proposal.dates)

    def revision(self, section: Section) -> int:
        """How often a section was changed; what its form sends back."""
        return int((self.row.saved.get(section) or {}).get("revision", 0))


def draft_of(session: Session, row: ProposalRow) -> Draft:
    """The draft behind a row."""
    proposal = read_proposal(session, row)
    return Draft(
        row, proposal, read_actions(session, proposal.actions), read_organisation(session, row.organisation_id),
        money.shipped_rates(),
    )  # fmt: skip


@dataclass(frozen=True)
class Submitted:
    """A version as it was submitted."""

    row: ProposalVersionRow
    said: ProposalSubmitted

    @cached_property
    def proposal(self) -> Proposal:
        """What it said, in the form of a draft."""
        return as_proposal(self.said)

    @cached_property
    def rates(self) -> money.Rates:
        """The rates of its submission."""
        units: Mapping[str, str] = self.row.rates
        return money.Rates(
            {code: Decimal(value) for code, value in units.items()}, self.said.rates_date, self.said.rates_source
        )

    @cached_property
    def figures(self) -> rules.Totals:
        """Its totals, at the rates of its submission: the same figures that were sent."""
        return rules.totals(self.proposal.budget, self.proposal.cofinancing, converter(self.rates))

    @property
    def withdrawn(self) -> bool:
        """Whether it was taken back."""
        return self.row.withdrawn_at is not None


def submitted_of(row: ProposalVersionRow) -> Submitted:
    """The version behind a row."""
    return Submitted(row, queries.said(row))


def error_of(gap: rules.Gap) -> FieldError:
    """A gap as a form shows it."""
    return FieldError(gap.field, gap.message, tuple((name, _plain(value)) for name, value in gap.params))


def _plain(value: str | int) -> str:
    return f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}") if isinstance(value, int) else value
