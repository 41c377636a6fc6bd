"""Today's proposals and windows as an instance for the solver.

The solver knows positions and whole dollars. Everything that was assumed on the way is kept beside the instance, so
that a page can show it with its source.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction
from typing import Final
from uuid import UUID

from contracts.values import Evidence, Money, Tri
from contracts.windows import WindowTerms
from services.matching.portfolio.instance import Action, Instance, Proposal, Window
from services.matching.rules.facts import Rates
from services.matching.rules.portfolios.dollars import ceiling, floor, in_usd
from services.matching.rules.portfolios.own_money import Pairs, without_own_money
from services.matching.rules.portfolios.reach import fundable
from services.matching.rules.portfolios.scenarios import LEAST_GRANT, Changes, NewWindow
from services.matching.rules.portfolios.values import (
    Absent,
    Assumed,
    Award,
    Basis,
    Candidate,
    Judged,
    LeftOut,
    Live,
    Payer,
    Topic,
)
from services.matching.rules.purses import purse_of

SIZE_RULES: Final = frozenset({"amount_maximum", "cofinancing"})
"""Rules that can refuse the whole amount and yet allow a part of it, with the rest from elsewhere."""


def live_instance(
    proposals: Sequence[Candidate],
    topics: Mapping[str, Topic],
    terms: Sequence[WindowTerms],
    judged: Iterable[Judged],
    awards: Sequence[Award],
    rates: Rates,
    changes: Changes = Changes(),  # noqa: B008 - frozen
    preparation: Collection[str] = (),
) -> Live:
    """The instance of today's data under the changes of a scenario. Ids in it are text: proposal and window ids, action
    keys. Its order, and so the plan that a seed gives, depends on the data alone. `preparation`: windows that pay for
    preparing a project only; no plan counts them.
    """
    proposals = sorted(proposals, key=lambda one: (one.reference, str(one.proposal_id)))
    at = {one.proposal_id: number for number, one in enumerate(proposals)}
    actions = sorted(
        {key: topics[key] for one in proposals for key in one.actions if key in topics}.values(),
        key=lambda topic: (topic.programme_id, topic.sort_key, topic.action_id),
    )
    of_action = {topic.key: number for number, topic in enumerate(actions)}
    awarded = tuple(
        floor(sum((award.amount for award in awards if award.proposal_id == one.proposal_id), Decimal(0)))
        for one in proposals
    )
    asked = tuple(
        _proposal(one, money, [of_action[key] for key in one.actions if key in of_action])
        for one, money in zip(proposals, awarded, strict=True)
    )
    modest = min((one.need for one in asked if one.need), default=LEAST_GRANT)
    payers, windows, left_out = _windows(terms, awards, rates, changes, modest, preparation)
    judged = _without_kind(judged, proposals, terms)
    pairs, set_aside = _pairs(at, {one.window_id: n for n, one in enumerate(payers)}, judged, awards, changes)
    for number, payer in enumerate(payers):
        if payer.made_up:
            _take(pairs, proposals, number, next(w for w in changes.new_windows if w.window_id == payer.window_id))
    counted = len(pairs)
    pairs = without_own_money(
        pairs, asked, windows, _purses(terms, payers), _granted(terms, awards, at), changes.max_windows
    )
    kept = sorted({window for _, window in pairs})
    left_out += [LeftOut(w.window_id, w.name, w.donor_name, "no_pair") for n, w in enumerate(payers) if n not in kept]
    new = {window: number for number, window in enumerate(kept)}
    found = {(p, new[w]): basis for (p, w), basis in sorted(pairs.items())}
    instance = Instance(
        tuple(Action(topic.key, Fraction(topic.weight)) for topic in actions), asked,
        tuple(windows[window] for window in kept), tuple(sorted(found)), changes.max_windows,
    )  # fmt: skip
    must_not = frozenset(at[key] for key in changes.must_not if key in at)
    groups, out = _wishes(proposals, instance, changes, must_not)
    return Live(
        instance, tuple(proposals), tuple(payers[window] for window in kept), tuple(actions), found, awarded,
        tuple(sorted(left_out, key=lambda one: (one.donor_name, one.name))), set_aside, rates.day.isoformat(),
        frozenset(at[key] for key in changes.must if key in at), must_not, groups, out,
        frozenset(key for key in changes.must | changes.must_not if key not in at), counted - len(pairs),
    )  # fmt: skip


def _proposal(one: Candidate, awarded: int, actions: list[int]) -> Proposal:
    """What has been awarded counts as confirmed: it is money that is already there."""
    confirmed = floor(one.confirmed)
    need = ceiling(one.requested)
    return Proposal(
        str(one.proposal_id), need + confirmed, confirmed + min(awarded, need), tuple(dict.fromkeys(actions))
    )


def _windows(
    terms: Sequence[WindowTerms], awards: Sequence[Award], rates: Rates, changes: Changes, modest: int,
    preparation: Collection[str],
) -> tuple[list[Payer], list[Window], list[LeftOut]]:  # fmt: skip
    payers: list[Payer] = []
    windows: list[Window] = []
    left_out: list[LeftOut] = []
    for rule in sorted(terms, key=lambda one: one.window_id):
        given = sum((award.amount for award in awards if award.window_id == rule.window_id), Decimal(0))
        found: Absent | tuple[Payer, Window] = "preparation"
        if rule.window_id not in preparation:
            found = _window(rule, ceiling(given), rates, changes, modest)
        if isinstance(found, str):
            left_out.append(LeftOut(rule.window_id, rule.name, rule.donor_name, found))
        else:
            payers.append(found[0])
            windows.append(found[1])
    for new in changes.new_windows:
        silent = not new.smallest and changes.least_by != "amount"
        least = min(changes.least_of(new.largest), new.largest, new.budget) if silent else new.smallest
        payers.append(
            Payer(new.window_id, new.name, "", "", "", "new", None, Evidence(),
                  smallest=changes.least_by if silent else "stated")
        )  # fmt: skip
        windows.append(Window(new.window_id, new.budget, least, new.largest, Fraction(new.ratio)))
    return payers, windows, left_out


def _window(
    terms: WindowTerms, given: int, rates: Rates, changes: Changes, modest: int
) -> tuple[Payer, Window] | Absent:
    """`modest`: the least that any proposal needs; whoever needs less than an amount that nobody states is not shut out
    by it. What is usual for a window does shut out: no donor of millions pays for a camera trap."""
    rule, key = terms.amount, terms.window_id
    if key in changes.closed:
        return "closed"
    smallest = in_usd(rule.minimum, rule.currency, rates, ROUND_CEILING) if rule.minimum is not None else 0
    stated = in_usd(rule.maximum, rule.currency, rates, ROUND_FLOOR) if rule.maximum is not None else None
    budget = changes.budgets.get(key, stated)
    largest = changes.largest.get(key, stated if stated is not None else budget)
    if smallest is None or (rule.maximum is not None and stated is None and key not in changes.budgets):
        return "no_rate"
    if budget is None or largest is None:
        return "no_maximum"
    left = max(0, budget - given)
    if rule.minimum is None:
        smallest = min(_least(changes, stated, largest, left, modest), largest)
    if rule.minimum is not None and rule.minimum == rule.maximum and stated is not None:
        smallest = min(smallest, stated)  # a grant of one fixed size: rounding must not leave none
    if smallest > largest:
        return "largest_below_smallest"
    if left < max(smallest, 1):
        return "spent"
    assumed: Assumed = "one_grant" if rule.maximum_known else "one_grant_unverified"
    if key in changes.budgets:
        assumed = "scenario"
    cofinancing = terms.cofinancing
    called_for = cofinancing.mode == "required" and cofinancing.ratio is not None
    ratio = Fraction(cofinancing.ratio) if called_for and cofinancing.ratio is not None else Fraction(0)
    maximum = Money(amount=rule.maximum, currency=rule.currency) if rule.maximum is not None else None
    payer = Payer(
        key, terms.name, terms.donor_id, terms.donor_name, terms.kind, assumed, maximum, rule.evidence, given,
        cofinancing.evidence if called_for else None, "stated" if rule.minimum is not None else changes.least_by,
    )  # fmt: skip
    return payer, Window(key, left, smallest, largest, ratio)


def _least(changes: Changes, stated: int | None, largest: int, left: int, modest: int) -> int:
    """The smallest grant where the donor states none. The last of a window's money may be given as one grant, though it
    be less than usual."""
    if changes.least_by == "amount":
        return min(changes.least_grant, modest)
    anyhow = min(LEAST_GRANT, modest)
    return min(changes.least_of(None if stated is None else min(stated, largest), anyhow), max(left, anyhow))


def _without_kind(
    judged: Iterable[Judged], proposals: Sequence[Candidate], terms: Sequence[WindowTerms]
) -> Iterable[Judged]:
    """The verdicts, without those where a part would rest on co-financing in kind that the donor does not count.

    The instance knows one sum of co-financing for each proposal, with what is in kind. Where the rule has refused the
    co-financing as too little and the donor may or may not count what is in kind, a part rests on that answer.
    """
    in_kind = {one.proposal_id for one in proposals if one.in_kind}
    counts = {one.window_id: one.cofinancing.counts_in_kind for one in terms}
    for pair in judged:
        short = pair.proposal_id in in_kind and ("cofinancing", "cofinancing_short") in pair.refused
        counted = counts.get(pair.window_id, Tri.YES) if short else Tri.YES
        if counted is Tri.YES:
            yield pair
        elif counted is Tri.UNKNOWN:
            yield replace(pair, unknown=tuple(dict.fromkeys((*pair.unknown, "cofinancing"))))


def _pairs(
    of_proposal: Mapping[UUID, int], of_window: Mapping[str, int],
    judged: Iterable[Judged], awards: Sequence[Award], changes: Changes,
) -> tuple[Pairs, int]:  # fmt: skip
    granted = {(award.proposal_id, award.window_id) for award in awards}
    pairs: Pairs = {}
    set_aside = 0
    for pair in judged:
        p, w = of_proposal.get(pair.proposal_id), of_window.get(pair.window_id)
        basis = basis_of(pair, changes)
        if p is None or w is None or basis is None or (pair.proposal_id, pair.window_id) in granted:
            continue
        if pair.set_aside:
            set_aside += 1
            continue
        pairs[p, w] = (basis, pair.unknown)
    return pairs, set_aside


def basis_of(pair: Judged, changes: Changes) -> Basis | None:
    """Why the pair counts, or None. A refusal is never taken for less than one: only where nothing but the size of the
    whole amount is refused can the window give a part."""
    if pair.overall == "eligible":
        return "eligible"
    if pair.unknown and not changes.unsure:
        return None
    if pair.overall == "unsure":
        return "unsure"
    size_alone = bool(pair.refused) and all(
        rule in SIZE_RULES and reason != "cofinancing_missing" for rule, reason in pair.refused
    )
    return "part" if changes.parts and size_alone else None


def _take(pairs: Pairs, proposals: Sequence[Candidate], window: int, new: NewWindow) -> None:
    for number, one in enumerate(proposals):
        if new.takes(one.states, one.species, one.applicant_kind):
            pairs[number, window] = ("new", ())


def _purses(terms: Sequence[WindowTerms], payers: Sequence[Payer]) -> list[str]:
    """The purse of each window; a made-up window has one of its own."""
    of = {one.window_id: purse_of(one) for one in terms}
    return [of.get(payer.window_id, f"window:{payer.window_id}") for payer in payers]


def _granted(
    terms: Sequence[WindowTerms], awards: Sequence[Award], at: Mapping[UUID, int]
) -> dict[tuple[int, str], int]:
    """Dollars that each proposal has from each purse already, no fewer than there are."""
    of = {one.window_id: purse_of(one) for one in terms}
    sums: dict[tuple[int, str], Decimal] = {}
    for award in awards:
        if award.proposal_id in at and award.window_id in of:
            key = at[award.proposal_id], of[award.window_id]
            sums[key] = sums.get(key, Decimal(0)) + award.amount
    return {key: ceiling(amount) for key, amount in sums.items()}


def _wishes(
    proposals: Sequence[Candidate], instance: Instance, changes: Changes, must_not: frozenset[int]
) -> tuple[tuple[frozenset[int], ...], dict[str, tuple[str, ...]]]:
    """For each state and species that is wanted, the proposals one of which is to be funded; and what none reaches."""
    if not (changes.each_state or changes.each_species):
        return (), {}
    able = fundable(instance) - must_not
    groups: list[frozenset[int]] = []
    out: dict[str, tuple[str, ...]] = {}
    for name, wanted in (("states", changes.each_state), ("species", changes.each_species)):
        if not wanted:
            continue
        codes = sorted({code for one in proposals for code in getattr(one, name)})
        reach = {code: frozenset(n for n in able if code in getattr(proposals[n], name)) for code in codes}
        groups += [group for group in reach.values() if group]
        out[name] = tuple(code for code, group in reach.items() if not group)
    return tuple(dict.fromkeys(groups)), out
