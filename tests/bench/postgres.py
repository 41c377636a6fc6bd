"""Relay and consumer on PostgreSQL against bare loops of the drivers on the same server, in the same run.

The bare relay does the same with psycopg and sqlite3 alone: reads a batch, inserts it into a file, marks it. The bare
consumer handles each event in a transaction of its own: the note that it was handled, and its effect. Raw inserts of
the same messages in batches, which nobody reads or marks, are measured beside them. All wait for the disk.
"""

import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final

import psycopg

from contracts.envelope import new_id
from contracts.events import ProposalWithdrawn
from services.chassis.bus import Bus, open_bus
from services.chassis.consumer import Consumer
from services.chassis.relay import BATCH, Relay
from services.chassis.service import Service
from services.chassis.settings import Settings
from tests.engines.postgres import PostgresServer, from_binaries
from tests.faults.parts import COUNTER, WRITER, open_part
from tests.needs import LACKS

EVENTS: Final = 3_000
ROUNDS: Final = 3
"""Each is measured in turn, this often; the median counts."""
TOPIC: Final = "cami.projects"


def measure() -> dict[str, Any]:
    """Events per second of relay, consumer and their bare loops, with the ratios."""
    if lacks := LACKS["postgres"]():
        return {"skipped": lacks}
    with ExitStack() as stack:
        server = PostgresServer(stack.enter_context(_server()))
        rates: dict[str, list[float]] = {name: [] for name in _LOOPS}
        for _ in range(ROUNDS):
            for name, loop in _LOOPS.items():
                folder = Path(stack.enter_context(TemporaryDirectory()))
                rates[name].append(EVENTS / loop(server, folder))
    found: dict[str, Any] = {f"{name}_per_second": round(median(all_of)) for name, all_of in rates.items()}
    for part in ("relay", "consumer"):
        found[f"{part}_ratio"] = round(median(rates[part]) / median(rates[f"bare_{part}"]), 3)
    found["relay_to_raw_inserts"] = round(median(rates["relay"]) / median(rates["raw_inserts"]), 3)
    return {"events": EVENTS, **found, "bar_ratio_at_least": 0.6}


@contextmanager
def _server() -> Iterator[str]:
    """A server that waits for the disk, as one that is used in earnest does."""
    with ExitStack() as stack:
        yield from_binaries(stack, fsync=True)


@contextmanager
def _parts(server: PostgresServer, folder: Path) -> Iterator[tuple[Service, Service, Bus]]:
    """Writer and counter, each on a fresh database, and the embedded log."""
    prefix = server.new_name("bench")
    url = server.url.replace("cami_{service}", f"{prefix}_{{service}}")
    settings = Settings(data_dir=folder, database_url=url)
    for part in (WRITER, COUNTER):
        server.create(f"{prefix}_{part.name}")
    with (
        closing(open_part(WRITER, settings)) as writer, closing(open_part(COUNTER, settings)) as counter,
        closing(open_bus(settings)) as bus,
    ):  # fmt: skip
        yield writer, counter, bus


def _write(writer: Service) -> None:
    with writer.work() as context:
        for number in range(EVENTS):
            context.emit(_event(number), subject=str(number % 97))


def _relay(server: PostgresServer, folder: Path) -> float:
    with _parts(server, folder) as (writer, _counter, bus):
        _write(writer)
        relay = Relay(writer, bus)
        return _timed(relay.publish_pending)


def _bare_relay(server: PostgresServer, folder: Path) -> float:
    with _parts(server, folder) as (writer, _counter, _bus):
        _write(writer)
        file = sqlite3.connect(folder / "bare.sqlite3", isolation_level=None)
        file.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
            "CREATE TABLE message (id INTEGER PRIMARY KEY, topic TEXT, key TEXT, headers TEXT, body BLOB)"
        )
        with closing(file), psycopg.connect(writer.db.url.replace("+psycopg", "")) as connection:

            def move() -> None:
                while rows := connection.execute(
                    "SELECT position, topic, key, headers, body FROM outbox WHERE published_at IS NULL"
                    " ORDER BY position LIMIT %s",
                    [BATCH],
                ).fetchall():
                    file.execute("BEGIN IMMEDIATE")
                    file.executemany(
                        "INSERT INTO message (topic, key, headers, body) VALUES (?, ?, ?, ?)",
                        [(topic, key, json.dumps(headers), body) for _, topic, key, headers, body in rows],
                    )
                    file.execute("COMMIT")
                    connection.execute(
                        "UPDATE outbox SET published_at = now() WHERE position = ANY(%s)", [[row[0] for row in rows]]
                    )
                    connection.commit()

            return _timed(move)


def _raw_inserts(server: PostgresServer, folder: Path) -> float:
    rows = [(str(n % 97), "{}" * 200, _event(n).model_dump_json().encode()) for n in range(EVENTS)]

    with psycopg.connect(server.dsn("postgres")) as connection:
        connection.execute("DROP TABLE IF EXISTS bare_message")
        connection.execute("CREATE TABLE bare_message (id SERIAL PRIMARY KEY, key TEXT, headers TEXT, body BYTEA)")
        connection.commit()

        def insert() -> None:
            for start in range(0, EVENTS, BATCH):
                with connection.cursor() as cursor:
                    cursor.executemany(
                        "INSERT INTO bare_message (key, headers, body) VALUES (%s, %s, %s)", rows[start : start + BATCH]
                    )
                connection.commit()

        return _timed(insert)


def _consumer(server: PostgresServer, folder: Path) -> float:
    with _parts(server, folder) as (writer, counter, bus):
        _write(writer)
        Relay(writer, bus).publish_pending()
        consumer = Consumer(counter, bus)
        with closing(bus.subscribe(consumer.group, [TOPIC])) as subscription:

            def consume() -> None:
                handled = 0
                while handled < EVENTS:
                    messages = subscription.poll(1.0)
                    consumer._handle_batch(subscription, messages)
                    handled += len(messages)

            return _timed(consume)


def _bare_consumer(server: PostgresServer, folder: Path) -> float:
    ids = [new_id() for _ in range(EVENTS)]
    with psycopg.connect(server.dsn("postgres")) as connection:
        connection.execute("DROP TABLE IF EXISTS bare_inbox, bare_effect")
        connection.execute(
            "CREATE TABLE bare_inbox (consumer VARCHAR(120), event_id UUID, type VARCHAR(120), handled_at TIMESTAMPTZ,"
            " PRIMARY KEY (consumer, event_id))"
        )
        connection.execute("CREATE TABLE bare_effect (id SERIAL PRIMARY KEY, text TEXT)")
        connection.commit()

        def insert() -> None:
            for number, event_id in enumerate(ids):
                connection.execute(
                    "INSERT INTO bare_inbox VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
                    ("counter", event_id, "cami.projects.proposal.withdrawn.v1", datetime.now(UTC)),
                )
                connection.execute("INSERT INTO bare_effect (text) VALUES (%s)", (f"CAMI-2026-{number:04d}",))
                connection.commit()

        return _timed(insert)


def _timed(function: Callable[[], object]) -> float:
    started = time.perf_counter()
    function()
    return time.perf_counter() - started


def _event(number: int) -> ProposalWithdrawn:
    return ProposalWithdrawn(
        proposal_id=new_id(), reference=f"CAMI-2026-{number:04d}", version=1, withdrawn_at=datetime.now(UTC)
    )


_LOOPS: Final[dict[str, Callable[[PostgresServer, Path], float]]] = {
    "relay": _relay, "bare_relay": _bare_relay, "raw_inserts": _raw_inserts,
    "consumer": _consumer, "bare_consumer": _bare_consumer,
}  # fmt: skip


if __name__ == "__main__":
    print(json.dumps({"cpus": os.cpu_count()} | measure()))
