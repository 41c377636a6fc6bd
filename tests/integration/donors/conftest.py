"""A loaded inventory, and a client over its pages."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from services.chassis.service import Service
from services.chassis.settings import Settings
from services.donors.component import COMPONENT
from tests import support


@pytest.fixture
def donors(make_service: Callable[..., Service]) -> Service:
    """The service with the shipped inventory."""
    return make_service(COMPONENT, loaded=True)


@pytest.fixture
def visitor(donors: Service, client: Callable[..., TestClient], settings: Settings) -> Callable[..., TestClient]:
    """Makes a client of a person with the given roles."""

    def make(*roles: str, name: str = "Camille Test") -> TestClient:
        made = client(COMPONENT)
        support.sign_in(made, settings, *roles, name=name)
        return made

    return make


@pytest.fixture
def coordinator(visitor: Callable[..., TestClient]) -> TestClient:
    """A client of a coordinator."""
    return visitor("coordinator")


def published(service: Service, window_id: str) -> list[Any]:
    """The events about one window, oldest first."""
    return [event for event in support.outbox_of(service) if event.subject == window_id]
