"""`cami accounts`: let somebody in without the pages, for instance the first administrator."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Annotated
from uuid import UUID

import typer

from contracts import vocabulary
from contracts.envelope import new_id
from services.accounts import handlers, rules
from services.accounts.commands import InvitePerson
from services.chassis.errors import CamiError, Invalid
from services.chassis.forms import Reader
from services.chassis.service import Service


def app(open_service: Callable[[], AbstractContextManager[Service]]) -> typer.Typer:
    """The commands; `open_service` gives the accounts service."""
    commands = typer.Typer(no_args_is_help=True)

    @commands.callback()
    def group() -> None:
        """People and organisations."""

    @commands.command()
    def invite(
        email: Annotated[str, typer.Option(help="E-mail address to sign in with.")],
        name: Annotated[str, typer.Option(help="The person's name.")],
        role: Annotated[str, typer.Option(help="applicant, lead, coordinator, secretariat or administrator.")],
        organisation: Annotated[str, typer.Option(help="Id of the organisation, for an applicant or a lead.")] = "",
    ) -> None:
        """Add a person, or find the one with this address, and print a sign-in link."""
        address = _email(email)
        if role not in vocabulary.codes("roles"):
            raise CamiError(f"--role: {role!r} is none of {', '.join(vocabulary.codes('roles'))}")
        if (role in rules.OF_ORGANISATIONS) != bool(organisation):
            raise CamiError("--organisation: needed for an applicant or a lead, and for nobody else")
        try:
            organisation_id = UUID(organisation) if organisation else None
        except ValueError as error:
            raise CamiError(f"--organisation: {organisation!r} is no id of an organisation") from error
        with open_service() as service:
            with service.work() as context:
                person = handlers.by_email(context.session, address)
                if person is not None and not person.active:
                    raise CamiError(f"--email: the account of {address} is closed; open it again on the page of people")
                if person is not None:
                    token = handlers.new_link(context, person)
                else:
                    command = InvitePerson(new_id(), name, address, role, organisation_id)
                    person, token = handlers.invite_person(context, command, None)
            typer.echo(f"{service.settings.address}/accounts/link/{token}")

    return commands


def _email(text: str) -> str:
    reader = Reader({"email": text})
    found = reader.email("email", label="--email", required=True)
    try:
        reader.check()
    except Invalid as error:
        raise CamiError(f"--email: {text!r} is no e-mail address") from error
    return found
