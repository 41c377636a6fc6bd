"""The relay: carries events from a service's outbox to the bus, in the order in which they were written.

Publish, wait for the acknowledgement, then mark as published. Whatever breaks in between, the batch is published again:
events may come twice and never get lost, and none comes for the first time after one that was written later.
"""

import logging
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Final, Self

from services.chassis import metrics, outbox
from services.chassis.bus import Bus, Outgoing
from services.chassis.errors import BusUnavailable, DatabaseBusy
from services.chassis.faults import fault_point
from services.chassis.leading import leadership
from services.chassis.service import Service
from services.chassis.tracing import Trail, following, is_followed, step, trail_of

LOG = logging.getLogger("cami.relay")
BATCH: Final = 1000
"""Most events of one call to the bus."""
PRUNE_SECONDS: Final = 3600.0
"""How often to look for events that were published long ago."""
MOST_LINKS: Final = 128
"""Most events that the span of a publication names."""
LONGEST_PAUSE_SECONDS: Final = 15.0

_TURNS: dict[str, threading.Lock] = {}
_TURNS_LOCK = threading.Lock()


class Relay:
    """Publishes what one service has to say. `run` belongs to one thread; the rest may be called from any."""

    def __init__(self, service: Service, bus: Bus) -> None:
        self._service = service
        self._bus = bus
        self._leadership = leadership(service.db, service.name)
        self._prune_at = 0.0

    def wake(self) -> None:
        """Tell it that there is something in the outbox."""
        self._leadership.wake()

    def run(self, stop: threading.Event) -> None:
        """Publish until `stop` is set; look by itself every `poll_seconds`. Waits out an absent bus or database."""
        pause = self._service.settings.retry_seconds
        try:
            while not stop.is_set():
                try:
                    if self._leadership.leads():
                        self.publish_pending()
                        self._prune_from_time_to_time(stop)
                except (BusUnavailable, DatabaseBusy) as error:
                    metrics.RELAY_FAILURES.labels(self._service.name).inc()
                    LOG.warning("%s: events wait in the outbox for %.1f s: %s", self._service.name, pause, error)
                    self._leadership.resign()
                    stop.wait(pause)
                    pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
                else:
                    pause = self._service.settings.retry_seconds
                    self._leadership.wait(self._service.settings.poll_seconds)
        finally:
            self._leadership.close()

    def publish_pending(self) -> int:
        """Publish all that waits, batch by batch; answers how many. Raises BusUnavailable or DatabaseBusy."""
        published, marking = 0, _Marking(self._service)
        with _turn_of(self._service), marking:
            while rows := self._read(marking.under_way):
                self._publish(rows)
                marking.begin([row.position for row in rows])
                published += len(rows)
                if len(rows) < BATCH:
                    break
        return published

    def prune(self, stop: threading.Event | None = None) -> int:
        """Delete what was published longer ago than the settings say; answers how many events. Raises DatabaseBusy.

        In small transactions, so that no form waits behind a large one. The inbox is left alone: the bus may give an
        event again however old it is, and it is the journal that a rebuild goes by.
        """
        service, pruned = self._service, 0
        before = service.clock() - timedelta(days=service.settings.outbox_keep_days)
        while stop is None or not stop.is_set():
            with service.db.write() as session:
                batch = outbox.prune(session, service.component.messaging, before, limit=BATCH)
            pruned += batch
            if batch < BATCH:
                break
        metrics.OUTBOX_PRUNED.labels(service.name).inc(pruned)
        return pruned

    def _prune_from_time_to_time(self, stop: threading.Event) -> None:
        if self._service.settings.outbox_keep_days and time.monotonic() >= self._prune_at:
            self._prune_at = time.monotonic() + PRUNE_SECONDS
            if pruned := self.prune(stop):
                LOG.info("%s: deleted %d events that were published long ago", self._service.name, pruned)

    def _read(self, besides: Sequence[int]) -> Sequence[outbox.Unpublished]:
        with self._service.read() as session:
            return outbox.unpublished(session, self._service.component.messaging, BATCH, besides)

    def _publish(self, rows: Sequence[outbox.Unpublished]) -> None:
        service = self._service
        fault_point("relay.before_publish")
        followed = [row.headers for row in rows if is_followed(row.headers.get("ce_traceparent", ""))]
        links = [headers["ce_traceparent"] for headers in followed[:MOST_LINKS]]
        started = time.perf_counter()
        with step(f"publish {service.name}", "producer", Trail(service=service.name), links=links):
            self._bus.publish([Outgoing(row.topic, row.key, row.headers, row.body) for row in rows])
        metrics.RELAY_PUBLISH_SECONDS.labels(service.name).observe(time.perf_counter() - started)
        for headers in followed:
            with following(trail_of(headers, service=service.name)) as trail:
                LOG.info("%s: published %s %s", service.name, trail.type, trail.event)
        fault_point("relay.after_publish")


class _Marking:
    """Marks what is published: a full batch while the next one is being read and published, the last one at once.

    A mark that is lost means that an event is published again, so none waits for the disk. As a context manager, it
    leaves with everything marked; raises DatabaseBusy when that failed.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._thread: ThreadPoolExecutor | None = None
        self._done: Future[None] | None = None
        self.under_way: Sequence[int] = ()
        """Positions of what is published and may not be marked yet."""

    def begin(self, positions: Sequence[int]) -> None:
        """Mark `positions`, when those before are marked. Raises DatabaseBusy when that failed."""
        self._finish()
        if len(positions) < BATCH:
            self._mark(positions)
            return
        self._thread = self._thread or ThreadPoolExecutor(1, f"marks-{self._service.name}")
        self.under_way, self._done = positions, self._thread.submit(self._mark, positions)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._finish()
        finally:
            if self._thread is not None:
                self._thread.shutdown()

    def _finish(self) -> None:
        done, self._done = self._done, None
        if done is not None:
            done.result()
        self.under_way = ()

    def _mark(self, positions: Sequence[int]) -> None:
        service = self._service
        with service.db.write(durable=False) as session:
            outbox.mark_published(session, service.component.messaging, positions, service.clock())
        fault_point("relay.after_mark")
        metrics.RELAY_PUBLISHED.labels(service.name).inc(len(positions))


def _turn_of(service: Service) -> AbstractContextManager[object]:
    """Held while one relay of this process publishes, so that no two of them do the same work.

    Relays of several processes (a second program on the same data, or one on PostgreSQL that has lost its lead and
    does not know it yet) may publish an event twice, and the inbox drops the second. They do not lose the order: each
    begins with the oldest that is not marked, so whoever is the first to publish an event has seen everything before it
    published. `FOR UPDATE SKIP LOCKED` would break just that.
    """
    with _TURNS_LOCK:
        return _TURNS.setdefault(service.db.url, threading.Lock())
