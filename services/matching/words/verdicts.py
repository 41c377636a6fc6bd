"""Verdicts on actions, and what a window's rules shut out, in the reader's language."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final, Protocol

from contracts.vocabulary import codes, label
from services.chassis import formats
from services.chassis.i18n import N_, current_language, gettext
from services.matching.words.texts import rule_name

_ACTION: Final = {
    "yes": N_("%(window)s could pay for this: %(yes)s yes, %(unknown)s unknown, %(no)s no"),
    "unknown": N_("%(window)s could perhaps pay for this: %(yes)s yes, %(unknown)s unknown, %(no)s no"),
    "no": N_("%(window)s could not pay for this: %(yes)s yes, %(unknown)s unknown, %(no)s no"),
    "nothing": N_("%(window)s has nothing in common with this: %(yes)s yes, %(unknown)s unknown, %(no)s no"),
}
_REFUSES: Final = N_("%(rules)s: refused")
_REFUSED: Final = N_("Of %(total)s, its rules refuse %(refused)s.")
_NONE_REFUSED: Final = N_("Of %(total)s, its rules refuse none.")
_FIRST: Final = N_("“%(rule)s” shuts out the most: it alone refuses %(alone)s.")
_FIRST_ACTIONS: Final = N_(
    "“%(rule)s” shuts out the most: it alone refuses %(alone)s, of which %(high)s have high priority."
)
_NONE_ALONE: Final = N_("None of them refuses anything alone: more than one rule stands in the way each time.")
_UNSHARED: Final = N_("No rule refuses %(count)s others, but they share no theme and no preferred species.")
_NO_PRIORITY: Final = N_("No priority stated")
_NOTHING: Final = N_("No rule refuses, but no theme and no preferred species is shared")


class Rule(Protocol):
    """As much of a `rules.shutting.ShutOut` as is put into words."""

    rule: str
    alone: Counter[str]


class Shutting(Protocol):
    """As much of a `queries.verdicts.Shutting` as is put into words."""

    @property
    def total(self) -> int: ...
    @property
    def refused(self) -> int: ...
    @property
    def unshared(self) -> int: ...
    @property
    def first(self) -> Rule | None: ...


def action_sentence(window: str, overall: str, could_pay: bool, counts: Mapping[str, int]) -> str:
    """The verdict on a window and an action in a sentence."""
    kind = {"eligible": "yes", "unsure": "unknown", "not_eligible": "no"}[overall]
    if kind != "no" and not could_pay:
        kind = "nothing"
    return gettext(_ACTION[kind], window=window, **counts)


def shut_out_sentence(shutting: Shutting, of_actions: bool) -> str:
    """What a window's rules refuse, and which of them refuses most by itself."""
    first = shutting.first
    figures: dict[str, Any] = {"total": shutting.total, "refused": shutting.refused}
    texts = [gettext(_REFUSED if shutting.refused else _NONE_REFUSED, **figures)]
    if first is not None:
        figures = {"rule": rule_name(first.rule), "alone": first.alone.total(), "high": first.alone["high"]}
        texts.append(gettext(_FIRST_ACTIONS if of_actions else _FIRST, **figures))
    elif shutting.refused:
        texts.append(gettext(_NONE_ALONE))
    if shutting.unshared:
        texts.append(gettext(_UNSHARED, count=shutting.unshared))
    return " ".join(texts)


def by_priority(counts: Mapping[str, int]) -> str:
    """`High 3, Medium 2`; empty where there is nothing to count."""
    language = current_language()
    known = [(label("priorities", code, language), counts.get(code, 0)) for code in codes("priorities")]
    known.append((gettext(_NO_PRIORITY), counts.get("none", 0)))
    return ", ".join(f"{name} {formats.number(count, language)}" for name, count in known if count)


def refusal_text(rules: tuple[str, ...]) -> str:
    """Why a window could not pay: `Species, status: refused`."""
    if not rules:
        return gettext(_NOTHING)
    names = [rule_name(rule) for rule in rules]
    return gettext(_REFUSES, rules=", ".join([names[0], *(name[:1].lower() + name[1:] for name in names[1:])]))
