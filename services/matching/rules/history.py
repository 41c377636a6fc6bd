"""A donor's history with us: what it has awarded and refused, and what its part of the fit earns for that."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from services.matching.rules.facts import ProposalFacts
from services.matching.rules.findings import Params
from services.matching.rules.shares import ALL, HALF, Share

RECENT: Final = timedelta(days=3 * 365)
"""What is older than this counts half: people and priorities at a donor's change."""
PRIOR: Final = 8
"""How much the half stands for that is earned without any history: two recent answers to work like this one."""


@dataclass(frozen=True)
class Outcome:
    """A donor's answer to one proposal. What the proposal was about is empty where it is not known."""

    awarded: bool
    on: date
    species: frozenset[str] = frozenset()
    themes: frozenset[str] = frozenset()

    def weight(self, proposal: ProposalFacts, today: date) -> int:
        """1 to 4: recent counts twice, and so does work with a species or a theme of the proposal's."""
        alike = bool(self.species & proposal.species or self.themes & proposal.themes)
        return (2 if today - self.on <= RECENT else 1) * (2 if alike else 1)


@dataclass(frozen=True)
class History:
    """Every answer of one donor."""

    outcomes: tuple[Outcome, ...] = ()

    @classmethod
    def of(cls, outcomes: Iterable[Outcome]) -> "History":
        """In an order of its own, so that the same answers are the same history."""
        return cls(tuple(sorted(outcomes, key=lambda o: (o.on, o.awarded, sorted(o.species), sorted(o.themes)))))

    @property
    def awards(self) -> int:
        """How often the donor said yes."""
        return sum(outcome.awarded for outcome in self.outcomes)

    @property
    def refusals(self) -> int:
        """How often it said no."""
        return len(self.outcomes) - self.awards


NO_HISTORY: Final = History()


def history(proposal: ProposalFacts, known: History, today: date) -> Share:
    """Half without a history; every award raises it and every refusal lowers it, less and less the more there are."""
    if not known.outcomes:
        return Share(HALF, "fit_history_none")
    weighed = [(outcome.weight(proposal, today), outcome.awarded) for outcome in known.outcomes]
    whole = PRIOR + sum(weight for weight, _ in weighed)
    good = sum(weight for weight, awarded in weighed if awarded)
    share = (PRIOR * HALF + good * ALL) // whole
    latest = max(outcome.on for outcome in known.outcomes)
    params: Params = {"awards": known.awards, "refusals": known.refusals, "latest_date": latest.isoformat()}
    return Share(share, "fit_history_known", params)
