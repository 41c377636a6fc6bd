"""Which proposals some windows could fund, if they had them to themselves."""

from typing import Final

from services.matching.portfolio.instance import Instance

MOST_WORK: Final = 20000
"""Intervals that are looked at for one proposal before it counts as within reach."""


def fundable(instance: Instance) -> frozenset[int]:
    """The proposals that could be funded if they had all windows to themselves."""
    offers: dict[int, list[tuple[int, int]]] = {}
    for p, w in instance.eligible:
        window, cost = instance.windows[w], instance.proposals[p].cost
        most = min(window.budget, window.max_grant, int(cost / (1 + window.ratio)))
        least = max(1, window.min_grant)
        if least <= most:
            offers.setdefault(p, []).append((least, most))
    return frozenset(
        p
        for p, proposal in enumerate(instance.proposals)
        if proposal.need == 0 or _can_reach(offers.get(p, []), proposal.need, instance.max_windows)
    )


def _can_reach(offers: list[tuple[int, int]], need: int, most_windows: int) -> bool:
    """Whether at most that many of the (least, most) offers can add up to the need.

    Where that would take too long to tell, the answer is yes: then the solver tries, and says so when it is not.
    """
    usable = sorted((offer for offer in offers if offer[0] <= need), key=lambda offer: -offer[1])
    leasts = sorted(least for least, _ in usable)
    hopeful = []
    for size in range(1, min(most_windows, len(usable)) + 1):
        if sum(leasts[:size]) > need:
            break  # nor can any larger number
        best = usable[:size]
        if sum(most for _, most in best) < need:
            continue  # nor can any others of that number
        if sum(least for least, _ in best) <= need:
            return True
        hopeful.append(size)
    return bool(hopeful) and _adds_up(usable, need, hopeful)


def _adds_up(offers: list[tuple[int, int]], need: int, sizes: list[int]) -> bool:
    """Whether some of the offers, of one of these numbers, add up to the need.

    Kept for each number: the sums that it reaches, as intervals of whole dollars that do not touch.
    """
    reached: list[list[tuple[int, int]]] = [[(0, 0)], *([] for _ in range(max(sizes)))]
    work = 0
    for least, most in offers:
        for size in range(len(reached) - 1, 0, -1):
            more = [(low + least, high + most) for low, high in reached[size - 1] if low + least <= need]
            reached[size] = _joined(reached[size] + more)
            work += len(reached[size])
        if any(low <= need <= high for size in sizes for low, high in reached[size]):
            return True
        if work > MOST_WORK:
            return True
    return False


def _joined(intervals: list[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for low, high in sorted(intervals):
        if found and low <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], high))
        else:
            found.append((low, high))
    return found
