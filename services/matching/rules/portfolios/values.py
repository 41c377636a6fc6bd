"""What a plan is made of: proposals, actions, windows and pairs, with the record of what every number stands for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, Literal
from uuid import UUID

from contracts.values import Evidence, LocalizedText, Money
from services.matching.portfolio.instance import Instance

WEIGHTS: Final = {"high": 10, "high_medium": 8, "medium": 6, "medium_low": 4, "low": 2}
"""What the first funded proposal on an action counts, by the Programme's priority; an action without one counts 1."""
NO_PRIORITY: Final = 1
Basis = Literal["eligible", "unsure", "part", "new"]
"""Why a pair is in the instance: every rule says yes; some are unknown; only the size of the whole amount is refused,
so that the window may give a part; the window is one that the scenario makes up."""
Assumed = Literal["one_grant", "one_grant_unverified", "scenario", "new"]
"""Where a window's budget comes from: one grant at its maximum (verified or not), the scenario, or a made-up window."""
Smallest = Literal["stated", "usual", "share", "amount", ""]
"""Where a window's smallest grant comes from: the donor or the scenario states it; it is the least usual grant, a share
of the largest one, or an amount that is assumed; "" for plans from before this was kept."""
Absent = Literal["closed", "no_maximum", "no_rate", "spent", "largest_below_smallest", "no_pair", "preparation"]
"""Why a window is not in the instance. `spent`: what it could give has been awarded; `no_pair`: no proposal fits;
`preparation`: it pays for preparing a project, not for the project."""


@dataclass(frozen=True)
class Candidate:
    """A live proposal. Amounts in US dollars; `actions` are keys `programme/action`."""

    proposal_id: UUID
    reference: str
    title: LocalizedText
    organisation: str
    applicant_kind: str
    states: frozenset[str]
    species: frozenset[str]
    actions: tuple[str, ...]
    requested: Decimal
    confirmed: Decimal
    """Co-financing with a letter, or already spent."""
    indicative: Decimal
    """Co-financing that is only hoped for; no plan counts it."""
    in_kind: Decimal = Decimal(0)
    """The part of what is confirmed that is not cash; some donors do not count it."""


@dataclass(frozen=True)
class Topic:
    """An action that some proposal addresses."""

    key: str
    """`cami-2021-2026/31.5`."""
    action_id: str
    programme_id: str
    title: LocalizedText
    priority: str | None
    sort_key: str = ""

    @property
    def weight(self) -> int:
        """What the first funded proposal on it counts."""
        return WEIGHTS.get(self.priority or "", NO_PRIORITY)


@dataclass(frozen=True)
class Judged:
    """The verdict on a pair, as far as a plan needs it."""

    proposal_id: UUID
    window_id: str
    overall: str
    unknown: tuple[str, ...] = ()
    """Rules that are unknown."""
    refused: frozenset[tuple[str, str]] = frozenset()
    """(rule, reason) of those that say no."""
    set_aside: bool = False
    """A coordinator has dismissed it, or the donor has declined."""


@dataclass(frozen=True)
class Award:
    """Money that a donor has granted already, in US dollars."""

    proposal_id: UUID
    window_id: str
    amount: Decimal


@dataclass(frozen=True)
class Payer:
    """A window in the instance, and where its figures come from."""

    window_id: str
    name: str
    donor_id: str
    donor_name: str
    kind: str
    assumed: Assumed
    maximum: Money | None
    """The donor's own figure."""
    evidence: Evidence
    awarded: int = 0
    """Dollars that it has granted already; they are taken off its budget."""
    ratio_source: Evidence | None = None
    smallest: Smallest = ""

    @property
    def made_up(self) -> bool:
        """Whether the scenario invents it."""
        return self.assumed == "new"


@dataclass(frozen=True)
class LeftOut:
    """A window that is not in the instance, and why."""

    window_id: str
    name: str
    donor_name: str
    why: Absent


@dataclass(frozen=True)
class Live:
    """The instance with the record of what it stands for. Positions are those of the instance."""

    instance: Instance
    proposals: tuple[Candidate, ...]
    windows: tuple[Payer, ...]
    actions: tuple[Topic, ...]
    pairs: Mapping[tuple[int, int], tuple[Basis, tuple[str, ...]]]
    """Pair -> its basis, and the rules that are unknown of it."""
    awarded: tuple[int, ...]
    """Dollars that each proposal has been awarded."""
    left_out: tuple[LeftOut, ...]
    set_aside: int
    """Pairs that are left out because they were dismissed or declined."""
    rates_day: str
    must: frozenset[int] = frozenset()
    must_not: frozenset[int] = frozenset()
    at_least_one: tuple[frozenset[int], ...] = ()
    out_of_reach: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """`states` and `species` that the scenario wants and no proposal can reach."""
    missing: frozenset[UUID] = frozenset()
    """Proposals that the scenario names and that are not live any more."""
    own_money: int = 0
    """Pairs that are left out because money of one purse would have co-financed itself."""
