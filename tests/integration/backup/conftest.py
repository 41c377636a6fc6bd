"""A system at work, saved once: shipped data, people, something parked, something that waits to be published."""

import json
import zipfile
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from contracts.envelope import new_id
from services.accounts import handlers
from services.accounts.commands import InvitePerson, OrganisationProfile
from services.backup.saving import save
from services.chassis.runner import Program
from services.chassis.service import Service
from services.chassis.settings import Settings
from services.registry import ALL, choose
from services.reports import store


def quiet(what: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


def settings_of(folder: Path, database_url: str = "") -> Settings:
    """Settings of a system in `folder`; its databases may be elsewhere."""
    others = {"database_url": database_url} if database_url else {}
    return Settings(data_dir=folder, poll_seconds=0.05, retry_seconds=0.01, consumer_retries=0, **others)


def found_organisation(accounts: Service, name: str) -> Any:
    """An organisation with a lead, told on the bus. Answers its id."""
    organisation = new_id()
    profile = OrganisationProfile(
        name=name, legal_form="association", country="KGZ", year_founded=2009,
        income=Decimal("180000.10"), income_currency="USD", registration_number="Б-1 “x”",
    )  # fmt: skip
    with accounts.work() as context:
        handlers.add_organisation(context, organisation, profile)
        email = f"{organisation}@example.org"
        handlers.add_person(context, InvitePerson(new_id(), "Нургуль", email, "lead", organisation), None)
    return organisation


def contents(archive: Path, *parts: str) -> dict[str, list[Any]]:
    """The rows of an archive by member, sorted; only of members that begin with one of `parts`."""
    with zipfile.ZipFile(archive) as file:
        names = [name for name in file.namelist() if name.endswith(".jsonl") and name.startswith(parts or ("",))]
        return {name: sorted(file.read(name).decode().splitlines()) for name in names}


def without_publication(found: dict[str, list[Any]], manifest: dict[str, Any]) -> dict[str, list[Any]]:
    """The same, less the moments at which events were published: restored, some wait to be published again."""
    cleaned = dict(found)
    for service, saved in manifest["services"].items():
        [columns] = [table["columns"] for table in saved["tables"] if table["name"] == "outbox"]
        place = list(columns).index("published_at")
        rows = [json.loads(line) for line in found[f"{service}/outbox.jsonl"]]
        cleaned[f"{service}/outbox.jsonl"] = [row[:place] + row[place + 1 :] for row in rows]
    return cleaned


@dataclass(frozen=True)
class Saved:
    """A backup, and what it is of."""

    archive: Path
    manifest: dict[str, Any]
    settings: Settings


@pytest.fixture(scope="package")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Saved:
    """A backup that was made while the program ran, on SQLite."""
    folder = tmp_path_factory.mktemp("saved")
    settings = settings_of(folder / "var")
    with Program(settings, choose([ALL])) as program:
        program.load(quiet)
        found_organisation(program.services["accounts"], "Тянь-Шань «Ирбис» & Söhne")
        program.settle(quiet)
        with program.services["reports"].work() as context:
            store.keep(context.session, bytes(range(256)) * 400, context.now)
        manifest = save(settings, folder / "backup.zip", quiet)
    return Saved(folder / "backup.zip", manifest, settings)
