"""The sections of a draft: each is a form that is saved at every step, complete or not."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from services.chassis.errors import Invalid
from services.chassis.forms import FormState
from services.chassis.i18n import N_
from services.chassis.web import Visit, allow
from services.projects.commands.proposals import SaveSection
from services.projects.handlers import proposals as handlers
from services.projects.pages.proposals.access import APPLICANTS, V, actor_of, id_of, section_of, url_of
from services.projects.pages.proposals.filling import (
    BLANK_AT_FIRST,
    LINE_FIELDS,
    MOST_LINES,
    add_suggestions,
    closed_up,
    form_values,
    lines_shown,
    with_defaults,
    without_line,
)
from services.projects.pages.proposals.offers import (
    FILTERS,
    action_choices,
    offered_codes,
    registered_names,
    suggestions,
)
from services.projects.pages.proposals.reading import ORIGINS, currencies, naming_lines, read_answers
from services.projects.pages.proposals.view import Draft, draft_of
from services.projects.queries import proposals as queries
from services.projects.rules import proposals as rules
from services.projects.values.proposals import LANGUAGES, MAX_PROJECT_YEARS, SECTIONS, TEXT_FIELDS, Section
from services.projects.values.questions import QUESTIONS

ROUTER = APIRouter()
CHANGED: Final = N_(
    "%(name)s has saved this section while you were writing. Nothing of yours is lost, and nothing of it is saved yet."
)


@dataclass(frozen=True)
class Clash:
    """Somebody else's save that came first: who, when, and what of the form differs from it."""

    by: str
    at: Any
    differences: list[rules.Difference]


@ROUTER.get("/proposals/{proposal_id}/{section}", dependencies=[allow(*APPLICANTS)])
async def show(visit: V, proposal_id: str, section: str) -> Response:
    """One section with what is saved of it."""
    draft, name = _draft(visit, proposal_id), section_of(section)
    if not draft.editable:
        return visit.redirect(url_of(draft.row.id))
    values = form_values(draft.proposal, name)
    stored = lines_shown(values)
    asked = visit.request.query_params.get("blank", "")
    blank = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 4 else 0
    blank = blank or (1 if stored else BLANK_AT_FIRST.get(name, 0))
    return _page(visit, draft, name, FormState(values), lines=stored + blank)


@ROUTER.post("/proposals/{proposal_id}/{section}", dependencies=[allow(*APPLICANTS)])
async def save(visit: V, proposal_id: str, section: str) -> Response:
    """Save a section, then go where the button says. What cannot be saved is shown again, as it was typed."""
    actor, name = actor_of(visit), section_of(section)
    draft = _draft(visit, proposal_id)
    values = dict(FormState.of(await visit.form()).values)
    if removed := str(values.get("remove", "")):
        values = without_line(values, removed)
    if not visit.is_autosave:  # its errors go to the fields as the page has named them
        values = closed_up(values)
    lines = lines_shown(values) + (1 if values.get("add") else 0)
    with visit.service.read() as session:
        offered = offered_codes(session, draft.proposal)
        if values.get("then") == "suggested":
            add_suggestions(values, suggestions(session, draft.proposal, draft.actions))
    try:
        answers = read_answers(name, values, offered=offered)
        revision = str(values.get("revision", "0"))
        known = revision.isascii() and revision.isdigit() and len(revision) < 10
        command = SaveSection(actor, draft.row.id, int(revision) if known else 0, answers)
        saved = await visit.work(lambda context: handlers.save_section(context, command))
    except Invalid as error:
        errors = naming_lines(error.errors, name, visit.gettext)
        if visit.is_autosave:
            return visit.unsaved(errors)
        return _page(visit, draft, name, FormState(values, errors), 400, lines=lines)
    except handlers.SectionChanged as error:
        if visit.is_autosave:
            return _clashed(visit, error)
        values["revision"] = str(error.revision)
        clash = Clash(error.by, error.at, rules.differences(error.stored, error.wanted, name))
        return _page(visit, _draft(visit, proposal_id), name, FormState(values), 409, lines=lines, clash=clash)
    except handlers.NotNow as error:
        message = visit.gettext(str(error))
        if visit.is_autosave:
            return JSONResponse({"errors": [{"field": "", "message": message}]}, 409)
        return _page(visit, draft, name, FormState(values), 409, lines=lines, stopped=message)
    if visit.is_autosave:
        return JSONResponse({
            "saved_at": f"{saved.at:%H:%M}", "at": saved.at.isoformat(timespec="seconds"), "revision": saved.revision,
        })  # fmt: skip
    return _after(visit, proposal_id, name, values, lines)


def _after(visit: Visit, proposal_id: str, section: Section, values: dict[str, Any], lines: int) -> Response:
    """Where a saved form goes on."""
    here = url_of(id_of(proposal_id), section)
    if values.get("add"):
        kept = lines_shown(form_values(_draft(visit, proposal_id).proposal, section))
        first = LINE_FIELDS[section][0] if section in LINE_FIELDS else ""
        return visit.redirect(f"{here}?blank={max(1, lines - kept)}#f-lines-{lines - 1}-{first}")
    match "stay" if values.get("remove") else values.get("then"):
        case "next":
            following = SECTIONS[SECTIONS.index(section) + 1 :]
            return visit.redirect(url_of(id_of(proposal_id), following[0] if following else "check"))
        case "stay" | "suggested":
            return visit.redirect(here)
        case "search":
            asked = [(name, str(values[name])) for name in FILTERS if values.get(name)]
            return visit.redirect(f"{here}?{urlencode(asked)}#results" if asked else here)
    return visit.redirect(url_of(id_of(proposal_id)), N_("Saved."))


def _draft(visit: Visit, proposal_id: str) -> Draft:
    organisation = actor_of(visit).organisation_id
    with visit.service.read() as session:
        return draft_of(session, queries.own_proposal(session, organisation, id_of(proposal_id)))


def _page(
    visit: Visit, draft: Draft, section: Section, form: FormState, status: int = 200, *, lines: int = 0,
    clash: Clash | None = None, stopped: str = "",
) -> Response:  # fmt: skip
    values = dict(form.values)
    values.setdefault("revision", str(draft.revision(section)))
    if section in MOST_LINES:
        lines = min(lines, max(MOST_LINES[section], lines_shown(values)))
        with_defaults(values, section, lines, draft.proposal.budget.currency)
    details: dict[str, Any] = {}
    with visit.service.read() as session:
        if section == "actions":
            details = action_choices(session, draft.proposal, _asked(visit, values), values)
        elif section == "partners":
            details = {"registered": registered_names(session, draft.row.organisation_id)}
        elif section == "species":
            details = {
                "offered": offered_codes(session, draft.proposal),
                "suggested": suggestions(session, draft.proposal, draft.actions),
            }
    mark = draft.row.saved.get(section)
    saved_at = datetime.fromisoformat(mark["at"]) if mark and not clash and not form.errors else None
    return visit.render(
        f"projects/proposal_{section}.html", status, draft=draft, section=section, questions=QUESTIONS[section],
        all_questions=QUESTIONS, sections=SECTIONS, number=SECTIONS.index(section) + 1, total=len(SECTIONS),
        form=replace(form, values=values), lines=lines, most=MOST_LINES.get(section, 0), saved_at=saved_at, clash=clash,
        stopped=stopped, languages=LANGUAGES, origins=ORIGINS, currencies=currencies(), text_fields=TEXT_FIELDS,
        years=range(1, MAX_PROJECT_YEARS + 1), form_url=url_of(draft.row.id, section), **details,
    )  # fmt: skip


def _asked(visit: Visit, values: dict[str, Any]) -> list[tuple[str, str]]:
    """The filters of the list of actions: from the address, or from the form that is shown again."""
    if visit.request.method == "GET":
        return visit.request.query_params.multi_items()
    return [(name, str(values[name])) for name in (*FILTERS, "programme") if values.get(name)]


def _clashed(visit: Visit, clash: handlers.SectionChanged) -> Response:
    message = visit.gettext(CHANGED, name=clash.by)
    return JSONResponse({"errors": [{"field": "", "message": message}], "revision": clash.revision}, 409)
