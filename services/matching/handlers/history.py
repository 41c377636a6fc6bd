"""Donors' histories with us, as judging reads them."""

from collections.abc import Mapping

from sqlmodel import Session

from services.chassis.service import Context
from services.matching.rules import NO_HISTORY, History


def histories(session: Session) -> Mapping[str, History]:
    """Donor id -> its history; a donor that is not in it has none."""
    return {}


def history_of(session: Session, donor_id: str) -> History:
    """One donor's history."""
    return histories(session).get(donor_id, NO_HISTORY)


def rejudge_donor(context: Context, donor_id: str) -> None:
    """Judge again what hangs on a donor's history: the fit of the pairs of its windows, and nothing else."""
