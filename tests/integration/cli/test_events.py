"""`cami events`: what is on the bus, what could not be handled, and handing it in again."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from contracts.envelope import new_id, wrap
from contracts.events import OrganisationRegistered
from contracts.values import Money
from services.chassis.bus import Message, Outgoing, open_bus
from services.chassis.clock import utc_now
from services.chassis.errors import CamiError
from services.chassis.migrations import upgrade
from services.chassis.parked import park
from services.chassis.service import Service
from services.chassis.settings import Settings
from services.cli_events import app
from services.projects.component import COMPONENT as PROJECTS
from services.projects.tables.organisations import OrganisationRow


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings as the command finds them in its environment."""
    monkeypatch.setenv("CAMI_DATA_DIR", str(tmp_path))
    return Settings()


def call(*arguments: str) -> list[dict[str, Any]]:
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.output.splitlines() if line.startswith("{")]


def publish(settings: Settings, topic: str, *keys: str) -> None:
    bus = open_bus(settings)
    for key in keys:
        bus.publish([Outgoing(topic, key, {"ce_type": "t", "ce_id": str(new_id())}, key.encode())])
    bus.close()


def test_the_newest_events_are_shown_in_order_of_time(here: Settings) -> None:
    publish(here, "cami.donors", *(f"d{number}" for number in range(30)))
    publish(here, "cami.projects", *(f"p{number}" for number in range(5)))
    assert [line["key"] for line in call("tail", "--limit", "7")] == ["d28", "d29", "p0", "p1", "p2", "p3", "p4"]
    assert [line["key"] for line in call("tail", "--limit", "2", "--topic", "cami.donors")] == ["d28", "d29"]
    assert len(call("tail")) == 35
    (shown,) = call("tail", "--limit", "1", "--body")
    assert (shown["topic"], shown["body"]) == ("cami.projects", "p4")


def test_since_a_moment_the_first_events_are_shown(here: Settings) -> None:
    publish(here, "cami.donors", *"abcdef")
    times = {line["key"]: line["time"] for line in call("tail")}
    assert [line["key"] for line in call("tail", "--since", times["c"], "--limit", "2")] == ["c", "d"]


@pytest.mark.parametrize("since", ["yesterday", "2026-11-22T09:00:00"])
def test_a_moment_that_cannot_be_read_is_told(here: Settings, since: str) -> None:
    with pytest.raises(CamiError, match="--since"):
        CliRunner().invoke(app, ["tail", "--since", since], catch_exceptions=False)


def test_a_parked_event_is_listed_and_handled_when_it_is_handed_in_again(here: Settings) -> None:
    organisation = new_id()
    event = wrap(
        OrganisationRegistered(
            organisation_id=organisation, name="Steppe Trust", legal_form="association", applicant_kind="ngo_local",
            country="KAZ", year_founded=2001, registration_number="1", yearly_income=Money(amount=1, currency="USD"),
        ),
        source="accounts", subject=str(organisation), time=utc_now(),
    )  # fmt: skip
    service = Service(PROJECTS, here)
    upgrade(PROJECTS, service.db)
    message = Message("cami.accounts", 0, 4, event.subject, event.headers(), event.body(), utc_now())
    with service.work() as context:
        park(context.session, PROJECTS.messaging, "projects", message, "RuntimeError: once", context.now)
    (line,) = call("parked")
    assert (line["service"], line["reason"], line["offset"]) == ("projects", "RuntimeError: once", 4)
    assert call("parked", "--service", "donors") == []
    call("retry", line["id"])
    assert call("parked") == []
    with service.read() as session:
        row = session.get(OrganisationRow, organisation)
        assert row is not None
        assert row.name == "Steppe Trust"
    service.close()
    with pytest.raises(CamiError, match="settled"):
        call("retry", line["id"])
    for unknown in ("x", str(new_id())):
        with pytest.raises(CamiError):
            call("retry", unknown)
