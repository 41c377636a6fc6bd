"""Contradictions in terms, said in words at the field where they can be mended."""

from collections.abc import Iterable
from typing import Final

from services.chassis.errors import FieldError
from services.chassis.i18n import N_
from services.donors.rules import Problem

MESSAGES: Final = {
    "amount_order": N_("Largest amount: it is below the smallest amount. Please check both."),
    "duration_order": N_("Longest duration: it is below the shortest duration. Please check both."),
    "call_order": N_("Deadline: it lies before the day on which the call opens. Please check both."),
    "not_over_yet": N_("Last deadline: this day is still to come. Put it into “Deadline” instead."),
    "ratio_missing": N_("Ratio: a portfolio target needs its ratio, for example 7."),
    "ratio_without_rule": N_("Ratio: there is no rule that it could belong to. Clear it, or choose another rule."),
    "sure_without_source": N_("Source: high or medium confidence needs an address. Give it, or choose low."),
    "checked_tomorrow": N_("Checked on: this day is still to come. Please give the day on which you looked."),
}


def errors_of(problems: Iterable[Problem]) -> list[FieldError]:
    """The problems as errors at fields of the edit form."""
    return [FieldError(problem.field, MESSAGES[problem.code]) for problem in problems]
