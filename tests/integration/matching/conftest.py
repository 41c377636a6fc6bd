"""The service at a fixed moment, with three windows, two actions and a proposal."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from contracts.values import Tri
from contracts.windows import CallRule, IntermediaryRule
from services.chassis.service import Service
from services.chassis.settings import Settings
from services.matching.component import COMPONENT
from tests.conftest import MakeClient, MakeService
from tests.integration.matching.events import NOW, action, hand, imported, published, submitted
from tests.support import sign_in
from tests.unit.matching.build import window

NGO, OTHER_NGO = UUID(int=100), UUID(int=101)
PROPOSAL = UUID(int=1)


@pytest.fixture
def matching(make_service: MakeService) -> Service:
    """The service, empty, at a fixed moment."""
    service = make_service(COMPONENT)
    service.clock = lambda: NOW
    return service


@dataclass
class Pages:
    """A client over the pages of matching."""

    client: TestClient
    settings: Settings
    service: Service

    def be(self, *roles: str, organisation: UUID | None = None) -> None:
        """Sign somebody in."""
        sign_in(self.client, self.settings, *roles, organisation=organisation, person=UUID(int=7))

    def get(self, path: str, status: int = 200) -> str:
        """The page at `path`; asserts the status."""
        response = self.client.get(path)
        assert response.status_code == status, f"{path}: {response.status_code}\n{response.text[:2000]}"
        return response.text


@pytest.fixture
def pages(client: MakeClient, matching: Service, settings: Settings) -> Pages:
    """Pages of an empty service; a coordinator is signed in."""
    made = Pages(client(COMPONENT), settings, matching)
    made.be("coordinator")
    return made


@pytest.fixture
def filled(pages: Pages, matching: Service) -> Pages:
    """Pages of a service with three windows, two actions and one proposal."""
    call = CallRule(cycle="annual", deadline=date(2027, 1, 31))
    agency = IntermediaryRule(intermediary=Tri.YES, endorsement=Tri.NO, who="A GEF Agency submits")
    hand(
        matching,
        published(window("rufford-1", call=call, name="Rufford Small Grant")),
        published(window("gef-msp", kind="multilateral", fund="gef", name="Medium-sized project",
                         donor_name="Global Environment Facility", intermediary=agency)),
        published(window("darwin", kind="bilateral", name="Darwin Main", donor_name="Defra", status="closed")),
        action("3.1"), action("9.1", "low", species=["saiga"]), imported(2),
        submitted(PROPOSAL, organisation=NGO),
    )  # fmt: skip
    return pages
