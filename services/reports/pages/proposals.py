"""Printing a proposal."""

from uuid import UUID

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from contracts.vocabulary import LANGUAGES
from services.chassis.errors import Invalid, NotFound
from services.chassis.forms import FormState, Reader
from services.chassis.i18n import LANGUAGE_NAMES, N_
from services.chassis.web import SIGNED_IN, Visit, allow
from services.reports import queries
from services.reports.documents.proposal import compose_proposal
from services.reports.handlers.documents import Wish
from services.reports.pages.common import V, as_language, as_uuid, ask, not_here_yet, own_organisation, serve
from services.reports.sources import ProposalSource
from services.reports.tables import DocumentRow

ROUTER = APIRouter(prefix="/reports/proposals")


@ROUTER.get("", dependencies=[allow(SIGNED_IN)])
async def proposals(visit: V) -> Response:
    """Proposals that can be printed."""
    with visit.service.read() as session:
        found = queries.proposal_lines(session, organisation_id=own_organisation(visit))
    return visit.render("reports/proposals.html", proposals=found)


@ROUTER.get("/{proposal_id}.pdf", dependencies=[allow(SIGNED_IN)])
async def file(visit: V, proposal_id: str, lang: str = "") -> Response:
    """The proposal as PDF, made now if it has not been yet. Raises NotFound."""
    language = as_language(visit, lang)
    source = _source(visit, as_uuid(proposal_id))
    if source is None:
        raise NotFound(proposal_id)
    return await serve(visit, await _ask(visit, source, language))


@ROUTER.get("/{proposal_id}", dependencies=[allow(SIGNED_IN)])
async def proposal(visit: V, proposal_id: str, again: str = "") -> Response:
    """Choose a language and print; the documents printed before."""
    key = as_uuid(proposal_id)
    source = _source(visit, key)
    if source is None:
        return not_here_yet(visit, again, f"/reports/proposals/{key}")
    return _page(visit, source, FormState({"language": visit.lang}))


@ROUTER.post("/{proposal_id}/print", dependencies=[allow(SIGNED_IN)])
async def print_(visit: V, proposal_id: str) -> Response:
    """Start printing; a second click finds the first one's document. Raises NotFound."""
    source = _source(visit, as_uuid(proposal_id))
    if source is None:
        raise NotFound(proposal_id)
    form = await visit.form()
    try:
        reader = Reader(form)
        language = reader.choice("language", LANGUAGES, label=N_("Language of the document"), required=True)
        reader.check()
    except Invalid as error:
        return _page(visit, source, FormState.of(form, error.errors), 400)
    row = await _ask(visit, source, language)
    return visit.redirect(f"/reports/documents/{row.id}")


def _source(visit: Visit, proposal_id: UUID) -> ProposalSource | None:
    """What the proposal's document is made from, if there is such a proposal and this person may see it."""
    organisation = own_organisation(visit)
    with visit.service.read() as session:
        source = queries.proposal_source(session, proposal_id)
    if source and organisation is not None and source.proposal.organisation.organisation_id != organisation:
        return None
    return source


def _page(visit: Visit, source: ProposalSource, form: FormState, status: int = 200) -> Response:
    with visit.service.read() as session:
        printed = queries.printed_of(session, "proposal", str(source.proposal.proposal_id))
    return visit.render(
        "reports/proposal.html", status, proposal=source.proposal, origin=source.origin,
        withdrawal=source.withdrawal, printed=printed, form=form,
        languages=[(code, LANGUAGE_NAMES[code]) for code in LANGUAGES],
        complete=_complete(source),
    )  # fmt: skip


def _complete(source: ProposalSource) -> dict[str, bool]:
    """Language -> whether every text of the proposal is there in it, and fresh."""
    proposal = source.proposal
    texts = [text for text in (proposal.title, proposal.summary, proposal.problem, proposal.approach, proposal.results)
             if text.versions]  # fmt: skip
    return {
        code: all((version := text.versions.get(code)) and version.text and not version.stale for text in texts)
        for code in LANGUAGES
    }


async def _ask(visit: Visit, source: ProposalSource, language: str) -> DocumentRow:
    proposal = source.proposal
    composed = await run_in_threadpool(compose_proposal, source, language)
    return await ask(
        visit,
        Wish(
            kind="proposal", subject=str(proposal.proposal_id), subject_name=proposal.title.text(language),
            reference=proposal.reference, organisation_id=proposal.organisation.organisation_id, language=language,
            html=composed.html, title=composed.title, asked_by=visit.person.name,
        ),
    )  # fmt: skip
