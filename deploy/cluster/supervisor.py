"""Keeps the parts of a cluster alive: starts them in order, starts again what dies, ends them in reverse order."""

import logging
import os
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final

from deploy.cluster.folder import Folder, end_group
from deploy.cluster.parts import Part, Plan, Say, write_settings
from services.chassis.errors import CamiError

LOG: Final = logging.getLogger("cami.cluster")
START_SECONDS: Final = 240.0
"""How long one wave of parts may take to become ready."""
LOOK_SECONDS: Final = 0.2
FIRST_PAUSE_SECONDS: Final = 0.5
"""Before a part that died is started again; doubles each time, up to the longest."""
LONGEST_PAUSE_SECONDS: Final = 30.0
SOUND_SECONDS: Final = 60.0
"""A part that was ready for so long begins with the first pause again."""
STOP_SECONDS: Final = 30.0
LINES_SHOWN: Final = 15


class _Running:
    """A part with its process, or with the moment at which it starts again."""

    def __init__(self, part: Part, folder: Folder, environment: Mapping[str, str]) -> None:
        self.part = part
        self.log = folder.logs / f"{part.name}.log"
        self._environment = environment
        self.process: subprocess.Popen[bytes] | None = None
        self.ready_since: float | None = None
        self.started = 0.0
        self.start_at: float | None = None
        self.pause = FIRST_PAUSE_SECONDS

    def start(self) -> None:
        environment = {name: value for name, value in self._environment.items() if not _is_ours(name)}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603
                list(self.part.command), stdin=subprocess.PIPE if self.part.held else subprocess.DEVNULL,
                stdout=log, stderr=log, env=environment | dict(self.part.environment()),
                start_new_session=True,  # Ctrl+C is for the supervisor alone, which ends its parts in order
            )  # fmt: skip
        self.started, self.ready_since, self.start_at = time.monotonic(), None, None

    def death(self) -> str:
        """How it ended, in words; "" while it lives."""
        assert self.process is not None
        status = self.process.poll()
        if status is None:
            return "" if self.ready_since is None or self.part.alive() else "has died"
        return f"was killed by signal {-status}" if status < 0 else f"ended with status {status}"

    def ask_to_stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        if self.part.held:
            assert self.process.stdin is not None
            with suppress(OSError):
                self.process.stdin.close()
        else:
            with suppress(ProcessLookupError):
                self.process.send_signal(self.part.stop_signal)

    def end(self, seconds: float = STOP_SECONDS) -> None:
        """Wait for its end; kill it, and whatever it has left, when that takes too long."""
        if self.process is None:
            return
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            LOG.warning("%s did not stop within %.0f s and is killed", self.part.name, seconds)
        end_group(self.process.pid)
        self.process.wait()
        self.process = None

    def last_lines(self) -> str:
        text = self.log.read_text("utf-8", "replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-LINES_SHOWN:])


class Supervisor:
    """Runs a plan. Used by one thread; `stop` may be set from a signal handler."""

    def __init__(self, folder: Folder, plan: Plan, environment: Mapping[str, str], say: Say) -> None:
        self._folder = folder
        self._plan = plan
        self._say = say
        self.stop = threading.Event()
        self._waves: list[list[_Running]] = [
            [_Running(part, folder, environment) for part in wave] for wave in plan.waves
        ]

    def start(self) -> None:
        """Start all waves, each when the one before is ready. Raises CamiError when a part ends or is not ready."""
        for one in self._all():
            _begin_log(one)
        for number, wave in enumerate(self._waves):
            if number == 1:
                self._plan.before_services()
                write_settings(self._folder, self._plan.settings)
            for one in wave:
                one.start()
            self._note()
            self._await(wave)
            if self.stop.is_set():
                return

    def watch(self) -> None:
        """Until `stop` is set: notice what dies, say so, and start it again."""
        while not self.stop.wait(LOOK_SECONDS):
            for one in self._all():
                self._look_after(one)

    def end(self) -> None:
        """End everything in reverse order, each wave at once."""
        for wave in reversed(self._waves):
            begun = time.monotonic()
            for one in wave:
                one.ask_to_stop()
            for one in wave:
                if one.process is not None:
                    one.end()
                    self._say(f"  {one.part.name:<12} stopped after {time.monotonic() - begun:5.1f} s")
        self._folder.forget()

    def _all(self) -> Iterator[_Running]:
        for wave in self._waves:
            yield from wave

    def _await(self, wave: Sequence[_Running]) -> None:
        deadline = time.monotonic() + START_SECONDS
        waiting = list(wave)
        while waiting and not self.stop.is_set():
            for one in list(waiting):
                if death := one.death():
                    raise CamiError(f"{one.part.name} {death}; the end of {one.log}:\n{one.last_lines()}")
                if one.part.ready():
                    one.ready_since = time.monotonic()
                    seconds = one.ready_since - one.started
                    self._say(f"  {one.part.name:<12} ready after {seconds:5.1f} s   {one.part.address}")
                    waiting.remove(one)
            if time.monotonic() > deadline:
                names = ", ".join(one.part.name for one in waiting)
                raise CamiError(f"not ready within {START_SECONDS:.0f} s: {names}; see the logs in {self._folder.logs}")
            self.stop.wait(LOOK_SECONDS)

    def _look_after(self, one: _Running) -> None:
        now = time.monotonic()
        if one.start_at is not None:
            if now >= one.start_at:
                one.start()
                self._note()
            return
        if death := one.death():
            one.ask_to_stop()
            one.end()
            if one.ready_since is not None and now - one.ready_since > SOUND_SECONDS:
                one.pause = FIRST_PAUSE_SECONDS
            self._say(f"{_clock()} {one.part.name} {death}; it starts again in {one.pause:.1f} s ({one.log})")
            one.start_at = now + one.pause
            one.pause = min(one.pause * 2, LONGEST_PAUSE_SECONDS)
        elif one.ready_since is None and one.part.ready():
            one.ready_since = time.monotonic()
            self._say(f"{_clock()} {one.part.name} is ready again")

    def _note(self) -> None:
        self._folder.note(self._plan.address, {
            one.part.name: one.process.pid for one in self._all() if one.process is not None
        })  # fmt: skip


def _begin_log(one: _Running) -> None:
    """Each life of the cluster has logs of its own; those of the life before are kept beside them."""
    if one.log.exists():
        os.replace(one.log, one.log.with_suffix(".log.before"))


def _is_ours(name: str) -> bool:
    """Settings that the plan decides. The others (log format, limits ...) go on to every service."""
    return name in ("CAMI_DATA_DIR", "CAMI_BUS_URL", "CAMI_DATABASE_URL", "CAMI_BASE_URL", "CAMI_HOST", "CAMI_PORT")


def _clock() -> str:
    return f"{datetime.now().astimezone():%H:%M:%S}"
