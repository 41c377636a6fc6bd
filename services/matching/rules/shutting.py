"""Which of a window's rules shuts out how much: what a donor would open by relaxing one of them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from contracts.values import Tri


@dataclass
class ShutOut:
    """What a rule says no to, by group (an action's priority, for one)."""

    rule: str
    alone: Counter[str] = field(default_factory=Counter)
    """What no other rule refuses: it would be open if this rule were met."""
    in_all: Counter[str] = field(default_factory=Counter)

    @property
    def key(self) -> tuple[int, int]:
        """The rule that shuts out most, by itself and then in all, comes first."""
        return -self.alone.total(), -self.in_all.total()


def shut_outs(judged: Iterable[tuple[str, Mapping[str, Tri]]]) -> list[ShutOut]:
    """For each rule that refuses anything, how much. `judged`: (group, rule -> its verdict) of each action or proposal.

    What two rules refuse is opened by neither of them alone. Rules that are even stay in the order they are met in.
    """
    found: dict[str, ShutOut] = {}
    for group, verdicts in judged:
        refusing = [rule for rule, verdict in verdicts.items() if verdict is Tri.NO]
        for rule in refusing:
            one = found.setdefault(rule, ShutOut(rule))
            one.in_all[group] += 1
            if len(refusing) == 1:
                one.alone[group] += 1
    return sorted(found.values(), key=lambda one: one.key)
