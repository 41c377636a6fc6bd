"""Which consumer group reads which topic for which service, and how far behind it is."""

from queue import Empty, Queue
from threading import Thread
from typing import Final

from contracts.events import NAME_OF, topic_of
from services.chassis.bus import Bus
from services.chassis.errors import BusUnavailable
from services.chassis.service import Component

PATIENCE_SECONDS: Final = 2.0
"""How long whoever looks after the program waits for an answer of the bus."""


def topics_of(component: Component) -> list[str]:
    """The topics of all events that `component` has handlers for."""
    return sorted({topic_of(NAME_OF[payload]) for payload in component.routes})


def group_of(component: Component, topic: str) -> str:
    """The consumer group that reads `topic` for `component`: `matching.projects` for the topic `cami.projects`.

    One group per service and topic: a topic that is held up does not hold up the others, and each has a lag of its own
    and can be read again alone. Within a topic the events of one subject stay in order; between topics there never was
    an order to rely on. In the inbox the consumer is the service, so no event has an effect through two groups.
    """
    return f"{component.name}.{topic.rpartition('.')[2]}"


def groups_of(component: Component) -> dict[str, str]:
    """Consumer group -> the topic that it reads, for all that `component` listens to."""
    return {group_of(component, topic): topic for topic in topics_of(component)}


def lag_of(bus: Bus, group: str, topic: str) -> int:
    """Messages of `topic` that `group` has not dealt with yet. Raises BusUnavailable."""
    lag = bus.lag(group)
    # Before its first acknowledgement a group has no lag to tell: everything is still before it.
    return lag[topic] if topic in lag else sum(bus.end_offsets(topic).values())


def lags_of(component: Component, bus: Bus) -> dict[str, int]:
    """Consumer group -> messages it has not dealt with yet, for all that `component` listens to.

    People and Prometheus look when something is wrong, and must not wait for as long as a publication may: raises
    BusUnavailable after PATIENCE_SECONDS, whatever the bus itself is doing.
    """
    answer: Queue[dict[str, int] | Exception] = Queue()

    def ask() -> None:
        try:
            answer.put({group: lag_of(bus, group, topic) for group, topic in groups_of(component).items()})
        except Exception as error:
            answer.put(error)

    Thread(target=ask, name=f"lag-{component.name}", daemon=True).start()
    try:
        found = answer.get(timeout=PATIENCE_SECONDS)
    except Empty:
        raise BusUnavailable("the bus has not answered in time") from None
    if isinstance(found, Exception):
        raise found
    return found
