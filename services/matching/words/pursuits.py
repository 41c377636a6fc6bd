"""Pursuits in the reader's language: their stages, and what stands against a move."""

from collections.abc import Mapping
from typing import Final

from services.chassis.i18n import N_, gettext

STAGES: Final[Mapping[str, str]] = {
    "none": N_("Not pursued"),
    "identified": N_("Identified"),
    "contacted": N_("Contacted"),
    "concept_note": N_("Concept note"),
    "submitted": N_("With the donor"),
    "awarded": N_("Awarded"),
    "declined": N_("Declined"),
}
HINTS: Final[Mapping[str, str]] = {
    "identified": N_("Chosen, and nobody has written yet"),
    "contacted": N_("In touch with the donor"),
    "concept_note": N_("A short text is with the donor"),
    "submitted": N_("The full application is with the donor"),
    "awarded": N_("The donor has granted money"),
    "declined": N_("The donor has said no"),
}
NOTICES: Final[Mapping[str, str]] = {
    "identified": N_("The pursuit now stands at: identified."),
    "contacted": N_("The pursuit now stands at: contacted."),
    "concept_note": N_("The pursuit now stands at: concept note."),
    "submitted": N_("The pursuit now stands at: with the donor."),
    "awarded": N_("The award is recorded."),
    "declined": N_("The donor’s refusal is recorded."),
}
UNCHANGED: Final = N_("Nothing was changed.")
UNDONE: Final = N_("The last move is undone.")

LABELS: Final[Mapping[str, str]] = {
    "stage": N_("Stage"),
    "amount": N_("Amount"),
    "currency": N_("Currency"),
    "owner": N_("Who sees to it"),
    "day": N_("Day"),
    "reason": N_("Reason"),
    "note": N_("Note"),
}
PROBLEMS: Final[Mapping[str, str]] = {
    "dismissed": N_("%(label)s: this window is dismissed for the proposal. Take that back first."),
    "not_from_here": N_("%(label)s: from where the pursuit stands now, this stage cannot be reached in one move."),
    "withdrawn": N_(
        "%(label)s: the proposal has been withdrawn. Only the donor’s answer can be recorded until it is submitted "
        "again."
    ),
    "amount_needed": N_("%(label)s: please enter what the donor has granted."),
    "amount_positive": N_("%(label)s: please enter more than zero, or leave it empty."),
    "currency_needed": N_("%(label)s: please say in which currency."),
    "no_rate": N_("%(label)s: there is no planning rate for this currency. Please enter the amount in another one."),
    "day_needed": N_("%(label)s: please enter the day of the award."),
    "reason_declined": N_("%(label)s: please write down what the donor said. The next proposal will profit from it."),
    "reason_back": N_("%(label)s: please say why this goes back to an earlier stage."),
    "reason_despite": N_(
        "%(label)s: the rules say that this window cannot fund the proposal. Please say why it is pursued in spite of "
        "that; it helps to mend the rules."
    ),
    "reason_above_asked": N_("%(label)s: this is more than the proposal asks for. Please say why."),
    "reason_above_maximum": N_("%(label)s: this is more than the largest grant of the window. Please say why."),
}
OVERTAKEN: Final = N_(
    "%(label)s: %(person)s has moved this pursuit since you opened the page; it stands at “%(stage)s” now. Please "
    "look, and send the form again if it still holds."
)
GRANTED: Final = N_("Reason: this window has granted money for the proposal. Record the end of the award first.")


def stage_name(code: str) -> str:
    """The name of a pursuit's stage."""
    return gettext(STAGES.get(code, code))


def stage_hint(code: str) -> str:
    """What a stage means, in a few words."""
    return gettext(HINTS[code])
