"""What each part of a fit is called, and why it earned what it did. Code -> msgid."""

from typing import Final

from services.chassis.i18n import N_

PARTS: Final = {
    "priority": N_("Programme priority"),
    "themes": N_("Themes"),
    "species": N_("Species"),
    "states": N_("Range states"),
    "size": N_("Size of the grant"),
    "time": N_("Time to the deadline"),
    "cofinancing": N_("Co-financing in hand"),
    "history": N_("The donor’s history"),
}

LACKS: Final = {
    "application": N_("the donor’s form"),
    "intermediary": N_("a body that submits"),
    "endorsement": N_("an endorsement"),
    "letters": N_("letters for indicative co-financing"),
    "funds": N_("co-financing that nobody has promised yet"),
}
"""What a proposal may still lack for an application, in the midst of a sentence."""
STILL_LACKING: Final = N_("Days left: %(left)s. Still lacking: %(lacks)s.")
IN_KIND: Final = {
    "unknown": N_("What is brought in kind counts half, since it is not known whether the donor counts it."),
    "no": N_("What is brought in kind does not count for this donor."),
}
"""What is said beside what is lacking, where that would be less if the donor counted what is in kind."""

PART_REASONS: Final = {
    "priority_best": N_("Highest priority among the actions addressed: %(priority)s (action %(action)s)."),
    "priority_beside": N_(
        "Highest priority among the actions addressed: %(priority)s (action %(action)s). It counts half, "
        "because that action shares no theme with the window."
    ),
    "priority_none": N_("None of the actions addressed has a priority."),
    "fit_themes_shared": N_("Themes in common: %(themes)s."),
    "fit_themes_none": N_("No theme in common is known."),
    "fit_themes_unknown": N_("Themes of the donor or of the proposal are not known: half the points."),
    "fit_species_named": N_("The donor names: %(species)s."),
    "fit_species_open": N_("The donor is open to these species and names none of them: two thirds of the points."),
    "fit_species_unknown": N_("Whether the donor pays for these species is not known: a third of the points."),
    "fit_species_none_named": N_("The proposal names no species."),
    "fit_states_all": N_("Every state is certain."),
    "fit_states_some": N_("States that are certain: %(sure)s of %(of)s. The others count half."),
    "fit_states_none_named": N_("The proposal names no range state: half the points."),
    "fit_size_unknown": N_("How large a grant usually is, is not known: half the points."),
    "fit_size_usual": N_("%(asked_money)s is a usual grant here (%(least_money)s to %(most_money)s)."),
    "fit_size_above": N_("%(asked_money)s is above a usual grant here (%(least_money)s to %(most_money)s)."),
    "fit_size_below": N_("%(asked_money)s is below a usual grant here (%(least_money)s to %(most_money)s)."),
    "fit_size_below_stated": N_(
        "%(asked_money)s is below the smallest grant that the donor states, %(least_money)s, as far as is known: half "
        "of the points that its size would earn."
    ),
    "fit_time_any": N_("One may apply at any time."),
    "fit_time_unknown": N_("The deadline is not known: half the points."),
    "fit_time_enough": N_("There is time enough until %(deadline_date)s (days needed: %(needed)s)."),
    "fit_time_short": N_("Time is short until %(deadline_date)s (days needed: %(needed)s)."),
    "fit_time_starts_before": N_("The project begins before the deadline, %(deadline_date)s: half the points."),
    "fit_cofinancing_not_asked": N_("No co-financing is asked for."),
    "fit_cofinancing_ratio": N_("Confirmed: %(have_money)s of %(need_money)s. Indicative sums count half."),
    "fit_cofinancing_confirmed": N_("Some co-financing is confirmed."),
    "fit_cofinancing_indicative": N_("Co-financing is only indicative: half the points."),
    "fit_cofinancing_in_kind_perhaps": N_(
        "Co-financing is only in kind, and whether the donor counts that is not known: it counts half."
    ),
    "fit_cofinancing_in_kind_refused": N_("Co-financing is only in kind, which the donor does not count."),
    "fit_cofinancing_missing": N_("There is no co-financing."),
    "fit_cofinancing_unknown": N_("What the donor asks for is not known."),
    "fit_history_none": N_("The donor has not yet answered a proposal of ours: half the points."),
    "fit_history_known": N_(
        "The donor’s answers to us so far: awards %(awards)s, refusals %(refusals)s; the latest on %(latest_date)s. "
        "Recent ones, and those to work like this, count more."
    ),
}  # fmt: skip
