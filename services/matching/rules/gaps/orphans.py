"""The order of actions by how orphaned they are."""

from services.matching.rules.gaps.facts import STANDINGS, Standing


def orphan_key(standing: Standing, rank: int, windows: int) -> tuple[int, int, int]:
    """Most orphaned first: how far it has come, then the Programme's priority (`rank`, 5 is high), then the fewest
    windows that could pay for it."""
    return STANDINGS.index(standing), -rank, windows
