"""What answering a question is worth: how many pairs and actions ask it, and for how many it is the last one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final
from uuid import UUID

from services.matching.rules.facts import ZERO
from services.matching.rules.settled import Question

EVERY: Final = frozenset({"state"})
"""What a finding needs a yes on for each code that it asks about; of others one yes is enough."""


@dataclass(frozen=True)
class Asking:
    """A pair that no rule refuses, or an action that a window could pay for, with what is open about it."""

    of: UUID | str
    """The proposal, or the action."""
    unknown: Sequence[Sequence[Question]]
    """For each rule that is unknown, the questions that would settle it; none where the proposal has to say it."""
    usd: Decimal = ZERO
    """What the proposal asks for."""

    @property
    def questions(self) -> frozenset[Question]:
        """All of them."""
        return frozenset(question for some in self.unknown for question in some)

    def last(self, question: Question) -> bool:
        """Whether the answer that one hopes for would leave nothing unknown."""
        return all(
            question in some and (len(some) == 1 or question.ask not in EVERY) for some in self.unknown
        )  # fmt: skip


@dataclass
class Worth:
    """What one answer may settle."""

    question: Question
    pairs: set[UUID] = field(default_factory=set)
    """Live proposals that no rule of the window refuses and that ask this."""
    last: set[UUID] = field(default_factory=set)
    """Those of them of which nothing else would stay open."""
    usd: Decimal = ZERO
    """What they all ask for: money that hangs on it, at planning rates."""
    actions: set[str] = field(default_factory=set)
    """Actions that the window could pay for, and that ask this."""
    foremost: set[str] = field(default_factory=set)
    """Those of them of the highest priority."""

    @property
    def key(self) -> tuple[int, int, Decimal, int, int, str]:
        """Most first."""
        return (
            -len(self.last), -len(self.pairs), -self.usd, -len(self.foremost), -len(self.actions),
            f"{self.question.window_id} {self.question.key}",
        )  # fmt: skip


def worth(pairs: Iterable[Asking], actions: Iterable[Asking] = (), foremost: Iterable[str] = ()) -> list[Worth]:
    """Every question that is asked, that whose answer settles most first.

    `foremost`: the actions of the highest priority.
    """
    found: dict[Question, Worth] = {}
    for asking in pairs:
        for question in asking.questions:
            one = found.setdefault(question, Worth(question))
            if isinstance(asking.of, UUID) and asking.of not in one.pairs:
                one.pairs.add(asking.of)
                one.usd += asking.usd
                if asking.last(question):
                    one.last.add(asking.of)
    first = frozenset(foremost)
    for asking in actions:
        for question in asking.questions:
            one = found.setdefault(question, Worth(question))
            one.actions.add(str(asking.of))
            if asking.of in first:
                one.foremost.add(str(asking.of))
    return sorted(found.values(), key=lambda one: one.key)
