"""What forms and the command line ask of accounts."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID


@dataclass(frozen=True)
class OrganisationProfile:
    """What an organisation says of itself."""

    name: str
    legal_form: str
    country: str
    """ISO 3166-1 alpha-3."""
    year_founded: int
    income: Decimal
    """Yearly income in `income_currency`."""
    income_currency: str
    registration_number: str


@dataclass(frozen=True)
class RegisterOrganisation:
    """An organisation and its first lead. `organisation_id` is chosen by the form, so that a double click makes one."""

    organisation_id: UUID
    profile: OrganisationProfile
    person_name: str
    email: str
    password: str
    language: str


@dataclass(frozen=True)
class ChangeOrganisation:
    """New profile of an organisation; `revision` is the one the form was filled from."""

    organisation_id: UUID
    revision: int
    profile: OrganisationProfile


@dataclass(frozen=True)
class InvitePerson:
    """A new person with an account, or with none of our organisations for staff."""

    person_id: UUID
    name: str
    email: str
    role: str
    organisation_id: UUID | None
    language: str = "en"


@dataclass(frozen=True)
class SignIn:
    """An e-mail address with a password."""

    email: str
    password: str


@dataclass(frozen=True)
class ChangeMe:
    """What a person changes of their own account; an empty `new_password` keeps the old one."""

    person_id: UUID
    name: str
    language: str
    new_password: str
