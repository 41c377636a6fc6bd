"""How long a read copy of 100,000 events takes to be made anew, while nobody else works."""

import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from uuid import UUID

from contracts.envelope import Event, new_id, wrap
from contracts.events import PairDecided, Payload, ProposalWithdrawn, topic_of
from services.chassis.bus import Bus, Outgoing, open_bus
from services.chassis.groups import group_of, topics_of
from services.chassis.migrations import upgrade
from services.chassis.rebuild import rebuild
from services.chassis.service import Service
from services.chassis.settings import Settings
from services.reports.component import COMPONENT
from tests.integration.matching.events import submitted

EVENTS: Final = 100_000
BATCH: Final = 2000
NOW: Final = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def measure(events: int = EVENTS) -> dict[str, Any]:
    """Seconds of a rebuild that finds no row where it should be, and of a check that finds all of them."""
    with TemporaryDirectory(prefix="cami-bench-") as folder:
        settings = Settings(data_dir=Path(folder))
        with closing(open_bus(settings)) as bus, closing(Service(COMPONENT, settings)) as service:
            upgrade(COMPONENT, service.db)
            _live(service, bus, events)
            used = time.process_time()
            made = rebuild(service, bus)
            used = time.process_time() - used
            again = rebuild(service, bus, check=True)
            assert made.events == again.events == events
            assert again.equal
    rows = sum(len(found) for found in made.tables.values())
    return {
        "events": events, "rows": rows, "rebuild_seconds": round(made.seconds, 1), "of_the_processor": round(used, 1),
        "events_per_second": round(events / made.seconds), "handlers_waited_seconds": round(made.waited_seconds, 2),
        "check_seconds": round(again.seconds, 1),
    }  # fmt: skip


def _live(service: Service, bus: Bus, count: int) -> None:
    """The log, and a service that has handled all of it and lost its copies."""
    inbox = COMPONENT.messaging.inbox
    batch: list[Event[Any]] = []
    position = 0
    for event in _events(count):
        batch.append(event)
        if len(batch) == BATCH or position + len(batch) == count:
            bus.publish([Outgoing(topic_of(one.type), one.subject, one.headers(), one.body()) for one in batch])
            claims = [
                {"consumer": service.name, "event_id": one.id, "type": one.type, "handled_at": NOW, "position": n}
                for n, one in enumerate(batch, position + 1)
            ]
            with service.db.write() as session:
                session.connection().execute(inbox.insert(), claims)
            position += len(batch)
            batch = []
    for topic in topics_of(COMPONENT):
        subscription = bus.subscribe(group_of(COMPONENT, topic), [topic])
        while messages := subscription.poll(0.5):
            for message in {one.partition: one for one in messages}.values():
                subscription.commit(message)
        subscription.close()


def _events(count: int) -> Iterator[Event[Any]]:
    """Proposals: submitted, taken back, submitted again; and two decisions on each."""
    for number in range(count // 5):
        proposal = UUID(int=number + 1)
        payload = submitted(proposal)
        told: list[tuple[str, Payload]] = [
            ("projects", payload),
            ("projects", ProposalWithdrawn(
                proposal_id=proposal, reference=payload.reference, version=1, withdrawn_at=NOW
            )),
            ("projects", payload.model_copy(update={"version": 2})),
        ]  # fmt: skip
        for window in ("alpha", "beta"):
            told.append((
                "matching",
                PairDecided(
                    proposal_id=proposal, window_id=window, stage="shortlisted", decided_by="Bolot", decided_at=NOW
                ),
            ))  # fmt: skip
        for source, one in told:
            yield wrap(one, source=source, subject=str(proposal), time=NOW, correlationid=str(new_id()))
