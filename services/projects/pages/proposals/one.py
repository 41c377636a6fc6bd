"""One proposal: its task list while it is a draft, and what was submitted of it."""

from collections.abc import Sequence

from fastapi import APIRouter
from sqlmodel import Session
from starlette.responses import Response

from services.chassis.errors import NotFound
from services.chassis.forms import FormState
from services.chassis.web import Visit, allow
from services.projects.pages.proposals.access import READERS, V, actor_of, applies, coordinates, id_of
from services.projects.pages.proposals.view import Draft, Submitted, draft_of, submitted_of
from services.projects.queries import proposals as queries
from services.projects.rules import proposals as rules
from services.projects.tables.proposals import ProposalVersionRow
from services.projects.values.proposals import SECTIONS
from services.projects.values.questions import QUESTIONS

ROUTER = APIRouter()


@ROUTER.get("/proposals/{proposal_id}", dependencies=[allow(*READERS)])
async def proposal(visit: V, proposal_id: str) -> Response:
    """For its organisation the draft or what was submitted; for coordinators the newest version that was submitted."""
    with visit.service.read() as session:
        draft = own_draft(visit, session, proposal_id)
        if draft is None or draft.row.status == "submitted":
            version = queries.version_of(session, id_of(proposal_id))
            versions = queries.versions_of(session, id_of(proposal_id))
        else:
            versions = queries.versions_of(session, draft.row.id)
            return visit.render(
                "projects/proposal.html", draft=draft, questions=QUESTIONS, sections=SECTIONS, versions=versions,
            )  # fmt: skip
    return submitted_page(visit, submitted_of(version), versions, draft=draft)


@ROUTER.get("/proposals/{proposal_id}/versions/{number}", dependencies=[allow(*READERS)])
async def version(visit: V, proposal_id: str, number: str) -> Response:
    """One version as it was submitted."""
    with visit.service.read() as session:
        draft = own_draft(visit, session, proposal_id)
        found = queries.version_of(session, id_of(proposal_id), version_number(number))
        versions = queries.versions_of(session, id_of(proposal_id))
    return submitted_page(visit, submitted_of(found), versions, draft=draft)


@ROUTER.get("/proposals/{proposal_id}/versions/{number}/changes", dependencies=[allow(*READERS)])
async def changes(visit: V, proposal_id: str, number: str, since: str = "") -> Response:
    """What a version changed, field by field, since the one before it or since version `since`."""
    wanted = version_number(number)
    earlier = version_number(since) if since else wanted - 1
    with visit.service.read() as session:
        own_draft(visit, session, proposal_id)
        after = submitted_of(queries.version_of(session, id_of(proposal_id), wanted))
        before = submitted_of(queries.version_of(session, id_of(proposal_id), earlier))
    return visit.render(
        "projects/proposal_changes.html", before=before, after=after, questions=QUESTIONS,
        differences=rules.differences(before.proposal, after.proposal), word_changes=rules.word_changes,
    )  # fmt: skip


def own_draft(visit: Visit, session: Session, proposal_id: str) -> Draft | None:
    """The draft, for people of its organisation; None for coordinators. Raises NotFound for everybody else."""
    if applies(visit):
        try:
            row = queries.own_proposal(session, actor_of(visit).organisation_id, id_of(proposal_id))
        except NotFound:
            if not coordinates(visit):
                raise
        else:
            return draft_of(session, row)
    elif not coordinates(visit):  # an applicant of no organisation
        raise NotFound(proposal_id)
    return None


def submitted_page(
    visit: Visit, shown: Submitted, versions: Sequence[ProposalVersionRow], *, draft: Draft | None,
    form: FormState | None = None, status: int = 200,
) -> Response:  # fmt: skip
    """The page of a submitted version; `form` is that of its withdrawal."""
    lead = draft is not None and visit.person.has("lead")
    return visit.render(
        "projects/proposal_submitted.html", status, shown=shown, versions=versions, draft=draft, questions=QUESTIONS,
        form=form or FormState({"version": str(shown.row.version)}), may_withdraw=(
            draft is not None and shown.row.latest and lead and draft.row.status == "submitted"
        ),
    )  # fmt: skip


def version_number(text: str) -> int:
    """The number of a version in an address. Raises NotFound for what is none."""
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise NotFound(f"{text[:40]!r} is no version")
    return int(text)
