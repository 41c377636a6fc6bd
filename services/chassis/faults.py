"""Places where a test may end the process as kill -9 would, to show that nothing is lost or done twice.

Nothing happens unless the environment variable CAMI_TEST_FAULT names the place when the process starts:
`relay.after_publish`, or `relay.after_publish:3` for the third time it is passed.
"""

import os
from collections import Counter
from threading import Lock
from typing import Final

POINTS: Final = (
    "outbox.before_commit", "outbox.after_commit",
    "relay.before_publish", "relay.after_publish", "relay.after_mark",
    "consumer.before_claim", "consumer.after_handler", "consumer.after_commit", "consumer.after_acknowledge",
)  # fmt: skip
"""All of them, along an event's journey."""

_ARMED, _, _NTH = os.environ.get("CAMI_TEST_FAULT", "").partition(":")
_passes: Counter[str] = Counter()
_lock = Lock()


def fault_point(name: str) -> None:
    """End the process at once (exit code 137) if a test has armed the point `name`."""
    if name != _ARMED:
        return
    with _lock:
        _passes[name] += 1
        if _passes[name] == int(_NTH or 1):
            os._exit(137)
