"""What is brought beside the grant, as a donor counts it."""

from typing import Final

from contracts.values import Tri
from services.matching.rules.facts import Cofinancing
from services.matching.rules.shares import ALL, HALF, NOTHING

COUNTED: Final = {Tri.YES: ALL, Tri.UNKNOWN: HALF, Tri.NO: NOTHING}
"""How much of what is brought in kind counts, in thousandths, by whether the donor counts it."""


def as_counted(have: Cofinancing, in_kind: Tri) -> Cofinancing:
    """`have` with what is in kind counted as the donor does: all of it, none, or half where that is not known."""
    share = COUNTED[in_kind]
    return Cofinancing(
        have.confirmed_cash, have.confirmed_in_kind * share / ALL,
        have.indicative_cash, have.indicative_in_kind * share / ALL,
    )  # fmt: skip
