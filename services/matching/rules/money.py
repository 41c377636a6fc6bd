"""How much, for how long, and with what beside it. Rules 7 to 10."""

from decimal import Decimal

from contracts.values import Tri
from contracts.windows import WindowTerms
from services.matching.rules.answers import Answer, Setting, no, unknown, yes
from services.matching.rules.facts import ZERO, ProposalFacts, near


def as_money(amount: Decimal, currency: str) -> str:
    """An amount as a parameter: `7000 GBP`, or with two decimals where there are any."""
    whole = amount == amount.to_integral_value()
    return f"{amount:.0f} {currency}" if whole else f"{amount:.2f} {currency}"


def amount_minimum(proposal: ProposalFacts, terms: WindowTerms, setting: Setting) -> Answer:
    """Rule 7. Exact in the window's own currency; a converted amount near the limit is unknown.

    Below a floor whose present value is not verified is unknown, not no.
    """
    rule = terms.amount
    if rule.minimum is None:
        return yes("minimum_none") if rule.minimum_known else unknown("minimum_unknown", "present_floor")
    asked, exact = proposal.asked_in(rule.currency, setting.rates)
    if asked is None:
        return unknown("amount_no_rate", "amount_in_currency", currency=rule.currency)
    figures = {"asked_money": as_money(asked, rule.currency), "limit_money": as_money(rule.minimum, rule.currency)}
    if not exact and near(asked, rule.minimum):
        return unknown("minimum_near", "amount_in_currency", currency=rule.currency, **figures)
    if asked >= rule.minimum:
        return yes("minimum_met", **figures)
    if not rule.minimum_known:
        return unknown("minimum_unverified", "present_floor", **figures)
    return no("minimum_missed", **figures)


def amount_maximum(proposal: ProposalFacts, terms: WindowTerms, setting: Setting) -> Answer:
    """Rule 8. As for the minimum. Beyond a ceiling whose present value is not verified is unknown, not no.

    No ceiling that we know of is a yes; a ceiling that exists but is not known is unknown.
    """
    rule = terms.amount
    if rule.maximum is None:
        return yes("maximum_none") if rule.maximum_known else unknown("maximum_unknown", "present_ceiling")
    asked, exact = proposal.asked_in(rule.currency, setting.rates)
    if asked is None:
        return unknown("amount_no_rate", "amount_in_currency", currency=rule.currency)
    figures = {"asked_money": as_money(asked, rule.currency), "limit_money": as_money(rule.maximum, rule.currency)}
    if not exact and near(asked, rule.maximum):
        return unknown("maximum_near", "amount_in_currency", currency=rule.currency, **figures)
    if asked <= rule.maximum:
        return yes("maximum_kept", **figures)
    if not rule.maximum_known:
        return unknown("maximum_unverified", "present_ceiling", **figures)
    return no("maximum_passed", **figures)


def duration(proposal: ProposalFacts, terms: WindowTerms) -> Answer:
    """Rule 9. Months, both limits included. A donor that states none has none that we know of."""
    rule, months = terms.duration, proposal.duration_months
    if rule.minimum is None and rule.maximum is None:
        return yes("duration_free")
    if rule.minimum is not None and months < rule.minimum:
        return no("duration_short", months=months, least=rule.minimum)
    if rule.maximum is not None and months > rule.maximum:
        return no("duration_long", months=months, most=rule.maximum)
    return yes("duration_kept", months=months)


def cofinancing(proposal: ProposalFacts, terms: WindowTerms) -> Answer:
    """Rule 10. Only a requirement can refuse; a portfolio's target and an encouragement warn.

    In kind counts where the donor says so, is left out where it says no, and is doubtful where it says nothing.
    Whether some must be shown at all is a fact of its own (`required`): the GEF refuses a project without any, and
    yet has only a target for how much.
    """
    rule, have = terms.cofinancing, proposal.cofinancing
    if rule.mode == "none":
        return yes("cofinancing_not_asked")
    if rule.mode == "required":
        return _required(proposal, rule.ratio, rule.counts_in_kind)
    if have.total > ZERO:
        if rule.mode == "unknown":
            return unknown("cofinancing_unknown", "cofinancing_asked")
        if rule.mode == "portfolio_target" and rule.ratio is not None:
            return _portfolio(proposal, rule.ratio)
        return yes("cofinancing_brought", have_money=as_money(have.total, "USD"))
    if rule.required is Tri.YES:
        return no("cofinancing_missing")
    if rule.mode == "unknown" or rule.required is Tri.UNKNOWN:
        return unknown("cofinancing_perhaps_missing", "cofinancing_asked")
    reason = "portfolio_nothing" if rule.mode == "portfolio_target" else "cofinancing_encouraged"
    return yes(reason, warning="find_cofinancing")


def ratio_text(ratio: Decimal) -> str:
    """A ratio without needless zeros, for a sentence: `0.5`, `7`."""
    return f"{ratio.normalize():f}"


def _portfolio(proposal: ProposalFacts, ratio: Decimal) -> Answer:
    have, need = proposal.cofinancing, proposal.requested_usd * ratio
    figures = {
        "have_money": as_money(have.total, "USD"), "need_money": as_money(need, "USD"), "ratio": ratio_text(ratio),
    }  # fmt: skip
    if _reaches(proposal, have.total, ratio):
        return yes("portfolio_met", **figures)
    return yes("portfolio_below", warning="find_cofinancing", **figures)


def _required(proposal: ProposalFacts, ratio: Decimal | None, in_kind: Tri) -> Answer:
    have = proposal.cofinancing
    if ratio is None:
        return _required_without_ratio(proposal, in_kind)
    need = proposal.requested_usd * ratio
    sure = have.confirmed_cash + (have.confirmed_in_kind if in_kind is Tri.YES else ZERO)
    with_in_kind = ZERO if in_kind is Tri.NO else have.confirmed_in_kind
    confirmed = have.confirmed_cash + with_in_kind
    hoped = confirmed + have.indicative_cash + (ZERO if in_kind is Tri.NO else have.indicative_in_kind)
    figures = {"need_money": as_money(need, "USD"), "ratio": ratio_text(ratio)}
    if _reaches(proposal, sure, ratio):
        return yes("cofinancing_enough", have_money=as_money(sure, "USD"), **figures)
    if _reaches(proposal, confirmed, ratio):
        return unknown("cofinancing_needs_in_kind", "counts_in_kind", have_money=as_money(confirmed, "USD"), **figures)
    if _reaches(proposal, hoped, ratio):
        return unknown("cofinancing_indicative", "cofinancing_letters", have_money=as_money(hoped, "USD"), **figures)
    return no("cofinancing_short", have_money=as_money(hoped, "USD"), **figures)


def _reaches(proposal: ProposalFacts, have: Decimal, ratio: Decimal) -> bool:
    """Whether `have` (US dollars) is `ratio` of what is asked for. Who brings one euro for each must not fail by a cent
    that only the conversion of single lines has made."""
    return have + proposal.rounding * (1 + ratio) >= proposal.requested_usd * ratio


def _required_without_ratio(proposal: ProposalFacts, in_kind: Tri) -> Answer:
    have = proposal.cofinancing
    cash = have.confirmed_cash + have.indicative_cash
    kind = have.confirmed_in_kind + have.indicative_in_kind
    if cash > ZERO or (kind > ZERO and in_kind is Tri.YES):
        return yes("cofinancing_brought", have_money=as_money(have.total, "USD"))
    if kind > ZERO and in_kind is Tri.UNKNOWN:
        return unknown("cofinancing_only_in_kind", "counts_in_kind", have_money=as_money(kind, "USD"))
    return no("cofinancing_missing")
