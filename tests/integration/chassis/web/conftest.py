"""A client over the notes, signed out or signed in."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from services.chassis.service import Service
from services.chassis.settings import Settings
from services.chassis.web import create_app
from tests import support
from tests.integration.chassis.web.parts import open_notes

SignIn = Callable[..., None]


@pytest.fixture
def web_settings(tmp_path: Path) -> Settings:
    """Settings with a small limit for bodies."""
    return support.settings_in(tmp_path, max_body_bytes=64 * 1024)


@pytest.fixture
def notes(web_settings: Settings, tmp_path: Path) -> Iterator[Service]:
    """The service of the notes."""
    service = open_notes(web_settings, tmp_path / "notes")
    yield service
    service.close()


@pytest.fixture
def web(notes: Service, web_settings: Settings) -> Iterator[TestClient]:
    """A browser that nobody has signed in with."""
    app = create_app({"notes": notes}, web_settings)
    with TestClient(app, follow_redirects=False) as client:
        client.headers["accept"] = "text/html"
        yield client


@pytest.fixture
def sign_in(web: TestClient, web_settings: Settings) -> SignIn:
    """Signs the browser in with some roles."""

    def sign(*roles: str) -> None:
        support.sign_in(web, web_settings, *roles)

    return sign


def token_of(web: TestClient, page: str = "/notes/open") -> str:
    """A token for a form of this browser."""
    return support.csrf_of(web.get(page).text)
