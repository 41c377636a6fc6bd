"""Decisions about the terms of a window. Pure: no clock, no database.

A window's terms are made of rules. A rule is what people see as one thing and change at once: the amount with its
evidence, the countries with theirs. `PARTS` says which fields make up each.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from contracts.values import Evidence, Tri
from contracts.windows import WindowTerms

PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "status": ("status", "status_evidence"),
    "call": ("call",),
    "amount": ("amount",),
    "duration": ("duration",),
    "applicants": ("applicants",),
    "countries": ("countries",),
    "species": ("species",),
    "themes": ("themes", "theme_words"),
    "cofinancing": ("cofinancing",),
    "intermediary": ("intermediary",),
    "about": ("donor_id", "donor_name", "name", "kind", "fund", "url"),
    "summary": ("summary",),
    "notes": ("confidence", "unverified", "notes", "sources"),
}
"""Rule -> fields of `WindowTerms`, in the order in which people see them."""

EVIDENCED: Final = (
    "status", "call", "amount", "duration", "applicants", "countries", "species", "cofinancing", "intermediary",
)  # fmt: skip
"""Rules that carry evidence of their own."""

CLOSED: Final = "closed"
_EASTERNMOST: Final = timedelta(hours=14)
"""No zone is further ahead of UTC."""
_MONTHS_TO_NEXT_CHECK: Final[Mapping[str, int]] = {"unknown": 3, "opens_later": 3, "closed": 12, "not_for_us": 12}
_USUAL_MONTHS: Final = 6


@dataclass(frozen=True)
class Problem:
    """One thing in the terms that contradicts another. `code` says what, `field` where it can be mended."""

    field: str
    code: str


@dataclass(frozen=True)
class Merge:
    """What comes of two people's changes to the same terms. `both`: rules that both have changed, differently."""

    terms: WindowTerms
    both: tuple[str, ...]
    theirs: tuple[str, ...]
    """Rules that only the other person has changed; they are in `terms` already."""


def changed(before: WindowTerms, after: WindowTerms) -> list[str]:
    """Names of the rules in which the two differ. When to check again is no part of a rule."""
    old, new = _comparable(before), _comparable(after)
    return [rule for rule, fields in PARTS.items() if any(old[field] != new[field] for field in fields)]


def evidence_of(terms: WindowTerms, rule: str) -> Evidence:
    """The evidence of one of the `EVIDENCED` rules."""
    found = terms.status_evidence if rule == "status" else getattr(terms, rule).evidence
    assert isinstance(found, Evidence)
    return found


def with_evidence(terms: WindowTerms, rule: str, evidence: Evidence) -> WindowTerms:
    """The terms with other evidence for one of the `EVIDENCED` rules."""
    if rule == "status":
        return terms.model_copy(update={"status_evidence": evidence})
    return terms.model_copy(update={rule: getattr(terms, rule).model_copy(update={"evidence": evidence})})


def check_again(status: str, checked: date) -> date:
    """When a fact that was checked on `checked` should be checked again: sooner where the state is in doubt."""
    months = checked.month - 1 + _MONTHS_TO_NEXT_CHECK.get(status, _USUAL_MONTHS)
    year, month = checked.year + months // 12, months % 12 + 1
    return date(year, month, min(checked.day, 28))


def stamped(before: WindowTerms, after: WindowTerms, revision: int) -> WindowTerms:
    """`after` as the given revision: rules that differ get their next date of checking, the whole gets the soonest."""
    for rule in changed(before, after):
        if rule in EVIDENCED:
            evidence = evidence_of(after, rule)
            if evidence.checked is not None:
                later = check_again(after.status, evidence.checked)
                after = with_evidence(after, rule, evidence.model_copy(update={"check_again": later}))
    found = [evidence_of(after, rule) for rule in EVIDENCED]
    return after.model_copy(update={
        "revision": revision,
        "checked": max((e.checked for e in found if e.checked), default=after.checked),
        "check_again": min((e.check_again for e in found if e.check_again), default=after.check_again),
    })  # fmt: skip


def latest_today(now: datetime) -> date:
    """The day that has begun somewhere: a morning in Ulaanbaatar must not be told that it is still to come."""
    return (now + _EASTERNMOST).date()


def problems(terms: WindowTerms, today: date) -> list[Problem]:
    """Everything in the terms that cannot be true at once. `today` is the latest day that nobody calls tomorrow."""
    found = []
    amount, duration, call, money = terms.amount, terms.duration, terms.call, terms.cofinancing
    if amount.minimum is not None and amount.maximum is not None and amount.minimum > amount.maximum:
        found.append(Problem("amount_maximum", "amount_order"))
    if duration.minimum is not None and duration.maximum is not None and duration.minimum > duration.maximum:
        found.append(Problem("duration_maximum", "duration_order"))
    if call.opens is not None and call.deadline is not None and call.opens > call.deadline:
        found.append(Problem("call_deadline", "call_order"))
    if call.last_deadline is not None and call.last_deadline > today:
        found.append(Problem("call_last_deadline", "not_over_yet"))
    if money.mode == "portfolio_target" and money.ratio is None:
        found.append(Problem("cofinancing_ratio", "ratio_missing"))
    if money.mode in ("none", "unknown") and money.ratio is not None:
        found.append(Problem("cofinancing_ratio", "ratio_without_rule"))
    for rule in EVIDENCED:
        evidence = evidence_of(terms, rule)
        if evidence.confidence in ("high", "medium") and not evidence.url:
            found.append(Problem(f"{rule}_source", "sure_without_source"))
        if evidence.checked is not None and evidence.checked > today:
            found.append(Problem(f"{rule}_checked", "checked_tomorrow"))
    return found


def closed(terms: WindowTerms, reason: str, today: date) -> WindowTerms:
    """The terms of a window that takes no more applications."""
    return _with_status(terms, CLOSED, reason, today)


def reopened(terms: WindowTerms, status: str, reason: str, today: date) -> WindowTerms:
    """The terms of a closed window that is back with `status`. Raises ValueError when `status` is no way to be back."""
    if status == CLOSED:
        raise ValueError("a window is not opened again by closing it")
    return _with_status(terms, status, reason, today)


def merge(base: WindowTerms, mine: WindowTerms, theirs: WindowTerms) -> Merge:
    """My changes to `base` upon theirs: a rule that I left alone takes their value, one that I changed keeps mine."""
    changed_by_me, changed_by_them = set(changed(base, mine)), set(changed(base, theirs))
    differ = set(changed(mine, theirs))
    fields = [field for rule in changed_by_me for field in PARTS[rule]]
    terms = theirs.model_copy(update={field: getattr(mine, field) for field in fields})
    return Merge(
        terms,
        both=tuple(rule for rule in PARTS if rule in changed_by_me & changed_by_them & differ),
        theirs=tuple(rule for rule in PARTS if rule in changed_by_them - changed_by_me),
    )


def answer_for(terms: WindowTerms, species: str) -> Tri:
    """What the species rule says of one species."""
    return terms.species.species.get(species, terms.species.others)


def may_apply(terms: WindowTerms, kind: str) -> Tri:
    """What the applicant rule says of one kind of applicant."""
    rule = terms.applicants
    if rule.known and kind in rule.kinds:
        return Tri.YES
    return Tri.UNKNOWN if kind in rule.uncertain or not rule.known else Tri.NO


def _with_status(terms: WindowTerms, status: str, reason: str, today: date) -> WindowTerms:
    evidence = Evidence(sentence=reason, checked=today, confidence="low", year=today.year)
    return terms.model_copy(update={"status": status, "status_evidence": evidence})


def _comparable(terms: WindowTerms) -> dict[str, Any]:
    found: dict[str, Any] = _without_dates(terms.model_dump())
    return found


def _without_dates(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_dates(one) for key, one in value.items() if key != "check_again"}
    if isinstance(value, list):
        return [_without_dates(one) for one in value]
    return value
