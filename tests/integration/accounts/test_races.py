"""Many at once: a link lets in one, wrong passwords are counted, one of two who change a profile is told."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import UUID

import pytest
from sqlmodel import col, select

from contracts.envelope import new_id
from services.accounts import handlers, passwords, rules, welcome
from services.accounts.commands import (
    ChangeOrganisation,
    InvitePerson,
    OrganisationProfile,
    RegisterOrganisation,
    SignIn,
)
from services.accounts.component import COMPONENT
from services.accounts.tables import OrganisationRow, PersonRow
from services.chassis.errors import CamiError, Conflict, Invalid, NotFound
from services.chassis.service import Context, Service
from tests.conftest import MakeService
from tests.support import outbox_of

AT_ONCE = 6
PROFILE = OrganisationProfile("Steppe Watch", "association", "KGZ", 2009, welcome.PROFILE.income, "USD", "KG-77")


@pytest.fixture
def service(make_service: MakeService) -> Service:
    return make_service(COMPONENT)


def all_at_once(service: Service, function: Callable[[Context, int], object]) -> list[object]:
    """Run `function` in many threads, each in a transaction of its own; answers results and our own errors."""

    def one(number: int) -> object:
        try:
            return service.run(lambda context: function(context, number))
        except CamiError as error:
            return error

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return list(threads.map(one, range(AT_ONCE)))


def lead(service: Service, password: str | None = None) -> PersonRow:
    """Somebody with an account."""
    invitation = InvitePerson(new_id(), "Aigul Asanova", "aigul@example.org", "lead", None)
    return service.run(
        lambda context: handlers.add_person(context, invitation, passwords.hashed(password) if password else None)
    )


def test_a_link_lets_in_one(service: Service) -> None:
    person = lead(service)
    token = service.run(lambda context: handlers.new_link(context, person))
    found = all_at_once(service, lambda context, _: handlers.use_link(context, token))
    assert sum(isinstance(one, PersonRow) for one in found) == 1
    assert sum(isinstance(one, NotFound) for one in found) == AT_ONCE - 1


def test_passwords_that_are_guessed_at_once_are_counted_one_by_one(service: Service) -> None:
    person = lead(service, "saiga river lantern")
    all_at_once(service, lambda context, number: handlers.sign_in(context, SignIn(person.email, f"guess {number}")))
    with service.read() as session:
        row = session.get(PersonRow, person.id)
    assert row is not None
    assert (row.locked_until is not None) == (AT_ONCE >= rules.LOCK_AFTER)
    assert row.locked_until is not None or row.wrong_passwords == AT_ONCE


def test_of_many_who_change_a_profile_one_is_first_and_the_others_are_told(service: Service) -> None:
    organisation_id = new_id()
    service.run(lambda context: handlers.add_organisation(context, organisation_id, PROFILE))
    found = all_at_once(
        service,
        lambda context, number: handlers.change_organisation(
            context, ChangeOrganisation(organisation_id, 1, replace(PROFILE, name=f"Steppe Watch {number}"))
        ),
    )
    (first,) = [one for one in found if isinstance(one, OrganisationRow)]
    assert sum(isinstance(one, Conflict) for one in found) == AT_ONCE - 1
    told = [event.data for event in outbox_of(service)]
    assert [(one.revision, one.name) for one in told] == [(1, "Steppe Watch"), (2, first.name)]


def test_a_registration_that_is_sent_many_times_at_once_registers_once(service: Service) -> None:
    command = RegisterOrganisation(
        UUID(int=7), PROFILE, "Aigul Asanova", "aigul@example.org", "saiga river lantern", "en"
    )
    found = all_at_once(service, lambda context, _: handlers.register_organisation(context, command))
    assert {one.id for one in found if isinstance(one, PersonRow)} == {one.id for one in found}
    assert len({one.id for one in found if isinstance(one, PersonRow)}) == 1
    assert len(outbox_of(service)) == 2


def test_an_address_is_taken_by_one(service: Service) -> None:
    found = all_at_once(
        service,
        lambda context, number: handlers.invite_person(
            context, InvitePerson(new_id(), f"Person {number}", "one@example.org", "lead", None), None
        ),
    )
    assert sum(isinstance(one, Invalid) for one in found) == AT_ONCE - 1
    with service.read() as session:
        assert len(session.exec(select(PersonRow).where(col(PersonRow.email) == "one@example.org")).all()) == 1
