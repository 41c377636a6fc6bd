"""Verdicts on actions, and what a window's rules shut out, in the reader's language."""

from collections.abc import Mapping
from typing import Final

from services.chassis.i18n import N_, gettext
from services.matching.words.texts import rule_name

_ACTION: Final = {
    "yes": N_("%(window)s could pay for this: %(yes)s yes, %(unknown)s unknown, %(no)s no"),
    "unknown": N_("%(window)s could perhaps pay for this: %(yes)s yes, %(unknown)s unknown, %(no)s no"),
    "no": N_("%(window)s could not pay for this: %(yes)s yes, %(unknown)s unknown, %(no)s no"),
    "nothing": N_("%(window)s has nothing in common with this: %(yes)s yes, %(unknown)s unknown, %(no)s no"),
}
_REFUSES: Final = N_("%(rules)s: refused")
_NOTHING: Final = N_("No rule refuses, but no theme and no preferred species is shared")


def action_sentence(window: str, overall: str, could_pay: bool, counts: Mapping[str, int]) -> str:
    """The verdict on a window and an action in a sentence."""
    kind = {"eligible": "yes", "unsure": "unknown", "not_eligible": "no"}[overall]
    if kind != "no" and not could_pay:
        kind = "nothing"
    return gettext(_ACTION[kind], window=window, **counts)


def refusal_text(rules: tuple[str, ...]) -> str:
    """Why a window could not pay: `Species, status: refused`."""
    if not rules:
        return gettext(_NOTHING)
    names = [rule_name(rule) for rule in rules]
    return gettext(_REFUSES, rules=", ".join([names[0], *(name[:1].lower() + name[1:] for name in names[1:])]))
