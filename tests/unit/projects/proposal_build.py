"""Proposals for tests: a complete one, from which a test takes away what it is about."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from contracts.values import LocalizedText, Text
from services.projects.rules import proposals as rules
from services.projects.values.proposals import (
    TEXT_FIELDS,
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
    Summary,
)

RATES = {"USD": Decimal(1), "EUR": Decimal("0.80"), "KZT": Decimal(500)}
"""Units for one US dollar."""


def convert(amount: Decimal, source: str, target: str) -> Decimal:
    """Conversion at RATES, to the cent."""
    return (amount * RATES[target] / RATES[source]).quantize(Decimal("0.01"))


def text(**versions: str) -> LocalizedText:
    """A text whose first language is its source."""
    source: Any = next(iter(versions), "en")
    languages: Any = {language: Text(text=value) for language, value in versions.items()}
    return LocalizedText(source=source, versions=languages)


def budget_line(number: int = 1, **changes: Any) -> BudgetLine:
    """A complete line of 1000 USD for personnel in the first year."""
    line = BudgetLine(UUID(int=number), f"Rangers {number}", "personnel", 1, Decimal("1000.00"), "USD")
    return replace(line, **changes)


def cofinancing_line(number: int = 1, **changes: Any) -> CofinancingLine:
    """A complete line of 200 USD in cash, confirmed by a ministry."""
    line = CofinancingLine(
        UUID(int=number), "Ministry of Ecology", "government", "cash", "confirmed", Decimal("200.00"), "USD"
    )
    return replace(line, **changes)


def partner(number: int = 1, **changes: Any) -> Partner:
    """A complete line: a research institute that has agreed to lead if needed."""
    line = Partner(UUID(int=number), "Institute of Zoology", "research", "KAZ", "Counts", "agreed")
    return replace(line, **changes)


def complete(**changes: Any) -> Proposal:
    """A proposal that may be submitted as it is."""
    proposal = Proposal(
        summary=Summary("en", {name: text(en=f"Our {name}") for name in TEXT_FIELDS}),
        actions=ChosenActions("cami-2021-2026", ("1.1", "12.3")),
        species=Places(("saiga",), ("KAZ", "UZB")),
        dates=Dates(date(2027, 1, 1), date(2028, 12, 31)),
        budget=Budget("USD", (budget_line(1), budget_line(2, year=2, category="travel"))),
        cofinancing=Cofinancing(False, (cofinancing_line(),)),
        partners=Partners(False, (partner(),)),
        contacts=Contacts((Contact(UUID(int=9), "Aigul", "Project lead", "aigul@example.org"),)),
    )
    return replace(proposal, **changes)


def gaps_of(proposal: Proposal, *, organisation_known: bool = True) -> list[rules.Gap]:
    """Gaps of a proposal whose actions all exist."""
    figures = rules.totals(proposal.budget, proposal.cofinancing, convert)
    return rules.gaps(proposal, figures, proposal.actions.ids, organisation_known=organisation_known)


def fields(proposal: Proposal) -> list[tuple[str, str, str]]:
    """(section, field, kind) of every gap."""
    return [(gap.section, gap.field, gap.kind) for gap in gaps_of(proposal)]
