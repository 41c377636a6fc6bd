"""What is measured of the messaging. `refresh` reads what stands in databases and bus; call it before a scrape."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

from services.chassis import outbox, parked
from services.chassis.bus import Bus
from services.chassis.service import Service

RELAY_PUBLISHED: Final = Counter("cami_relay_published", "Events handed to the bus", ["service"])
RELAY_FAILURES: Final = Counter("cami_relay_failures", "Passes of the relay that failed", ["service"])
EVENTS_HANDLED: Final = Counter("cami_events_handled", "Messages dealt with", ["service", "type", "outcome"])
HANDLER_SECONDS: Final = Histogram(
    "cami_handler_seconds", "Time of one try to handle an event, its transaction included", ["service", "type"]
)
OUTBOX_DEPTH: Final = Gauge("cami_outbox_depth", "Events that wait to be published", ["service"])
OUTBOX_OLDEST_SECONDS: Final = Gauge(
    "cami_outbox_oldest_seconds", "Age of the oldest event that waits to be published", ["service"]
)
CONSUMER_LAG: Final = Gauge("cami_consumer_lag", "Messages that a service has not read yet", ["service", "topic"])
PARKED_MESSAGES: Final = Gauge("cami_parked_messages", "Messages set aside that wait for a person", ["service"])


def refresh(service: Service, bus: Bus) -> None:
    """Read the gauges of `service`. Raises DatabaseBusy or BusUnavailable."""
    tables = service.component.messaging
    with service.read() as session:
        depth = outbox.depth_and_age(session, tables, service.clock())
        PARKED_MESSAGES.labels(service.name).set(parked.count_waiting(session, tables))
    OUTBOX_DEPTH.labels(service.name).set(depth.events)
    OUTBOX_OLDEST_SECONDS.labels(service.name).set(depth.oldest.total_seconds())
    for topic, messages in bus.lag(service.name).items():
        CONSUMER_LAG.labels(service.name, topic).set(messages)
