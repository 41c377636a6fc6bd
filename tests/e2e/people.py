"""People at their browsers: they register, sign in, write and submit, through the forms that the pages serve."""

import secrets
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from uuid import UUID

from contracts.envelope import new_id
from services.accounts import handlers
from services.accounts.commands import InvitePerson
from services.accounts.welcome import PEOPLE
from services.chassis.service import Service
from services.demo import story
from services.demo.browser import Browser, Fields, Form

SECTIONS: Mapping[str, Fields] = {
    "summary": story.SUMMARY,
    "actions": {"actions": story.ACTIONS},
    "species": {"species": story.SPECIES, "states": story.STATES},
    "dates": story.DATES,
    "budget": story.budget_fields(),
    "cofinancing": story.cofinancing_fields(),
    "partners": story.partner_fields(),
    "contacts": story.contact_fields(),
}
"""What each section of a complete proposal says."""
EXAMPLES = {role: email for _title, _name, email, role, _organisation in PEOPLE}
"""Role -> the example person of a first start that has it."""


@dataclass(frozen=True)
class Ngo:
    """An organisation that has registered, and its lead."""

    browser: Browser
    email: str

    def write(self, sections: Mapping[str, Fields] = SECTIONS, title: str = story.SUMMARY["title-en"]) -> str:
        """Write a proposal, section by section; answers its id."""
        self.browser.open("/projects/proposals/new")
        self.browser.post(self.browser.form("/proposals/new"), {"title": title, "written_in": "en"})
        proposal = self.browser.url.rsplit("/", 1)[1].split("?")[0]
        for name, fields in sections.items():
            self.browser.post(self.section(proposal, name), {**fields, "then": "next"})
        return proposal

    def section(self, proposal: str, name: str) -> Form:
        """The form of one section, as it is served now."""
        path = f"/projects/proposals/{proposal}/{name}"
        self.browser.open(path)
        return self.browser.form(path)

    def submit(self, proposal: str) -> None:
        """Press the button of the check page."""
        self.browser.open(f"/projects/proposals/{proposal}/check")
        self.browser.post(self.browser.form("/submit"))


@dataclass(frozen=True)
class Town:
    """A program at work, and the ways into it."""

    browser: Callable[[], Browser]
    """Somebody who has never been here."""
    accounts: Callable[[], AbstractContextManager[Service]]

    def register(self, name: str = story.ORGANISATION["name"]) -> Ngo:
        """An NGO registers, and its lead is signed in."""
        browser, email = self.browser(), f"lead.{secrets.token_hex(4)}@example.org"
        browser.open("/accounts/register")
        fields = {**story.ORGANISATION, "name": name, "email": email, "password": story.PASSWORD}
        browser.post(browser.form("/accounts/register"), fields)
        return Ngo(browser, email)

    def sign_in(self, email: str) -> Ngo:
        """The lead of a registered NGO comes back, at another browser."""
        browser = self.browser()
        browser.open("/accounts/sign-in")
        browser.post(browser.form("/accounts/sign-in"), {"email": email, "password": story.PASSWORD})
        return Ngo(browser, email)

    def example(self, role: str) -> Browser:
        """The example person of that role signs in with a link. Nothing is told on the bus by that."""
        with self.accounts() as service, service.work() as context:
            person = handlers.by_email(context.session, EXAMPLES[role])
            assert person is not None
            token = handlers.new_link(context, person)
        return self._follow(token)

    def invite(self, role: str, organisation: UUID | None = None, name: str = "Bolot Invited") -> Browser:
        """Somebody new is invited and signs in with the link."""
        email = f"{role}.{secrets.token_hex(4)}@example.org"
        command = InvitePerson(new_id(), name, email, role, organisation)
        with self.accounts() as service, service.work() as context:
            _person, token = handlers.invite_person(context, command, None)
        return self._follow(token)

    def organisation_of(self, ngo: Ngo) -> UUID:
        """The id of an NGO."""
        with self.accounts() as service, service.read() as session:
            person = handlers.by_email(session, ngo.email)
            assert person is not None
            assert person.organisation_id is not None
            return person.organisation_id

    def _follow(self, token: str) -> Browser:
        browser = self.browser()
        browser.open(f"/accounts/link/{token}")
        browser.post(browser.form(f"/accounts/link/{token}"))
        return browser
