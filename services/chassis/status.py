"""What the consumers of this process are doing: written by their threads, read by the page of operations."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Doing(StrEnum):
    """What a consumer is about."""

    STARTING = "starting"
    LISTENING = "listening"
    HANDLING = "handling"
    RETRYING = "retrying"
    """An event could not be handled; it is tried again."""
    AWAY = "away"
    """The bus cannot be reached."""
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class State:
    """What, since when, and about which event or why."""

    doing: Doing
    since: datetime
    type: str = ""
    reason: str = ""


class Reading(Protocol):
    """A consumer as others see it. Its `state` is replaced as a whole, so it may be read from any thread."""

    topic: str
    group: str
    state: State
