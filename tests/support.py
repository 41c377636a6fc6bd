"""Helpers of the tests: settings, signing in, posting forms as a browser does, carrying events from hand to hand."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import select
from starlette.testclient import TestClient

from contracts.envelope import new_id, read
from services.chassis.security import SESSION_COOKIE, User, seal_session
from services.chassis.service import Service
from services.chassis.settings import Settings

CSRF = re.compile(r'name="csrf" value="([^"]+)"')


def settings_in(folder: Path, **options: Any) -> Settings:
    """Settings whose every file lies in `folder`; retries do not wait."""
    return Settings(data_dir=folder / "var", secret_key="test-key", retry_seconds=0.001, **options)


def sign_in(
    client: TestClient, settings: Settings, *roles: str, organisation: UUID | None = None,
    person: UUID | None = None, name: str = "Aigul Test",
) -> User:  # fmt: skip
    """Give the client a session of a person with `roles`, signed with the tests' key."""
    user = User(
        person_id=person or new_id(), organisation_id=organisation,
        organisation_name="Test organisation" if organisation else "", name=name, roles=frozenset(roles),
    )  # fmt: skip
    client.cookies.clear()
    client.cookies.set(SESSION_COOKIE, seal_session(user, settings, datetime.now(UTC)))
    return user


def csrf_of(html: str) -> str:
    """The anti-forgery token of the first form of a page."""
    found = CSRF.search(html)
    assert found, "the page has no form with a csrf field"
    return found.group(1)


def form_post(
    client: TestClient, page: str, data: Mapping[str, Any], *, to: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> httpx.Response:  # fmt: skip
    """Fetch the form at `page`, then post `data` with its token to `to` (or to the page itself)."""
    shown = client.get(page)
    assert shown.status_code == 200, f"{page}: {shown.status_code}"
    response: httpx.Response = client.post(
        to or page, data={"csrf": csrf_of(shown.text), **data}, headers=dict(headers or {})
    )
    return response


def outbox_of(service: Service) -> list[Any]:
    """Every event in the outbox of `service`, oldest first, as contracts.envelope.Event."""
    table = service.component.messaging.outbox
    with service.read() as session:
        rows = session.execute(select(table.c.headers, table.c.body).order_by(table.c.position)).all()
    return [read(row.headers, row.body) for row in rows]


def deliver(producers: Sequence[Service], consumers: Sequence[Service]) -> int:
    """Hand every event of the producers' outboxes to every consumer that routes it, once each; answers how many."""
    from services.chassis.inbox import claim

    handled = 0
    for producer in producers:
        for event in outbox_of(producer):
            for consumer in consumers:
                handler = consumer.component.routes.get(type(event.data))
                if handler is None:
                    continue
                with consumer.work(event=event) as context:
                    if claim(context.session, consumer.component.messaging, consumer.name, event, at=context.now):
                        handler(context, event)
                        handled += 1
    return handled
