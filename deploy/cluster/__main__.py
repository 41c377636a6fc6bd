"""The command line of the cluster: start, stop, status."""

import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from pydantic import ValidationError

from deploy.cluster import folder as folders
from deploy.cluster.folder import Folder
from deploy.cluster.parts import Plan, make_plan
from deploy.cluster.supervisor import Supervisor
from services.accounts.component import COMPONENT as ACCOUNTS
from services.accounts.welcome import welcome_links
from services.backup.restoring import restore
from services.chassis.errors import CamiError
from services.chassis.runner import listen
from services.chassis.service import Service
from services.chassis.settings import Settings
from services.cli_run import Bars, bars

Where = Annotated[Path, typer.Option("--folder", help="Where everything of the cluster lies.")]
DEFAULT = Path("var/cluster")
app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="CAMI Funding as a cluster on this machine.",
)  # fmt: skip


@app.command()
def start(
    where: Where = DEFAULT,
    backup: Annotated[Path | None, typer.Option("--restore", help="Begin with what `cami backup` has written.")] = None,
    held: Annotated[bool, typer.Option("--held", help="Stop when standard input ends, for whoever starts it.")] = False,
) -> None:
    """Start the cluster and stay with it until Ctrl+C, a signal, or `stop` from elsewhere."""
    settings, folder = Settings(), Folder(where)
    folder.make()
    with folder.mine():
        if left := folder.end_leftovers():
            typer.echo(f"Ended what an earlier cluster had left: {', '.join(left)}")
        listen(settings.host, settings.port).close()  # a taken port is told before anything is begun
        plan = make_plan(folder, settings, os.environ, typer.echo)
        if backup is not None:
            plan = replace(plan, before_services=_restoring(plan, backup, settings))
        supervisor = Supervisor(folder, plan, os.environ, _say)

        def leave(_number: int, _frame: FrameType | None) -> None:
            supervisor.stop.set()

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, leave)
        if held:
            threading.Thread(target=_until_input_ends, args=(supervisor.stop,), daemon=True).start()
        try:
            supervisor.start()
            if not supervisor.stop.is_set():
                _announce(settings, plan, folder)
                supervisor.watch()
            _say("Stopping")
        finally:
            supervisor.end()
        _say("The cluster has stopped; its data stays.")


@app.command()
def stop(where: Where = DEFAULT) -> None:
    """Stop the cluster that runs in the folder, whoever started it."""
    typer.echo(folders.stop(Folder(where)))


@app.command()
def status(where: Where = DEFAULT) -> None:
    """Say whether a cluster runs in the folder, and where; exit status 1 when none does."""
    folder = Folder(where)
    if folder.supervisor() is None:
        typer.echo(f"No cluster runs in {folder.path}.")
        raise typer.Exit(1)
    typer.echo(f"The cluster in {folder.path} runs: {folder.read().get('address')}")
    for name, process in folder.leftovers().items():
        typer.echo(f"  {name:<12} process {process.pid}")


def _until_input_ends(stop: threading.Event) -> None:
    """Whoever holds the other end of our standard input closes it, also by dying."""
    while os.read(sys.stdin.fileno(), 1):
        pass
    stop.set()


def _settings(plan: Plan, settings: Settings) -> Settings:
    """The settings that the services run with, for what the supervisor does itself."""
    return settings.model_copy(update={
        "data_dir": Path(plan.settings["CAMI_DATA_DIR"]), "database_url": plan.settings["CAMI_DATABASE_URL"],
        "bus_url": plan.settings["CAMI_BUS_URL"],
    })  # fmt: skip


def _restoring(plan: Plan, backup: Path, settings: Settings) -> Callable[[], None]:
    def prepare() -> None:
        plan.before_services()
        with bars() as display:
            restore(_settings(plan, settings), backup, Bars(display))
        _say(f"  restored {backup}")

    return prepare


def _announce(settings: Settings, plan: Plan, folder: Folder) -> None:
    _say(f"\nCAMI Funding is ready: {plan.address}\n")
    if settings.welcome:
        accounts = Service(ACCOUNTS, _settings(plan, settings))
        try:
            links = welcome_links(accounts, plan.address)
        finally:
            accounts.close()
        _say("Sign in (each link works once, for 24 hours; the next start prints new ones):")
        for who, link in links:
            _say(f"  {who:<26}{link}")
        _say("")
    _say(f"A part that dies is started again. Logs: {folder.logs}")
    _say(f"For commands beside it, such as `cami backup FILE`: set -a; . {folder.settings}; set +a")
    _say("Stop with Ctrl+C, or with `make cluster-stop` from elsewhere; nothing is lost.\n")


def _say(text: str) -> None:
    typer.echo(text)
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        app()
    except CamiError as error:
        typer.secho(f"cluster: {error}", fg="red", err=True)
        raise SystemExit(1) from error
    except ValidationError as error:
        for wrong in error.errors():
            name = f"CAMI_{str(wrong['loc'][0]).upper()}"
            typer.secho(f"cluster: {name}={wrong['input']}: {wrong['msg']}; see docs/settings.md", fg="red", err=True)
        raise SystemExit(1) from error
