"""Is the window open, and can an application still be made? Rules 1 and 2."""

from datetime import date
from typing import Final

from contracts.values import Tri
from contracts.windows import WindowTerms
from services.matching.rules.answers import Answer, Setting, no, unknown, yes
from services.matching.rules.settled import passed_deadline, told_of

RETURNING: Final = frozenset({"annual", "several_a_year"})
"""Cycles after whose deadline another one follows."""


def status(terms: WindowTerms, setting: Setting) -> Answer:
    """Rule 1. A window that opens later is a yes only when the day is known: hope is not a fact."""
    code = terms.status
    if code in ("open", "recurring"):
        return yes(f"status_{code}")
    if code == "opens_later":
        opens = terms.call.opens
        if opens is None:
            return unknown("status_opens_later", "next_opening")
        if opens > setting.today:
            return yes("status_opens_on", opens_date=opens.isoformat())
        return unknown("status_opening_passed", "open_now", opens_date=opens.isoformat())
    if code == "by_arrangement":
        return _told(terms, "arrangement") or unknown("status_by_arrangement", "ask_donor")
    if code in ("suspended", "closed", "not_for_us"):
        return no(f"status_{code}")
    return unknown("status_unknown", "open_now")


def call(terms: WindowTerms, setting: Setting) -> Answer:
    """Rule 2. A passed deadline is a no only where no further one is to be expected.

    A call that returns each year but whose next date is not announced stays unknown: whether this proposal can be in
    time is just what cannot be told.
    """
    answer = _call(terms, setting)
    if answer.verdict is not Tri.UNKNOWN:
        return answer
    return _told(terms, _ASKS.get(answer.question, "")) or answer


_ASKS: Final = {"invited": "invited", "parent_grant": "parent", "next_deadline": "deadline", "how_to_apply": "deadline"}
"""Question of rule 2 -> the code under which people's answers to it are kept."""
_TOLD: Final = {
    "arrangement": ("status_considered", "status_not_considered"), "invited": ("call_invited", "call_not_invited"),
    "parent": ("call_parent_found", "call_parent_missing"), "deadline": ("call_any_time", "call_ended"),
}  # fmt: skip


def _told(terms: WindowTerms, ask: str) -> Answer | None:
    """What somebody was told of what no page says."""
    day = passed_deadline(terms.call) if ask == "deadline" else ""
    answer = told_of(terms, f"{ask}:{day}" if day else ask)
    if answer is Tri.UNKNOWN:
        return None
    accepted, refused = _TOLD[ask]
    return yes(accepted) if answer is Tri.YES else no(refused)


def _call(terms: WindowTerms, setting: Setting) -> Answer:
    rule = terms.call
    if rule.deadline is not None and rule.deadline >= setting.today:
        return _ahead(terms, rule.deadline, setting.today)
    if rule.opens is not None and rule.opens > setting.today:
        return yes("call_opens", opens_date=rule.opens.isoformat())
    if passed := rule.deadline or rule.last_deadline:
        return _passed(terms, passed)
    if rule.cycle in _WITHOUT_DATE:
        verdict, reason, question = _WITHOUT_DATE[rule.cycle]
        return Answer(verdict, reason, question=question)
    if rule.cycle in RETURNING or rule.cycle == "irregular":
        return unknown("call_no_date", "next_deadline", cycle=rule.cycle)
    return unknown("call_unknown", "next_deadline")


_WITHOUT_DATE: Final = {
    "rolling": (Tri.YES, "call_any_time", ""),
    "negotiated": (Tri.YES, "call_negotiated", ""),
    "by_invitation": (Tri.UNKNOWN, "call_by_invitation", "invited"),
    "with_parent": (Tri.UNKNOWN, "call_with_parent", "parent_grant"),
    "none": (Tri.UNKNOWN, "call_none", "how_to_apply"),
}
"""Cycles that go without a date: what they answer, and what to ask."""


def _ahead(terms: WindowTerms, deadline: date, today: date) -> Answer:
    opens = terms.call.opens
    if not terms.call.deadline_certain:
        return unknown("call_usual_date", "next_deadline", deadline_date=deadline.isoformat())
    if opens is not None and opens > today:
        return yes("call_opens_then", opens_date=opens.isoformat(), deadline_date=deadline.isoformat())
    return yes("call_deadline", deadline_date=deadline.isoformat())


def _passed(terms: WindowTerms, deadline: date) -> Answer:
    cycle, day = terms.call.cycle, deadline.isoformat()
    if terms.status in ("closed", "suspended", "not_for_us"):
        return no("call_passed", deadline_date=day)
    only_past = terms.call.deadline is None  # the inventory dates an earlier call, and says nothing of the next
    if only_past and cycle in _WITHOUT_DATE:
        verdict, reason, question = _WITHOUT_DATE[cycle]
        return Answer(verdict, reason, question=question)
    if only_past or cycle in RETURNING or terms.status in ("recurring", "opens_later", "unknown"):
        return unknown("call_passed_returns", "next_deadline", deadline_date=day)
    return no("call_passed", deadline_date=day)
