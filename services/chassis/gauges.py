"""Gauges: what stands in a service's database and on the bus at this moment. Read before every scrape of `/metrics`."""

import math
from collections.abc import Mapping

from services.chassis import metrics, outbox, parked
from services.chassis.bus import Bus
from services.chassis.groups import groups_of, lags_of
from services.chassis.service import Service


def refresh(service: Service, bus: Bus) -> None:
    """Read the gauges of `service`. Raises DatabaseBusy or BusUnavailable; what was read until then is set."""
    connections = service.db.connections()
    metrics.DATABASE_CONNECTIONS.labels(service.name, "in_use").set(connections.in_use)
    metrics.DATABASE_CONNECTIONS.labels(service.name, "idle").set(connections.idle)
    metrics.DATABASE_CONNECTIONS_MOST.labels(service.name).set(connections.most)
    tables = service.component.messaging
    with service.read() as session:
        depth = outbox.depth_and_age(session, tables, service.clock())
        metrics.PARKED_MESSAGES.labels(service.name).set(parked.count_waiting(session, tables))
    metrics.OUTBOX_DEPTH.labels(service.name).set(depth.events)
    metrics.OUTBOX_OLDEST_SECONDS.labels(service.name).set(depth.oldest.total_seconds())
    if service.component.measure is not None:
        service.component.measure(service)
    _refresh_lag(service, bus)


def _refresh_lag(service: Service, bus: Bus) -> None:
    """While the bus does not answer, the lag is no number: an old one would look like good news."""
    lags: Mapping[str, float] = {}
    try:
        lags = lags_of(service.component, bus)
    finally:
        for group, topic in groups_of(service.component).items():
            metrics.CONSUMER_LAG.labels(service.name, group, topic).set(lags.get(group, math.nan))
