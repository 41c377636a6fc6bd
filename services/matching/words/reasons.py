"""What each answer of a rule says, and what to ask about an unknown. Code -> msgid."""

from typing import Final

from services.chassis.i18n import N_

RULES: Final = {
    "status": N_("Status"),
    "call": N_("When to apply"),
    "applicant": N_("Who may apply"),
    "states": N_("Range states"),
    "species": N_("Species"),
    "themes": N_("Themes"),
    "amount_minimum": N_("Smallest amount"),
    "amount_maximum": N_("Largest amount"),
    "duration": N_("Duration"),
    "cofinancing": N_("Co-financing"),
    "intermediary": N_("Who submits"),
    "endorsement": N_("Endorsement"),
}

REASONS: Final = {
    "status_open": N_("The window is open."),
    "status_recurring": N_("The window opens regularly."),
    "status_opens_on": N_("The window opens on %(opens_date)s."),
    "status_opens_later": N_("The window is closed now and will open again; the day is not known."),
    "status_opening_passed": N_("The window was to open on %(opens_date)s; nobody has checked since whether it did."),
    "status_by_arrangement": N_("Money is given by arrangement with the donor, without an open call."),
    "status_considered": N_("The donor would consider this proposal."),
    "status_not_considered": N_("The donor would not consider this proposal."),
    "status_unknown": N_("Whether the window is open now is not known."),
    "status_suspended": N_("The window is suspended."),
    "status_closed": N_("The window is closed."),
    "status_not_for_us": N_("The window is for another region or subject."),
    "call_deadline": N_("Applications are taken until %(deadline_date)s."),
    "call_opens_then": N_("Applications are taken from %(opens_date)s until %(deadline_date)s."),
    "call_opens": N_("Applications are taken from %(opens_date)s."),
    "call_usual_date": N_("In the donor’s usual cycle the deadline is %(deadline_date)s; it is not announced yet."),
    "call_any_time": N_("Applications are taken at any time."),
    "call_negotiated": N_("There is no deadline; the time is agreed with the donor."),
    "call_by_invitation": N_("The donor invites its applicants."),
    "call_invited": N_("The donor would invite this applicant."),
    "call_not_invited": N_("The donor would not invite this applicant."),
    "call_parent_found": N_("There is a larger grant of this donor that it can go with."),
    "call_parent_missing": N_("There is no larger grant of this donor that it can go with."),
    "call_ended": N_("No further call is expected."),
    "call_with_parent": N_("This money is given only together with a larger grant of the same donor."),
    "call_none": N_("There are no calls."),
    "call_passed_returns": N_("The last known deadline was %(deadline_date)s; the next one is not announced."),
    "call_passed": N_("The deadline passed on %(deadline_date)s and no other is expected."),
    "call_no_date": N_("Cycle of calls: %(cycle)s. The next date is not known."),
    "call_unknown": N_("When one may apply is not known."),
    "applicant_accepted": N_("This kind of applicant may apply: %(kind)s."),
    "applicant_uncertain": N_("Whether this kind of applicant may apply is not certain: %(kind)s."),
    "applicant_refused": N_("Only these may apply: %(kinds)s."),
    "applicant_told_no": N_("This kind of applicant may not apply: %(kind)s."),
    "applicant_nobody": N_("Nobody may apply."),
    "states_paid": N_("Every state of the proposal can be paid for: %(states)s."),
    "states_refused": N_("The donor does not pay for work in: %(states)s."),
    "states_uncertain": N_("Whether the donor pays for work here is not known: %(states)s."),
    "states_none_named": N_("The proposal names no range state."),
    "action_states_paid": N_("The donor pays for work in: %(states)s. One state is enough for an action."),
    "action_species_any": N_("The action is about no species in particular, and the donor does not insist on any."),
    "action_species_needed": N_("The donor pays for none of our species."),
    "action_species_open": N_(
        "The action is about no species in particular; whether the donor pays for such work is not known."
    ),
    "action_species_refused": N_("The donor pays for none of the action’s species: %(species)s."),
    "action_themes_none": N_("The action has no theme."),
    "action_themes_not_shared": N_("The donor names none of the action’s themes: %(themes)s."),
    "species_any": N_("The donor does not choose by species."),
    "species_paid": N_("The donor pays for work on: %(species)s."),
    "species_uncertain": N_("Whether the donor pays for work on these species is not known: %(species)s."),
    "species_refused": N_("The donor pays for none of the proposal’s species: %(species)s."),
    "species_none_named": N_("The proposal names no species."),
    "themes_shared": N_("Themes in common: %(themes)s."),
    "themes_not_shared": N_("The donor names none of the proposal’s themes: %(themes)s."),
    "themes_not_known": N_("What themes the donor pays for is not known."),
    "themes_told_no": N_("The donor does not pay for: %(themes)s."),
    "themes_none_named": N_("The proposal names no theme."),
    "minimum_none": N_("No smallest amount is stated."),
    "minimum_unknown": N_("The smallest amount is not known."),
    "minimum_met": N_("%(asked_money)s is asked for; grants begin at %(limit_money)s."),
    "minimum_near": N_(
        "About %(asked_money)s is asked for at planning rates: too close to the smallest grant, "
        "%(limit_money)s, to tell."
    ),
    "minimum_missed": N_("%(asked_money)s is asked for, less than the smallest grant of %(limit_money)s."),
    "minimum_unverified": N_(
        "%(asked_money)s is asked for, less than the smallest grant of %(limit_money)s; that figure is not "
        "verified."
    ),
    "amount_no_rate": N_("There is no planning rate for %(currency)s."),
    "maximum_none": N_("No largest amount is stated."),
    "maximum_unknown": N_("The largest amount is not known."),
    "maximum_kept": N_("%(asked_money)s is asked for; grants go up to %(limit_money)s."),
    "maximum_near": N_(
        "About %(asked_money)s is asked for at planning rates: too close to the largest grant, "
        "%(limit_money)s, to tell."
    ),
    "maximum_passed": N_("%(asked_money)s is asked for, more than the largest grant of %(limit_money)s."),
    "maximum_unverified": N_(
        "%(asked_money)s is asked for, more than the largest grant of %(limit_money)s; that figure is not "
        "verified."
    ),
    "duration_free": N_("No duration is prescribed."),
    "duration_kept": N_("Months of work: %(months)s, within the donor’s limits."),
    "duration_short": N_("Months of work: %(months)s; the donor wants at least %(least)s."),
    "duration_long": N_("Months of work: %(months)s; the donor allows at most %(most)s."),
    "cofinancing_not_asked": N_("No co-financing is asked for."),
    "cofinancing_brought": N_("Co-financing of %(have_money)s is brought."),
    "cofinancing_encouraged": N_("Co-financing is encouraged; the proposal has none."),
    "cofinancing_unknown": N_("Whether the donor asks for co-financing, and how much, is not known."),
    "cofinancing_perhaps_missing": N_(
        "The proposal has no co-financing; whether the donor insists on some is not known."
    ),
    "cofinancing_missing": N_("The donor requires co-financing; the proposal has none that counts."),
    "cofinancing_only_in_kind": N_("All co-financing is in kind, %(have_money)s; whether that counts is not known."),
    "cofinancing_enough": N_(
        "Confirmed co-financing of %(have_money)s meets the %(need_money)s that is required (ratio "
        "%(ratio)s)."
    ),
    "cofinancing_needs_in_kind": N_(
        "Confirmed co-financing of %(have_money)s meets the required %(need_money)s only if contributions in "
        "kind count (ratio %(ratio)s)."
    ),
    "cofinancing_indicative": N_(
        "Co-financing of %(have_money)s would meet the required %(need_money)s, but part of it is not "
        "confirmed (ratio %(ratio)s)."
    ),
    "cofinancing_short": N_(
        "Co-financing of %(have_money)s falls short of the required %(need_money)s (ratio %(ratio)s)."
    ),
    "portfolio_met": N_(
        "Co-financing of %(have_money)s meets the donor’s target for all its projects taken together, "
        "%(ratio)s to 1."
    ),
    "portfolio_below": N_(
        "Co-financing of %(have_money)s is below the donor’s target for all its projects taken together, "
        "%(ratio)s to 1, which would be %(need_money)s here. The target does not refuse a single project."
    ),
    "portfolio_nothing": N_("The donor has a target for co-financing over all its projects; this proposal has none."),
    "intermediary_none": N_("The applicant may apply directly."),
    "intermediary_needed": N_("An accredited body has to submit on the applicant’s behalf."),
    "intermediary_agreed": N_("An accredited body has agreed to submit."),
    "intermediary_unknown": N_("Whether somebody else has to submit is not known."),
    "endorsement_none": N_("No endorsement is needed."),
    "endorsement_needed": N_("A focal point or another authority has to endorse the application."),
    "endorsement_given": N_("The application is endorsed."),
    "endorsement_unknown": N_("Whether somebody has to endorse the application is not known."),
}  # fmt: skip

QUESTIONS: Final = {
    "next_opening": N_("When does the window open again?"),
    "open_now": N_("Is the window open now?"),
    "ask_donor": N_("Would the donor consider this proposal, and who can be asked?"),
    "propose_to_donor": N_("Would the donor consider a proposal for this? It is asked when there is one."),
    "next_deadline": N_("When is the next deadline?"),
    "invited": N_("Would the donor invite this applicant?"),
    "parent_grant": N_("Is there a larger grant of this donor that it can go with?"),
    "how_to_apply": N_("How can one apply?"),
    "accepts_kind": N_("Does the donor accept this kind of applicant?"),
    "name_states": N_("In which range states will the work be done?"),
    "pays_in_states": N_("Does the donor pay for work in: %(states)s?"),
    "name_species": N_("Which species is the work for?"),
    "pays_for_species": N_("Does the donor pay for work on: %(species)s?"),
    "name_themes": N_("What themes does the work belong to?"),
    "pays_for_themes": N_("Would the donor pay for: %(themes)s?"),
    "amount_in_currency": N_("How much is asked for in %(currency)s at today’s rate?"),
    "present_floor": N_("What is the smallest grant now?"),
    "present_ceiling": N_("What is the largest grant now?"),
    "cofinancing_asked": N_("Must co-financing be shown, and how much?"),
    "counts_in_kind": N_("Does the donor count contributions in kind?"),
    "cofinancing_letters": N_("Will the letters that confirm the co-financing be there in time?"),
    "find_cofinancing": N_("Who else could contribute?"),
    "agency_agreed": N_("Has the body that submits agreed to do so?"),
    "who_submits": N_("May the applicant apply directly?"),
    "endorsement_had": N_("Has the endorsement been given?"),
    "who_endorses": N_("Is an endorsement needed, and by whom?"),
}
