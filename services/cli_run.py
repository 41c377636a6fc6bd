"""`cami run`: load what is shipped, show how far it is, say where the program is and how to get in."""

import logging
import signal
from collections.abc import Sequence
from types import FrameType

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from services.accounts.welcome import welcome_links
from services.chassis.logging import configure
from services.chassis.runner import Program, listen
from services.chassis.service import Service
from services.chassis.settings import Settings
from services.registry import ALL, COMPONENTS, choose

LOG = logging.getLogger("cami")
REST_SECONDS = 5.0
"""How long a start waits for a moment at which nothing is left to do, once it has caught up with what there was."""


class Bars:
    """Progress bars: one a subject, made when its first step is told."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, what: str, done: int, total: int) -> None:
        if what not in self._tasks:
            self._tasks[what] = self._progress.add_task(what, total=total)
        self._progress.update(self._tasks[what], completed=done, total=total)


def bars() -> Progress:
    """The progress display of every command."""
    return Progress(
        TextColumn("  {task.description}"), BarColumn(bar_width=30), MofNCompleteColumn(), TimeElapsedColumn(),
        console=Console(stderr=True),
    )  # fmt: skip


def list_targets() -> int:
    """Print the targets, one a line."""
    for name in (ALL, *COMPONENTS):
        typer.echo(name)
    return 0


def load_one(service: Service) -> None:
    """Load the shipped data of one service, with a progress bar."""
    with bars() as display:
        service.load(Bars(display))


def run(targets: Sequence[str]) -> int:
    """Run the components of `targets` until a signal or a failure; answers the exit status."""
    signal.signal(signal.SIGTERM, _leave)
    settings = Settings()
    configure(settings)
    components = choose(targets)
    with listen(settings.host, settings.port) as listener, Program(settings, components) as program:
        with bars() as display:
            steps = Bars(display)
            program.load(steps)
            program.settle(steps, rest_seconds=REST_SECONDS)
        return program.serve(listener, lambda address: _announce(program, address))


def _leave(_number: int, _frame: FrameType | None) -> None:
    """Leave by the door: without this, SIGTERM ends the process where it stands, and no part of it is stopped."""
    raise SystemExit(0)


def _announce(program: Program, address: str) -> None:
    typer.echo(f"\nCAMI Funding is ready: {address}\n")
    accounts = program.services.get("accounts")
    if accounts is not None and program.settings.welcome:
        typer.echo("Sign in (each link works once, for 24 hours; the next start prints new ones):")
        for who, link in welcome_links(accounts, address):
            typer.echo(f"  {who:<26}{link}")
        typer.echo("")
    typer.echo("Stop with Ctrl+C; nothing is lost.\n")
