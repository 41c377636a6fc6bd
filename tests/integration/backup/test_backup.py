"""A backup restored is the system that was saved, whatever it is restored into."""

import json
import shutil
import stat
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from contracts.events import NAME_OF, topic_of
from services.backup.archive import MANIFEST
from services.backup.restoring import restore
from services.backup.rows import kinds_of
from services.backup.saving import save
from services.chassis.bus import open_bus
from services.chassis.errors import CamiError
from services.chassis.runner import Program
from services.chassis.service import Service
from services.chassis.settings import Settings
from services.projects.tables.organisations import OrganisationRow
from services.registry import ALL, COMPONENTS, choose
from tests.engines.postgres import PostgresServer
from tests.integration.backup.conftest import (
    Saved,
    contents,
    found_organisation,
    quiet,
    settings_of,
    without_publication,
)


def parked(service: Service) -> int:
    with service.read() as session:
        return session.execute(select(func.count()).select_from(service.component.messaging.parked)).scalar_one()


def heard(program: Program, organisation: Any) -> bool:
    """Whether projects knows the organisation."""
    with program.services["projects"].read() as session:
        return session.get(OrganisationRow, organisation) is not None


def test_restored_it_is_what_was_saved(saved: Saved, tmp_path: Path) -> None:
    target = settings_of(tmp_path / "var")
    assert restore(target, saved.archive, quiet) == []
    again = tmp_path / "again.zip"
    manifest = save(target, again, quiet)
    assert without_publication(contents(again), manifest) == without_publication(contents(saved.archive), manifest)
    assert target.key == saved.settings.key


def test_from_sqlite_to_postgresql_and_back(saved: Saved, postgres_server: PostgresServer, tmp_path: Path) -> None:
    server = settings_of(tmp_path / "server", postgres_server.fresh_each(COMPONENTS))
    restore(server, saved.archive, quiet)
    from_server = tmp_path / "server.zip"
    manifest = save(server, from_server, quiet)
    assert without_publication(contents(from_server), manifest) == without_publication(
        contents(saved.archive), manifest
    )
    with Program(server, choose([ALL])) as program:  # it works on, and gives out numbers that are free
        program.load(quiet)
        program.settle(quiet)
        organisation = found_organisation(program.services["accounts"], "Founded on PostgreSQL")
        program.settle(quiet)
        assert heard(program, organisation)
        assert [parked(service) for service in program.services.values()] == [0] * len(COMPONENTS)
    back = settings_of(tmp_path / "back")
    save(server, tmp_path / "later.zip", quiet)
    restore(back, tmp_path / "later.zip", quiet)
    with Program(back, choose([ALL])) as program:
        program.settle(quiet)
        assert heard(program, organisation)
    for name in COMPONENTS:
        postgres_server.drop(server.database_url_of(name))


def test_onto_kafka_and_back(saved: Saved, kafka: str, postgres_server: PostgresServer, tmp_path: Path) -> None:
    server = settings_of(tmp_path / "server", postgres_server.fresh_each(COMPONENTS))
    server = server.model_copy(update={"bus_url": f"kafka:{kafka}"})
    with closing(open_bus(server)) as bus:  # other tests use this broker too
        bus.remove([topic for topic in bus.topics() if topic.startswith("cami.")])
    restore(server, saved.archive, quiet)
    with Program(server, choose([ALL])) as program:
        program.settle(quiet)
        assert [parked(service) for service in program.services.values()] == [0] * len(COMPONENTS)
        with pytest.raises(CamiError, match="the program runs"):
            restore(server, saved.archive, quiet, replace=True)
    manifest = save(server, tmp_path / "kafka.zip", quiet)
    # Events that the relay says again stand on the bus twice; nothing else does, and all keep their order by key.
    assert by_key(tmp_path / "kafka.zip") == by_key(saved.archive)
    restore(server, tmp_path / "kafka.zip", quiet, replace=True)
    restore(settings_of(tmp_path / "back"), tmp_path / "kafka.zip", quiet)
    assert set(manifest["topics"]) >= {"cami.accounts", "cami.donors", "cami.projects"}
    with closing(open_bus(server)) as bus:
        bus.remove([topic for topic in bus.topics() if topic.startswith("cami.")])
    for name in COMPONENTS:
        postgres_server.drop(server.database_url_of(name))


def by_key(archive: Path) -> dict[tuple[str, str], list[str]]:
    """(topic, key) -> ids of its events in order, each where it stands first."""
    found: dict[tuple[str, str], list[str]] = {}
    with zipfile.ZipFile(archive) as file:
        for name in file.namelist():
            if name.startswith("log/"):
                for line in file.read(name).decode().splitlines():
                    key, headers, _body, _time = json.loads(line)
                    ids = found.setdefault((name, key), [])
                    if headers["ce_id"] not in ids:
                        ids.append(headers["ce_id"])
    return found


@pytest.mark.parametrize("moment", ["Saving reports", "Saving projects"])
def test_what_happens_while_it_is_saved_is_whole_in_the_end(tmp_path: Path, moment: str) -> None:
    """An organisation registers when the log has been read already, or when one of those who hear of it has been."""
    settings = settings_of(tmp_path / "var")
    registered: list[Any] = []
    with Program(settings, choose([ALL])) as program:
        program.load(quiet)
        program.settle(quiet)

        def work(what: str, done: int, total: int) -> None:
            if what == moment and done == total and not registered:
                registered.append(found_organisation(program.services["accounts"], "Latecomers"))
                program.settle(quiet)

        save(settings, tmp_path / "backup.zip", work)
    target = settings_of(tmp_path / "restored")
    restore(target, tmp_path / "backup.zip", quiet)
    with Program(target, choose([ALL])) as program:
        program.settle(quiet)
        assert heard(program, registered[0])
        assert [parked(service) for service in program.services.values()] == [0] * len(COMPONENTS)
        inbox = program.services["projects"].component.messaging.inbox
        with program.services["projects"].read() as session:
            ids = session.execute(select(inbox.c.event_id)).scalars().all()
        assert len(ids) == len(set(ids))


def test_listeners_are_saved_before_those_they_listen_to() -> None:
    order = [component.name for component in reversed(choose([ALL]))]
    for name, component in COMPONENTS.items():
        for payload in component.routes:
            producer = topic_of(NAME_OF[payload]).rpartition(".")[2]
            assert order.index(name) < order.index(producer), f"{name} hears {payload.__name__}"


def test_every_column_of_every_service_can_be_saved() -> None:
    for component in COMPONENTS.values():
        for table in component.metadata.sorted_tables:
            assert len(kinds_of(table)) == len(table.columns)


def test_it_is_its_owners_alone(saved: Saved) -> None:
    assert stat.S_IMODE(saved.archive.stat().st_mode) == 0o600


def test_what_is_there_is_not_replaced_unless_one_says_so(saved: Saved, tmp_path: Path) -> None:
    target = settings_of(tmp_path / "var")
    restore(target, saved.archive, quiet)
    with pytest.raises(CamiError, match="--replace throws it away"):
        restore(target, saved.archive, quiet)
    with Program(target, choose([ALL])) as program:
        program.settle(quiet)
        organisation = found_organisation(program.services["accounts"], "To be thrown away")
        program.settle(quiet)
        with pytest.raises(CamiError, match="the program runs"):
            restore(target, saved.archive, quiet, replace=True)
    restore(target, saved.archive, quiet, replace=True)
    with Program(target, choose([ALL])) as program:
        program.settle(quiet)
        assert not heard(program, organisation)


def test_a_file_that_is_there_is_not_written_over(saved: Saved, tmp_path: Path) -> None:
    file = tmp_path / "letters.zip"
    file.write_text("dear")
    with pytest.raises(CamiError, match="exists already"):
        save(saved.settings, file, quiet)
    assert file.read_text() == "dear"


def test_a_system_that_was_never_started_cannot_be_saved(tmp_path: Path) -> None:
    with pytest.raises(CamiError, match="never been used"):
        save(settings_of(tmp_path / "var"), tmp_path / "backup.zip", quiet)
    assert not (tmp_path / "backup.zip").exists()


def cut_off(archive: Path) -> None:
    archive.write_bytes(archive.read_bytes()[:-2000])


def flipped(archive: Path) -> None:
    content = bytearray(archive.read_bytes())
    content[len(content) // 2] ^= 0xFF
    archive.write_bytes(content)


def no_archive(archive: Path) -> None:
    archive.write_text("something else")


def changed(archive: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Write the archive again with another manifest."""
    other = archive.with_suffix(".new")
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(other, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == MANIFEST:
                manifest = json.loads(content)
                change(manifest)
                content = json.dumps(manifest).encode()
            new.writestr(name, content)
    other.replace(archive)


def a_row_less(archive: Path) -> None:
    changed(archive, lambda manifest: manifest["members"]["projects/action.jsonl"].update(lines=227))


def newer_format(archive: Path) -> None:
    changed(archive, lambda manifest: manifest.update(format=99))


def newer_tables(archive: Path) -> None:
    changed(archive, lambda manifest: manifest["services"]["donors"].update(revision="9999"))


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (cut_off, "damaged"), (flipped, "damaged"), (no_archive, "damaged"), (a_row_less, "damaged"),
        (newer_format, "newer version"), (newer_tables, "newer version"),
    ],
)  # fmt: skip
def test_an_archive_that_cannot_be_trusted_touches_nothing(
    saved: Saved, tmp_path: Path, harm: Callable[[Path], None], words: str
) -> None:
    archive = tmp_path / "harmed.zip"
    shutil.copyfile(saved.archive, archive)
    harm(archive)
    target = settings_of(tmp_path / "var")
    with pytest.raises(CamiError, match=words):
        restore(target, archive, quiet)
    assert not [path for path in target.data_dir.glob("*") if path.suffix == ".key" or path.name == "donors.sqlite3"]


def test_a_key_that_is_set_stays_and_is_told_of(saved: Saved, tmp_path: Path) -> None:
    target = Settings(data_dir=tmp_path / "var", secret_key="another")
    [note] = restore(target, saved.archive, quiet)
    assert "sign in again" in note
    assert not (target.data_dir / "secret.key").exists()
