"""Portfolio plans: today's data as an instance, scenarios, and what a plan comes to. Pure."""

from services.matching.rules.portfolios.dollars import ceiling, floor, in_usd
from services.matching.rules.portfolios.live import basis_of, live_instance
from services.matching.rules.portfolios.reach import fundable
from services.matching.rules.portfolios.scenarios import (
    LEAST_BY,
    LEAST_GRANT,
    MOST_WINDOWS_EACH,
    USUAL_SHARE,
    Changes,
    LeastBy,
    NewWindow,
)
from services.matching.rules.portfolios.values import (
    WEIGHTS,
    Absent,
    Assumed,
    Award,
    Basis,
    Candidate,
    Judged,
    LeftOut,
    Live,
    Payer,
    Topic,
)

__all__ = [
    "LEAST_BY", "LEAST_GRANT", "MOST_WINDOWS_EACH", "USUAL_SHARE", "WEIGHTS", "Absent", "Assumed", "Award", "Basis",
    "Candidate", "Changes", "Judged", "LeastBy", "LeftOut", "Live", "NewWindow", "Payer", "Topic", "basis_of",
    "ceiling", "floor", "fundable", "in_usd", "live_instance",
]  # fmt: skip
