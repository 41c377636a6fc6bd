"""The program that is killed: `python -m tests.faults.program FOLDER NOTES`.

It writes the notes one after another, waiting for the effect of each if NOTES ends with `!`, and ends with status 0
when all have had their effect, nothing waits in an outbox and every message is acknowledged.
"""

import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from services.chassis.bus import open_bus
from services.chassis.consumer import Consumer
from services.chassis.outbox import depth_and_age
from services.chassis.relay import Relay
from services.chassis.settings import Settings
from tests.faults.parts import COUNTER, WRITER, effects, open_part, write_note


def wait(condition: Callable[[], bool]) -> None:
    """Until it holds; after the deadline the process fails."""
    deadline = time.monotonic() + 60
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("waited in vain")
        time.sleep(0.005)


def main(folder: Path, count: int, one_by_one: bool) -> None:
    """Run both services until every note has had its effect."""
    settings = Settings(data_dir=folder, poll_seconds=0.1, retry_seconds=0.01)
    bus = open_bus(settings)
    writer, counter = open_part(WRITER, settings), open_part(COUNTER, settings)
    relay, consumer = Relay(writer, bus), Consumer(counter, bus)
    writer.wake_relay = relay.wake
    stop = threading.Event()
    threads = [threading.Thread(target=part.run, args=(stop,)) for part in (relay, consumer)]
    for thread in threads:
        thread.start()
    try:
        for number in range(count):
            with writer.work() as context:
                write_note(context, f"note {number}")
            if one_by_one:
                wait(lambda: f"note {number}" in effects(counter))  # noqa: B023 - it is called here and now
        wait(lambda: len(effects(counter)) == count)

        def all_published() -> bool:
            with writer.read() as session:
                return depth_and_age(session, WRITER.messaging, writer.clock()).events == 0

        wait(all_published)
        wait(lambda: not any(bus.lag("counter.projects").values()))
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    bus.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2].rstrip("!")), sys.argv[2].endswith("!"))
