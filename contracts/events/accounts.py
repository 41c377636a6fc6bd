"""What accounts tells: organisations and people."""

from uuid import UUID

from contracts.events.payload import Payload
from contracts.values import Code, Language, Money, StateCode


class OrganisationRegistered(Payload):
    """An organisation has registered, or its profile has changed: the whole profile, each time."""

    organisation_id: UUID
    revision: int = 1
    name: str
    legal_form: Code
    applicant_kind: Code
    """What it counts as when a donor asks who may apply."""
    country: StateCode
    year_founded: int
    yearly_income: Money
    registration_number: str


class PersonRegistered(Payload):
    """A person has an account. Carries no address: other services have no need of it."""

    person_id: UUID
    organisation_id: UUID | None
    name: str
    roles: list[Code]
    language: Language
