"""What one window could give to a proposal beside others: who may take part, between which limits, and with what rule.

A window takes part with a grant of its own size, so rules that look at the amount are asked about that grant, and the
co-financing rule sees the other grants beside what the proposal brings. A limit that a donor states binds a package
even where its present value is not verified: nobody should plan on a limit that may have risen.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final

from contracts.values import Evidence, Money, Tri
from contracts.windows import WindowTerms
from services.matching.rules.amendments import CENT
from services.matching.rules.answers import Setting
from services.matching.rules.blending import Offer
from services.matching.rules.eligibility import RULES
from services.matching.rules.facts import HALF_A_CENT, ZERO, Cofinancing, ProposalFacts
from services.matching.rules.history import NO_HISTORY, History
from services.matching.rules.purses import from_elsewhere, purse_of

MONEY_RULES: Final = frozenset({"amount_minimum", "amount_maximum", "cofinancing"})
"""The rules whose answer depends on how much a window gives, and on what stands beside it."""
DOLLAR: Final = 100
"""In cents: the least that counts as a grant, and as "some" co-financing."""


@dataclass(frozen=True)
class Blending:
    """What donors say about grants beside other money, with sources (`data/blending-1.json`)."""

    least_share: Mapping[str, tuple[Decimal, Evidence]]
    """Window -> the least part of the whole cost that its grant should make."""
    preparation: Mapping[str, Evidence]
    """Windows that pay for preparing a project, not for carrying it out."""
    purses: Mapping[str, Evidence]
    """Fund -> the source for its own grants not counting as co-financing of one another."""
    answer_days: int

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Blending":
        """Read the file. Raises KeyError or ValueError where it is not as described."""
        return cls(
            {row["window_id"]: (Decimal(row["share"]), Evidence.model_validate(row)) for row in data["least_share"]},
            {row["window_id"]: Evidence.model_validate(row) for row in data["preparation"]},
            {row["fund"]: Evidence.model_validate(row) for row in data["own_money_does_not_count"]},
            int(data["planning"]["answer_days"]),
        )


@dataclass(frozen=True)
class Granted:
    """A grant that has been awarded already."""

    window_id: str
    purse: str
    usd: Decimal


@dataclass(frozen=True)
class Candidate:
    """A window that could take part, whatever the amounts."""

    terms: WindowTerms
    setting: Setting
    certain: bool
    """Whether every rule may say yes: none that looks at no money is open, and none about money is open for good."""
    history: History = NO_HISTORY

    @property
    def window_id(self) -> str:
        """The window."""
        return self.terms.window_id


@dataclass(frozen=True)
class Purpose:
    """What is to be funded: the facts, with what has been granted already, and the need in cents."""

    facts: ProposalFacts
    granted: tuple[Granted, ...] = ()

    @property
    def need(self) -> int:
        """Cents that are still to be found."""
        return max(0, int((self.facts.requested_usd - sum((one.usd for one in self.granted), ZERO)) * 100))

    @property
    def cost(self) -> Decimal:
        """US dollars of the whole project."""
        return self.facts.requested_usd + self.facts.cofinancing.total

    def beside(self, terms: WindowTerms) -> Cofinancing:
        """The co-financing that a window sees before any new grant: what is brought, and awards of other purses."""
        have = self.facts.cofinancing
        awards = sum(from_elsewhere(purse_of(terms), [(one.purse, one.usd) for one in self.granted]), ZERO)
        return replace(have, confirmed_cash=have.confirmed_cash + awards)


def candidates(
    facts: ProposalFacts, windows: Iterable[tuple[WindowTerms, Setting]], blending: Blending,
    histories: Mapping[str, History] = MappingProxyType({}),
) -> list[Candidate]:  # fmt: skip
    """The windows that refuse nothing but, perhaps, the amount or the co-financing of the proposal as it stands.
    `histories`: donor -> what it has given and refused."""
    found = []
    for terms, setting in windows:
        if terms.window_id in blending.preparation:
            continue
        answers = {rule(facts, terms, setting).verdict for code, rule in RULES.items() if code not in MONEY_RULES}
        if Tri.NO not in answers:
            certain = Tri.UNKNOWN not in answers and not _open(facts, terms, setting)
            found.append(Candidate(terms, setting, certain, histories.get(terms.donor_id, NO_HISTORY)))
    return found


def _open(facts: ProposalFacts, terms: WindowTerms, setting: Setting) -> bool:
    """Whether a rule about money stays open whatever is given."""
    rule = terms.amount
    ceiling, floor = rule.maximum is None and not rule.maximum_known, rule.minimum is None and not rule.minimum_known
    return ceiling or floor or terms.cofinancing.mode == "unknown" or units_for(facts, rule.currency, setting) is None


def units_for(facts: ProposalFacts, currency: str, setting: Setting) -> Decimal | None:
    """Units of `currency` for a dollar: at the proposal's own rate where it is the proposal's own currency."""
    if currency == facts.requested.currency and facts.requested_usd > ZERO and facts.requested.amount > ZERO:
        return facts.requested.amount / facts.requested_usd
    return setting.rates.from_usd(Decimal(1), currency)


def in_currency(cents: int, units: Decimal) -> Decimal:
    """A grant in cents of dollars as an amount in another currency."""
    return (Decimal(cents) * units / 100).quantize(CENT)


def _limits(purpose: Purpose, one: Candidate) -> tuple[int, int]:
    """(least, most) of a grant in cents, by the limits that the window states."""
    rule, least, most = one.terms.amount, min(DOLLAR, purpose.need), purpose.need
    units = units_for(purpose.facts, rule.currency, one.setting)
    if units is None:
        return least, most
    if rule.maximum is not None:
        at = int(rule.maximum * 100 / units) + 1  # a cent more, since the amount is rounded to the cent
        while at > 0 and in_currency(at, units) > rule.maximum:
            at -= 1
        most = min(most, at)
    if rule.minimum is not None:
        at = max(0, int(rule.minimum * 100 / units) - 1)
        while in_currency(at, units) < rule.minimum:
            at += 1
        least = max(least, at)
    return least, most


def offers_of(purpose: Purpose, one: Candidate, blending: Blending) -> list[tuple[int, Offer]]:
    """What a window could give by each reading of its rules that leaves more open than the one before it."""
    low, high = _limits(purpose, one)
    offer = Offer(one.window_id, purse_of(one.terms), low, high)
    lows = [(0, low)]
    if wished := blending.least_share.get(one.window_id):
        share_low = -int(-purpose.cost * wished[0] * 100)
        lows = [(0, share_low), (1, low)] if share_low > low else lows
    found = [
        (below + doubts, replace(offer, low=least, ratio=ratio, room=room))
        for below, least in lows
        for doubts, ratio, room in _rooms(purpose, one)
        if least <= high
    ]
    return sorted(found, key=lambda reading: reading[0])


def _rooms(purpose: Purpose, one: Candidate) -> Iterator[tuple[int, Fraction, int | None]]:
    """(doubts, ratio, room): what the co-financing rule lets through, when only what is sure counts, then more."""
    rule, have = one.terms.cofinancing, purpose.beside(one.terms)
    in_kind, ratio = rule.counts_in_kind, rule.ratio
    if rule.mode == "required" and ratio is not None:
        sure = have.confirmed_cash + (have.confirmed_in_kind if in_kind is Tri.YES else ZERO)
        confirmed = have.confirmed_cash + (ZERO if in_kind is Tri.NO else have.confirmed_in_kind)
        hoped = confirmed + have.indicative_cash + (ZERO if in_kind is Tri.NO else have.indicative_in_kind)
        tolerance = purpose.facts.rounding * (1 + ratio)
        for doubts, brought in ((0, sure), (1, confirmed), (1, hoped)):
            yield doubts, Fraction(ratio), purpose.need + int((brought + tolerance) * 100)
        return
    # No sum is stated: where some must be shown and none is there, a dollar from elsewhere will do.
    nothing_needed = Fraction(0), None
    some_needed = Fraction(0), purpose.need - DOLLAR
    if rule.mode == "required":
        kind = have.confirmed_in_kind + have.indicative_in_kind
        if have.confirmed_cash + have.indicative_cash > ZERO or (kind > ZERO and in_kind is Tri.YES):
            yield 0, *nothing_needed
            return
        yield 0, *some_needed
        if kind > ZERO and in_kind is Tri.UNKNOWN:
            yield 1, *nothing_needed
    elif rule.mode == "none" or have.total > ZERO or rule.required is Tri.NO:
        yield 0, *nothing_needed
    else:
        yield 0, *some_needed
        if rule.required is Tri.UNKNOWN:
            yield 1, *nothing_needed


def facts_beside(
    purpose: Purpose, one: Candidate, cents: int, others: Iterable[tuple[WindowTerms, int]]
) -> ProposalFacts:
    """The proposal as one window of a set sees it: it asks for its grant, and brings what the others give too."""
    facts, currency = purpose.facts, one.terms.amount.currency
    units = units_for(facts, currency, one.setting)
    usd = Decimal(cents) / 100
    asked = Money(amount=usd, currency="USD") if units is None else Money(
        amount=in_currency(cents, units), currency=currency
    )  # fmt: skip
    elsewhere = sum(from_elsewhere(purse_of(one.terms), [(purse_of(terms), given) for terms, given in others]))
    have = purpose.beside(one.terms)
    beside = replace(have, confirmed_cash=have.confirmed_cash + Decimal(elsewhere) / 100)
    converted = asked.currency not in ("USD", facts.requested.currency)
    rounding = facts.rounding + (HALF_A_CENT if converted else ZERO)
    return replace(facts, requested=asked, requested_usd=usd, cofinancing=beside, rounding=rounding)
