"""What the rules need to know of a proposal, and the rates at which amounts are compared."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from contracts.events import ProposalSubmitted
from contracts.values import Money

ZERO = Decimal(0)
HALF_A_CENT = Decimal("0.005")
NEAR: Final = Decimal("0.10")
"""Planning rates are rounded. An amount that had to be converted and lies this close to a limit, on either side of
it, cannot be told from one on the other side."""


def near(amount: Decimal, limit: Decimal) -> bool:
    """Whether a converted amount is too close to a limit to be told from it."""
    return abs(amount - limit) <= limit * NEAR


@dataclass(frozen=True)
class Rates:
    """Planning rates: units of each currency for one US dollar."""

    units_per_usd: Mapping[str, Decimal]
    day: date

    def from_usd(self, usd: Decimal, currency: str) -> Decimal | None:
        """`usd` in `currency`, or None without a rate."""
        units = self.units_per_usd.get(currency)
        return None if units is None else usd * units


@dataclass(frozen=True)
class AddressedAction:
    """An action that the proposal serves."""

    action_id: str
    priority: str | None
    themes: frozenset[str]


@dataclass(frozen=True)
class Cofinancing:
    """What is brought beside the grant, in US dollars. Realised money counts as confirmed."""

    confirmed_cash: Decimal = ZERO
    confirmed_in_kind: Decimal = ZERO
    indicative_cash: Decimal = ZERO
    indicative_in_kind: Decimal = ZERO

    @property
    def confirmed(self) -> Decimal:
        """Cash and in kind, with a letter or already spent."""
        return self.confirmed_cash + self.confirmed_in_kind

    @property
    def indicative(self) -> Decimal:
        """Cash and in kind that is only hoped for."""
        return self.indicative_cash + self.indicative_in_kind

    @property
    def total(self) -> Decimal:
        """All of it."""
        return self.confirmed + self.indicative


@dataclass(frozen=True)
class Partner:
    """An organisation that takes part and might lead instead of the applicant. `agreed`: it has said that it would."""

    name: str
    kind: str
    agreed: bool = False


@dataclass(frozen=True)
class ProposalFacts:
    """A proposal as the rules see it. Sets, so that no answer can depend on an order."""

    applicant_kind: str
    states: frozenset[str]
    species: frozenset[str]
    themes: frozenset[str]
    actions: frozenset[AddressedAction]
    requested: Money
    requested_usd: Decimal
    duration_months: int
    starts: date
    cofinancing: Cofinancing
    rounding: Decimal = ZERO
    """How far sums in US dollars may be off, because each line that was converted has been rounded to the cent."""
    agency_agreed: bool = False
    """Whether a body that may submit to the window has agreed to. No proposal says so: somebody answers for the pair
    (`questions.facts_told`)."""
    endorsed: bool = False
    """Whether the endorsement that the donor asks for is had. As for `agency_agreed`."""
    asked_exactly: Money | None = None
    """What is asked for in the window's currency, where somebody has said so for the pair. It counts while it is what
    the sum asked for could come to: see `asked_in`."""

    partners: frozenset[Partner] = frozenset()
    """Those that might lead. No rule asks for them: a donor looks at who leads, and `changes` at who could."""

    def asked_in(self, currency: str, rates: Rates) -> tuple[Decimal | None, bool]:
        """(what is asked for in `currency`, whether that is exact). None without a rate.

        A figure that somebody has told is exact where the converted sum cannot be told from it. So it settles what
        the conversion leaves open and turns no verdict round, and none outlives the sum that it was told of. Without
        a rate it cannot be compared, and does not count.
        """
        if self.requested.currency == currency:
            return self.requested.amount, True
        converted, told = rates.from_usd(self.requested_usd, currency), self.asked_exactly
        if told is not None and told.currency == currency and converted is not None and near(converted, told.amount):
            return told.amount, True
        return converted, False


def facts_of(payload: ProposalSubmitted) -> ProposalFacts:
    """The facts of a submitted proposal. One that names no themes has those of the actions that it addresses."""
    money = [line.money for line in payload.budget] + [line.money for line in payload.cofinancing]
    converted = sum(amount.currency != "USD" for amount in money)
    sums = {(kind, sure): ZERO for kind in ("cash", "in_kind") for sure in (True, False)}
    for line in payload.cofinancing:
        sums[line.kind, line.status != "indicative"] += line.usd
    actions = frozenset(AddressedAction(a.action_id, a.priority, frozenset(a.themes)) for a in payload.actions)
    return ProposalFacts(
        applicant_kind=payload.organisation.applicant_kind,
        states=frozenset(payload.states),
        species=frozenset(payload.species),
        themes=frozenset(payload.themes) or frozenset().union(*(action.themes for action in actions)),
        actions=actions,
        requested=payload.requested,
        requested_usd=payload.requested_usd,
        duration_months=payload.duration_months,
        starts=payload.starts,
        cofinancing=Cofinancing(sums["cash", True], sums["in_kind", True], sums["cash", False], sums["in_kind", False]),
        rounding=converted * HALF_A_CENT,
        partners=frozenset(
            Partner(one.name, one.applicant_kind, one.lead == "agreed") for one in payload.partners if one.lead != "no"
        ),
    )
