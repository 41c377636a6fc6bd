"""What became of pairs, and what that says of the rules and of the parts of the fit.

A rule's yes has held when the pair went to the donor or was awarded, its no when the pair was dismissed or declined.
Verdicts and points are those of the moment when people decided, not those of today. Small numbers prove nothing: under
ten cases no share is given, and from ten on it stands with Wilson's interval.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import sqrt
from statistics import fmean, variance
from typing import Final, Literal

Outcome = Literal["awarded", "submitted", "approached", "shortlisted", "declined", "dismissed"]
FOR: Final[tuple[Outcome, ...]] = ("awarded", "submitted", "approached", "shortlisted")
AGAINST: Final[tuple[Outcome, ...]] = ("declined", "dismissed")
WENT: Final[tuple[Outcome, ...]] = ("awarded", "submitted")
"""The pair went to the donor, and was not refused so far."""
FEW: Final = 10
"""Under so many cases there are too few to tell."""
Z95: Final = 1.959963984540054
"""Of the standard normal distribution, for an interval that holds in 95 of 100 cases."""
ANSWERS: Final = ("yes", "unknown", "no")


@dataclass(frozen=True)
class Snapshot:
    """A verdict as it was."""

    overall: str
    fit: int | None = None
    verdicts: Mapping[str, str] = field(default_factory=dict)
    """Rule -> its answer. Empty when it was not kept."""
    parts: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Part of the fit -> (points earned, points possible)."""


@dataclass(frozen=True)
class Case:
    """A pair of which something came."""

    outcome: Outcome
    seen: Snapshot
    """The verdict when the pair went to the donor, was dismissed, or was shortlisted."""
    begun: Snapshot | None = None
    """The verdict when somebody began to pursue it; None if nobody has."""


@dataclass(frozen=True)
class Share:
    """So many of so many; with the interval in which the true share lies, if there are enough to tell."""

    good: int
    of: int

    @property
    def enough(self) -> bool:
        """Whether there are enough cases to tell."""
        return self.of >= FEW

    @property
    def value(self) -> float:
        """The share, from 0 to 1. Raises ZeroDivisionError without cases."""
        return self.good / self.of

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval."""
        return wilson(self.good, self.of)


def wilson(good: int, of: int, z: float = Z95) -> tuple[float, float]:
    """Wilson's score interval (1927) of a share: it stays between 0 and 1, and is honest for small numbers.

    Raises ValueError unless 0 <= good <= of and there is a case at all.
    """
    if not 0 <= good <= of or of == 0:
        raise ValueError(f"{good} of {of} is no share")
    share, square = good / of, z * z / of
    middle = (share + square / 2) / (1 + square)
    reach = z / (1 + square) * sqrt(share * (1 - share) / of + square / (4 * of))
    low = 0.0 if good == 0 else max(0.0, middle - reach)
    return low, 1.0 if good == of else min(1.0, middle + reach)


@dataclass(frozen=True)
class AnswerRecord:
    """What became of the pairs to which a rule gave one answer."""

    rule: str
    answer: str
    counts: Mapping[Outcome, int]

    @property
    def total(self) -> int:
        """How many pairs."""
        return sum(self.counts.values())

    @property
    def under_way(self) -> int:
        """Pairs of which nothing can be said yet."""
        return self.counts.get("approached", 0) + self.counts.get("shortlisted", 0)

    @property
    def held(self) -> Share:
        """How often the answer held, of the pairs that were settled: for a yes and an unknown those that went to the
        donor, for a no those that were dismissed or declined."""
        went = sum(self.counts.get(outcome, 0) for outcome in WENT)
        against = sum(self.counts.get(outcome, 0) for outcome in AGAINST)
        return Share(against if self.answer == "no" else went, went + against)


def by_rule(cases: Iterable[Case], rules: Sequence[str]) -> list[AnswerRecord]:
    """What became of each answer of each rule, in the order of `rules`; answers that never occurred are left out."""
    counts: dict[tuple[str, str], Counter[Outcome]] = {}
    for case in cases:
        for rule, answer in case.seen.verdicts.items():
            counts.setdefault((rule, answer), Counter())[case.outcome] += 1
    order = [*rules, *sorted({rule for rule, _answer in counts} - set(rules))]
    return [
        AnswerRecord(rule, answer, counts[rule, answer])
        for rule in order
        for answer in ANSWERS
        if (rule, answer) in counts
    ]


@dataclass(frozen=True)
class PartRecord:
    """The share of its points that a part of the fit earned, on average, where it went well and where it did not."""

    part: str
    for_count: int
    for_mean: float | None
    against_count: int
    against_mean: float | None
    difference: tuple[float, float, float] | None
    """(for - against, and the ends of its 95 % interval); None when there are too few on either side."""

    @property
    def tells(self) -> Literal["few", "more", "less", "same"]:
        """Whether the part earns clearly more, or clearly less, where it went well."""
        if self.difference is None:
            return "few"
        _mean, low, high = self.difference
        return "more" if low > 0 else "less" if high < 0 else "same"


def by_part(cases: Iterable[Case], parts: Sequence[str]) -> list[PartRecord]:
    """Each part of the fit, in the order of `parts`. Pairs that were not eligible have none, and do not count."""
    shares: dict[str, tuple[list[float], list[float]]] = {part: ([], []) for part in parts}
    for case in cases:
        for part, (points, most) in case.seen.parts.items():
            if most > 0:
                sides = shares.setdefault(part, ([], []))
                sides[0 if case.outcome in FOR else 1].append(float(Fraction(points, most)))
    return [
        PartRecord(
            part, len(good), fmean(good) if good else None, len(bad), fmean(bad) if bad else None,
            difference(good, bad),
        )
        for part, (good, bad) in shares.items()
    ]  # fmt: skip


def difference(one: Sequence[float], other: Sequence[float]) -> tuple[float, float, float] | None:
    """(difference of the means, its 95 % interval) of two independent samples of at least ten each, else None."""
    if len(one) < FEW or len(other) < FEW:
        return None
    mean = fmean(one) - fmean(other)
    reach = Z95 * sqrt(variance(one) / len(one) + variance(other) / len(other))
    return mean, mean - reach, mean + reach


def in_spite(case: Case) -> Literal["pursued", "dismissed", ""]:
    """Whether people went against the verdict: shortlisted or pursued a window that could not fund the proposal, or
    dismissed one that could."""
    first = case.begun or (case.seen if case.outcome == "shortlisted" else None)
    if first is not None and first.overall == "not_eligible":
        return "pursued"
    if case.outcome == "dismissed" and case.seen.overall == "eligible":
        return "dismissed"
    return ""


def answered(cases: Iterable[Case]) -> Share:
    """How many of the applications that donors have answered were awarded."""
    counts = Counter(case.outcome for case in cases)
    return Share(counts["awarded"], counts["awarded"] + counts["declined"])
