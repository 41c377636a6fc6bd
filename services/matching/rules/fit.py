"""Fit: whole points that add up. Each part earns a share of its weight, counted in thousandths until the last step.

What is not known earns half of what a yes would: a window must not sink for want of an answer that may be good, nor
float on it.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from contracts.values import Tri
from contracts.windows import WindowTerms
from services.matching.rules.answers import Setting, sorted_by_answer
from services.matching.rules.brought import COUNTED, as_counted
from services.matching.rules.facts import ZERO, Cofinancing, ProposalFacts
from services.matching.rules.findings import Params, Part
from services.matching.rules.history import NO_HISTORY, History, history
from services.matching.rules.money import as_money
from services.matching.rules.readiness import time
from services.matching.rules.settled import only_told_themes
from services.matching.rules.shares import ALL, HALF, NOTHING, Share, apportion, share_of
from services.matching.rules.weights import PROPOSAL_PARTS, Weights
from services.matching.rules.what import named_species

FULL_THEMES: Final = 3
"""So many shared themes earn all the points; fewer do where either side names fewer."""
OTHER_SPECIES: Final = 667
"""A species that is merely not shut out: two thirds of one that the donor names."""
UNKNOWN_SPECIES: Final = 333
"""Half of that."""
USUAL_FROM: Final = Decimal("0.25")
"""Where no minimum is stated, the usual grant is taken to begin at this share of the ceiling."""


def fit(
    proposal: ProposalFacts, terms: WindowTerms, setting: Setting, weights: Weights, known: History = NO_HISTORY,
) -> tuple[int, tuple[Part, ...]]:  # fmt: skip
    """(fit from 0 to 100, its parts, which add up to it). `known` is the history of the window's donor."""
    return weighed(shares(proposal, terms, setting, weights, known), weights)


def shares(
    proposal: ProposalFacts, terms: WindowTerms, setting: Setting, weights: Weights, known: History = NO_HISTORY,
) -> dict[str, Share]:  # fmt: skip
    """What each part has earned of its weight. Of the weights, only the scales of priority and pace are asked."""
    return {
        "priority": priority(proposal, terms, weights),
        "themes": themes(proposal, terms),
        "species": species(proposal, terms),
        "states": states(proposal, terms),
        "size": size(proposal, terms, setting),
        "time": time(proposal, terms, setting, weights),
        "cofinancing": cofinancing(proposal, terms),
        "history": history(proposal, known, setting.today),
    }


def weighed(earned: Mapping[str, Share], weights: Weights) -> tuple[int, tuple[Part, ...]]:
    """(fit, its parts) of what each part has earned."""
    points = apportion([weights.proposal[code] * earned[code].share for code in PROPOSAL_PARTS])
    parts = tuple(
        Part(code, got, weights.proposal[code], earned[code].reason, earned[code].params)
        for code, got in zip(PROPOSAL_PARTS, points, strict=True)
    )
    return sum(points), parts


def priority(proposal: ProposalFacts, terms: WindowTerms, weights: Weights) -> Share:
    """The highest priority among the actions addressed; one that shares no theme with the window counts half.

    Where single themes were only told by answers, what else the window pays for is not known: then none counts half.
    """
    best, chosen, off = NOTHING, None, False
    window_themes = frozenset() if only_told_themes(terms) else frozenset(terms.themes)
    for action in sorted(proposal.actions, key=lambda action: action.action_id):
        percent = weights.priority_percent.get(action.priority or "", 0)
        beside = bool(window_themes and action.themes and not action.themes & window_themes)
        share = percent * (HALF if beside else ALL) // 100
        if share > best:
            best, chosen, off = share, action, beside
    if chosen is None:
        return Share(NOTHING, "priority_none")
    params: Params = {"action": chosen.action_id, "priority": chosen.priority or ""}
    return Share(best, "priority_beside" if off else "priority_best", params)


def themes(proposal: ProposalFacts, terms: WindowTerms) -> Share:
    """Shared themes out of three, or out of all that either side names.

    Where single themes were only told by answers, the others are as unknown as they were: never less than half.
    """
    if not terms.themes or not proposal.themes:
        return Share(HALF, "fit_themes_unknown")
    shared = sorted(proposal.themes & set(terms.themes))
    if not shared:
        return Share(HALF, "fit_themes_unknown") if only_told_themes(terms) else Share(NOTHING, "fit_themes_none")
    wanted = min(FULL_THEMES, len(proposal.themes), len(set(terms.themes)))
    least = HALF if only_told_themes(terms) else NOTHING
    return Share(max(least, min(ALL, len(shared) * ALL // wanted)), "fit_themes_shared", {"themes": shared})


def species(proposal: ProposalFacts, terms: WindowTerms) -> Share:
    """The mean over the proposal's species: named by the donor all, not shut out 2/3, unknown 1/3, refused nothing."""
    rule = terms.species
    if not proposal.species:
        worth = {Tri.YES: OTHER_SPECIES, Tri.UNKNOWN: UNKNOWN_SPECIES, Tri.NO: NOTHING}
        return Share(worth[rule.others], "fit_species_none_named")
    answers = sorted_by_answer(proposal.species, rule.species, rule.others)
    means = named_species(rule)
    named = [code for code in answers[Tri.YES] if code in means]
    other = len(answers[Tri.YES]) - len(named)
    total = len(named) * ALL + other * OTHER_SPECIES + len(answers[Tri.UNKNOWN]) * UNKNOWN_SPECIES
    share = total // len(proposal.species)
    if named:
        return Share(share, "fit_species_named", {"species": named})
    if answers[Tri.YES]:
        return Share(share, "fit_species_open")
    return Share(share, "fit_species_unknown")


def states(proposal: ProposalFacts, terms: WindowTerms) -> Share:
    """The mean over the proposal's states: payable all, unknown half."""
    if not proposal.states:
        return Share(HALF, "fit_states_none_named")
    answers = sorted_by_answer(proposal.states, terms.countries.states, Tri.UNKNOWN)
    share = (len(answers[Tri.YES]) * ALL + len(answers[Tri.UNKNOWN]) * HALF) // len(proposal.states)
    params: Params = {"sure": len(answers[Tri.YES]), "of": len(proposal.states)}
    return Share(share, "fit_states_all" if share == ALL else "fit_states_some", params)


def size(proposal: ProposalFacts, terms: WindowTerms, setting: Setting) -> Share:
    """What is asked for beside the window's usual grant: from its minimum (or a quarter of its ceiling) up to it.

    Outside of what the donor itself states it earns half of its share. Such a request is not refused only because the
    limit is not verified, or the rate leaves it open; a quarter of the ceiling is no limit but our guess.
    """
    rule = terms.amount
    asked, _ = proposal.asked_in(rule.currency, setting.rates)
    if asked is None or rule.maximum is None or rule.maximum <= ZERO:
        return Share(HALF, "fit_size_unknown")
    least = rule.minimum or rule.maximum * USUAL_FROM
    params: Params = {
        "asked_money": as_money(asked, rule.currency),
        "least_money": as_money(least, rule.currency),
        "most_money": as_money(rule.maximum, rule.currency),
    }
    if asked > rule.maximum:
        return Share(share_of(rule.maximum, asked) // 2, "fit_size_above", params)
    if asked >= least:
        return Share(ALL, "fit_size_usual", params)
    if rule.minimum:
        return Share(share_of(asked, least) // 2, "fit_size_below_stated", params)
    return Share(share_of(asked, least), "fit_size_below", params)


def cofinancing(proposal: ProposalFacts, terms: WindowTerms) -> Share:
    """What is in hand of what is asked for; an indicative sum counts half of a confirmed one.

    In kind counts as the donor says: all, nothing, or half where that is not known.
    """
    rule, have = terms.cofinancing, proposal.cofinancing
    counted = as_counted(have, rule.counts_in_kind)
    worth = counted.confirmed + counted.indicative / 2
    if rule.mode == "none":
        return Share(ALL, "fit_cofinancing_not_asked")
    if rule.ratio is not None and rule.ratio > ZERO and proposal.requested_usd > ZERO:
        need = proposal.requested_usd * rule.ratio
        params: Params = {"have_money": as_money(counted.confirmed, "USD"), "need_money": as_money(need, "USD")}
        return Share(share_of(worth, need), "fit_cofinancing_ratio", params)
    brought, reason, _ = _brought(have, COUNTED[rule.counts_in_kind])
    if rule.mode == "unknown":  # midway between a donor that asks for none and one that asks for some
        return Share((ALL + brought) // 2, "fit_cofinancing_unknown")
    return Share(brought, reason)


def _brought(have: Cofinancing, counted: int) -> Share:
    """What is earned for bringing anything at all, however little, to a donor that names no sum."""
    indicative = "fit_cofinancing_indicative"
    sums = (
        (have.confirmed_cash, Share(ALL, "fit_cofinancing_confirmed")),
        (have.indicative_cash, Share(HALF, indicative)),
        (have.confirmed_in_kind, Share(counted, _IN_KIND.get(counted, "fit_cofinancing_confirmed"))),
        (have.indicative_in_kind, Share(counted // 2, _IN_KIND.get(counted, indicative))),
    )
    missing = Share(NOTHING, "fit_cofinancing_missing")
    return max((share for amount, share in sums if amount > ZERO), key=lambda share: share.share, default=missing)


_IN_KIND: Final = {HALF: "fit_cofinancing_in_kind_perhaps", NOTHING: "fit_cofinancing_in_kind_refused"}
"""The reasons for what is brought in kind, unless the donor counts it."""
