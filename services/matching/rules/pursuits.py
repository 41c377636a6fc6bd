"""The coordinator's own pursuit of a window's money: its stages, and the moves between them.

A pursuit's stage is apart from the window's status and from the verdict. Going back, refusals and all that looks odd to
whoever reads it later need a reason; nothing is forbidden that happens in real life.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final, Literal, get_args

from contracts.values import Money
from services.matching.rules.facts import ZERO, Rates

PursuitStage = Literal["none", "identified", "contacted", "concept_note", "submitted", "awarded", "declined"]
STAGES: Final[tuple[PursuitStage, ...]] = get_args(PursuitStage)[1:]
WORKING: Final[tuple[PursuitStage, ...]] = ("identified", "contacted", "concept_note", "submitted")
"""Those in which the answer is still to come, in their order."""
CONCLUDED: Final[frozenset[str]] = frozenset({"awarded", "declined"})
"""The donor has answered."""
CENT: Final = Decimal("0.01")

_MOVES: Final[Mapping[PursuitStage, tuple[PursuitStage, ...]]] = {
    "none": WORKING,
    "identified": WORKING,
    "contacted": STAGES,
    "concept_note": STAGES,
    "submitted": STAGES,
    "awarded": STAGES,
    "declined": (*WORKING, "declined"),
}
"""Stage -> where it may go. To itself, when its amount, owner or day changes. A refusal that was turned goes back
first, and is awarded then."""


@dataclass(frozen=True)
class Standing:
    """Where a pursuit stands."""

    stage: PursuitStage = "none"
    amount: Decimal | None = None
    """Asked of this donor, or granted by it, in `currency`."""
    currency: str = ""
    owner: str = ""
    """Who of the coordinators sees to it."""
    day: date | None = None
    """The day on which it happened at the donor's, when that is not the day on which it was written down."""


@dataclass(frozen=True)
class Wish:
    """What a coordinator wants a pursuit to become, and why."""

    standing: Standing
    reason: str = ""
    note: str = ""


@dataclass(frozen=True)
class Surroundings:
    """What a move depends on besides the pursuit itself."""

    rates: Rates
    asked: Money
    """What the proposal asks for in all."""
    maximum: Money | None = None
    """The window's largest grant, where it is known."""
    overall: str = "eligible"
    dismissed: bool = False
    live: bool = True


@dataclass(frozen=True)
class Problem:
    """What stands against a move: the field of the form, and a code for the sentence."""

    field: str
    code: str


class Refused(Exception):
    """The move cannot be made as it was asked for."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(", ".join(f"{problem.field}: {problem.code}" for problem in problems))
        self.problems = tuple(problems)


def stage_of(stored: PursuitStage, decision: str) -> PursuitStage:
    """The stage as it counts. A pair that is shortlisted and not pursued yet is identified; a dismissed one is none,
    unless the donor has answered: that has happened, whatever one thinks of the window now."""
    if decision == "dismissed" and stored not in CONCLUDED:
        return "none"
    if decision == "shortlisted" and stored == "none":
        return "identified"
    return stored


def next_stages(stage: PursuitStage) -> tuple[PursuitStage, ...]:
    """The stages that a pursuit may be moved to, itself included unless it has none."""
    return _MOVES[stage]


def goes_back(now: PursuitStage, to: PursuitStage) -> bool:
    """Whether the move takes back something that was reached."""
    if to not in WORKING or now == "none":
        return False
    return now in CONCLUDED or WORKING.index(to) < WORKING.index(now)


def usd_of(amount: Decimal, currency: str, rates: Rates) -> Decimal | None:
    """`amount` in US dollars to the cent at planning rates, or None without a rate."""
    units = rates.units_per_usd.get(currency)
    return None if not units else (amount / units).quantize(CENT, ROUND_HALF_EVEN)


def exceeds(amount: Decimal, currency: str, limit: Money, rates: Rates) -> bool:
    """Whether `amount` is more than `limit`: exactly in one currency, else in US dollars at planning rates."""
    if currency == limit.currency:
        return amount > limit.amount
    left, right = usd_of(amount, currency, rates), usd_of(limit.amount, limit.currency, rates)
    return left is not None and right is not None and left > right


def warnings(standing: Standing, around: Surroundings) -> tuple[str, ...]:
    """What is odd about an amount: `above_asked`, `above_maximum`."""
    if standing.amount is None:
        return ()
    limits = (("above_asked", around.asked), ("above_maximum", around.maximum))
    return tuple(
        code
        for code, limit in limits
        if limit is not None and exceeds(standing.amount, standing.currency, limit, around.rates)
    )


def problems(now: Standing, wish: Wish, around: Surroundings) -> tuple[Problem, ...]:
    """All that stands against a move, in the order of the form; empty when it may be made."""
    wanted, found = wish.standing, list(_about_stage(now, wish, around))
    if found:
        return tuple(found)
    found += _about_money(wanted, around)
    if wanted.stage == "awarded" and wanted.day is None:
        found.append(Problem("day", "day_needed"))
    if not wish.reason and (code := _why(now, wanted, around)):
        found.append(Problem("reason", code))
    return tuple(found)


def _about_stage(now: Standing, wish: Wish, around: Surroundings) -> Sequence[Problem]:
    wanted = wish.standing.stage
    if around.dismissed:
        return [Problem("stage", "dismissed")]
    if wanted not in next_stages(now.stage):
        return [Problem("stage", "not_from_here")]
    if not around.live and wanted != now.stage and wanted not in CONCLUDED:
        return [Problem("stage", "withdrawn")]  # a donor may still answer to what it has been sent
    return []


def _about_money(wanted: Standing, around: Surroundings) -> Sequence[Problem]:
    if wanted.amount is None:
        return [Problem("amount", "amount_needed")] if wanted.stage == "awarded" else []
    found = [] if wanted.amount > ZERO else [Problem("amount", "amount_positive")]
    if not wanted.currency:
        found.append(Problem("currency", "currency_needed"))
    elif wanted.currency not in around.rates.units_per_usd:
        found.append(Problem("currency", "no_rate"))
    return found


def _why(now: Standing, wanted: Standing, around: Surroundings) -> str:
    """Why a reason is needed; "" when it is not."""
    changed = wanted != now
    if wanted.stage == "declined":
        return "reason_declined" if now.stage != "declined" or changed else ""
    if goes_back(now.stage, wanted.stage):
        return "reason_back"
    begins = now.stage in ("none", "identified") and wanted.stage != "identified"
    if begins and around.overall == "not_eligible":
        return "reason_despite"
    if wanted.stage == "awarded" and changed and (odd := warnings(wanted, around)):
        return f"reason_{odd[0]}"
    return ""
