"""What is measured of the messaging. Gauges of what stands in databases and bus are set by `gauges.refresh`."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

RELAY_PUBLISHED: Final = Counter("cami_relay_published", "Events handed to the bus", ["service"])
RELAY_FAILURES: Final = Counter("cami_relay_failures", "Passes of the relay that failed", ["service"])
RELAY_PUBLISH_SECONDS: Final = Histogram(
    "cami_relay_publish_seconds", "Time until the bus has acknowledged one batch of events", ["service"]
)
OUTBOX_PRUNED: Final = Counter("cami_outbox_pruned", "Events deleted from the outbox after their time", ["service"])
EVENTS_HANDLED: Final = Counter("cami_events_handled", "Messages dealt with", ["service", "type", "outcome"])
HANDLER_SECONDS: Final = Histogram(
    "cami_handler_seconds", "Time of one try to handle an event, its transaction included", ["service", "type"]
)
OUTBOX_DEPTH: Final = Gauge("cami_outbox_depth", "Events that wait to be published", ["service"])
OUTBOX_OLDEST_SECONDS: Final = Gauge(
    "cami_outbox_oldest_seconds", "Age of the oldest event that waits to be published", ["service"]
)
CONSUMER_LAG: Final = Gauge(
    "cami_consumer_lag", "Messages that a consumer group has not dealt with yet", ["service", "group", "topic"]
)
PARKED_MESSAGES: Final = Gauge("cami_parked_messages", "Messages set aside that wait for a person", ["service"])
