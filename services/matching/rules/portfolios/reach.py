"""Which proposals some windows could fund, if they had them to themselves."""

from itertools import combinations

from services.matching.portfolio.instance import Instance


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
    """Whether at most that many of the (least, most) offers can add up to the need."""
    usable = sorted((offer for offer in offers if offer[0] <= need), key=lambda offer: -offer[1])
    for size in range(1, min(most_windows, len(usable)) + 1):
        best = usable[:size]
        if sum(most for _, most in best) < need:
            continue  # nor can any others of that number
        if sum(least for least, _ in best) <= need:
            return True
        if any(
            sum(least for least, _ in some) <= need <= sum(most for _, most in some)
            for some in combinations(usable, size)
        ):
            return True
    return False
