"""Verdicts, findings and parts put into words, in the reader's language. The rules know codes alone."""

from services.matching.words.changes import amendment_text, cost_text, opening_text, rule_names
from services.matching.words.pursuits import stage_hint, stage_name
from services.matching.words.questions import (
    answer_text,
    bare_question,
    choice_text,
    question_sentence,
    row_text,
    rule_of_question,
)
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
from services.matching.words.verdicts import action_sentence, by_priority, refusal_text, shut_out_sentence

__all__ = [
    "GEF", "GROUPS", "VERDICTS", "action_sentence", "amendment_text", "answer_text", "bare_question", "by_priority",
    "change_text", "choice_text", "cost_text", "filled", "group_label", "name_of_window", "opening_text", "part_name",
    "part_text", "question_sentence", "question_text", "reason_text", "refusal_text", "row_text", "rule_name",
    "rule_names", "rule_of_question", "shut_out_sentence", "stage_hint", "stage_name", "verdict_sentence",
    "verdict_word",
]  # fmt: skip
