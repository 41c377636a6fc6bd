"""In which order to approach the windows of a package, and why.

A window that asks for co-financing wants to see letters. What the proposal has in hand may do; if not, windows whose
letters make up the rest come first. Of the orders that keep to this, the one that begins with the most pressing window
is taken: first what has to be begun soonest, then what takes longest, then the largest grant.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations, permutations
from typing import Final, Literal

from contracts.values import Tri
from contracts.windows import WindowTerms
from services.matching.rules.facts import ZERO, Cofinancing, ProposalFacts
from services.matching.rules.findings import Params
from services.matching.rules.money import as_money
from services.matching.rules.purses import purse_of
from services.matching.rules.readiness import days_needed
from services.matching.rules.weights import Weights

AT_ANY_TIME: Final = frozenset({"rolling", "negotiated"})
"""Cycles in which an application can be made when it is ready."""
Why = Literal[
    "brings_letters", "needs_letters", "letters_missing", "own_letters", "needs_parent", "agency", "endorsement",
    "deadline", "deadline_usual", "deadline_short", "next_round", "round_unknown", "any_time", "largest",
    "answers_first",
]  # fmt: skip


@dataclass(frozen=True)
class Partner:
    """A window of a package, as much of it as the order depends on."""

    terms: WindowTerms
    today: date
    facts: ProposalFacts
    """The proposal as this window sees it."""
    in_hand: Cofinancing
    """What is there without the other grants of the package."""
    usd: Decimal
    unknown: int

    @property
    def window_id(self) -> str:
        """The window."""
        return self.terms.window_id

    @property
    def letters_needed(self) -> Decimal:
        """US dollars of letters from other donors: what even all of the proposal's own does not make up."""
        return max(ZERO, self.missing - self._hoped)

    @property
    def own_letters(self) -> bool:
        """Whether letters for the proposal's own indicative co-financing have to be had for this window."""
        return self.missing > ZERO and self._hoped > ZERO

    @property
    def missing(self) -> Decimal:
        """US dollars of confirmed co-financing that this window has to see beyond what is in hand."""
        rule, have = self.terms.cofinancing, self.in_hand
        if rule.mode != "required" and rule.required is not Tri.YES:
            return ZERO
        sure = have.confirmed_cash + self._if_counted(have.confirmed_in_kind)
        if rule.mode == "required" and rule.ratio is not None:
            tolerance = self.facts.rounding * (1 + rule.ratio)
            return max(ZERO, self.usd * rule.ratio - sure - tolerance)
        return ZERO if sure > ZERO else Decimal(1)

    @property
    def _hoped(self) -> Decimal:
        return self.in_hand.indicative_cash + self._if_counted(self.in_hand.indicative_in_kind)

    def _if_counted(self, in_kind: Decimal) -> Decimal:
        return ZERO if self.terms.cofinancing.counts_in_kind is Tri.NO else in_kind


@dataclass(frozen=True)
class Reason:
    """Why a step stands where it does, and what it needs. `params` as in `findings`; `windows` are ids to be named."""

    code: Why
    params: Params = field(default_factory=dict)
    windows: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """One window to approach."""

    window_id: str
    usd: Decimal
    after: tuple[str, ...]
    """Windows whose letters it has to see."""
    days: int
    """Days the application needs."""
    begin: date | None
    """The last day to begin in time for the deadline, where there is one ahead."""
    apply: date | None
    """The day by which the application can be in; None where nobody knows when one may apply."""
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Approach:
    """All steps, and the day by which every answer may be there."""

    steps: tuple[Step, ...]
    finish: date | None
    """None where a member's next round is not known."""

    @property
    def waits(self) -> tuple[str, ...]:
        """Windows that would have to see letters which cannot be there before."""
        return tuple(
            step.window_id for step in self.steps if any(reason.code == "letters_missing" for reason in step.reasons)
        )


def approach(partners: Sequence[Partner], weights: Weights, answer_days: int) -> Approach:
    """The order, with reasons. `answer_days`: what a donor is taken to need from an application to its answer."""
    days = {one.window_id: days_needed(one.facts, one.terms, weights) for one in partners}
    pressing = sorted(partners, key=lambda one: _pressing(one, days[one.window_id]))
    # Orders come most pressing first, so the first of those with the fewest unmet needs is the one wanted.
    order = min(permutations(pressing), key=_unmet)
    steps: list[Step] = []
    answers: dict[str, date | None] = {}
    for at, one in enumerate(order):
        after = _letters(one, order[:at])
        step = _step(one, order, at, after, days[one.window_id], answers)
        answers[one.window_id] = step.apply + timedelta(answer_days) if step.apply else None
        steps.append(step)
    dates = list(answers.values())
    known = [day for day in dates if day is not None]
    return Approach(tuple(steps), max(known) if known and len(known) == len(dates) else None)


def _ahead(one: Partner) -> date | None:
    deadline = one.terms.call.deadline
    return deadline if deadline is not None and deadline >= one.today else None


def _pressing(one: Partner, days: int) -> tuple[date, int, Decimal, str]:
    deadline = _ahead(one)
    return (deadline - timedelta(days) if deadline else date.max, -days, -one.usd, one.window_id)


def _unmet(order: Sequence[Partner]) -> int:
    return sum(not _met(one, order[:at]) for at, one in enumerate(order))


def _met(one: Partner, before: Sequence[Partner]) -> bool:
    parent = any(_is_parent(other, one) for other in before)
    if one.terms.call.cycle == "with_parent" and not parent:
        return False
    return one.letters_needed <= sum((other.usd for other in _countable(one, before)), ZERO)


def _is_parent(other: Partner, one: Partner) -> bool:
    return other.terms.call.cycle != "with_parent" and purse_of(other.terms) == purse_of(one.terms)


def _countable(one: Partner, others: Iterable[Partner]) -> list[Partner]:
    return [other for other in others if purse_of(other.terms) != purse_of(one.terms)]


def _letters(one: Partner, before: Sequence[Partner]) -> tuple[Partner, ...]:
    """The fewest of the windows before, largest first, whose letters are enough; all that count where none are."""
    if not one.letters_needed:
        return ()
    able = sorted(_countable(one, before), key=lambda other: -other.usd)
    for size in range(1, len(able) + 1):
        for some in combinations(able, size):
            if sum((other.usd for other in some), ZERO) >= one.letters_needed:
                return some
    return tuple(able)


def _step(
    one: Partner, order: Sequence[Partner], at: int, after: Sequence[Partner], days: int,
    answers: dict[str, date | None],
) -> Step:  # fmt: skip
    terms, deadline = one.terms, _ahead(one)
    letters = [answers[other.window_id] for other in after]
    ready: date | None = one.today + timedelta(days)
    if None in letters:
        ready = None
    elif letters and ready:
        ready = max(ready, *(day for day in letters if day is not None))
    apply, timing = _when(one, ready, deadline, days)
    reasons = [*_letter_reasons(one, order, at, after)]
    if terms.call.cycle == "with_parent":
        parents = tuple(other.window_id for other in order[:at] if _is_parent(other, one))
        reasons.append(Reason("needs_parent", windows=parents))
    if terms.intermediary.intermediary is Tri.YES:
        reasons.append(Reason("agency", {"who": terms.intermediary.who}))
    if terms.intermediary.endorsement is Tri.YES:
        reasons.append(Reason("endorsement", {"who": terms.intermediary.who}))
    reasons.append(timing)
    if len(order) > 1 and one.usd > max(other.usd for other in order if other is not one):
        reasons.append(Reason("largest"))
    if one.unknown:
        reasons.append(Reason("answers_first", {"count": one.unknown}))
    begin = deadline - timedelta(days) if deadline else None
    ids = tuple(other.window_id for other in after)
    return Step(one.window_id, one.usd, ids, days, begin, apply, tuple(reasons))


def _letter_reasons(one: Partner, order: Sequence[Partner], at: int, after: Sequence[Partner]) -> Iterable[Reason]:
    waiting = [
        later.window_id for place, later in enumerate(order) if place > at and one in _letters(later, order[:place])
    ]
    if waiting:
        yield Reason("brings_letters", windows=tuple(waiting))
    if one.own_letters:
        yield Reason("own_letters", {"sum_money": as_money(one.in_hand.indicative, "USD")})
    if not one.letters_needed:
        return
    stated = one.terms.cofinancing.ratio is not None and one.terms.cofinancing.mode == "required"
    params = {"need_money": as_money(one.letters_needed, "USD")} if stated else {}
    names = tuple(other.window_id for other in after)
    if sum((other.usd for other in after), ZERO) >= one.letters_needed:
        yield Reason("needs_letters", params, names)
    else:
        rest = [other for other in _countable(one, order) if other not in after and other is not one]
        yield Reason("letters_missing", params, tuple(other.window_id for other in rest))


def _when(one: Partner, ready: date | None, deadline: date | None, days: int) -> tuple[date | None, Reason]:
    """When the application can be in, and what there is to say about it."""
    if deadline is None:
        if one.terms.call.cycle in AT_ANY_TIME:
            return ready, Reason("any_time", {"days": days})
        return None, Reason("round_unknown", {"days": days})
    params: Params = {
        "deadline_date": deadline.isoformat(), "days": days,
        "begin_date": (deadline - timedelta(days)).isoformat(), "left": (deadline - one.today).days,
    }  # fmt: skip
    if ready is not None and ready <= deadline:
        return deadline, Reason("deadline" if one.terms.call.deadline_certain else "deadline_usual", params)
    if ready is not None and one.terms.call.cycle == "annual":
        following = _year_later(deadline)
        while following < ready:
            following = _year_later(following)
        return following, Reason("next_round", {**params, "next_date": following.isoformat()})
    return None, Reason("deadline_short", params)


def _year_later(day: date) -> date:
    return day.replace(year=day.year + 1, day=28 if (day.month, day.day) == (2, 29) else day.day)
