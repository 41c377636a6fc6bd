"""Verdicts, findings and parts put into words, in the reader's language. The rules know codes alone."""

from services.matching.words.changes import amendment_text, cost_text, opening_text, rule_names
from services.matching.words.pursuits import stage_hint, stage_name
from services.matching.words.texts import (
    GEF,
    GROUPS,
    VERDICTS,
    change_text,
    filled,
    group_label,
    name_of_window,
    part_name,
    part_text,
    question_text,
    reason_text,
    rule_name,
    verdict_sentence,
    verdict_word,
)

__all__ = [
    "GEF", "GROUPS", "VERDICTS", "amendment_text", "change_text", "cost_text", "filled", "group_label",
    "name_of_window", "opening_text", "part_name", "part_text", "question_text", "reason_text", "rule_name",
    "rule_names", "stage_hint", "stage_name", "verdict_sentence", "verdict_word",
]  # fmt: skip
