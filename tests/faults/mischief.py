"""The faults: what is done to a world while people work in it."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from contracts.envelope import new_id
from contracts.events import topic_of
from services.chassis.bus import Message, Outgoing
from tests.faults.proxy import State
from tests.faults.world import SECOND, World

POINT_SECONDS: Final = 60.0
"""How long an armed place may take to be come to."""
POISON: Final = "cami.projects.proposal.submitted.v1"


@dataclass
class Planted:
    """Messages that were put on the bus by us."""

    poison: set[str] = field(default_factory=set)
    """Ids of those that nobody can read: they are to be parked."""
    late: set[str] = field(default_factory=set)
    """Ids of old news under a new id: they are to change nothing."""
    repeated: set[str] = field(default_factory=set)
    """Ids of those that were put there a second time."""


@dataclass(frozen=True)
class Fault:
    """A kind of fault. `do` answers whether it has come about."""

    kind: str
    do: Callable[[World, random.Random, Planted], bool]


def kill(name: str) -> Fault:
    """kill -9 of a service, and a new start."""

    def do(world: World, chance: random.Random, _planted: Planted) -> bool:
        world.disarm(name, POINT_SECONDS)
        world.kill(name)
        world.pause(chance.random())
        world.start(name, wait=False)
        return True

    return Fault(f"kill -9 {name}", do)


def at_point(name: str, point: str) -> Fault:
    """kill -9 of a service at a place between two steps of an event's journey, whenever it comes there."""

    def do(world: World, chance: random.Random, _planted: Planted) -> bool:
        world.disarm(name, POINT_SECONDS)
        world.kill(name)
        world.start(name, f"{point}:{chance.randint(1, 3)}", wait=False)
        return False  # the world counts it when it has come about

    return Fault(f"{name} ends at {point}", do)


def rebalance(world: World, chance: random.Random, _planted: Planted) -> bool:
    """A second replica of matching comes, shares the work, and goes: in good order, or not."""
    world.start(SECOND)
    world.pause(1 + chance.random())
    if chance.random() < 0.5:
        world.kill(SECOND)
    else:
        world.stop(SECOND)
    return True


def full_disk(world: World, chance: random.Random, _planted: Planted) -> bool:
    """Nothing can be written for a while, by anybody: no row, no event."""
    world.fill_disk()
    world.pause(1 + chance.random())
    world.free_disk()
    return True


def jumping_clock(world: World, chance: random.Random, _planted: Planted) -> bool:
    """The clock of all processes jumps ahead by days or hours, and after a while back again, perhaps too far."""
    for shift in (timedelta(days=chance.randint(1, 40)), timedelta(minutes=-chance.randint(1, 300)), timedelta()):
        world.clock.write_text(str(shift.total_seconds()), encoding="ascii")
        world.pause(0.5 + chance.random())
    return True


def poison(world: World, _chance: random.Random, planted: Planted) -> bool:
    """A message that nobody can read."""
    key = str(new_id())
    headers = {"ce_specversion": "1.0", "ce_id": key, "ce_type": POISON, "ce_time": "2026-11-22T09:00:00+00:00"}
    with world.bus() as bus:
        bus.publish([Outgoing(topic_of(POISON), key, headers, b'{"proposal_id": "no id"}')])
    planted.poison.add(key)
    return True


def duplicate(world: World, chance: random.Random, planted: Planted) -> bool:
    """Messages come once more, as they were."""
    found = _old_messages(world, chance)
    with world.bus() as bus:
        bus.publish([Outgoing(one.topic, one.key, one.headers, one.body) for one in found])
    planted.repeated |= {one.headers["ce_id"] for one in found}
    return bool(found)


def late(world: World, chance: random.Random, planted: Planted) -> bool:
    """Old news comes once more under a new id, as if it had been held up somewhere."""
    found = _old_messages(world, chance)
    renamed = [(str(new_id()), one) for one in found]
    with world.bus() as bus:
        bus.publish([Outgoing(one.topic, one.key, one.headers | {"ce_id": key}, one.body) for key, one in renamed])
    planted.late |= {key for key, _one in renamed}
    return bool(found)


def kill_broker(world: World, chance: random.Random, _planted: Planted) -> bool:
    """kill -9 of the broker, and a new start."""
    assert world.engines.broker is not None
    world.engines.broker.kill()
    world.pause(chance.random())
    return world.engines.broker.start()


def kill_postgres(world: World, chance: random.Random, _planted: Planted) -> bool:
    """kill -9 of PostgreSQL, all of it, and a new start."""
    assert world.engines.postgres is not None
    world.engines.postgres.kill()
    world.pause(chance.random())
    world.engines.postgres.start()
    return True


def network(state: State) -> Fault:
    """The way to the broker fails for some seconds."""

    def do(world: World, chance: random.Random, _planted: Planted) -> bool:
        assert world.engines.proxy is not None
        world.engines.proxy.become(state)
        world.pause(2 + 2 * chance.random())
        world.engines.proxy.become("whole")
        return True

    return Fault(f"broker behind a {state} network", do)


EVERYWHERE: Final = (
    *(kill(name) for name in ("accounts", "projects", "donors", "matching", "reports")),
    at_point("projects", "outbox.after_commit"), at_point("projects", "relay.after_publish"),
    at_point("donors", "outbox.before_commit"), at_point("matching", "consumer.after_handler"),
    at_point("matching", "consumer.after_commit"), at_point("reports", "consumer.after_commit"),
    Fault("two replicas rebalance", rebalance), Fault("clock jumps", jumping_clock),
    Fault("poison message", poison), Fault("duplicated messages", duplicate), Fault("late messages", late),
)  # fmt: skip
"""Kinds for every world, each of them once."""
MORE_POINTS: Final = (
    at_point("projects", "relay.before_publish"), at_point("donors", "relay.after_mark"),
    at_point("matching", "relay.after_publish"), at_point("matching", "consumer.before_claim"),
    at_point("reports", "consumer.after_handler"), at_point("reports", "consumer.after_acknowledge"),
    at_point("projects", "outbox.before_commit"), at_point("donors", "outbox.after_commit"),
)  # fmt: skip
"""Further places, for long runs."""
ON_FILES: Final = (Fault("disk full", full_disk),)
ON_SERVERS: Final = (
    Fault("kill -9 broker", kill_broker), Fault("kill -9 PostgreSQL", kill_postgres),
    network("cut"), network("black hole"), network("half open"),
)  # fmt: skip


def _old_messages(world: World, chance: random.Random) -> list[Message]:
    """A few messages of every topic, from anywhere in the log."""
    found: list[Message] = []
    with world.bus() as bus:
        for topic in bus.topics():
            messages = [one for one in bus.read(topic, limit=5000) if one.headers.get("ce_type") and _is_ours(one)]
            found += chance.sample(messages, min(len(messages), 5))
    return found


def _is_ours(message: Message) -> bool:
    return message.headers.get("traceparent") is not None or "ce_traceparent" in message.headers
