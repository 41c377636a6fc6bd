"""How far each action has come, in each column and in all."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from services.matching.rules.gaps.facts import OUTSIDE, REGION, STANDINGS, Axis, Need, Plea, Standing
from services.matching.rules.gaps.money import NOTHING, Sums, shares


@dataclass
class ActionGap:
    """One action, along one axis."""

    need: Need
    standing: Standing = "orphaned"
    """The best it has reached anywhere."""
    in_column: dict[str, Standing] = field(default_factory=dict)
    """Column -> how far it has come there. Those that the action names, or `REGION`."""
    money: dict[str, Sums] = field(default_factory=dict)
    """Column -> money; `OUTSIDE` may be among them."""
    pleas: dict[UUID, frozenset[str]] = field(default_factory=dict)
    """Proposals that address it, with the columns in which they do."""
    payers: frozenset[str] = frozenset()
    """Windows that could pay for it."""
    refused: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Window -> columns that it refuses to pay for."""

    @property
    def sums(self) -> Sums:
        """Its money in all."""
        whole = NOTHING
        for money in self.money.values():
            whole = whole.plus(money)
        return whole

    def payable_in(self, column: str | None) -> bool:
        """Whether any window could pay for it there; anywhere for None."""
        if column is None:
            return bool(self.payers)
        return any(column not in self.refused.get(window, ()) for window in self.payers)

    def payers_in(self, column: str | None) -> frozenset[str]:
        """The windows that could pay for it there; anywhere for None."""
        if column is None:
            return self.payers
        return frozenset(window for window in self.payers if column not in self.refused.get(window, ()))


def assess(
    needs: Iterable[Need], pleas: Iterable[Plea], axis: Axis, *, only: Collection[str] = (),
    payers: Mapping[str, Collection[str]] | None = None, refused: Mapping[str, frozenset[str]] | None = None,
) -> list[ActionGap]:  # fmt: skip
    """How far every action has come, in the order of `needs`.

    `only`: the columns that are looked at; without any, all. What happens in others is left out then, of the totals
    too. `payers`: action -> windows that could pay for it; `refused`: window -> columns that it refuses.
    """
    gaps = {need.action_id: _blank(need, axis, only, payers or {}, refused or {}) for need in needs}
    for plea in sorted(pleas, key=lambda one: one.proposal_id):
        actions = sorted(plea.action_ids & gaps.keys())
        rank = STANDINGS.index(plea.standing)
        for action_id, share in shares(plea.money, actions).items():
            gap = gaps[action_id]
            places = sorted(plea.places(gap.need, axis))
            for place, money in shares(share, places).items():
                if only and place not in only:
                    continue
                gap.money[place] = gap.money.get(place, NOTHING).plus(money)
                if place in gap.in_column and rank > STANDINGS.index(gap.in_column[place]):
                    gap.in_column[place] = plea.standing
            seen = frozenset(places) if not only else frozenset(places) & frozenset(only)
            if seen:
                gap.pleas[plea.proposal_id] = seen
                if rank > STANDINGS.index(gap.standing):
                    gap.standing = plea.standing
    return list(gaps.values())


def _blank(
    need: Need, axis: Axis, only: Collection[str], payers: Mapping[str, Collection[str]],
    refused: Mapping[str, frozenset[str]],
) -> ActionGap:  # fmt: skip
    columns = sorted(column for column in need.named(axis) or {REGION} if not only or column in only)
    windows = frozenset(payers.get(need.action_id, ()))
    if only:  # one that pays for none of the columns that are looked at could not pay there
        windows = frozenset(one for one in windows if any(column not in refused.get(one, ()) for column in columns))
    return ActionGap(need, in_column=dict.fromkeys(columns, "orphaned"), payers=windows, refused=refused)


def kept_columns(gaps: Iterable[ActionGap], order: Sequence[str], only: Collection[str] = ()) -> list[str]:
    """The columns that the map needs: named ones in the given order, then others, the region, and outside."""
    gaps = list(gaps)
    present = {column for gap in gaps for column in (*gap.in_column, *gap.money)}
    if only:
        present &= set(only)
    last = [column for column in (REGION, OUTSIDE) if column in present]
    others = sorted(present - set(order) - {REGION, OUTSIDE})
    return [column for column in order if column in present] + others + last
