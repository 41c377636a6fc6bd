"""Makes a system of a backup: in whatever databases and on whatever bus the settings name."""

from base64 import b64decode
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from services.backup import rows
from services.backup.archive import KEY, Reader
from services.backup.saving import OURS
from services.chassis.bus import Bus, Outgoing, open_bus
from services.chassis.db import Database
from services.chassis.errors import CamiError, Conflict, NotFound
from services.chassis.groups import groups_of
from services.chassis.migrations import knows_revision, made_anew
from services.chassis.service import Component, Progress
from services.chassis.settings import Settings, keep_key
from services.registry import ALL, choose

PAGE: Final = 500
SLACK: Final = timedelta(minutes=10)
"""How far the clocks of services and of whoever made the backup may be apart."""


def restore(settings: Settings, path: Path, progress: Progress, *, replace: bool = False) -> list[str]:
    """Restore the backup at `path`; answers what a person ought to know besides.

    Nothing is touched before the whole archive has been read and found sound. Each service is restored in one
    transaction. Raises CamiError when something is there already and not to be replaced, when the program runs, when
    the archive is damaged, or of a newer version of the program than this one.
    """
    with Reader(path) as archive, closing(open_bus(settings)) as bus:
        components = _components(archive)
        archive.verify(lambda done, total: progress("Checking the archive", done, total))
        _check_target(settings, bus, components, replace=replace)
        notes = _restore_key(settings, archive)
        for component in components:
            with closing(Database.of(settings, component.name)) as db:
                _restore_service(archive, component, db, progress)
        for topic in archive.manifest["topics"]:
            _restore_topic(archive, bus, topic, progress)
    return notes


def _components(archive: Reader) -> list[Component]:
    """The services in the archive. Raises CamiError when this program does not know one, or not its tables."""
    saved: Mapping[str, Any] = archive.manifest["services"]
    components = [component for component in choose([ALL]) if component.name in saved]
    if unknown := set(saved) - {component.name for component in components}:
        raise CamiError(f"the backup holds a service that this program does not have: {', '.join(sorted(unknown))}")
    for component in components:
        revision = saved[component.name]["revision"]
        if not knows_revision(component, revision):
            raise CamiError(
                f"the backup is of a newer version of the program ({archive.manifest['program']}): this one does not "
                f"know revision {revision} of {component.name}"
            )
    return components


def _check_target(settings: Settings, bus: Bus, components: list[Component], *, replace: bool) -> None:
    """Make sure that nothing is lost which nobody meant to lose."""
    topics = [topic for topic in bus.topics() if topic.startswith(OURS)]
    if not replace:
        full = [f"the log ({topic})" for topic in topics if bus.read(topic, limit=1)]
        for component in components:
            with closing(Database.of(settings, component.name)) as db, db.read() as session:
                if _has_rows(session.connection()):
                    full.append(f"the database of {component.name}")
        if full:
            raise CamiError(f"there is something already: {full[0]}; --replace throws it away")
    for component in components:
        for group, topic in groups_of(component).items():
            try:
                bus.seek(group, topic, 0)
            except NotFound:
                continue
            except Conflict as error:
                raise CamiError(f"the program runs ({error}); stop it first") from error
    if topics:
        bus.remove(topics)


def _has_rows(connection: Connection) -> bool:
    names = [name for name in sa.inspect(connection).get_table_names() if name != "alembic_version"]
    return any(
        connection.execute(sa.select(sa.literal(1)).select_from(sa.table(name)).limit(1)).first() for name in names
    )


def _restore_key(settings: Settings, archive: Reader) -> list[str]:
    (key,) = archive.lines(KEY)
    if settings.secret_key:
        if settings.secret_key == key:
            return []
        return ["CAMI_SECRET_KEY is not the key of the backup: everybody has to sign in again"]
    keep_key(settings.data_dir, key)
    return []


def _restore_service(archive: Reader, component: Component, db: Database, progress: Progress) -> None:
    saved = archive.manifest["services"][component.name]
    members = {table["name"]: f"{component.name}/{table['name']}.jsonl" for table in saved["tables"]}
    what, before = f"Restoring {component.name}", 0
    total = max(sum(archive.count(member) for member in members.values()), 1)
    progress(what, 0, total)
    with made_anew(component, db, saved["revision"]) as connection:
        for table in saved["tables"]:
            name, start = table["name"], before
            rows.restore(
                connection, name, table["columns"], archive.lines(members[name]),
                lambda done, start=start: progress(what, start + done, total),  # type: ignore[misc]
            )  # fmt: skip
            before += archive.count(members[name])
        rows.set_sequences(connection)
        _let_relay_say_again(connection, component, datetime.fromisoformat(archive.manifest["log_read_at"]))
    progress(what, total, total)


def _let_relay_say_again(connection: Connection, component: Component, log_read_at: datetime) -> None:
    """What was published after the log was read is not in it: the relay publishes it again, and who has heard it
    already knows by its id."""
    outbox = component.messaging.outbox
    connection.execute(sa.update(outbox).where(outbox.c.published_at >= log_read_at - SLACK).values(published_at=None))


def _restore_topic(archive: Reader, bus: Bus, topic: str, progress: Progress) -> None:
    member = f"log/{topic}.jsonl"
    total, done = max(archive.count(member), 1), 0
    messages = _messages(topic, archive.lines(member))
    what = f"Restoring the log: {topic}"
    while page := list(islice(messages, PAGE)):
        bus.publish(page)
        done += len(page)
        progress(what, done, total)


def _messages(topic: str, lines: Iterator[list[Any]]) -> Iterator[Outgoing]:
    for key, headers, body, time in lines:
        yield Outgoing(topic, key, headers, b64decode(body), datetime.fromisoformat(time))
