"""What a grant is in work: of two ways to fund the same proposals, the one with less of it is the better one."""

from typing import Final

from services.matching.rules.portfolios.values import Live

APPLICATION: Final = 1.0
"""Every grant has to be applied for."""
ANSWER: Final = 0.05
"""Each rule that is unknown has to be asked about: twenty questions are one application."""
PART: Final = 0.5
"""To be put to a donor for a part, a proposal has to be written anew, in part."""


def effort_of(live: Live) -> list[float]:
    """The work of one grant for each eligible pair, in the order of the instance."""
    return [
        APPLICATION + ANSWER * len(unknown) + (PART if basis == "part" else 0.0)
        for basis, unknown in (live.pairs[pair] for pair in live.instance.eligible)
    ]
