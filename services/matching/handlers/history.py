"""A donor's history with us: what hangs on it when a pursuit of its money is awarded or declined, or that is undone."""

from sqlmodel import Session

from services.chassis.service import Context
from services.matching.handlers.outcomes import histories
from services.matching.handlers.refitting import refit
from services.matching.handlers.terms import all_terms
from services.matching.rules import NO_HISTORY, History


def history_of(session: Session, donor_id: str) -> History:
    """One donor's history."""
    return histories(session, donor_id).get(donor_id, NO_HISTORY)


def rejudge_donor(context: Context, donor_id: str) -> int:
    """Make the fit of the pairs of a donor's windows anew; answers how many have another. No rule asks for history, so
    no verdict can change. Belongs to the step of whoever calls it."""
    windows = {terms.window_id for terms in all_terms(context.session) if terms.donor_id == donor_id}
    return refit(context, "history", windows) if windows else 0
