"""Everything through a real Apache Kafka of our own: relay, consumer, and the road from a form to its matches."""

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from services.chassis.settings import Settings
from services.demo.started import start_program
from tests.bench import journey, messaging
from tests.engines.kafka import from_jars
from tests.needs import LACKS


def measure() -> dict[str, Any]:
    """Events per second beside bare loops, and milliseconds from the click to the matches."""
    if lacks := LACKS["kafka"]():
        return {"skipped": lacks}
    with ExitStack() as stack:
        address = from_jars(stack)
        found = messaging.measure(address)
        settings = Settings(data_dir=Path(stack.enter_context(TemporaryDirectory(prefix="cami-bench-"))))
        with start_program(settings, bus_url=f"kafka:{address}") as program:
            found["submit_to_matches"] = journey.measure(program, settings) | {"bar_p50_ms": 250, "bar_p95_ms": 800}
    return found


if __name__ == "__main__":
    print(measure())
