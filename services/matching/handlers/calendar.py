"""The calendar moves without an event: a deadline that has passed since a pair was judged is judged again.

Done at every start, and by a page that comes upon such a pair before it shows it.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from sqlalchemy import func
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from contracts.values import Tri
from services.chassis.service import Context
from services.matching.handlers.judging import day_at, judge_live, zone_named
from services.matching.handlers.pairing import complete_programmes, pair
from services.matching.handlers.terms import terms_of_some
from services.matching.tables import LIVE, ActionPair, Pair, ProposalCopy, WindowCopy

OPENS_LATER: Final = "opens_later"
CALENDAR: Final = "step.calendar"
"""Kind of the step: at that moment, what the calendar had overtaken was judged again."""


def turning_point(opens: date | None, deadline: date | None, zone: str, now: datetime) -> datetime | None:
    """The latest moment, up to now, at which a window opened or its deadline was over, in the funder's zone."""
    days = [day for day in (opens, deadline and deadline + timedelta(days=1)) if day]
    moments = [datetime.combine(day, time(), zone_named(zone)).astimezone(UTC) for day in days]
    return max((moment for moment in moments if moment <= now), default=None)


def overdue_windows(session: Session, now: datetime) -> list[str]:
    """Windows whose pairs with live proposals were judged before the calendar turned for them."""
    dated = session.execute(
        sa_select(
            col(WindowCopy.window_id), col(WindowCopy.opens), col(WindowCopy.deadline), col(WindowCopy.zone)
        ).where(col(WindowCopy.deadline).is_not(None) | col(WindowCopy.opens).is_not(None))
    )  # fmt: skip
    turned = {
        window_id: point
        for window_id, opens, deadline, zone in dated
        if (point := turning_point(opens, deadline, zone, now))
    }
    if not turned:
        return []
    oldest = (
        select(Pair.window_id, func.min(Pair.judged_at))
        .join(ProposalCopy, col(ProposalCopy.proposal_id) == col(Pair.proposal_id))
        .where(LIVE, col(Pair.window_id).in_(turned))
        .group_by(col(Pair.window_id))
    )
    return sorted(window_id for window_id, judged_at in session.exec(oldest) if judged_at < turned[window_id])


def overdue_pairings(session: Session, now: datetime) -> list[str]:
    """Windows that were to open on a day which has come, and are still held to be sure for an action."""
    sure = select(ActionPair.window_id).where(ActionPair.overall == Tri.YES.value)
    query = sa_select(col(WindowCopy.window_id), col(WindowCopy.opens), col(WindowCopy.zone)).where(
        col(WindowCopy.status) == OPENS_LATER, col(WindowCopy.opens).is_not(None), col(WindowCopy.window_id).in_(sure)
    )
    return sorted(window_id for window_id, opens, zone in session.execute(query) if opens <= day_at(zone, now))


def catch_up(context: Context) -> int:
    """Judge again whatever the calendar has overtaken; answers how many windows that were."""
    context.take_turn()
    session = context.session
    overdue, pairings = overdue_windows(session, context.now), overdue_pairings(session, context.now)
    if overdue or pairings:
        context.note_step(CALENDAR)
    if windows := terms_of_some(session, overdue):
        judge_live(context, windows, "day")
    if windows := terms_of_some(session, pairings):
        for programme_id in complete_programmes(context):
            pair(context, windows, programme_id)
    return len({*overdue, *pairings})
