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
DATABASE_CONNECTIONS: Final = Gauge(
    "cami_database_connections", "Connections of this process to the database", ["service", "state"]
)
DATABASE_CONNECTIONS_MOST: Final = Gauge(
    "cami_database_connections_most", "Most connections that this process may have to the database", ["service"]
)
PDF_DOCUMENTS: Final = Gauge("cami_pdf_documents", "Documents that are to be made, of all processes", ["state"])
PDF_RENDERING: Final = Gauge("cami_pdf_rendering", "Documents in the PDF engine of this process")
PDF_SECONDS: Final = Histogram(
    "cami_pdf_seconds", "Time in the PDF engine of one document", buckets=(0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120)
)
PDF_FAILURES: Final = Counter("cami_pdf_failures", "Documents that could not be rendered", ["reason"])
