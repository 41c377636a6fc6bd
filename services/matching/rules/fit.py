"""Fit: whole points that add up. Each part earns a share of its weight, counted in thousandths until the last step.

What is not known earns half of what a yes would: a window must not sink for want of an answer that may be good, nor
float on it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final, NamedTuple

from contracts.values import Tri
from contracts.windows import WindowTerms
from services.matching.rules.answers import Setting, sorted_by_answer
from services.matching.rules.facts import ZERO, ProposalFacts
from services.matching.rules.findings import NO_PARAMS, Params, Part
from services.matching.rules.money import as_money
from services.matching.rules.what import named_species
from services.matching.rules.when import RETURNING

PROPOSAL_PARTS: Final = ("priority", "themes", "species", "states", "size", "time", "cofinancing")
ACTION_PARTS: Final = ("priority", "themes", "species", "states")

FULL_THEMES: Final = 3
"""So many shared themes earn all the points; fewer do where either side names fewer."""
ALL: Final = 1000
"""A whole share, in thousandths; also a whole point."""
HALF: Final = ALL // 2
NOTHING: Final = 0
OTHER_SPECIES: Final = 667
"""A species that is merely not shut out: two thirds of one that the donor names."""
UNKNOWN_SPECIES: Final = 333
"""Half of that."""
USUAL_FROM: Final = Decimal("0.25")
"""Where no minimum is stated, the usual grant is taken to begin at this share of the ceiling."""


@dataclass(frozen=True)
class Weights:
    """One version of the weights: what each part can earn, and the scales behind two of them."""

    version: int
    proposal: Mapping[str, int]
    action: Mapping[str, int]
    priority_percent: Mapping[str, int]
    pace_days: Mapping[str, int]

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Weights":
        """Read a weights file. Raises ValueError when the parts are not those expected or do not make 100."""
        made: dict[str, dict[str, int]] = {}
        for name, expected in (("proposal", PROPOSAL_PARTS), ("action", ACTION_PARTS)):
            made[name] = {entry["part"]: int(entry["points"]) for entry in data[name]}
            if tuple(made[name]) != expected:
                raise ValueError(f"the parts of {name} must be {', '.join(expected)}")
            if sum(made[name].values()) != 100:
                raise ValueError(f"the points of {name} must add up to 100")
        pace = {key: int(value) for key, value in data["pace_days"].items() if key != "reason"}
        return cls(int(data["version"]), made["proposal"], made["action"], dict(data["priority_percent"]), pace)


class Share(NamedTuple):
    """How much of its weight a part has earned, in thousandths, and why."""

    share: int
    reason: str
    params: Params = NO_PARAMS


def apportion(thousandths: Sequence[int]) -> list[int]:
    """Round parts to whole points that add up to their own rounded total (largest remainder, earlier part first).

    No part rises above the next whole number, so none exceeds a whole maximum that it kept before.
    """
    points = [value // ALL for value in thousandths]
    missing = (sum(thousandths) + HALF) // ALL - sum(points)
    by_remainder = sorted(range(len(points)), key=lambda at: -(thousandths[at] % ALL))
    for at in by_remainder[:missing]:
        points[at] += 1
    return points


def fit(
    proposal: ProposalFacts, terms: WindowTerms, setting: Setting, weights: Weights,
) -> tuple[int, tuple[Part, ...]]:  # fmt: skip
    """(fit from 0 to 100, its parts, which add up to it)."""
    shares = {
        "priority": priority(proposal, terms, weights),
        "themes": themes(proposal, terms),
        "species": species(proposal, terms),
        "states": states(proposal, terms),
        "size": size(proposal, terms, setting),
        "time": time(proposal, terms, setting, weights),
        "cofinancing": cofinancing(proposal, terms),
    }
    points = apportion([weights.proposal[code] * shares[code].share for code in PROPOSAL_PARTS])
    parts = tuple(
        Part(code, earned, weights.proposal[code], shares[code].reason, shares[code].params)
        for code, earned in zip(PROPOSAL_PARTS, points, strict=True)
    )
    return sum(points), parts


def priority(proposal: ProposalFacts, terms: WindowTerms, weights: Weights) -> Share:
    """The highest priority among the actions addressed; one that shares no theme with the window counts half."""
    best, chosen, off = NOTHING, None, False
    window_themes = frozenset(terms.themes)
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
    """Shared themes out of three, or out of all that either side names."""
    if not terms.themes or not proposal.themes:
        return Share(HALF, "fit_themes_unknown")
    shared = sorted(proposal.themes & set(terms.themes))
    if not shared:
        return Share(NOTHING, "fit_themes_none")
    wanted = min(FULL_THEMES, len(proposal.themes), len(set(terms.themes)))
    return Share(min(ALL, len(shared) * ALL // wanted), "fit_themes_shared", {"themes": shared})


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
    """What is asked for beside the window's usual grant: from its minimum (or a quarter of its ceiling) up to it."""
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
    if asked > rule.maximum:  # not refused: the ceiling is not verified, or the rate leaves it open
        return Share(share_of(rule.maximum, asked) // 2, "fit_size_above", params)
    if asked >= least:
        return Share(ALL, "fit_size_usual", params)
    return Share(share_of(asked, least), "fit_size_below", params)


def share_of(amount: Decimal, whole: Decimal) -> int:
    """`amount` of `whole` in thousandths, at most all of it; `whole` is above zero."""
    return max(NOTHING, min(ALL, int(amount * ALL / whole)))


def days_needed(proposal: ProposalFacts, terms: WindowTerms, weights: Weights) -> int:
    """Days this application still needs: the form, and whatever others have to write or sign."""
    pace = weights.pace_days
    days = pace["application"]
    if terms.intermediary.intermediary is Tri.YES:
        days += pace["intermediary"]
    if terms.intermediary.endorsement is Tri.YES:
        days += pace["endorsement"]
    if terms.cofinancing.mode == "required" and proposal.cofinancing.indicative > ZERO:
        days += pace["letters"]
    return days


def time(proposal: ProposalFacts, terms: WindowTerms, setting: Setting, weights: Weights) -> Share:
    """Days to the deadline out of the days still needed; half when the project begins before the deadline."""
    deadline = terms.call.deadline
    if deadline is None or (deadline < setting.today and terms.call.cycle in RETURNING):
        if terms.call.cycle == "rolling" and terms.status in ("open", "recurring"):
            return Share(ALL, "fit_time_any")
        return Share(HALF, "fit_time_unknown")
    return _until(deadline, proposal, setting.today, days_needed(proposal, terms, weights))


def _until(deadline: date, proposal: ProposalFacts, today: date, needed: int) -> Share:
    left = max(0, (deadline - today).days)
    share = min(ALL, left * ALL // needed)
    params: Params = {"deadline_date": deadline.isoformat(), "needed": needed}
    if proposal.starts <= deadline:
        return Share(share // 2, "fit_time_starts_before", params)
    return Share(share, "fit_time_enough" if share == ALL else "fit_time_short", params)


def cofinancing(proposal: ProposalFacts, terms: WindowTerms) -> Share:
    """What is in hand of what is asked for; an indicative sum counts half of a confirmed one."""
    rule, have = terms.cofinancing, proposal.cofinancing
    worth = have.confirmed + have.indicative / 2
    if rule.mode == "none":
        return Share(ALL, "fit_cofinancing_not_asked")
    if rule.ratio is not None and rule.ratio > ZERO and proposal.requested_usd > ZERO:
        need = proposal.requested_usd * rule.ratio
        params: Params = {"have_money": as_money(have.confirmed, "USD"), "need_money": as_money(need, "USD")}
        return Share(share_of(worth, need), "fit_cofinancing_ratio", params)
    brought = ALL if have.confirmed > ZERO else HALF if have.indicative > ZERO else NOTHING
    if rule.mode == "unknown":  # midway between a donor that asks for none and one that asks for some
        return Share((ALL + brought) // 2, "fit_cofinancing_unknown")
    reasons = {ALL: "fit_cofinancing_confirmed", HALF: "fit_cofinancing_indicative", NOTHING: "fit_cofinancing_missing"}
    return Share(brought, reasons[brought])
