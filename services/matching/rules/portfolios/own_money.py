"""No plan counts a donor's money as co-financing for more of the same: see `rules/purses.py`.

An instance knows that a grant x from a window of ratio r needs x (1 + r) <= cost, which takes everything else for
co-financing. That is right while a proposal has one grant of a purse. Where two could break the rule of one of them,
only one of the windows is counted for that proposal: the one that can give most.
"""

from collections.abc import Mapping, Sequence

from services.matching.portfolio.instance import Proposal, Window
from services.matching.rules.portfolios.values import Basis
from services.matching.rules.purses import largest_grant

Pairs = dict[tuple[int, int], tuple[Basis, tuple[str, ...]]]


def without_own_money(
    pairs: Pairs, proposals: Sequence[Proposal], windows: Sequence[Window], purses: Sequence[str],
    granted: Mapping[tuple[int, str], int], most: int,
) -> Pairs:  # fmt: skip
    """The pairs of which no plan can break a co-financing rule by money of the same purse.

    `purses`: that of each window. `granted`: dollars that a proposal has from a purse already. `most`: grants that a
    proposal may have.
    """
    groups: dict[tuple[int, str], list[int]] = {}
    for p, w in pairs:
        groups.setdefault((p, purses[w]), []).append(w)
    dropped: set[tuple[int, int]] = set()
    for (p, purse), members in groups.items():
        had = granted.get((p, purse), 0)
        if not any(windows[w].ratio for w in members) or (len(members) == 1 and not had):
            continue
        one = proposals[p]
        able = {w: _most(one, windows[w]) for w in members}
        together = min(one.need, sum(sorted(able.values(), reverse=True)[:most]))
        if all(_keeps(one, windows[w], able[w], had + together) for w in members):
            continue
        alone = [w for w in members if _keeps(one, windows[w], able[w], had + able[w])]
        best = max(alone, key=lambda w: (able[w], -w), default=None)
        dropped |= {(p, w) for w in members if w != best}
    return {pair: basis for pair, basis in pairs.items() if pair not in dropped}


def _most(one: Proposal, window: Window) -> int:
    """The largest grant that an instance allows."""
    return min(window.budget, window.max_grant, one.need, int(one.cost / (1 + window.ratio)))


def _keeps(one: Proposal, window: Window, grant: int, purse_sum: int) -> bool:
    """Whether the window's rule holds for that grant while its purse gives so much."""
    if not window.ratio:
        return True
    largest = largest_grant(window.ratio, one.cost, purse_sum)
    return largest is None or grant <= largest
