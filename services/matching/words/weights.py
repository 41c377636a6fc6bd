"""The figures by which weights are measured, in the reader's language."""

from typing import Final

from services.chassis.i18n import N_, current_language, gettext
from services.matching.rules.weights import Why

FIGURES: Final = {
    "precision": N_("Precision"),
    "recall": N_("Recall"),
    "precision_at_3": N_("Good among the best three"),
    "precision_at_10": N_("Good among the best ten"),
    "order": N_("Pairs in the right order"),
}
MEANINGS: Final = {
    "precision": N_("Of the pairs with a fit of %(threshold)s or more, how many an expert calls good."),
    "recall": N_("Of the pairs that an expert calls good, how many have a fit of %(threshold)s or more."),
    "precision_at_3": N_("Of the three windows at the top of each proposal, how many are good."),
    "precision_at_10": N_("Of the ten windows at the top of each proposal, how many are good."),
    "order": N_(
        "A good window and another one of the same proposal: how often the good one stands higher. By chance: one half."
    ),
}
LABELS: Final = {"good": N_("Worth applying"), "poor": N_("Not advised"), "wrong": N_("Waste of time")}


def label_name(code: str) -> str:
    """What an expert would say of a pair."""
    return gettext(LABELS[code])


def figure_name(code: str) -> str:
    """What a figure is called."""
    return gettext(FIGURES[code])


def figure_meaning(code: str, threshold: int) -> str:
    """What a figure counts."""
    return gettext(MEANINGS[code], threshold=threshold)


def why_text(reason: Why) -> str:
    """Why a part has its points: what the program ships in the reader's language, people's own words as they are."""
    if isinstance(reason, str):
        return reason
    return reason.get(current_language()) or reason.get("en", "")
