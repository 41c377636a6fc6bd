"""The road, step by step. Each step raises Missing when something is not there that ought to be."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from contracts.envelope import new_id
from services.accounts import handlers as accounts
from services.accounts.commands import InvitePerson
from services.chassis.service import Service
from services.demo import story
from services.demo.browser import Browser, Missing

PATIENCE_SECONDS = 30.0
WINDOW = "rufford-1"
"""The window whose terms the coordinator changes: its small grant is below what the proposal asks."""


@dataclass
class Step:
    """One step with its time in seconds."""

    name: str
    seconds: float


@dataclass
class Road:
    """Drives the road at `address`; `open_accounts` reaches the accounts service, to let the coordinator in."""

    address: str
    out: Path
    open_accounts: Callable[[], "contextmanager[Service]"]  # type: ignore[valid-type]
    say: Callable[[Step], None]
    steps: list[Step] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    proposal: str = ""

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time a step and tell of it."""
        started = time.perf_counter()
        yield
        done = Step(name, round(time.perf_counter() - started, 3))
        self.steps.append(done)
        self.say(done)
