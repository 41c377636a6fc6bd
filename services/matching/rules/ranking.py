"""The order of a proposal's windows, and what has changed since a pair was judged before."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from services.matching.rules.findings import Finding, Judgement, Overall

_ORDER: dict[str, int] = {"eligible": 0, "unsure": 1, "not_eligible": 2}


class Ranked(NamedTuple):
    """As much of a pair as its place depends on."""

    window_id: str
    overall: Overall
    fit: int | None
    no: int


def sort_key(pair: Ranked) -> tuple[int, int, int, str]:
    """Best first: eligible, unsure, not eligible; within each by fit, then fewest refusals, then by id."""
    return _ORDER[pair.overall], -(pair.fit or 0), pair.no, pair.window_id


def positions(pairs: Iterable[Ranked]) -> dict[str, int]:
    """Window id -> place in the ranking, from 1."""
    return {pair.window_id: place for place, pair in enumerate(sorted(pairs, key=sort_key), start=1)}


@dataclass(frozen=True)
class Change:
    """How a pair differs from its judgement before: what it was, and the findings that made the difference."""

    overall: Overall
    """As it was."""
    fit: int | None
    """As it was."""
    findings: tuple[Finding, ...]
    """As they are now; only those whose verdict is another one. Empty when only the fit has moved."""


def change_between(before: Sequence[Finding], was: Overall, was_fit: int | None, now: Judgement) -> Change | None:
    """What has changed, or None when neither verdict nor fit has. Where the verdict fell, refusals come first."""
    if was == now.overall and was_fit == now.fit:
        return None
    verdicts = {finding.rule: finding.verdict for finding in before}
    different = [finding for finding in now.findings if verdicts.get(finding.rule) is not finding.verdict]
    gravity = {"no": 0, "unknown": 1, "yes": 2}
    if _ORDER[now.overall] < _ORDER[was]:
        gravity = {"yes": 0, "unknown": 1, "no": 2}
    different.sort(key=lambda finding: gravity[finding.verdict.value])
    return Change(was, was_fit, tuple(different))
