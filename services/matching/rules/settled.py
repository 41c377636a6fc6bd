"""Terms of a window in which people's answers stand where the inventory did not know.

The rules read them as they read any terms. What no field of `WindowTerms` can hold (that a kind of applicant was
refused, that a donor would consider one proposal) stands in `told`, by the key of the question.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from pydantic import Field

from contracts.values import Evidence, Tri
from contracts.windows import CallRule, WindowTerms
from services.matching.rules.findings import NO_EVIDENCE

OPEN: Final = "unknown"
"""The answer of somebody who has asked and still does not know."""


@dataclass(frozen=True)
class Question:
    """What is asked. All pairs that ask the same are settled by one answer."""

    window_id: str
    ask: str
    """Code of what is asked; `questions.ASKS` lists them."""
    about: str = ""
    """The state, species, theme or kind of applicant that is asked about; the day that has passed; or nothing."""
    proposal_id: UUID | None = None
    """Set where the question is about one proposal."""

    @property
    def key(self) -> str:
        """What is asked, without where: `state:KGZ`, `ceiling`."""
        return f"{self.ask}:{self.about}" if self.about else self.ask


@dataclass(frozen=True)
class Told:
    """Somebody's answer to a question."""

    question: Question
    choice: str
    """One of `questions.options`, or `OPEN`."""
    number: Decimal | None = None
    """Of an amount (in `currency`) or a ratio."""
    day: date | None = None
    evidence: Evidence = field(default=NO_EVIDENCE)
    by: str = ""
    """Who told: somebody at the donor's, an agency, a focal point."""
    answer_id: UUID | None = None
    currency: str = ""
    """Of an amount: the window's when it was told. Empty for other answers."""


class Settled(WindowTerms):
    """Terms with answers applied to what was unknown in them."""

    told: dict[str, Tri] = Field(default_factory=dict)
    """Key of a question -> yes or no, where no field of the terms can hold the answer."""
    applied: tuple[Told, ...] = ()
    """The answers that stand in these terms."""


def told_of(terms: WindowTerms, key: str) -> Tri:
    """What people were told about the question of that key, where the terms have no field for it."""
    return terms.told.get(key, Tri.UNKNOWN) if isinstance(terms, Settled) else Tri.UNKNOWN


def refused(terms: WindowTerms) -> frozenset[str]:
    """Keys of the questions of which people were told no, where the terms have no field for it."""
    if not isinstance(terms, Settled):
        return frozenset()
    return frozenset(key for key, answer in terms.told.items() if answer is Tri.NO)


def only_told_themes(terms: WindowTerms) -> bool:
    """Whether all that is known of a window's themes is answers about single ones: of all others nothing is known."""
    if not isinstance(terms, Settled) or not terms.themes:
        return False
    told = {one.question.about for one in terms.applied if one.question.ask == "theme" and one.choice == "yes"}
    return told.issuperset(terms.themes)


def beyond_terms(terms: WindowTerms) -> bool:
    """Whether answers say what no field of the terms can hold."""
    return isinstance(terms, Settled) and bool(terms.told)


def passed_deadline(call: CallRule) -> str:
    """The announced deadline that a question about the next one comes after; empty where none is announced."""
    return call.deadline.isoformat() if call.deadline and call.deadline_certain else ""
