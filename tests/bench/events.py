"""The relay against bare batched inserts of the same bytes, both durable."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from contracts.envelope import new_id
from contracts.events import ProposalWithdrawn
from services.chassis.bus import open_bus
from services.chassis.migrations import upgrade
from services.chassis.relay import Relay
from services.chassis.service import Service
from services.chassis.settings import Settings
from services.projects.component import COMPONENT

EVENTS = 5_000
BATCH = 500


def measure() -> dict[str, Any]:
    """Events per second of the relay and of the bare inserts, and their ratio."""
    with TemporaryDirectory() as folder:
        relay = _relay(Path(folder))
        bare = _bare(Path(folder))
    return {"events": EVENTS, "relay_per_second": round(relay), "bare_inserts_per_second": round(bare),
            "ratio": round(relay / bare, 3)}  # fmt: skip


@contextmanager
def _service(folder: Path) -> Iterator[Service]:
    service = Service(COMPONENT, Settings(data_dir=folder))
    try:
        upgrade(COMPONENT, service.db)
        yield service
    finally:
        service.close()


def _relay(folder: Path) -> float:
    with _service(folder) as service:
        bus = open_bus(service.settings)
        with service.work() as context:
            for number in range(EVENTS):
                context.emit(_event(number), subject=str(number % 97))
        relay = Relay(service, bus)
        started = time.perf_counter()
        sent = 0
        while sent < EVENTS:
            sent += relay.publish_pending()
        seconds = time.perf_counter() - started
        bus.close()
    return EVENTS / seconds


def _bare(folder: Path) -> float:
    connection = sqlite3.connect(folder / "bare.sqlite3", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE message (id INTEGER PRIMARY KEY, key TEXT, headers TEXT, body BLOB)")
    rows = [(str(n % 97), "{}" * 200, _event(n).model_dump_json().encode()) for n in range(EVENTS)]
    started = time.perf_counter()
    for start in range(0, EVENTS, BATCH):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO message (key, headers, body) VALUES (?, ?, ?)", rows[start : start + BATCH])
        connection.execute("COMMIT")
    seconds = time.perf_counter() - started
    connection.close()
    return EVENTS / seconds


def _event(number: int) -> ProposalWithdrawn:
    return ProposalWithdrawn(
        proposal_id=new_id(), reference=f"CAMI-2026-{number:04d}", version=1, withdrawn_at=datetime.now(UTC)
    )
