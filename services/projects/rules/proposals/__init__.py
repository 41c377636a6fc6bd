"""Decisions about proposals: what is missing, what the figures are, what changed, who may do what. Pure."""

from services.projects.rules.proposals.differences import Difference, differences, same_answers
from services.projects.rules.proposals.gaps import Gap, gaps
from services.projects.rules.proposals.partners import Registered, folded, recognised
from services.projects.rules.proposals.periods import duration, months_between, project_years
from services.projects.rules.proposals.states import (
    after_ticks,
    may_edit,
    may_submit,
    may_withdraw,
    section_states,
    suggested,
    themes_of,
)
from services.projects.rules.proposals.texts import merged, stale_languages, word_changes
from services.projects.rules.proposals.totals import BASE, Convert, Totals, totals

__all__ = [
    "BASE", "Convert", "Difference", "Gap", "Registered", "Totals", "after_ticks", "differences", "duration", "folded",
    "gaps", "may_edit", "may_submit", "may_withdraw", "merged", "months_between", "project_years", "recognised",
    "same_answers", "section_states", "stale_languages", "suggested", "themes_of", "totals", "word_changes",
]  # fmt: skip
