"""Writes a backup, while the program runs.

The log is read first, then every service at one moment of its own, those that listen before those that are listened
to. So whatever an archive says that somebody has heard, it also says who has said it; decision 0016 has the reasons.
"""

from base64 import b64encode
from contextlib import closing
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from services.backup import rows
from services.backup.archive import KEY, Writer
from services.chassis.bus import Bus, open_bus
from services.chassis.db import Database
from services.chassis.errors import CamiError
from services.chassis.migrations import newest_revision, revision_of
from services.chassis.service import Component, Progress
from services.chassis.settings import Settings
from services.registry import ALL, choose

PAGE: Final = 1000
"""Messages that are read from the bus at a time."""
OURS: Final = "cami."
"""How our topics' names begin; a broker may hold others."""


def save(settings: Settings, path: Path, progress: Progress) -> dict[str, Any]:
    """Write a backup of all services, the log and the key to `path`; answers its manifest.

    Raises CamiError when the file exists, a database has never been used, or it is of another version of the program.
    """
    services = list(reversed(choose([ALL])))
    for component in services:  # before a long reading is begun
        with closing(Database.of(settings, component.name)) as db, db.read() as session:
            _check(component, session.connection())
    with Writer(path) as archive:
        manifest = archive.manifest
        manifest |= {"program": version("cami-funding"), "log_read_at": datetime.now(UTC).isoformat(), "services": {}}
        with closing(open_bus(settings)) as bus:
            manifest["topics"] = [_save_topic(archive, bus, topic, progress) for topic in sorted(_topics(bus))]
        for component in services:
            with closing(Database.of(settings, component.name)) as db, db.read() as session:
                connection = session.connection()
                if connection.dialect.name == "postgresql":  # a large table takes longer than any page may
                    connection.execute(sa.text(
                        "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0"
                    ))  # fmt: skip
                manifest["services"][component.name] = _save_service(archive, component, connection, progress)
        with archive.lines(KEY) as write:
            write(settings.key)
        manifest["made_at"] = datetime.now(UTC).isoformat()
    return manifest


def _check(component: Component, connection: Connection) -> str:
    revision, newest = revision_of(connection), newest_revision(component)
    if revision is None:
        raise CamiError(f"the database of {component.name} has never been used: there is nothing to save")
    if revision != newest:
        raise CamiError(
            f"the database of {component.name} is at revision {revision}, this program is at {newest}: "
            "save with the version of the program that runs on it, or start this one once"
        )
    return revision


def _topics(bus: Bus) -> list[str]:
    return [topic for topic in bus.topics() if topic.startswith(OURS)]


def _save_topic(archive: Writer, bus: Bus, topic: str, progress: Progress) -> str:
    """The messages that are there at this moment, in the order of their partitions."""
    ends = bus.end_offsets(topic)
    total, done = max(sum(ends.values()), 1), 0
    next_offsets = dict.fromkeys(ends, 0)
    what = f"Saving the log: {topic}"
    with archive.lines(f"log/{topic}.jsonl") as write:
        while any(next_offsets[partition] < end for partition, end in ends.items()):
            page = bus.read(topic, from_offset=next_offsets, limit=PAGE)
            if not page:
                break  # what is still to come are gaps
            for message in page:
                next_offsets[message.partition] = message.offset + 1
                if message.offset < ends[message.partition]:
                    write([
                        message.key, dict(message.headers), b64encode(message.body).decode("ascii"),
                        message.time.isoformat(),
                    ])  # fmt: skip
                    done += 1
            progress(what, min(done, total), total)
    progress(what, total, total)
    return topic


def _save_service(archive: Writer, component: Component, connection: Connection, progress: Progress) -> dict[str, Any]:
    what = f"Saving {component.name}"
    tables = component.metadata.sorted_tables
    counts = [connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() for table in tables]
    total, done = max(sum(counts), 1), 0
    for table in tables:
        with archive.lines(f"{component.name}/{table.name}.jsonl") as write:
            for row in rows.saved(connection, table):
                write(row)
                done += 1
                if done % 200 == 0:
                    progress(what, done, total)
    progress(what, total, total)
    return {
        "revision": _check(component, connection),
        "tables": [{"name": table.name, "columns": rows.kinds_of(table)} for table in tables],
    }
