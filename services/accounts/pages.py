"""Pages of accounts: parse, call a handler, answer."""

from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import Response

from contracts import vocabulary
from contracts.envelope import new_id
from services.accounts import forms, handlers, queries, rules
from services.accounts.tables import OrganisationRow, PersonRow
from services.chassis.errors import Conflict, FieldError, Invalid, NotFound
from services.chassis.forms import FormState
from services.chassis.i18n import N_
from services.chassis.security import LANGUAGE_COOKIE, clear_session, issue_session, remember_language, safe_next
from services.chassis.service import Context
from services.chassis.web import PUBLIC, SIGNED_IN, Visit, allow, visit_of

ROUTER = APIRouter(prefix="/accounts")
V = Annotated[Visit, Depends(visit_of("accounts"))]
MANAGERS = ("lead", "coordinator", "secretariat", "administrator")


@ROUTER.get("/register", dependencies=[allow(PUBLIC)])
async def registration(visit: V) -> Response:
    """The empty registration form."""
    return _registration(visit, FormState({"once": str(new_id()), "income_currency": "USD", "language": visit.lang}))


@ROUTER.post("/register", dependencies=[allow(PUBLIC)])
async def register(visit: V) -> Response:
    """Register an organisation with its first lead, who is signed in at once."""
    form = await visit.form()
    try:
        command = forms.read_registration(form, visit.now.date())
        outcome = await visit.work(lambda context: handlers.register_organisation(context, command))
        if isinstance(outcome, FieldError):
            raise Invalid([outcome])
    except Invalid as error:
        return _registration(visit, _without_passwords(FormState.of(form, error.errors)), 400)
    return _signed_in(visit, outcome, "/projects/proposals", use_language=True)


@ROUTER.get("/sign-in", dependencies=[allow(PUBLIC)])
async def sign_in_form(visit: V, next: str = "") -> Response:
    """The sign-in form; `next` is where to go afterwards, on this site only."""
    if visit.user is not None:
        return visit.redirect(safe_next(next))
    return visit.render("accounts/sign_in.html", form=FormState({"next": next}))


@ROUTER.post("/sign-in", dependencies=[allow(PUBLIC)])
async def sign_in(visit: V) -> Response:
    """Sign in with a password."""
    form = await visit.form()
    errors: list[FieldError]
    try:
        command = forms.read_sign_in(form)
        outcome = await visit.work(lambda context: handlers.sign_in(context, command))
        if isinstance(outcome, PersonRow):
            return _signed_in(visit, outcome, safe_next(str(form.get("next") or "")))
        errors = [outcome]
    except Invalid as error:
        errors = error.errors
    return visit.render("accounts/sign_in.html", 400, form=_without_passwords(FormState.of(form, errors)))


@ROUTER.post("/sign-out", dependencies=[allow(PUBLIC)])
async def sign_out(visit: V) -> Response:
    """Sign out of this browser; twice does no harm."""
    response = visit.redirect("/")
    clear_session(response, visit.settings)
    return response


@ROUTER.get("/link/{token}", dependencies=[allow(PUBLIC)])
async def link(visit: V, token: str) -> Response:
    """A sign-in link. It asks for one click: mail programs open links to check them, and must not use them up."""
    with visit.service.read() as session:
        person = handlers.person_of_link(session, token, visit.now)
    if person is None:
        return visit.render("accounts/link_used.html", 404)
    return visit.render("accounts/link.html", person=person, token=token)


@ROUTER.post("/link/{token}", dependencies=[allow(PUBLIC)])
async def use_link(visit: V, token: str) -> Response:
    """Sign in by link."""
    try:
        person = await visit.work(lambda context: handlers.use_link(context, token))
    except NotFound:
        if visit.user is not None:  # the second click of two: the first has signed in
            return visit.redirect("/")
        return visit.render("accounts/link_used.html", 404)
    return _signed_in(visit, person, "/")


@ROUTER.get("/me", dependencies=[allow(SIGNED_IN)])
async def me(visit: V) -> Response:
    """The own account."""
    person = _me(visit)
    return visit.render("accounts/me.html", person=person, form=FormState(_me_values(person)))


@ROUTER.post("/me", dependencies=[allow(SIGNED_IN)])
async def change_me(visit: V) -> Response:
    """Change the own name, language or password."""
    form = await visit.form()
    user = visit.person
    try:
        command = forms.read_me(form, user)
        person = await visit.work(lambda context: handlers.change_me(context, command))
    except Invalid as error:
        state = _without_passwords(FormState.of(form, error.errors))
        return visit.render("accounts/me.html", 400, person=_me(visit), form=state)
    return _signed_in(visit, person, "/accounts/me", notice=N_("Saved."), use_language=True)


@ROUTER.get("/organisation", dependencies=[allow("lead", "applicant")])
async def organisation(visit: V) -> Response:
    """The own organisation's profile: a form for leads, to read for others."""
    row = _own_organisation(visit)
    return _profile(visit, row, FormState(_profile_values(row)))


@ROUTER.post("/organisation", dependencies=[allow("lead")])
async def change_organisation(visit: V) -> Response:
    """Save the own organisation's profile."""
    form = await visit.form()
    try:
        command = forms.read_profile(form, visit.person, visit.now.date())
        await visit.work(lambda context: handlers.change_organisation(context, command))
    except Invalid as error:
        return _profile(visit, _own_organisation(visit), FormState.of(form, error.errors), 400)
    except Conflict:
        row = _own_organisation(visit)
        typed = FormState.of(form, [FieldError("name", handlers.CHANGED_MEANWHILE)])
        return _profile(visit, row, FormState({**typed.values, "revision": str(row.revision)}, typed.errors), 409)
    return visit.redirect("/accounts/organisation", notice=N_("Saved."))


@ROUTER.get("/people", dependencies=[allow(*MANAGERS)])
async def people(visit: V) -> Response:
    """People one may manage."""
    return _people(visit, FormState({"once": str(new_id()), "language": visit.lang}))


@ROUTER.post("/people", dependencies=[allow(*MANAGERS)])
async def invite(visit: V) -> Response:
    """Add a person and show the sign-in link to pass on."""
    form = await visit.form()
    user = visit.person
    with visit.service.read() as session:
        known = [code for code, _name in queries.organisations(session)]
    try:
        command = forms.read_invitation(form, rules.roles_one_may_give(user.roles), known, user)
        person, token = await visit.work(lambda context: handlers.invite_person(context, command, user))
    except Invalid as error:
        return _people(visit, FormState.of(form, error.errors), 400)
    return _link_page(visit, person, token)


@ROUTER.post("/people/{person_id}/link", dependencies=[allow(*MANAGERS)])
async def make_link(visit: V, person_id: UUID) -> Response:
    """Make a new sign-in link for a person."""
    user = visit.person

    def work(context: Context) -> tuple[PersonRow, str]:
        person = handlers.manageable(context.session, person_id, user)
        return person, handlers.new_link(context, person)

    person, token = await visit.work(work)
    return _link_page(visit, person, token)


@ROUTER.post("/people/{person_id}/{change}", dependencies=[allow(*MANAGERS)])
async def set_active(visit: V, person_id: UUID, change: str) -> Response:
    """Close an account or open it again."""
    user = visit.person
    if change not in ("close", "open"):
        raise NotFound("no such change")
    await visit.work(lambda context: handlers.set_active(context, person_id, change == "open", user))
    return visit.redirect("/accounts/people", notice=N_("Saved."))


def _signed_in(
    visit: Visit, person: PersonRow, target: str, notice: str | None = None, *, use_language: bool = False
) -> Response:  # fmt: skip
    """Begin a session and go on to `target`. Pages speak the person's language if this browser was never asked, or
    the person has just chosen it (`use_language`)."""
    with visit.service.read() as session:
        user = handlers.user_of(session, person)
    response = visit.redirect(target, notice=notice)
    issue_session(response, user, visit.settings, visit.now)
    if use_language or LANGUAGE_COOKIE not in visit.asked.cookies:
        remember_language(response, person.language, visit.settings)
    return response


def _registration(visit: Visit, form: FormState, status: int = 200) -> Response:
    return visit.render("accounts/register.html", status, form=form, **_choices(visit))


def _profile(visit: Visit, row: OrganisationRow, form: FormState, status: int = 200) -> Response:
    return visit.render("accounts/organisation.html", status, form=form, organisation=row, **_choices(visit))


def _people(visit: Visit, form: FormState, status: int = 200) -> Response:
    page = visit.request.query_params.get("page", "")
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1
    with visit.service.read() as session:
        listed = queries.people_for(session, visit.person, number)
        organisations = [] if visit.person.organisation_id else queries.organisations(session)
    roles = rules.roles_one_may_give(visit.person.roles)
    return visit.render(
        "accounts/people.html", status, page=listed, form=form, organisations=organisations,
        roles=[(code, vocabulary.label("roles", code, visit.lang)) for code in roles], manageable=set(roles),
    )  # fmt: skip


def _link_page(visit: Visit, person: PersonRow, token: str) -> Response:
    address = f"{visit.settings.base_url.rstrip('/') or str(visit.request.base_url).rstrip('/')}/accounts/link/{token}"
    return visit.render("accounts/link_made.html", person=person, link=address)


def _choices(visit: Visit) -> dict[str, Any]:
    return {
        "legal_forms": vocabulary.options("legal_forms", visit.lang),
        "countries": vocabulary.options("countries", visit.lang),
        "currencies": [(code, code) for code in forms.currencies()],
    }


def _me(visit: Visit) -> PersonRow:
    with visit.service.read() as session:
        person = session.get(PersonRow, visit.person.person_id)
    if person is None:
        raise NotFound("this account is gone")
    return person


def _own_organisation(visit: Visit) -> OrganisationRow:
    with visit.service.read() as session:
        row = session.get(OrganisationRow, visit.person.organisation_id)
    if row is None:
        raise NotFound("no such organisation")
    return row


def _me_values(person: PersonRow) -> dict[str, str]:
    return {"name": person.name, "language": person.language}


def _profile_values(row: OrganisationRow) -> dict[str, str]:
    return {
        "revision": str(row.revision), "name": row.name, "legal_form": row.legal_form, "country": row.country,
        "year_founded": str(row.year_founded), "income": _plain(row.income), "income_currency": row.income_currency,
        "registration_number": row.registration_number,
    }  # fmt: skip


def _plain(amount: Decimal) -> str:
    """As somebody would type it: cents only where there are any."""
    return f"{amount:.0f}" if amount == amount.to_integral_value() else f"{amount:.2f}"


def _without_passwords(state: FormState) -> FormState:
    """A password that was typed is never sent back to the page."""
    return FormState({k: v for k, v in state.values.items() if "password" not in k}, state.errors)
