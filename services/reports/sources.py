"""What a document is made from: copies of the others' facts, each with the event it came from."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from contracts.events import ActionFit, ActionPublished, ProposalSubmitted
from contracts.windows import WindowTerms


@dataclass(frozen=True)
class Origin:
    """The event that a fact came from."""

    event_id: UUID
    time: datetime


@dataclass(frozen=True)
class Action:
    """An action of a Programme of Work."""

    data: ActionPublished
    origin: Origin


@dataclass(frozen=True)
class Withdrawal:
    """The version at hand has been taken back."""

    at: datetime
    origin: Origin


@dataclass(frozen=True)
class ProposalSource:
    """All that a proposal's document is made from."""

    proposal: ProposalSubmitted
    origin: Origin
    actions: dict[str, Action] = field(default_factory=dict)
    """By action id; those whose copies have arrived."""
    withdrawal: Withdrawal | None = None


@dataclass(frozen=True)
class Pairing:
    """The actions that a window could pay for, best first."""

    programme_id: str
    window_revision: int
    count: int
    actions: tuple[ActionFit, ...]
    origin: Origin


@dataclass(frozen=True)
class Fitting:
    """A submitted proposal that a window may fund, with the verdict that says so."""

    proposal: ProposalSubmitted
    submitted: Origin
    judged: Origin
    overall: str
    """`eligible` or `unsure`."""
    yes: int
    unknown: int
    no: int
    fit: int
    shortlisted: bool


@dataclass(frozen=True)
class BriefingSource:
    """All that a donor's briefing is made from."""

    terms: WindowTerms
    origin: Origin
    pairings: tuple[Pairing, ...] = ()
    actions: dict[tuple[str, str], Action] = field(default_factory=dict)
    """By programme and action id; those that the pairings name and whose copies have arrived."""
    fitting: tuple[Fitting, ...] = ()
    """Best fit first; dismissed pairs are left out."""

    @property
    def newest(self) -> datetime:
        """The moment up to which this is complete: the newest event in it."""
        moments = [self.origin.time, *(p.origin.time for p in self.pairings), *(f.judged.time for f in self.fitting)]
        return max(moments)
