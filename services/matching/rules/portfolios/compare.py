"""Plans side by side: what each of them has, and in what they differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from contracts.values import LocalizedText
from services.matching.rules.portfolios.scenarios import Changes
from services.matching.rules.portfolios.seen import Seen


@dataclass(frozen=True)
class Named:
    """A plan with the name of its scenario."""

    scenario_id: UUID
    name: str
    plan: Seen
    changes: Changes = Changes()  # noqa: RUF009 - frozen
    """What the plan was made with; the scenario may have changed since."""


@dataclass(frozen=True)
class ProposalRow:
    """A proposal in each plan: dollars of grants, -1 where it is not funded, 0 where it needs none."""

    reference: str
    title: LocalizedText
    amounts: tuple[int, ...]

    @property
    def differs(self) -> bool:
        """Whether some plans fund it and others do not."""
        return len({amount >= 0 for amount in self.amounts}) > 1


@dataclass(frozen=True)
class WindowRow:
    """A window in each plan: dollars that it gives."""

    name: str
    donor_name: str
    amounts: tuple[int, ...]

    @property
    def differs(self) -> bool:
        """Whether it gives otherwise in some."""
        return len(set(self.amounts)) > 1


@dataclass(frozen=True)
class CodeRow:
    """A state, species or priority in each plan."""

    code: str
    counts: tuple[int, ...]

    @property
    def differs(self) -> bool:
        """Whether the counts differ."""
        return len(set(self.counts)) > 1


@dataclass(frozen=True)
class Compared:
    """Everything side by side, in the order of the plans."""

    plans: tuple[Named, ...]
    proposals: tuple[ProposalRow, ...]
    windows: tuple[WindowRow, ...]
    states: tuple[CodeRow, ...]
    species: tuple[CodeRow, ...]
    actions: tuple[CodeRow, ...]

    @property
    def same_data(self) -> bool:
        """Whether all plans know the same proposals."""
        return len({frozenset(one.reference for one in named.plan.live.proposals) for named in self.plans}) == 1


def compare(plans: Sequence[Named]) -> Compared:
    """The plans side by side. Rows that some plan has nothing of stand there too."""
    shown = [named.plan for named in plans]
    return Compared(
        tuple(plans), _proposals(shown), _windows(shown),
        _codes([plan.ours.states for plan in shown], [one.states for plan in shown for one in plan.live.proposals]),
        _codes([plan.ours.species for plan in shown], [one.species for plan in shown for one in plan.live.proposals]),
        _codes([plan.ours.actions for plan in shown], []),
    )  # fmt: skip


def _proposals(plans: Sequence[Seen]) -> tuple[ProposalRow, ...]:
    known = {one.proposal_id: one for plan in plans for one in plan.live.proposals}
    amounts: dict[UUID, list[int]] = {key: [] for key in known}
    for plan in plans:
        received = {row.position: row.received for row in plan.rows}
        at = {one.proposal_id: p for p, one in enumerate(plan.live.proposals)}
        for key, found in amounts.items():
            p = at.get(key)
            found.append(-1 if p is None or p not in plan.funded else received.get(p, 0))
    return tuple(
        ProposalRow(one.reference, one.title, tuple(amounts[key]))
        for key, one in sorted(known.items(), key=lambda item: (item[1].reference, str(item[0])))
    )


def _windows(plans: Sequence[Seen]) -> tuple[WindowRow, ...]:
    found: dict[tuple[str, str], list[int]] = {}
    for number, plan in enumerate(plans):
        for w, dollars in plan.spent.items():
            one = plan.live.windows[w]
            found.setdefault((one.donor_name, one.name), [0] * len(plans))[number] += dollars
    rows = [WindowRow(name, donor, tuple(amounts)) for (donor, name), amounts in found.items()]
    return tuple(sorted(rows, key=lambda row: (-max(row.amounts), row.donor_name, row.name)))


def _codes(counts: Sequence[Any], also: Sequence[frozenset[str]]) -> tuple[CodeRow, ...]:
    codes = {code for one in counts for code in one} | {code for one in also for code in one}
    return tuple(CodeRow(code, tuple(one.get(code, 0) for one in counts)) for code in sorted(codes))
