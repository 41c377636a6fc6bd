"""Blended packages: the sets of windows that together fund a proposal in full, found exactly and judged by the rules.

A set is left out when some of its windows do as well without the others: as surely, or when neither is sure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, product
from typing import Final, Literal, NamedTuple

from contracts.values import Evidence, Tri
from services.matching.rules.approach import Approach, Partner, approach
from services.matching.rules.blending import Offer, range_of, reach, share, span
from services.matching.rules.contributors import DOLLAR, Blending, Candidate, Purpose, facts_beside, offers_of
from services.matching.rules.facts import ProposalFacts
from services.matching.rules.findings import NO_EVIDENCE, Finding, Judgement
from services.matching.rules.judge import judge
from services.matching.rules.purses import purse_of
from services.matching.rules.weights import Weights

NEAR_MISSES: Final = 5
MOST_MEMBERS: Final = 4
MOST_FOUND: Final = 500
MOST_LOOKED_AT: Final = 200_000
"""Sets beyond which the search ends, so that a page comes in seconds whatever is in the inventory. Windows of which
most is sure, and of these the largest, are tried first."""
FIT_STEP: Final = 10
"""Fits are compared in steps of ten points: less is no reason to write one application more."""


@dataclass(frozen=True)
class Blend:
    """A set of windows that funds the purpose, and each one's grant in cents."""

    windows: tuple[Candidate, ...]
    offers: tuple[Offer, ...]
    grants: Mapping[str, int]
    spare: int
    """Cents that these windows could give beyond the need, none more than all of it."""
    certain: bool = False


@dataclass(frozen=True)
class NearMiss:
    """A set that falls short. More of one's own, in cash and confirmed, closes the gap and breaks no rule."""

    window_ids: tuple[str, ...]
    short: int
    """Cents."""
    most: int
    """Cents that these windows can give together."""

    @property
    def short_usd(self) -> Decimal:
        """What is missing, in US dollars, whole ones wherever it is more than a few."""
        return Decimal(-(-self.short // 100)) if self.short > DOLLAR else Decimal(self.short) / 100

    @property
    def most_usd(self) -> Decimal:
        """What they can give, in US dollars."""
        return Decimal(self.most) / 100

    @property
    def some(self) -> bool:
        """Whether nothing is missing but some co-financing, of which the donor states no sum."""
        return self.short <= DOLLAR


@dataclass(frozen=True)
class Doubt:
    """What a package rests on beside the answers of the rules: `same_purse` or `least_share`."""

    code: Literal["same_purse", "least_share"]
    window_ids: tuple[str, ...]
    share: Decimal | None = None
    evidence: Evidence = NO_EVIDENCE


@dataclass(frozen=True)
class Member:
    """One window of a package: what to ask it for, and what its rules say to that."""

    window: Candidate
    facts: ProposalFacts
    """The proposal as this window sees it: `facts.requested` is what to ask for, in the window's currency."""
    usd: Decimal
    judgement: Judgement

    @property
    def window_id(self) -> str:
        """The window."""
        return self.window.window_id

    @property
    def open(self) -> tuple[Finding, ...]:
        """What is not known yet."""
        return tuple(finding for finding in self.judgement.findings if finding.verdict is Tri.UNKNOWN)


@dataclass(frozen=True)
class Package:
    """Windows that together fund the proposal in full, in the order in which to approach them."""

    members: tuple[Member, ...]
    doubts: tuple[Doubt, ...]
    approach: Approach
    blend: Blend
    need: Decimal
    """US dollars."""

    @property
    def spare(self) -> Decimal:
        """US dollars that the others could take over if one of them gives less."""
        return Decimal(self.blend.spare) / 100

    def ranges(self) -> dict[str, tuple[Decimal, Decimal]]:
        """Window -> between which amounts (US dollars) its grant can be moved while the others make up for it."""
        need, blend = int(self.need * 100), self.blend
        moves = {one.window_id: reach(blend.offers, need, blend.grants, one.window_id) for one in self.members}
        return {window_id: (Decimal(least) / 100, Decimal(most) / 100) for window_id, (least, most) in moves.items()}

    @property
    def unknown(self) -> int:
        """Answers that are still to be had."""
        return sum(member.judgement.unknown for member in self.members) + len(self.doubts)

    @property
    def fit(self) -> int:
        """The members' fit, each counted by its grant."""
        whole = sum(member.usd for member in self.members)
        points = sum(member.usd * (member.judgement.fit or 0) for member in self.members)
        return int(points / whole + Decimal("0.5")) if whole else 0

    @property
    def key(self) -> tuple[bool, int, int, int, Decimal, bool, str, tuple[str, ...]]:
        """Best first: sure, fewest open answers, fit, fewest windows, room to spare, done soonest."""
        finish = self.approach.finish
        ids = tuple(sorted(member.window_id for member in self.members))
        return (
            self.unknown > 0, self.unknown, -(self.fit // FIT_STEP), len(self.members), -self.spare,
            finish is None, finish.isoformat() if finish else "", ids,
        )  # fmt: skip


class Found(NamedTuple):
    """What a search for packages has found."""

    packages: list[Package]
    """Best first."""
    near: list[NearMiss]
    """Least missing first."""
    whole: bool
    """Whether every set was looked at; else the surest and largest windows were."""


def packages(
    purpose: Purpose, windows: Sequence[Candidate], blending: Blending, weights: Weights, most: int = 3
) -> Found:  # fmt: skip
    """Every package of at most `most` windows (4 at most), best first; and the sets that fall short by least."""
    found, near, whole = blends(purpose, windows, blending, min(most, MOST_MEMBERS))
    judged: dict[tuple[str, int, Decimal], tuple[ProposalFacts, Judgement]] = {}
    made = [_package(purpose, blend, blending, weights, judged) for blend in found]
    return Found(sorted(made, key=lambda package: package.key), near, whole)


def blends(
    purpose: Purpose, windows: Sequence[Candidate], blending: Blending, most: int
) -> tuple[list[Blend], list[NearMiss], bool]:
    """Every set of at most `most` windows that funds the purpose and none of which could be left out; the sets that
    come nearest where they do not, least missing first; and whether all were looked at."""
    readings = {one.window_id: offers_of(purpose, one, blending) for one in windows}
    usable = [one for one in windows if readings[one.window_id]] if purpose.need else []
    usable.sort(key=lambda one: (not one.certain, -readings[one.window_id][-1][1].high, one.window_id))
    loosest = {one.window_id: readings[one.window_id][-1][1] for one in usable}
    alone = {window_id: range_of([offer]) for window_id, offer in loosest.items()}
    looked_at = 0
    found: list[Blend] = []
    works: dict[frozenset[str], bool] = {}
    near: list[NearMiss] = []
    for size in range(1, most + 1):
        for chosen in combinations(usable, size):
            looked_at += 1
            if looked_at > MOST_LOOKED_AT or len(found) >= MOST_FOUND:
                return found, near, False
            ids = frozenset(one.window_id for one in chosen)
            parts = _working_parts(ids, works) if size > 1 else set()
            if parts and (True in parts or not _may_be_certain(chosen)):
                continue
            if not _parents_are_there(chosen):
                continue
            limits = _span([loosest[one.window_id] for one in chosen], alone)
            if limits is None or limits[0] > purpose.need:
                continue
            if limits[1] < purpose.need:
                _keep_near(near, NearMiss(tuple(sorted(ids)), purpose.need - limits[1], limits[1]))
                continue
            blend = _surest(purpose, chosen, [readings[one.window_id] for one in chosen])
            if blend.certain or not parts:
                found.append(blend)
                works[ids] = blend.certain
        if size == 1:  # what does alone, surely or as surely as it ever will, needs nobody beside it
            usable = [one for one in usable if not _settled(one, works.get(frozenset({one.window_id})))]
    return found, near, True


def _span(offers: Sequence[Offer], alone: Mapping[str, tuple[int, int] | None]) -> tuple[int, int] | None:
    """As `span`; where no two windows share a purse, from what each can give alone."""
    if len({offer.purse for offer in offers}) < len(offers):
        return span(offers)
    low = high = 0
    for offer in offers:
        own = alone[offer.window_id]
        if own is None:
            return None
        low, high = low + own[0], high + own[1]
    return low, high


def _settled(one: Candidate, certain: bool | None) -> bool:
    return certain is not None and (certain or not one.certain)


def _working_parts(ids: frozenset[str], works: Mapping[frozenset[str], bool]) -> set[bool]:
    """Whether each smaller set of these windows that does the work is sure."""
    names = sorted(ids)
    parts = (frozenset(part) for size in range(1, len(names)) for part in combinations(names, size))
    return {works[part] for part in parts if part in works}


def _may_be_certain(chosen: Sequence[Candidate]) -> bool:
    purses = {purse_of(one.terms) for one in chosen}
    return len(purses) == len(chosen) and all(one.certain for one in chosen)


def _parents_are_there(chosen: Sequence[Candidate]) -> bool:
    """Money that is given only together with a larger grant of the same donor needs that grant in the set."""
    givers = {purse_of(one.terms) for one in chosen if one.terms.call.cycle != "with_parent"}
    return all(one.terms.call.cycle != "with_parent" or purse_of(one.terms) in givers for one in chosen)


def _surest(
    purpose: Purpose, chosen: Sequence[Candidate], readings: Sequence[Sequence[tuple[int, Offer]]]
) -> Blend:  # fmt: skip
    """The set with the reading of each window that leaves least open. The loosest is known to work."""
    for way in sorted(product(*readings), key=lambda way: sum(doubts for doubts, _ in way)):
        offers = tuple(offer for _, offer in way)
        limits, grants = span(offers), share(offers, purpose.need)
        if limits is not None and grants is not None:
            certain = not sum(doubts for doubts, _ in way) and _may_be_certain(chosen)
            return Blend(tuple(chosen), offers, grants, limits[1] - purpose.need, certain)
    raise ValueError("no reading of these windows makes up the need")


def _keep_near(near: list[NearMiss], miss: NearMiss) -> None:
    """Keep the few that miss least, of equals the smallest set."""
    if len(near) == NEAR_MISSES and miss.short > near[-1].short:
        return
    near.append(miss)
    near.sort(key=lambda one: (one.short, len(one.window_ids), one.window_ids))
    del near[NEAR_MISSES:]


def _package(
    purpose: Purpose, blend: Blend, blending: Blending, weights: Weights,
    judged: dict[tuple[str, int, Decimal], tuple[ProposalFacts, Judgement]],
) -> Package:  # fmt: skip
    members, partners = [], []
    for one in blend.windows:
        grant = blend.grants[one.window_id]
        others = [(other.terms, blend.grants[other.window_id]) for other in blend.windows if other is not one]
        facts = facts_beside(purpose, one, grant, others)
        key = (one.window_id, grant, facts.cofinancing.confirmed_cash)
        if key not in judged:
            today, rates = one.setting.today, one.setting.rates
            judged[key] = facts, judge(facts, one.terms, today=today, rates=rates, weights=weights, history=one.history)
        facts, judgement = judged[key]
        usd = Decimal(grant) / 100
        members.append(Member(one, facts, usd, judgement))
        in_hand = purpose.beside(one.terms)
        partners.append(Partner(one.terms, one.setting.today, facts, in_hand, usd, judgement.unknown))
    plan = approach(partners, weights, blending.answer_days)
    place = {step.window_id: at for at, step in enumerate(plan.steps)}
    members.sort(key=lambda member: place[member.window_id])
    return Package(tuple(members), _doubts(purpose, blend, blending), plan, blend, Decimal(purpose.need) / 100)


def _doubts(purpose: Purpose, blend: Blend, blending: Blending) -> tuple[Doubt, ...]:
    """What the rules do not ask of a single window."""
    found = []
    by_purse: dict[str, list[str]] = {}
    for one in blend.windows:
        by_purse.setdefault(purse_of(one.terms), []).append(one.window_id)
        wished = blending.least_share.get(one.window_id)
        if wished and Decimal(blend.grants[one.window_id]) < purpose.cost * wished[0] * 100:
            found.append(Doubt("least_share", (one.window_id,), wished[0], wished[1]))
    for purse, ids in by_purse.items():
        if len(ids) > 1:
            evidence = blending.purses.get(purse.partition(":")[2], NO_EVIDENCE)
            found.append(Doubt("same_purse", tuple(ids), evidence=evidence))
    return tuple(found)
