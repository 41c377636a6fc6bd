"""What a judgement consists of. Reasons and questions are codes with parameters: pages put them into words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal

from contracts.values import Evidence, Tri

Overall = Literal["eligible", "not_eligible", "unsure"]
Param = str | int | list[str]
Params = Mapping[str, Param]
"""Values for a reason's sentence. The name says how to show one: `states`, `species`, `themes`, `kinds` are lists of
codes; `kind`, `status`, `cycle` one code; `*_money` is an amount and a currency (`7000 GBP`); `*_date` ISO 8601."""
NO_PARAMS: Final[Params] = MappingProxyType({})
NO_EVIDENCE: Final = Evidence()


@dataclass(frozen=True)
class Finding:
    """The answer of one rule."""

    rule: str
    verdict: Tri
    reason: str
    params: Params = field(default_factory=dict)
    question: str = ""
    """What to ask to settle an unknown (or to be warned of, with a yes)."""
    warning: bool = False
    """A yes that somebody should still look at."""
    evidence: Evidence = NO_EVIDENCE

    def as_json(self) -> dict[str, Any]:
        """For storage. Leaves the evidence out: it stands in the window's terms, of the same revision."""
        short: dict[str, Any] = {"rule": self.rule, "verdict": self.verdict.value, "reason": self.reason}
        if self.params:
            short["params"] = dict(self.params)
        if self.question:
            short["question"] = self.question
        if self.warning:
            short["warning"] = True
        return short

    @classmethod
    def from_json(cls, stored: Mapping[str, Any], evidence: Evidence | None = None) -> "Finding":
        """Read back what `as_json` gave, with the evidence put to it again."""
        return cls(
            stored["rule"], Tri(stored["verdict"]), stored["reason"], stored.get("params", {}),
            stored.get("question", ""), stored.get("warning", False), evidence or NO_EVIDENCE,
        )  # fmt: skip


@dataclass(frozen=True)
class Part:
    """One named share of a fit: `points` of at most `most`, and why."""

    part: str
    points: int
    most: int
    reason: str
    params: Params = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """For storage."""
        return {
            "part": self.part, "points": self.points, "most": self.most,
            "reason": self.reason, "params": dict(self.params),
        }  # fmt: skip

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Part":
        """Read back what `as_json` gave."""
        return cls(stored["part"], stored["points"], stored["most"], stored["reason"], stored.get("params", {}))


@dataclass(frozen=True)
class Judgement:
    """A proposal judged against a window: every finding, what follows from them, and the fit unless a rule says no."""

    findings: tuple[Finding, ...]
    overall: Overall
    yes: int
    unknown: int
    no: int
    fit: int | None = None
    parts: tuple[Part, ...] = ()


def overall_of(verdicts: Iterable[Tri]) -> Overall:
    """Any no: not eligible; else any unknown: unsure; else eligible. An unknown is never counted as either."""
    seen = set(verdicts)
    if Tri.NO in seen:
        return "not_eligible"
    return "unsure" if Tri.UNKNOWN in seen else "eligible"
