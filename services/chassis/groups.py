"""Which consumer group reads which topic for which service, and how far behind it is."""

from contracts.events import NAME_OF, topic_of
from services.chassis.bus import Bus
from services.chassis.service import Component


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
