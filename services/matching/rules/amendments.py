"""What may be changed in a proposal so that a window takes it, one kind of change at a time.

Each kind touches facts of its own. Its amendments are those at which an answer of a rule can turn, and no others:
between two of them nothing changes but the cost. Whether one helps is for the rules to say, not for this module.

Not offered: other species, another country of the applicant, work moved wholly to other states. That would be
another proposal. Changed amounts are stated in the window's currency, so that none profits from a rate's vagueness.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Final, Literal

from contracts.values import Money, Tri
from contracts.windows import WindowTerms
from services.matching.rules.answers import Setting
from services.matching.rules.eligibility import RULES
from services.matching.rules.facts import HALF_A_CENT, ZERO, Cofinancing, ProposalFacts
from services.matching.rules.findings import Params
from services.matching.rules.money import as_money

Kind = Literal["amount", "cofinancing", "duration", "states", "lead", "agency", "endorsement"]
CENT: Final = Decimal("0.01")
ONE_DOLLAR: Final = Decimal(1)
"""What stands for co-financing of any size, where the donor wants some and does not say how much."""


@dataclass(frozen=True)
class Cost:
    """What changes ask of people, hardest first: the order in which costs are compared."""

    leads: int = 0
    """1 when another organisation has to lead."""
    found: int = 0
    """1 when the organisation that would lead is not among the partners, and has to be found first."""
    states: int = 0
    """States dropped or added."""
    usd: Decimal = ZERO
    """US dollars to be found, cut or planned anew."""
    months: int = 0
    letters: int = 0
    """Confirmations and agreements to be had in writing."""

    @property
    def key(self) -> tuple[int, int, int, Decimal, int, int]:
        """To compare by."""
        return self.leads, self.found, self.states, self.usd, self.months, self.letters

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(
            self.leads + other.leads, self.found + other.found, self.states + other.states, self.usd + other.usd,
            self.months + other.months, self.letters + other.letters,
        )  # fmt: skip


@dataclass(frozen=True)
class Amendment:
    """One change. `code` and `params` are put into words as the reasons of findings are."""

    kind: Kind
    code: str
    cost: Cost
    params: Params = field(default_factory=dict)


Variant = tuple[Amendment, ProposalFacts]
"""A change, and the proposal with it made."""


def variants(kind: Kind, facts: ProposalFacts, terms: WindowTerms, setting: Setting) -> list[Variant]:
    """The amendments of a kind that can matter to `terms`, each with the changed proposal. Empty where none can."""
    return list(_MAKERS[kind](facts, terms, setting))


def _amount(facts: ProposalFacts, terms: WindowTerms, setting: Setting) -> Iterator[Variant]:
    rule, have = terms.amount, facts.cofinancing
    units = _units(facts, rule.currency, setting)
    if units is None:
        return
    wanted = {limit for limit in (rule.minimum, rule.maximum) if limit is not None}
    if rule.currency != facts.requested.currency:
        wanted.add(_down(facts.requested_usd * units))
    if ratio := terms.cofinancing.ratio:
        wanted |= {_down(brought / ratio * units) for brought in _sums(have)}
    for amount in sorted(wanted):
        asked = Money(amount=amount, currency=rule.currency)
        if amount <= ZERO or asked == facts.requested:
            continue
        usd = amount if rule.currency == "USD" else (amount / units).quantize(CENT)
        difference = usd - facts.requested_usd
        cost = abs(difference) if abs(difference) > CENT else ZERO
        code = "amount_same" if not cost else "amount_less" if difference < ZERO else "amount_more"
        params = {
            "ask_money": as_money(amount, rule.currency), "difference_money": as_money(abs(difference), "USD"),
            "asked_money": as_money(facts.requested.amount, facts.requested.currency),
        }  # fmt: skip
        # A sum that is converted is rounded once more, and must not fail by the half cent that this makes.
        rounding = facts.rounding + (HALF_A_CENT if rule.currency != "USD" else ZERO)
        changed = replace(facts, requested=asked, requested_usd=usd, rounding=rounding)
        yield Amendment("amount", code, Cost(usd=cost), params), changed


def _units(facts: ProposalFacts, currency: str, setting: Setting) -> Decimal | None:
    """Units of `currency` for a dollar: at the proposal's own rate where it is the proposal's own currency."""
    if currency == facts.requested.currency and facts.requested_usd > ZERO and facts.requested.amount > ZERO:
        return facts.requested.amount / facts.requested_usd
    return setting.rates.from_usd(Decimal(1), currency)


def _down(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_FLOOR)


def _sums(have: Cofinancing) -> set[Decimal]:
    """What co-financing may come to (US dollars), by what of it counts."""
    return {have.confirmed_cash, have.confirmed, have.confirmed_cash + have.indicative_cash, have.total}


def _cofinancing(facts: ProposalFacts, terms: WindowTerms, _setting: Setting) -> Iterator[Variant]:
    have, rule = facts.cofinancing, terms.cofinancing
    bases = [(have, 0)]
    if have.indicative > ZERO:
        cash, in_kind = have.confirmed_cash + have.indicative_cash, have.confirmed_in_kind + have.indicative_in_kind
        confirmed = Cofinancing(cash, in_kind)
        bases.append((confirmed, 1))
        params = {"sum_money": as_money(have.indicative, "USD")}
        yield (
            Amendment("cofinancing", "cofinancing_confirm", Cost(letters=1), params),
            replace(facts, cofinancing=confirmed),
        )
    stated = rule.mode == "required" and rule.ratio is not None
    for base, letters in bases:
        more = {ONE_DOLLAR}
        if stated and rule.ratio is not None:
            need = facts.requested_usd * rule.ratio
            more = {(need - brought).quantize(CENT, ROUND_CEILING) for brought in _sums(base)}
        for cash in sorted(more):
            if cash <= ZERO:
                continue
            code = ("cofinancing_more" if stated else "cofinancing_some") + ("_confirm" if letters else "")
            params = {"more_money": as_money(cash, "USD"), "sum_money": as_money(have.indicative, "USD")}
            brought = replace(base, confirmed_cash=base.confirmed_cash + cash)
            cost = Cost(usd=cash, letters=letters)
            yield Amendment("cofinancing", code, cost, params), replace(facts, cofinancing=brought)


def _duration(facts: ProposalFacts, terms: WindowTerms, _setting: Setting) -> Iterator[Variant]:
    for months in sorted({limit for limit in (terms.duration.minimum, terms.duration.maximum) if limit is not None}):
        if months > 0 and (away := abs(months - facts.duration_months)):
            code = "duration_longer" if months > facts.duration_months else "duration_shorter"
            params = {"months": months, "difference": away}
            yield Amendment("duration", code, Cost(months=away), params), replace(facts, duration_months=months)


def _states(facts: ProposalFacts, terms: WindowTerms, setting: Setting) -> Iterator[Variant]:
    """Drop the states that are refused, or all but those that are certain. One that names none may name one."""
    if not facts.states:
        paid = sorted(code for code, answer in terms.countries.states.items() if answer is Tri.YES)
        if paid:
            added = replace(facts, states=frozenset(paid[:1]))
            yield Amendment("states", "states_name", Cost(states=1), {"states": paid}), added
        return
    answers = {code: RULES["states"](replace(facts, states=frozenset({code})), terms, setting) for code in facts.states}
    seen = set()
    for unwanted in ({Tri.NO}, {Tri.NO, Tri.UNKNOWN}):
        dropped = frozenset(code for code, answer in answers.items() if answer.verdict in unwanted)
        if dropped and dropped != facts.states and dropped not in seen:
            seen.add(dropped)
            amendment = Amendment("states", "states_drop", Cost(states=len(dropped)), {"states": sorted(dropped)})
            yield amendment, replace(facts, states=facts.states - dropped)


def _lead(facts: ProposalFacts, terms: WindowTerms, _setting: Setting) -> Iterator[Variant]:
    """A partner that has agreed to lead before one that has not been asked, and that one before one to be found."""
    for kind in sorted({*terms.applicants.kinds, *terms.applicants.uncertain} - {facts.applicant_kind}):
        named = [partner for partner in facts.partners if partner.kind == kind]
        agreed = [partner for partner in named if partner.agreed]
        params: Params = {"kinds": [kind], "partners": sorted({partner.name for partner in agreed or named})}
        if agreed:
            amendment = Amendment("lead", "lead_agreed", Cost(leads=1), params)
        elif named:
            amendment = Amendment("lead", "lead_partner", Cost(leads=1, letters=1), params)
        else:
            amendment = Amendment("lead", "lead", Cost(leads=1, found=1), {"kinds": [kind]})
        yield amendment, replace(facts, applicant_kind=kind)


def _agency(facts: ProposalFacts, terms: WindowTerms, _setting: Setting) -> Iterator[Variant]:
    if terms.intermediary.intermediary is Tri.YES and not facts.agency_agreed:
        yield Amendment("agency", "agency", Cost(letters=1)), replace(facts, agency_agreed=True)


def _endorsement(facts: ProposalFacts, terms: WindowTerms, _setting: Setting) -> Iterator[Variant]:
    if terms.intermediary.endorsement is Tri.YES and not facts.endorsed:
        yield Amendment("endorsement", "endorsement", Cost(letters=1)), replace(facts, endorsed=True)


_MAKERS: Final[dict[Kind, Callable[[ProposalFacts, WindowTerms, Setting], Iterator[Variant]]]] = {
    "amount": _amount, "cofinancing": _cofinancing, "duration": _duration, "states": _states,
    "lead": _lead, "agency": _agency, "endorsement": _endorsement,
}  # fmt: skip
KINDS: Final[tuple[Kind, ...]] = tuple(_MAKERS)
"""In the order in which they are made: what must be brought depends on what is asked for."""
