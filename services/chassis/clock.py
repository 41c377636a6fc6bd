"""The one clock. Handlers take the time from here through their context, so that a test can set it.

A test may also make the clock of a running process jump: if CAMI_TEST_CLOCK names a file when the process starts, the
number of seconds that stands in it is added to every moment from then on.
"""

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

Clock = Callable[[], datetime]
"""Answers the present moment as an aware datetime in UTC."""

_JUMPS = os.environ.get("CAMI_TEST_CLOCK", "")


def utc_now() -> datetime:
    """The present moment in UTC."""
    now = datetime.now(UTC)
    return now + timedelta(seconds=_jumped()) if _JUMPS else now


def seconds() -> float:
    """The present moment in seconds since 1970, as the event log keeps it."""
    return time.time() + _jumped() if _JUMPS else time.time()


def micros() -> int:
    """The present moment in microseconds since 1970."""
    return time.time_ns() // 1000 + (round(_jumped() * 1_000_000) if _JUMPS else 0)


def _jumped() -> float:
    try:
        return float(Path(_JUMPS).read_text(encoding="ascii") or 0)
    except (OSError, ValueError):  # not written yet, or half
        return 0.0
