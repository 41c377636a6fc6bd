"""Is the window open, and can an application still be made? Rules 1 and 2."""

from datetime import date
from typing import Final

from contracts.values import Tri
from contracts.windows import WindowTerms
from services.matching.rules.answers import Answer, Setting, no, unknown, yes

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
        return unknown("status_by_arrangement", "ask_donor")
    if code in ("suspended", "closed", "not_for_us"):
        return no(f"status_{code}")
    return unknown("status_unknown", "open_now")


def call(terms: WindowTerms, setting: Setting) -> Answer:
    """Rule 2. A passed deadline is a no only where no further one is to be expected.

    A call that returns each year but whose next date is not announced stays unknown: whether this proposal can be in
    time is just what cannot be told.
    """
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
