"""Editing a window's terms: typed, looked at, saved; and what happens when somebody else was faster."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.datastructures import FormData
from starlette.responses import Response

from contracts import vocabulary
from contracts.windows import WindowTerms
from services.chassis.errors import Conflict, FieldError, Invalid, NotFound
from services.chassis.forms import FormState
from services.chassis.i18n import N_
from services.chassis.security import CSRF_FIELD
from services.chassis.web import Visit, allow, visit_of
from services.donors import forms, handlers, labels, queries, rules
from services.donors.commands import ReviseTerms
from services.donors.pages.common import EDITORS, author_of, words
from services.donors.problems import errors_of
from services.donors.zones import ZONES

ROUTER = APIRouter(prefix="/donors")
V = Annotated[Visit, Depends(visit_of("donors"))]
NOTHING_NEW = N_("These are the terms as they stand. Change something first, or go back to the window.")
MEANWHILE = N_("Somebody else saved this window while you were typing. What you typed is kept; please look at both.")


@ROUTER.get("/windows/{window_id}/edit", dependencies=[allow(*EDITORS)])
async def edit(visit: V, window_id: str, only: str = "") -> Response:
    """The form of all rules, or of the one that is asked for."""
    with visit.service.read() as session:
        terms = queries.window(session, window_id).terms
    sections = (only,) if only in rules.PARTS else tuple(rules.PARTS)
    return _form(visit, terms, FormState(forms.form_values(terms)), sections)


@ROUTER.post("/windows/{window_id}/edit", dependencies=[allow(*EDITORS)])
async def save(visit: V, window_id: str) -> Response:
    """Go on typing, look at the changes, or save them: `step` is back, preview or save."""
    form = await visit.form()
    step = str(form.get("step") or "save")
    with visit.service.read() as session:
        present = queries.window(session, window_id).terms
        base = _opened_with(session, present, form)
    sections = forms.sections_of(form) or tuple(rules.PARTS)
    if step == "back":
        return _form(visit, base, FormState.of(form), sections)
    try:
        asked = forms.read_edit(form, base)
        if problems := rules.problems(asked.terms, rules.latest_today(visit.now)):
            raise Invalid(errors_of(problems))
        changed = rules.changed(base, asked.terms)
        if not changed:
            raise Invalid([FieldError("", NOTHING_NEW)])
        if step == "preview" and base.revision == present.revision:
            return visit.render(
                "donors/preview.html", terms=asked.terms, before=base, changed=changed, reason=asked.reason,
                carried=_carried(form), **words(),
            )  # fmt: skip
        command = ReviseTerms(window_id, asked.revision, asked.terms, asked.reason, author_of(visit.person))
        row = await visit.work(lambda context: handlers.revise_terms(context, command))
    except Invalid as error:
        return _form(visit, base, FormState.of(form, error.errors), sections, 400)
    except Conflict:
        return _both(visit, window_id, base, asked)
    return visit.redirect(
        f"/donors/windows/{window_id}", notice=N_("Saved as revision %(number)s. Rankings follow."), number=row.revision
    )


def _opened_with(session: Any, present: WindowTerms, form: FormData) -> WindowTerms:
    """The terms that the form was opened with; the present ones when it does not say."""
    revision = str(form.get("revision") or "")
    if not (revision.isascii() and revision.isdigit() and len(revision) < 9) or int(revision) == present.revision:
        return present
    try:
        return queries.terms_at(session, present.window_id, int(revision))
    except NotFound:
        return present


def _both(visit: Visit, window_id: str, base: WindowTerms, asked: forms.Edit) -> Response:
    """The form once more: theirs where I had changed nothing, mine where I had, and both side by side above it."""
    with visit.service.read() as session:
        view = queries.window(session, window_id)
    merge = rules.merge(base, asked.terms, view.terms)
    values = {**forms.form_values(merge.terms), "revision": str(view.terms.revision), "reason": asked.reason}
    since = [one for one in view.history if one.number > base.revision]
    meanwhile = {"merge": merge, "mine": asked.terms, "theirs": view.terms, "since": since}
    state = FormState(values, [FieldError("", MEANWHILE)])
    sections = tuple(rule for rule in rules.PARTS if rule in {*asked.sections, *merge.both, *merge.theirs})
    return _form(visit, view.terms, state, sections, 409, meanwhile=meanwhile)


def _form(
    visit: Visit, terms: WindowTerms, form: FormState, sections: tuple[str, ...], status: int = 200,
    *, meanwhile: dict[str, Any] | None = None,
) -> Response:  # fmt: skip
    gettext = visit.gettext
    return visit.render(
        "donors/edit.html", status, terms=terms, form=form, sections=sections, meanwhile=meanwhile,
        currencies=[(code, code) for code in dict.fromkeys([terms.amount.currency, *vocabulary.planning_rates()[0]])],
        zones=[(zone, zone.replace("_", " ")) for zone in dict.fromkeys([*ZONES, terms.call.zone])],
        country_bases=_choices(gettext, labels.COUNTRY_BASES, terms.countries.basis),
        species_bases=_choices(gettext, labels.SPECIES_BASES, terms.species.basis),
        confidences=_choices(gettext, labels.CONFIDENCE), red_list=[(code, code) for code in labels.RED_LIST],
        **words(),
    )  # fmt: skip


def _choices(gettext: Any, named: dict[str, str], present: str = "") -> list[tuple[str, str]]:
    options = [(code, gettext(label)) for code, label in named.items()]
    return options if not present or present in named else [*options, (present, present)]


def _carried(form: FormData) -> list[tuple[str, str]]:
    """Everything typed, to be sent again from the page that shows the changes."""
    left_out = {CSRF_FIELD, "step"}
    return [(name, value) for name, value in form.multi_items() if isinstance(value, str) and name not in left_out]
