"""A desk for tests of proposals: a client over real pages, people who sign in, forms filled in as a browser does."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
from starlette.testclient import TestClient

from contracts.envelope import new_id, wrap
from contracts.events import OrganisationRegistered, ProposalSubmitted, ProposalWithdrawn
from contracts.values import LocalizedText, Money, Text
from services.chassis.service import Service
from services.chassis.settings import Settings
from services.projects.component import COMPONENT
from services.projects.handlers.organisations import on_organisation_registered
from services.projects.tables.programmes import (
    ActionRow,
    ProgrammePartRow,
    ProgrammeRow,
    ProgrammeSectionRow,
    ProgrammeSpeciesRow,
    ProgrammeStateRow,
)
from tests import support

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
PROGRAMME = "test-2021-2026"
TEXTS = {name: f"Our {name}" for name in ("title", "summary", "problem", "approach", "results")}


@dataclass
class Desk:
    """Where an organisation works: its service, its client, the person who is signed in."""

    service: Service
    client: TestClient
    settings: Settings
    organisation: UUID = field(default_factory=new_id)

    def sign_in(self, *roles: str, organisation: UUID | None = None, name: str = "Aigul Test") -> None:
        """Sign somebody in; a coordinator or secretary belongs to no organisation."""
        own = None if {"coordinator", "secretariat"} & set(roles) else organisation or self.organisation
        support.sign_in(self.client, self.settings, *roles, organisation=own, name=name)

    def register(self, revision: int = 1, name: str = "Steppe Trust", organisation: UUID | None = None) -> None:
        """Let the organisation's profile arrive."""
        payload = OrganisationRegistered(
            organisation_id=organisation or self.organisation, revision=revision, name=name, legal_form="association",
            applicant_kind="ngo_local", country="KAZ", year_founded=2001, registration_number="123",
            yearly_income=Money(amount=Decimal(50000), currency="USD"),
        )  # fmt: skip
        event = wrap_event(payload)
        with self.service.work(event=event) as context:
            on_organisation_registered(context, event)

    def start(self, title: str = "Saiga corridors", **data: str) -> str:
        """Start a draft; answers its address."""
        hidden = self.hidden("/projects/proposals/new")
        answer = self.client.post(
            "/projects/proposals/new", data={**hidden, "written_in": "en", "title": title, **data}
        )
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    def hidden(self, page: str) -> dict[str, str]:
        """The hidden fields of a page's main form; the first of each name after the form of the header."""
        shown = self.client.get(page)
        assert shown.status_code == 200, f"{page}: {shown.status_code}"
        main = shown.text.split("<main", 1)[1]
        found: dict[str, str] = {}
        for name, value in HIDDEN.findall(main):
            found.setdefault(name, value)
        return found

    def save(self, page: str, data: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> httpx.Response:
        """Open a section and send it with `data`; hidden fields go along as a browser sends them."""
        answer: httpx.Response = self.client.post(page, data={**self.hidden(page), **data}, headers=dict(headers or {}))
        return answer

    def complete(self, url: str) -> None:
        """Fill in every section, with a budget in two currencies."""
        for section, data in FILLED.items():
            answer = self.save(f"{url}/{section}", data)
            assert answer.status_code == 303, (section, answer.text)

    def submit(self, url: str) -> httpx.Response:
        """Press the button of the check page."""
        return self.save_to(f"{url}/check", f"{url}/submit", {})

    def save_to(self, page: str, to: str, data: Mapping[str, Any]) -> httpx.Response:
        """Send a form of `page` to another address."""
        hidden = {name: value for name, value in self.hidden(page).items() if name in ("csrf", "version")}
        answer: httpx.Response = self.client.post(to, data={**hidden, **data})
        return answer

    def json(self, url: str) -> dict[str, Any]:
        """The proposal as JSON."""
        answer = self.client.get(url.replace("/projects/", "/projects/api/"))
        assert answer.status_code == 200, answer.text
        content: dict[str, Any] = answer.json()
        return content

    def events(self) -> list[Any]:
        """Payloads of proposals in the outbox, oldest first."""
        found = [event.data for event in support.outbox_of(self.service)]
        return [data for data in found if isinstance(data, ProposalSubmitted | ProposalWithdrawn)]


FILLED: dict[str, dict[str, Any]] = {
    "summary": {"written_in": "en", **{f"{name}-en": text for name, text in TEXTS.items()}},
    "actions": {"actions": ["1.1", "2.1"]},
    "species": {"species": ["saiga"], "states": ["KAZ", "UZB"]},
    "dates": {"starts": "2027-01-01", "ends": "2028-12-31"},
    "budget": {
        "currency": "EUR",
        "lines-0-description": "Rangers", "lines-0-category": "personnel", "lines-0-year": "1",
        "lines-0-amount": "10 000", "lines-0-currency": "EUR",
        "lines-1-description": "Collars", "lines-1-category": "equipment", "lines-1-year": "2",
        "lines-1-amount": "1,000.50", "lines-1-currency": "USD",
    },
    "cofinancing": {
        "lines-0-source_name": "Ministry", "lines-0-source": "government", "lines-0-kind": "cash",
        "lines-0-status": "confirmed", "lines-0-amount": "870", "lines-0-currency": "EUR",
    },
    "partners": {
        "lines-0-name": "Institute of Zoology", "lines-0-kind": "research", "lines-0-country": "KAZ",
        "lines-0-role": "Counts", "lines-0-lead": "agreed",
    },
    "contacts": {"lines-0-name": "Aigul", "lines-0-role": "Lead", "lines-0-email": "aigul@example.org"},
}  # fmt: skip
"""What every section is filled in with."""


def desk_of(make_service: Callable[..., Service], client: Callable[..., TestClient], settings: Settings) -> Desk:
    """A desk with a small Programme of Work, its organisation registered and its lead signed in."""
    service = make_service(COMPONENT)
    _programme(service)
    desk = Desk(service, client(COMPONENT), settings)
    desk.register()
    desk.sign_in("lead")
    return desk


def wrap_event(payload: OrganisationRegistered) -> Any:
    """An event of accounts as it arrives."""
    return wrap(payload, source="accounts", subject=str(payload.organisation_id), time=datetime.now(UTC))


def _programme(service: Service) -> None:
    """Three actions in two sections, three species, two states."""
    with service.work() as context:
        session = context.session
        session.add(ProgrammeRow(
            id=PROGRAMME, start=2021, end=2026, title=_text("Test"), content_hash="x", updated_at=context.now,
        ))  # fmt: skip
        session.flush()
        session.add(ProgrammePartRow(programme_id=PROGRAMME, number="I", position=1, heading="I", title=_text("Part")))
        session.flush()
        for number in (1, 2):
            session.add(ProgrammeSectionRow(
                programme_id=PROGRAMME, number=number, part="I", heading="x", title=_text(f"Section {number}"),
                species=[], states=[],
            ))  # fmt: skip
        for position, code in enumerate(("argali", "saiga", "snow_leopard")):
            session.add(ProgrammeSpeciesRow(
                programme_id=PROGRAMME, code=code, position=position, scientific_name=code, cms_appendix="II",
            ))  # fmt: skip
        for position, code in enumerate(("KAZ", "UZB")):
            session.add(
                ProgrammeStateRow(programme_id=PROGRAMME, code=code, position=position, iso2=code[:2], party=True)
            )
        session.flush()
        for position, (number, species) in enumerate((("1.1", "saiga"), ("1.2", "argali"), ("2.1", "saiga")), start=1):
            session.add(ActionRow(
                programme_id=PROGRAMME, id=number, position=position, number=number, section=int(number[0]),
                priority="high", sub_item_priorities={}, responsible=[], unconfirmed=[], sub_items=[], see_also=[],
                title=_text(f"Action {number}"), summary=_text(f"Summary of {number}"), own_texts=True,
                themes=["connectivity", "policy_and_law"] if number == "1.1" else ["policy_and_law"],
                species=[species], states=["KAZ"], landscapes=[], content_hash="x",
                search=f" action {number.replace('.', ' ')} {species} ",
            ))  # fmt: skip


def _text(text: str) -> dict[str, Any]:
    return LocalizedText(source="en", versions={"en": Text(text=text)}).model_dump(mode="json")
