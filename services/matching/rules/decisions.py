"""A coordinator's decisions on a pair: shortlisted, dismissed, or neither."""

from dataclasses import dataclass
from typing import Literal, get_args

Stage = Literal["none", "shortlisted", "dismissed"]
STAGES: tuple[Stage, ...] = get_args(Stage)


@dataclass(frozen=True)
class Decision:
    """Where a pair stands, and why."""

    stage: Stage
    reason: str = ""


class ReasonNeeded(Exception):
    """A pair is dismissed with a reason or not at all: the next coordinator has to know why."""


def decide(now: Decision, wanted: Decision) -> Decision | None:
    """The decision to record, or None when it has been taken already (a button pressed twice). Raises ReasonNeeded."""
    if wanted.stage == "dismissed" and not wanted.reason:
        raise ReasonNeeded
    return None if wanted == now else wanted
