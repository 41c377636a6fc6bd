"""The annexe of a proposal: where each figure comes from, so that anybody can check it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from services.chassis.i18n import N_, current_language, gettext, ngettext
from services.reports import rules
from services.reports.documents.environment import amount, day, figure, moment
from services.reports.sources import ProposalSource

RATES_SOURCE: Final = N_(
    "Planning rates, rounded by this project; replace them with the United Nations operational rates of exchange before"
    " a figure goes to a donor"
)
"""The source of the shipped rates as contracts.vocabulary words it, named here so that it is translated."""


@dataclass(frozen=True)
class Record:
    """A record that figures come from, under a short sign of its own."""

    sign: str
    name: str
    event_id: str
    time: str


@dataclass(frozen=True)
class Figure:
    """One computed figure: what it is, its value, how it was computed, and the sign of its record."""

    name: str
    value: str
    how: str
    sign: str


@dataclass(frozen=True)
class RateLine:
    """One exchange rate as it is printed."""

    text: str
    date: str
    applied: bool


@dataclass(frozen=True)
class Annexe:
    """All of it."""

    records: tuple[Record, ...]
    figures: tuple[Figure, ...]
    rates: tuple[RateLine, ...]
    rates_source: str
    rates_source_in_english: bool


def build(source: ProposalSource, budget: rules.Budget) -> Annexe:
    """The annexe in the document's language."""
    proposal = source.proposal
    main = Record(
        "R1",
        gettext("Proposal %(reference)s, version %(version)s, as submitted",
                reference=proposal.reference, version=proposal.version),
        str(source.origin.event_id), moment(source.origin.time),
    )  # fmt: skip
    records = [main]
    if source.withdrawal:
        records.append(
            Record(f"R{len(records) + 1}", gettext("Withdrawal of version %(version)s", version=proposal.version),
                   str(source.withdrawal.origin.event_id), moment(source.withdrawal.origin.time))
        )  # fmt: skip
    for ref in proposal.actions:
        if copy := source.actions.get(ref.action_id):
            records.append(
                Record(f"R{len(records) + 1}",
                       gettext("Action %(number)s, its number and section", number=ref.action_id),
                       str(copy.origin.event_id), moment(copy.origin.time))
            )  # fmt: skip
    rates = tuple(
        RateLine(
            gettext("1 USD = %(units)s %(currency)s", units=figure(_trimmed(rate.units)), currency=rate.currency),
            day(proposal.rates_date), rate.applied,
        )
        for rate in rules.rates(proposal)
    )  # fmt: skip
    rates_source = gettext(proposal.rates_source)
    untranslated = rates_source == proposal.rates_source and current_language() != "en"
    return Annexe(tuple(records), tuple(_figures(source, budget, main.sign)), rates, rates_source, untranslated)


def _figures(source: ProposalSource, budget: rules.Budget, sign: str) -> list[Figure]:
    proposal = source.proposal
    own, figures = proposal.currency, list[Figure]()

    def add(name: str, value: Decimal, currency: str, how: str) -> None:
        figures.append(Figure(name, amount(value, currency), how, sign))

    own_rates, less = gettext("Each line at the rate above, added"), gettext("Total cost less all co-financing")
    lines = ngettext("Sum of %(num)s budget line", "Sum of %(num)s budget lines", len(proposal.budget))
    for code, total in zip(budget.matrix.years, budget.matrix.column_totals, strict=True):
        add(gettext("Budget of year %(number)s", number=code), total, budget.currency,
            gettext("Sum of the lines of that year in table 2"))  # fmt: skip
    add(gettext("Total cost"), proposal.total.amount, proposal.total.currency, lines)
    if own != "USD":
        add(gettext("Total cost in US dollars"), proposal.total_usd, "USD", own_rates)
    if proposal.cofinancing:
        number = len(proposal.cofinancing)
        counted = ngettext("Sum of %(num)s co-financing line", "Sum of %(num)s co-financing lines", number)
        add(gettext("Co-financing"), proposal.cofinancing_total.amount, proposal.cofinancing_total.currency, counted)
        if own != "USD":
            add(gettext("Co-financing in US dollars"), proposal.cofinancing_usd, "USD", own_rates)
    add(gettext("Requested"), proposal.requested.amount, proposal.requested.currency, less)
    if own != "USD":
        add(gettext("Requested in US dollars"), proposal.requested_usd, "USD", less)
    return figures


def _trimmed(value: Decimal) -> Decimal:
    """`value` without zeros at its end."""
    plain = value.normalize()
    return plain if plain == plain.to_integral_value() and plain.as_tuple().exponent == 0 else Decimal(f"{plain:f}")
