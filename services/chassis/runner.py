"""Runs services in one process: databases up to date, relays and consumers in threads, pages on one port.

The first failure of any part stops the whole process with a non-zero exit, so that whatever supervises it can start it
again: everything that matters is in the databases and the log, and the work goes on where it was.
"""

import logging
import math
import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from functools import partial
from types import TracebackType
from typing import Self

import uvicorn

from services.chassis import gauges, telemetry
from services.chassis.bus import Bus, open_bus
from services.chassis.clock import Clock, utc_now
from services.chassis.consumer import Consumer
from services.chassis.errors import BusUnavailable, CamiError, DatabaseBusy
from services.chassis.groups import groups_of, lag_of, topics_of
from services.chassis.migrations import upgrade
from services.chassis.outbox import depth_and_age
from services.chassis.relay import Relay
from services.chassis.service import Component, Progress, Service
from services.chassis.settings import Settings
from services.chassis.web import create_app

LOG = logging.getLogger("cami.runner")


class NotSettled(CamiError):
    """The read copies did not catch up in the time that was given."""

    status = 503


class Program:
    """Some services in one process. Use as a context manager; leaving it stops every part in reverse order."""

    def __init__(
        self, settings: Settings, components: Sequence[Component], *, bus: Bus | None = None, clock: Clock = utc_now,
    ) -> None:  # fmt: skip
        self.settings = settings
        self._components = components
        self._given_bus = bus
        self._clock = clock
        self._stack = ExitStack()
        self._stop = threading.Event()
        self._failure: BaseException | None = None
        self._server: uvicorn.Server | None = None
        self.services: dict[str, Service] = {}
        self.bus: Bus

    def __enter__(self) -> Self:
        """Migrate every database, open the bus, start relays and consumers. Nothing is loaded or served yet."""
        try:
            self._stack.callback(telemetry.start())
            self.bus = self._given_bus or open_bus(self.settings)
            if self._given_bus is None:
                self._stack.callback(self.bus.close)
            for component in self._components:
                service = Service(component, self.settings, clock=self._clock)
                self._stack.callback(service.close)
                upgrade(component, service.db)
                self.services[component.name] = service
            self._stack.callback(self._stop.set)
            for service in self.services.values():
                self._start_messaging(service)
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._stack.close()

    def load(self, progress: Progress) -> None:
        """Load the data that the program ships with, component by component; nothing happens the second time."""
        for service in self.services.values():
            service.load(progress)

    def settle(
        self, progress: Progress, *, timeout_seconds: float = 300.0, rest_seconds: float = math.inf
    ) -> None:  # fmt: skip
        """Wait until every outbox is empty and every consumer has caught up.

        Where others work on meanwhile, there may never be a moment of rest: after `rest_seconds` it is enough that all
        is handled that was on the bus at the beginning. An engine that is away is waited for. Raises NotSettled at the
        time limit.
        """
        begun = time.monotonic()
        ends: dict[str, int] | None = None
        left = most = 1
        while True:
            with suppress(BusUnavailable, DatabaseBusy):
                ends = self._ends() if ends is None else ends
                left = self.backlog()
                if left == 0 or (time.monotonic() - begun > rest_seconds and self._has_passed(ends)):
                    break
            most = max(most, left)
            progress("Bringing every service up to date", most - left, most)
            if self._failure is not None:
                raise self._failure
            if time.monotonic() - begun > timeout_seconds:
                raise NotSettled(f"{left} messages were not handled within {timeout_seconds:.0f} s")
            self._stop.wait(0.05)
        progress("Bringing every service up to date", most, most)

    def _ends(self) -> dict[str, int]:
        """Group -> how many messages there are for it to read."""
        groups = [pair for service in self.services.values() for pair in groups_of(service.component).items()]
        return {group: sum(self.bus.end_offsets(topic).values()) for group, topic in groups}

    def _has_passed(self, ends: dict[str, int]) -> bool:
        """Whether every group has dealt with as many messages as there were."""
        now = self._ends()
        groups = [pair for service in self.services.values() for pair in groups_of(service.component).items()]
        return all(now[group] - lag_of(self.bus, group, topic) >= ends[group] for group, topic in groups)

    def backlog(self) -> int:
        """Events that are still to be published or handled by the services of this process."""
        waiting = 0
        for service in self.services.values():
            with service.read() as session:
                waiting += depth_and_age(session, service.component.messaging, self._clock()).events
            for group, topic in groups_of(service.component).items():
                waiting += lag_of(self.bus, group, topic)
        return waiting

    def serve(self, listener: socket.socket, ready: Callable[[str], None]) -> int:
        """Serve pages on `listener` until a signal or a failure; `ready` is told the address.

        Answers the exit status. Raises CamiError when there is no key to sign sessions with.
        """
        _ = self.settings.key  # made, or found to be missing, before the first visitor comes
        figures = [partial(gauges.refresh, service, self.bus) for service in self.services.values()]
        app = create_app(self.services, self.settings, checks=(self._check_parts,), gauges=figures)
        port = listener.getsockname()[1]
        address = self.settings.base_url.rstrip("/") or f"http://{self.settings.host}:{port}"
        config = uvicorn.Config(
            app, log_config=None, access_log=False, lifespan="off", loop="uvloop", http="httptools",
            server_header=False, timeout_graceful_shutdown=10, proxy_headers=False,
        )  # fmt: skip
        server = _AnnouncingServer(config, lambda: ready(address))
        self._server = server
        if self._failure is None:  # else a part has failed before there was a server to stop
            server.run(sockets=[listener])
        if self._failure is not None:
            LOG.critical("stopped because a part failed", exc_info=self._failure)
            return 1
        return 0

    def _check_parts(self) -> None:
        """For /readyz: raises when a part of this process has failed."""
        if self._failure is not None:
            raise self._failure

    def _start_messaging(self, service: Service) -> None:
        relay = Relay(service, self.bus)
        service.wake_relay = relay.wake
        self._thread(f"relay-{service.name}", relay.run)
        service.bus = self.bus
        consumers = [Consumer(service, self.bus, topic) for topic in topics_of(service.component)]
        service.consumers = consumers
        for consumer in consumers:
            self._thread(f"consumer-{consumer.group}", consumer.run)

    def _thread(self, name: str, run: Callable[[threading.Event], None]) -> None:
        def body() -> None:
            try:
                run(self._stop)
            except BaseException as error:  # whatever it was, the process must not live on without this part
                self._fail(error)

        thread = threading.Thread(target=body, name=name, daemon=True)
        thread.start()

        def stop() -> None:
            self._stop.set()
            thread.join(timeout=15)

        self._stack.callback(stop)

    def _fail(self, error: BaseException) -> None:
        LOG.critical("a part of the program failed: %s", error, exc_info=error)
        self._failure = self._failure or error
        self._stop.set()
        if self._server is not None:
            self._server.should_exit = True


class _AnnouncingServer(uvicorn.Server):
    """Says when it accepts connections, and not a moment earlier."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self._announce()


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, to be had before anything else is begun: whoever finds the port taken has touched nothing.

    What connects before the pages are served waits. Raises CamiError with what to do when the port is taken.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen()  # two that have only bound the port do not yet know of each other
    except OSError as error:
        listener.close()
        raise CamiError(f"cannot listen on {host}:{port} ({error.strerror}); set CAMI_PORT to a free port") from error
    return listener
