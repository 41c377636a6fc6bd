"""Relay and consumer on either bus against bare loops that do the same with the drivers alone, equally durable.

The relay's bare loop publishes the same messages: with sqlite3 from one file to another, or kafka-python by itself. The
consumer's reads the same messages, raw or by kafka-python, and writes two rows for each in a transaction of its own:
what claiming an event and one insert of a handler come to. Rounds alternate; the medians are compared.
"""

import json
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from kafka import KafkaConsumer, KafkaProducer
from kafka.structs import TopicPartition

from contracts.envelope import new_id
from contracts.events import ProposalWithdrawn
from services.chassis.bus import Bus, Outgoing, open_bus
from services.chassis.clock import utc_now
from services.chassis.consumer import Consumer
from services.chassis.relay import Relay
from services.chassis.service import Service
from services.chassis.settings import Settings
from tests.faults.parts import COUNTER, WRITER, effects, open_part

RELAYED = 5_000
CONSUMED = 1_500
ROUNDS = 3
KEYS = 97
BATCH = 1000
"""As large as the relay's."""


def measure(kafka: str = "") -> dict[str, Any]:
    """Events per second on the embedded log, or on the broker at `kafka`, HOST:PORT."""
    with TemporaryDirectory(prefix="cami-bench-") as folder:
        here = Path(folder)
        relay, consumer = ([_one(step, here, kafka) for _ in range(ROUNDS)] for step in (_relay, _consumer))
    return {"relay": _compare(RELAYED, relay), "consumer": _compare(CONSUMED, consumer), "bar_ratio_at_least": 0.6}


def _compare(events: int, rounds: Sequence[tuple[float, float]]) -> dict[str, Any]:
    return {
        "events": events, "per_second": round(median(ours for ours, _ in rounds)),
        "bare_per_second": round(median(bare for _, bare in rounds)),
        "ratio": round(median(ours / bare for ours, bare in rounds), 3),
    }  # fmt: skip


def _one(step: Callable[[Path, Settings], tuple[float, float]], folder: Path, kafka: str) -> tuple[float, float]:
    own = folder / uuid4().hex
    bus_url = f"kafka:{kafka}" if kafka else f"log:{own}/events.sqlite3"
    return step(own, Settings(data_dir=own, bus_url=bus_url))


def _relay(folder: Path, settings: Settings) -> tuple[float, float]:
    """(events per second of the relay, of the bare loop)"""
    with _part(WRITER, settings) as service, closing(open_bus(settings)) as bus:
        messages = _fill(service, RELAYED)
        bus.publish(messages[:1])  # topics and connections are there
        relay = Relay(service, bus)
        started = time.perf_counter()
        assert relay.publish_pending() == RELAYED
        ours = RELAYED / (time.perf_counter() - started)
    bare = _produce if settings.bus_url.startswith("kafka") else _move
    return ours, RELAYED / bare(folder, settings, messages)


def _consumer(folder: Path, settings: Settings) -> tuple[float, float]:
    """(events per second of the consumer, of the bare loop)"""
    topic = f"bench.{uuid4().hex}"
    with _part(COUNTER, settings) as service, closing(open_bus(settings)) as bus:
        with _part(WRITER, settings) as writer:
            messages = [Outgoing(topic, each.key, each.headers, each.body) for each in _fill(writer, CONSUMED)]
        bus.publish(messages)
        ours = CONSUMED / _consume(service, bus, topic)
        bare = _poll_kafka if settings.bus_url.startswith("kafka") else _poll_log
        return ours, CONSUMED / bare(folder, settings, topic, bus)


@contextmanager
def _part(component: Any, settings: Settings) -> Iterator[Service]:
    service = open_part(component, settings)
    try:
        yield service
    finally:
        service.close()


def _fill(service: Service, events: int) -> list[Outgoing]:
    """Put events into the outbox; answers them as messages."""
    with service.work() as context:
        for number in range(events):
            data = ProposalWithdrawn(proposal_id=new_id(), reference=f"CAMI-2026-{number}", version=1,
                                     withdrawn_at=utc_now())  # fmt: skip
            context.emit(data, subject=str(number % KEYS))
    box = service.component.messaging.outbox
    with service.read() as session:
        rows = session.connection().execute(box.select().order_by(box.c.position)).mappings()
        return [Outgoing(row["topic"], row["key"], row["headers"], row["body"]) for row in rows]


def _consume(service: Service, bus: Bus, topic: str) -> float:
    """Seconds from the first message that comes to the last that is acknowledged."""
    consumer = Consumer(service, bus, topic)
    with closing(bus.subscribe(consumer.group, [topic])) as subscription:
        done, started = 0, 0.0
        while done < CONSUMED:
            messages = subscription.poll(1.0)
            started = started or time.perf_counter()
            consumer._handle_batch(subscription, messages)
            done += len(messages)
        subscription.poll(0)
        seconds = time.perf_counter() - started
    assert sum(effects(service).values()) == CONSUMED
    return seconds


def _connect(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    return connection


def _move(folder: Path, _settings: Settings, messages: Sequence[Outgoing]) -> float:
    """What a relay does, by the driver alone: read what waits, insert it into a log, note that it is done."""
    rows = [(each.topic, each.key, json.dumps(dict(each.headers)), each.body) for each in messages]
    columns = "id INTEGER PRIMARY KEY, topic TEXT, key TEXT, headers TEXT, body BLOB"
    with (
        closing(_connect(folder / "bare-outbox.sqlite3")) as outbox,
        closing(_connect(folder / "bare-log.sqlite3")) as log,
    ):
        outbox.execute(f"CREATE TABLE outbox ({columns}, published_at TEXT)")
        log.execute(f"CREATE TABLE message ({columns})")
        outbox.execute("BEGIN IMMEDIATE")
        outbox.executemany("INSERT INTO outbox (topic, key, headers, body) VALUES (?, ?, ?, ?)", rows)
        outbox.execute("COMMIT")
        started = time.perf_counter()
        while waiting := outbox.execute(
            "SELECT id, topic, key, headers, body FROM outbox WHERE published_at IS NULL ORDER BY id LIMIT ?", (BATCH,)
        ).fetchall():
            log.execute("BEGIN IMMEDIATE")
            log.executemany("INSERT INTO message (topic, key, headers, body) VALUES (?, ?, ?, ?)",
                            [row[1:] for row in waiting])  # fmt: skip
            log.execute("COMMIT")
            outbox.execute("BEGIN IMMEDIATE")
            now = utc_now().isoformat()
            outbox.executemany("UPDATE outbox SET published_at = ? WHERE id = ?", [(now, row[0]) for row in waiting])
            outbox.execute("COMMIT")
        return time.perf_counter() - started


def _produce(_folder: Path, settings: Settings, messages: Sequence[Outgoing]) -> float:
    producer = KafkaProducer(bootstrap_servers=settings.bus.removeprefix("kafka:"), acks="all", metrics_enabled=False)
    rows = [
        (each.topic, each.body, each.key.encode(), [(name, value.encode()) for name, value in each.headers.items()])
        for each in messages
    ]
    producer.send(rows[0][0], value=rows[0][1], key=rows[0][2], headers=rows[0][3]).get(10)
    started = time.perf_counter()
    for topic, value, key, headers in rows:
        producer.send(topic, value=value, key=key, headers=headers)
    producer.flush()
    seconds = time.perf_counter() - started
    producer.close()
    return seconds


class _Effects:
    """Two rows for each event, in a transaction of its own."""

    def __init__(self, folder: Path) -> None:
        self._connection = _connect(folder / f"bare-{uuid4().hex}.sqlite3")
        self._connection.execute("CREATE TABLE inbox (event TEXT PRIMARY KEY, type TEXT, handled_at TEXT)")
        self._connection.execute("CREATE TABLE effect (id INTEGER PRIMARY KEY, text TEXT)")

    def add(self, event: str, kind: str, body: bytes) -> None:
        """Handle one."""
        text = json.loads(body)["reference"]
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO inbox VALUES (?, ?, ?)", (event, kind, utc_now().isoformat()))
        connection.execute("INSERT INTO effect (text) VALUES (?)", (text,))
        connection.execute("COMMIT")


def _poll_log(folder: Path, _settings: Settings, topic: str, bus: Bus) -> float:
    effects = _Effects(folder)
    started = time.perf_counter()
    position: dict[int, int] = {}
    while messages := bus.read(topic, from_offset=position, limit=BATCH):
        for message in messages:
            effects.add(message.headers["ce_id"], message.headers["ce_type"], message.body)
        position |= {message.partition: message.offset + 1 for message in messages}
    return time.perf_counter() - started


def _poll_kafka(folder: Path, settings: Settings, topic: str, bus: Bus) -> float:
    effects = _Effects(folder)
    consumer = KafkaConsumer(
        bootstrap_servers=settings.bus.removeprefix("kafka:"), group_id=uuid4().hex, enable_auto_commit=False,
        auto_offset_reset="earliest", metrics_enabled=False,
    )  # fmt: skip
    consumer.assign([TopicPartition(topic, number) for number in bus.end_offsets(topic)])
    done, started = 0, 0.0
    while done < CONSUMED:
        polled = consumer.poll(timeout_ms=1000)
        started = started or time.perf_counter()
        for records in polled.values():
            for record in records:
                headers = dict(record.headers)
                effects.add(headers["ce_id"].decode(), headers["ce_type"].decode(), record.value)
                done += 1
        consumer.commit()
    seconds = time.perf_counter() - started
    consumer.close()
    return seconds
