"""Sentences in the reader's language (the current one), from codes and parameters."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from contracts.vocabulary import label
from services.chassis import formats
from services.chassis.i18n import N_, current_language, gettext, translate
from services.matching.rules import Finding, Params, Part
from services.matching.words.parts import IN_KIND, LACKS, PART_REASONS, PARTS, STILL_LACKING
from services.matching.words.reasons import QUESTIONS, REASONS, RULES

_VOCABULARY: Final = {
    "states": "states", "species": "species", "themes": "themes", "kinds": "applicant_kinds",
    "kind": "applicant_kinds", "cycle": "call_cycles", "status": "window_statuses", "priority": "priorities",
}  # fmt: skip

VERDICTS: Final = {
    "eligible": N_("May fund this"),
    "unsure": N_("Needs an answer"),
    "not_eligible": N_("Cannot fund this"),
}
_MAY: Final = N_("%(window)s may fund this: %(yes)s yes, %(unknown)s unknown, %(no)s no")
_CANNOT: Final = N_("%(window)s cannot fund this: %(yes)s yes, %(unknown)s unknown, %(no)s no")
_CAUSES: Final = {
    "window": N_("The window has changed."),
    "proposal": N_("The proposal has changed."),
    "weights": N_("The weights of the fit have changed."),
    "history": N_("The donor has answered a proposal of ours."),
    "day": N_("Time has passed."),
    "answer": N_("A question has been answered."),
    "rules": N_("The rules of judging have changed."),
}
GROUPS: Final = ("gef", "trust_fund", "multilateral", "bilateral", "foundation", "private_sector", "national")
"""Groups by which a coordinator pairs windows: the GEF's, then the others by kind."""
GEF: Final = N_("Global Environment Facility")


def filled(params: Params) -> dict[str, str]:
    """Parameters as the reader's language writes them; `findings.Params` tells how a name says what a value is."""
    language = current_language()
    return {name: _written(name, value, language) for name, value in params.items()}


def _written(name: str, value: str | int | list[str], language: str) -> str:
    if isinstance(value, list) and name == "lacks":
        return ", ".join(translate(language, LACKS[code]) if code in LACKS else code for code in value)
    if isinstance(value, list):
        return ", ".join(label(_VOCABULARY.get(name, name), code, language) for code in value)
    if isinstance(value, int):
        return formats.number(value, language)
    if name.endswith("_money"):
        amount, _, currency = value.partition(" ")
        return formats.amount(Decimal(amount), currency, language)
    if name.endswith("_date"):
        return formats.day(date.fromisoformat(value), language)
    if name == "ratio":
        return formats.number(Decimal(value), language)
    return label(_VOCABULARY[name], value, language) if name in _VOCABULARY and value else value


def _sentence(texts: Mapping[str, str], code: str, params: Params) -> str:
    """A code that a newer writer has put into the database, and this program does not know, is shown as it is."""
    message = texts.get(code)
    return gettext(message, **filled(params)) if message else code


def rule_name(code: str) -> str:
    """The rule's name."""
    return _sentence(RULES, code, {})


def reason_text(finding: Finding) -> str:
    """What the rule found."""
    return _sentence(REASONS, finding.reason, finding.params)


def question_text(finding: Finding) -> str:
    """What to ask; empty when there is nothing to ask."""
    return _sentence(QUESTIONS, finding.question, finding.params) if finding.question else ""


def part_name(code: str) -> str:
    """What a part of the fit is called."""
    return _sentence(PARTS, code, {})


def part_text(part: Part) -> str:
    """Why a part has its points."""
    text = _sentence(PART_REASONS, part.reason, part.params)
    if "lacks" not in part.params:  # other parts, and what an older program has stored
        return text
    sentences = [text, gettext(STILL_LACKING, **filled(part.params))]
    if "in_kind" in part.params:
        sentences.append(_sentence(IN_KIND, str(part.params["in_kind"]), {}))
    return " ".join(sentences)


def verdict_word(overall: str) -> str:
    """The verdict in a few words."""
    return _sentence(VERDICTS, overall, {})


def verdict_sentence(window: str, overall: str, yes: int, unknown: int, no: int) -> str:
    """`Rufford Small Grant may fund this: 11 yes, 1 unknown, 0 no`."""
    message = _CANNOT if overall == "not_eligible" else _MAY
    return gettext(message, window=window, yes=yes, unknown=unknown, no=no)


def change_text(cause: str, findings: Sequence[Finding]) -> str:
    """Why a pair's verdict or fit has changed: what brought it about, then the findings that did (three at most)."""
    sentences = [_sentence(_CAUSES, cause, {}), *(reason_text(finding) for finding in findings[:3])]
    return " ".join(sentences)


def name_of_window(name: str, donor_name: str) -> str:
    """A window's name that stands alone: with its donor unless the name already says it."""
    first = donor_name.split(maxsplit=1)[0].strip(":,") if donor_name else ""
    return name if len(first) > 2 and first in name else f"{name}, {donor_name}"


def group_label(group: str, language: str = "") -> str:
    """What a group of windows is called in `language`, or in the current one."""
    language = language or current_language()
    return translate(language, GEF) if group == "gef" else label("window_kinds", group, language)
