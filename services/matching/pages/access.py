"""Who may see what of matching."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends
from sqlmodel import Session

from services.chassis.errors import NotFound
from services.chassis.web import Visit, allow, visit_of
from services.matching.handlers import catch_up, overdue_pairings, overdue_windows
from services.matching.queries.ranking import proposal
from services.matching.tables import ProposalCopy

STAFF: Final = ("coordinator", "secretariat", "administrator")
STAFF_ONLY: Final = allow(*STAFF)
WITH_OWNERS: Final = allow("applicant", "lead", *STAFF)
"""Also the people of the organisation that made the proposal; `visible_proposal` sees to it that it is theirs."""
V = Annotated[Visit, Depends(visit_of("matching"))]


def is_staff(visit: Visit) -> bool:
    """Whether the person coordinates, and so may decide, and read why others decided."""
    return visit.person.has(*STAFF)


def visible_proposal(visit: Visit, session: Session, proposal_id: str) -> ProposalCopy:
    """The proposal, if the person may see it. Raises NotFound: what is another's looks like what is not there."""
    try:
        found = proposal(session, UUID(proposal_id))
    except ValueError:
        found = None
    if found is None:
        raise NotFound(proposal_id)
    own = found.organisation_id is not None and found.organisation_id == visit.person.organisation_id
    if not own and not is_staff(visit):
        raise NotFound(proposal_id)
    return found


async def follow_the_calendar(visit: Visit) -> None:
    """Before a page shows verdicts: judge again those that a deadline has overtaken since. Mostly there are none."""
    with visit.service.read() as session:
        overdue = overdue_windows(session, visit.now) or overdue_pairings(session, visit.now)
    if overdue:
        await visit.work(catch_up)
