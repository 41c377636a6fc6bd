"""Reading the forms of accounts into commands."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal

from starlette.datastructures import FormData

from contracts import vocabulary
from contracts.envelope import new_id
from services.accounts.commands import (
    ChangeMe,
    ChangeOrganisation,
    InvitePerson,
    OrganisationProfile,
    RegisterOrganisation,
    SignIn,
)
from services.chassis.forms import Reader
from services.chassis.i18n import N_
from services.chassis.security import User

NAME = N_("Name of the organisation")
LEGAL_FORM = N_("Legal form")
COUNTRY = N_("Country of registration")
FOUNDED = N_("Year founded")
INCOME = N_("Yearly income")
CURRENCY = N_("Currency")
NUMBER = N_("Registration number")
PERSON = N_("Your name")
EMAIL = N_("E-mail address")
PASSWORD = N_("Password")
ROLE = N_("Role")
ORGANISATION = N_("Organisation")
LANGUAGE = N_("Language")


def currencies() -> list[str]:
    """Currencies that we have a planning rate for."""
    return sorted(vocabulary.planning_rates()[0])


def read_registration(form: FormData, today: date) -> RegisterOrganisation:
    """The registration form. Raises Invalid with everything that is wrong."""
    reader = Reader(form)
    profile = _profile(reader, today)
    organisation_id = reader.identifier("once", required=True)
    name = reader.text("person_name", label=PERSON, required=True, max_length=120)
    email = reader.email("email", label=EMAIL, required=True)
    password = str(form.get("password") or "")
    if not password:
        reader.text("password", label=PASSWORD, required=True)
    language = reader.choice("language", vocabulary.LANGUAGES, label=LANGUAGE) or "en"
    reader.check()
    return RegisterOrganisation(organisation_id or new_id(), profile, name, email, password, language)


def read_profile(form: FormData, user: User, today: date) -> ChangeOrganisation:
    """The organisation's profile form. Raises Invalid."""
    reader = Reader(form)
    profile = _profile(reader, today)
    revision = reader.whole("revision", label=ORGANISATION, required=True, minimum=1)
    reader.check()
    return ChangeOrganisation(user.organisation_id or new_id(), revision or 1, profile)


def read_invitation(form: FormData, roles: Collection[str], organisations: Collection[str], user: User) -> InvitePerson:
    """The form that adds a person. Staff names the organisation; a lead can only mean the own one. Raises Invalid."""
    reader = Reader(form)
    person_id = reader.identifier("once", required=True)
    name = reader.text("name", label=N_("Name"), required=True, max_length=120)
    email = reader.email("email", label=EMAIL, required=True)
    role = reader.choice("role", roles, label=ROLE, required=True)
    language = reader.choice("language", vocabulary.LANGUAGES, label=LANGUAGE) or "en"
    organisation = user.organisation_id
    if role in ("coordinator", "secretariat", "administrator"):
        organisation = None
    elif role and organisation is None:
        reader.choice("organisation", organisations, label=ORGANISATION, required=True)
        organisation = reader.identifier("organisation", label=ORGANISATION)
    reader.check()
    return InvitePerson(person_id or new_id(), name, email, role, organisation, language)


def read_sign_in(form: FormData) -> SignIn:
    """The sign-in form. Raises Invalid when a field is empty."""
    reader = Reader(form)
    email = reader.email("email", label=EMAIL, required=True)
    if not form.get("password"):
        reader.text("password", label=PASSWORD, required=True)
    reader.check()
    return SignIn(email, str(form.get("password") or "")[:1000])


def read_me(form: FormData, user: User) -> ChangeMe:
    """The form of the own account. Raises Invalid."""
    reader = Reader(form)
    name = reader.text("name", label=PERSON, required=True, max_length=120)
    language = reader.choice("language", vocabulary.LANGUAGES, label=LANGUAGE, required=True)
    reader.check()
    return ChangeMe(user.person_id, name, language, str(form.get("new_password") or ""))


def _profile(reader: Reader, today: date) -> OrganisationProfile:
    return OrganisationProfile(
        name=reader.text("name", label=NAME, required=True, max_length=200, min_length=2),
        legal_form=reader.choice("legal_form", vocabulary.codes("legal_forms"), label=LEGAL_FORM, required=True),
        country=reader.choice("country", vocabulary.codes("countries"), label=COUNTRY, required=True),
        year_founded=reader.whole("year_founded", label=FOUNDED, required=True, minimum=1800, maximum=today.year) or 0,
        income=reader.money("income", label=INCOME, required=True) or Decimal(0),
        income_currency=reader.choice("income_currency", currencies(), label=CURRENCY, required=True),
        registration_number=reader.text("registration_number", label=NUMBER, required=True, max_length=80),
    )
