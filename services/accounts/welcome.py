"""Example people of a first start, and their sign-in links: so that a newcomer is inside within a minute."""

from decimal import Decimal
from typing import Final
from uuid import UUID

from contracts.envelope import new_id
from services.accounts import handlers
from services.accounts.commands import InvitePerson, OrganisationProfile
from services.accounts.tables import OrganisationRow
from services.chassis.service import Context, Progress, Service

ORGANISATION_ID: Final = UUID("00000000-0000-7000-8000-00000000c0a1")
PROFILE: Final = OrganisationProfile(
    name="Steppe and Summit Trust (example)", legal_form="association", country="KGZ", year_founded=2009,
    income=Decimal("180000.00"), income_currency="USD", registration_number="EXAMPLE-0001",
)  # fmt: skip
PEOPLE: Final = (
    ("Lead of an example NGO", "Aigerim Example", "lead@example.org", "lead", ORGANISATION_ID),
    ("Fundraising coordinator", "Camille Example", "coordinator@example.org", "coordinator", None),
    ("Secretariat", "Sergei Example", "secretariat@example.org", "secretariat", None),
    ("Administrator", "Ada Example", "administrator@example.org", "administrator", None),
)


def load(service: Service, progress: Progress) -> None:
    """Make the example organisation and people where they are missing, unless settings say not to."""
    if not service.settings.welcome:
        return
    with service.work() as context:
        _ensure(context)
    progress("Preparing example accounts", len(PEOPLE), len(PEOPLE))


def welcome_links(service: Service, address: str) -> list[tuple[str, str]]:
    """(who, address of a sign-in link that works once) for each example person that may still sign in."""
    links = []
    with service.work() as context:
        for title, _name, email, _role, _organisation in PEOPLE:
            person = handlers.by_email(context.session, email)
            if person is not None and person.active:
                links.append((title, f"{address}/accounts/link/{handlers.new_link(context, person)}"))
    return links


def _ensure(context: Context) -> None:
    if context.session.get(OrganisationRow, ORGANISATION_ID) is None:
        handlers.add_organisation(context, ORGANISATION_ID, PROFILE)
    for _title, name, email, role, organisation in PEOPLE:
        if handlers.by_email(context.session, email) is None:
            handlers.add_person(context, InvitePerson(new_id(), name, email, role, organisation), None)
