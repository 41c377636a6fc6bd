"""Publishes until the disk is full (a limit on file sizes stands in for it), frees space, and publishes again.

`python -m tests.conformance.full_disk URL TOPIC` prints `refused` and `published`.
"""

import resource
import sys

from services.chassis.bus import Outgoing
from services.chassis.errors import BusUnavailable
from tests.conformance.helpers import open_at

if __name__ == "__main__":
    bus = open_at(sys.argv[1])
    topic = sys.argv[2]
    bus.publish([Outgoing(topic, "key", {}, b"before")])
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024 * 1024, hard))
    try:
        bus.publish([Outgoing(topic, f"key-{number}", {}, b"x" * 100_000) for number in range(30)])
    except BusUnavailable:
        print("refused")
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    bus.publish([Outgoing(topic, "key", {}, b"after")])
    print("published")
    bus.close()
