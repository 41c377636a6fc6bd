"""What a process holds after calls that failed: `python -m tests.conformance.refused PORT` of nobody who listens.

Prints descriptors and threads after the first failures, and after more of them. In a process of its own, because pytest
keeps log records, and those keep tracebacks and sockets.
"""

import gc
import sys
from contextlib import suppress

import psutil

from services.chassis.bus import Outgoing, open_bus
from services.chassis.errors import BusUnavailable
from services.chassis.settings import Settings

if __name__ == "__main__":
    bus = open_bus(Settings(bus_url=f"kafka:127.0.0.1:{sys.argv[1]}", kafka_connect_seconds=1))
    for _ in range(3):
        for call in (bus.topics, lambda: bus.publish([Outgoing("topic", "key", {}, b"")]), lambda: bus.lag("group")):
            with suppress(BusUnavailable):
                call()
        gc.collect()
        print(psutil.Process().num_fds(), psutil.Process().num_threads(), flush=True)
    bus.close()
