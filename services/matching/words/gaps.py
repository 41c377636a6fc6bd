"""Words of the funding-gap map. Code -> msgid; and how it is counted, in the words of the page and of the workbook."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from contracts.vocabulary import label
from services.chassis import formats
from services.chassis.i18n import N_, current_language, gettext, translate
from services.matching.rules.gaps import OUTSIDE, REGION, Axis

STANDING_WORDS: Final[Mapping[str, str]] = {
    "orphaned": N_("Orphaned"),
    "proposed": N_("Proposed"),
    "pursued": N_("Pursued"),
    "pending": N_("Pending"),
    "funded": N_("Funded"),
}
MEASURES: Final[Mapping[str, tuple[str, str]]] = {
    "orphaned": (N_("Orphaned"), N_("Actions that nobody has proposed or pursued")),
    "stranded": (
        N_("Orphaned, no window"),
        N_("Actions that nobody has proposed or pursued, and that no window could pay for"),
    ),
    "proposed": (N_("Proposed"), N_("Actions that a proposal addresses and no donor is pursued for")),
    "pursued": (N_("Pursued"), N_("Actions for which a donor has been identified or contacted")),
    "pending": (N_("Pending"), N_("Actions for which a concept note or a proposal is with a donor")),
    "funded": (N_("Funded"), N_("Actions for which money has been awarded")),
    "unmet": (N_("Need unmet"), N_("Share of the need that is not funded, weighted by priority, in per cent")),
    "need": (N_("All need"), N_("All actions of the Programme")),
    "awarded": (N_("Money awarded"), N_("Money awarded, in thousand US dollars")),
    "asked": (N_("Money pending"), N_("Money that donors have been asked for, in thousand US dollars")),
    "open": (N_("Money not yet asked for"), N_("Money that nobody has been asked for yet, in thousand US dollars")),
}
"""Measure -> (its name, what the figures are)."""
MONEY: Final[Mapping[str, str]] = {"awarded": "awarded", "asked": "pending", "open": "open"}
"""Measures of money -> the sum they show. Staff alone see them."""

AXES: Final[Mapping[str, str]] = {"state": N_("By range state"), "species": N_("By species")}

HOW: Final = (
    (
        N_("Need"),
        N_(
            "Every action of the Programme is a need, in each state (or for each species) that it names. An action "
            "that names none stands in a column of its own, “Whole region”."
        ),
    ),
    (
        N_("Orphaned, proposed, pursued, pending, funded"),
        N_(
            "Funded: a donor has awarded money to a proposal that addresses the action there. Pending: a concept note "
            "or a proposal is with a donor. Pursued: a donor has been identified or contacted, or a window is "
            "shortlisted. Proposed: a proposal addresses it, and no donor is pursued. Orphaned: none of these. Of "
            "several the best counts, so each action counts once in a cell, and the five add up to the need."
        ),
    ),
    (
        N_("Totals"),
        N_(
            "A column adds up. The total of a row counts each action once, with the best it has reached anywhere, and "
            "is therefore mostly less than the sum of its cells."
        ),
    ),
    (
        N_("Need unmet"),
        N_(
            "The share of actions that are not funded, weighted by priority: high 10, high to medium 8, medium 6, "
            "medium to low 4, low 2, none stated 1."
        ),
    ),
    (
        N_("Money"),
        N_(
            "In US dollars, at the planning rates of each proposal and pursuit. A proposal’s money is split evenly "
            "over its actions, and an action’s share evenly over the places where the proposal addresses it, so no "
            "dollar is counted twice. What is pending is never more than what the proposal still lacks; a donor who "
            "was asked for no stated sum is counted with all that is lacking. “Elsewhere” holds money of proposals "
            "that work in none of the places an action names."
        ),
    ),
    (
        N_("No window"),
        N_(
            "A window could pay for an action when no rule refuses it and a theme or a preferred species is shared; "
            "in a column, only when the window does not refuse that state or species. An answer that is not known "
            "does not refuse."
        ),
    ),
    (
        N_("Windows that close unused"),
        N_(
            "Their deadline is near or has passed this month, they could pay for orphaned actions of priority high or "
            "high to medium, and nobody pursues their money."
        ),
    ),
    (
        N_("Filters and months"),
        N_(
            "Filters choose actions; a filter by state or species also chooses the columns of its own map, and totals "
            "count within these. A past month is computed from what had been submitted, withdrawn and pursued by its "
            "end (UTC); the Programme, and which window could pay, are those of today."
        ),
    ),
)


def standing_word(standing: str, language: str = "") -> str:
    """How far an action has come, in a word."""
    return translate(language or current_language(), STANDING_WORDS[standing])


def column_label(axis: Axis, column: str, language: str = "") -> str:
    """What a column is called."""
    language = language or current_language()
    if column == REGION:
        return translate(language, N_("Whole region"))
    if column == OUTSIDE:
        return translate(language, N_("Elsewhere"))
    return label("states" if axis == "state" else "species", column, language)


def measure_name(measure: str) -> str:
    """What a measure is called."""
    return gettext(MEASURES[measure][0])


def measure_text(measure: str) -> str:
    """What the figures of a measure are."""
    return gettext(MEASURES[measure][1])


def axis_name(axis: str) -> str:
    """What a map is called."""
    return gettext(AXES[axis])


def month_name(first: date) -> str:
    """The month with its year."""
    return formats.month(first, current_language())


def how_counted() -> list[tuple[str, str]]:
    """How the map is counted: (of what, in which way)."""
    return [(gettext(title), gettext(text)) for title, text in HOW]
