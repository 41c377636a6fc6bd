"""Two small services on real databases, and one bus."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.chassis.bus import Bus, Outgoing
from services.chassis.errors import BusUnavailable
from services.chassis.service import Service
from services.chassis.settings import Settings
from tests import support
from tests.engines.databases import Databases
from tests.faults.parts import COUNTER, WRITER, open_part, write_note


@pytest.fixture
def part_settings(tmp_path: Path, databases: Databases) -> Settings:
    """Settings with short pauses."""
    return support.settings_in(tmp_path, consumer_retries=2, poll_seconds=0.05, database_url=databases.url)


@pytest.fixture
def writer(part_settings: Settings, databases: Databases) -> Iterator[Service]:
    """The service that has notes written to it."""
    databases.empty(WRITER.name)
    service = open_part(WRITER, part_settings)
    yield service
    service.close()


@pytest.fixture
def counter(part_settings: Settings, databases: Databases) -> Iterator[Service]:
    """The service that counts the effects of what it hears."""
    databases.empty(COUNTER.name)
    service = open_part(COUNTER, part_settings)
    yield service
    service.close()


@pytest.fixture
def write(writer: Service) -> Callable[..., None]:
    """Writes notes, each in a transaction of its own."""

    def write_all(*notes: str) -> None:
        for text in notes:
            with writer.work() as context:
                write_note(context, text)

    return write_all


class FlakyBus:
    """A bus that loses its connection: before the messages arrive, or after, when only the answer is lost."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self.fail_before = 0
        self.fail_after = 0
        self.publish_calls = 0

    def publish(self, messages: list[Outgoing]) -> None:
        """As many times as asked, fail; else publish."""
        self.publish_calls += 1
        if self.fail_before:
            self.fail_before -= 1
            raise BusUnavailable("no connection")
        self._bus.publish(messages)
        if self.fail_after:
            self.fail_after -= 1
            raise BusUnavailable("the answer was lost")

    def __getattr__(self, name: str) -> object:
        return getattr(self._bus, name)


@pytest.fixture
def flaky(bus: Bus) -> FlakyBus:
    """The bus, when the line is bad."""
    return FlakyBus(bus)
