"""Windows that close unused: what is lost if nobody asks them in time."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from services.matching.rules.gaps.counting import ActionGap

CLOSING_RANK: Final = frozenset({"high", "high_medium"})
"""Priorities of the actions whose loss is told."""


@dataclass(frozen=True)
class Dated:
    """A window with a deadline."""

    window_id: str
    name: str
    donor_name: str
    deadline: date
    certain: bool
    maximum: Decimal | None
    """Its largest grant in `currency`; None where none is stated."""
    currency: str


@dataclass(frozen=True)
class Closing:
    """A window that closes, or has closed this month, and that nobody has asked."""

    window: Dated
    actions: tuple[str, ...]
    """Orphaned actions of high priority that it could pay for."""
    alone: tuple[str, ...]
    """Those of them that no other window could pay for."""

    def over(self, today: date) -> bool:
        """Whether its deadline has passed."""
        return self.window.deadline < today


def closing_unused(
    gaps: Sequence[ActionGap], windows: Iterable[Dated], pursued: Collection[str], *, today: date, days: int
) -> list[Closing]:  # fmt: skip
    """The windows that close within `days` days, or have closed since the first of this month, unused.

    `pursued`: windows that somebody pursues for a proposal that stands, whatever the stage. Those with most to lose
    come first within a day.
    """
    lost = [gap for gap in gaps if gap.standing == "orphaned" and gap.need.priority in CLOSING_RANK]
    first, last = today.replace(day=1), today + timedelta(days=days)
    found = []
    for window in windows:
        if window.window_id in pursued or not first <= window.deadline <= last:
            continue
        could = [gap for gap in lost if window.window_id in gap.payers]
        if could:
            alone = tuple(gap.need.action_id for gap in could if len(gap.payers) == 1)
            found.append(Closing(window, tuple(gap.need.action_id for gap in could), alone))
    return sorted(found, key=lambda one: (one.window.deadline, -len(one.actions), one.window.window_id))
