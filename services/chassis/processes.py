"""Which process is which, and whether it still runs: so that what a dead one held is freed at once."""

import os
import platform
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Final

import psutil

START_TOLERANCE: Final = 2.0
"""The start of a process, in seconds since 1970, is worked out from the uptime, so it moves when the clock is set."""


@dataclass(frozen=True)
class Process:
    """A process that can be told from every other one, also from a later one of the same number."""

    machine: str
    pid: int
    started: float

    def is_dead(self) -> bool:
        """True if it surely runs no more; False if it runs, or is on another machine, where we cannot see it."""
        if self.machine != this_process().machine:
            return False
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.started) < START_TOLERANCE
            return not same or process.status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True
        except psutil.AccessDenied:
            return False


@cache
def this_process() -> Process:
    """The process that we are in."""
    machine = platform.node()
    with suppress(OSError):  # on Linux: this start of this machine, and the space in which process numbers count
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            machine = file.read().strip()
        machine += " " + os.readlink("/proc/self/ns/pid")
    return Process(machine, os.getpid(), psutil.Process().create_time())
