"""Waiting for conditions, with a deadline."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

from services.chassis.bus import Bus, Message, Outgoing, Subscription, open_bus
from services.chassis.settings import Settings

DEADLINE_SECONDS: Final = 30.0
"""How long a condition may take to come true on a busy machine. Nothing here takes a second on a quiet one."""
SESSION_SECONDS: Final = 2.0
"""A member that gives no sign of life for so long is missed."""
ROOT: Final = Path(__file__).parents[2]


def open_at(url: str) -> Bus:
    """Open the bus at `url`, with readers that look often and are missed soon."""
    return open_bus(Settings(bus_url=url, poll_seconds=0.05, kafka_session_seconds=SESSION_SECONDS))


def eventually(condition: Callable[[], bool], what: str) -> None:
    """Wait until `condition` holds; fail after the deadline, saying what was waited for."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.01)


def take(subscription: Subscription, count: int, *, commit: bool = True) -> list[Message]:
    """Poll until `count` messages have come (or more, when a poll brings more)."""
    taken: list[Message] = []

    def enough() -> bool:
        for message in subscription.poll(0.1):
            taken.append(message)
            if commit:
                subscription.commit(message)
        return len(taken) >= count

    eventually(enough, f"{count} messages")
    return taken


def send(bus: Bus, topic: str, bodies: Iterable[str], *, key: str | None = None) -> None:
    """Publish one message a body; the key is the body itself, unless it is given."""
    bus.publish([Outgoing(topic, body if key is None else key, {}, body.encode()) for body in bodies])


def texts(messages: Sequence[Message]) -> list[str]:
    """The bodies as text."""
    return [message.body.decode() for message in messages]


def start(module: str, *arguments: str) -> subprocess.Popen[str]:
    """Start `python -m module arguments` as a process of its own, with pipes."""
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments], cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
