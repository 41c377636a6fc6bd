"""The commands of `cami`. They parse, wire and print; what they do lives in the services and the chassis."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from services import cli_backup, cli_contracts, cli_database, cli_events, cli_run
from services.accounts import cli as accounts_cli
from services.chassis.migrations import upgrade
from services.chassis.service import Service
from services.chassis.settings import Settings
from services.matching import cli as matching_cli
from services.projects import cli as projects_cli
from services.registry import COMPONENTS

app = typer.Typer(
    name="cami", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="Funding and donor matching for the Central Asian Mammals Initiative.",
)  # fmt: skip


@contextmanager
def open_service(name: str) -> Iterator[Service]:
    """The service `name` on its own database, up to date; for commands that run beside the program."""
    service = Service(COMPONENTS[name], Settings())
    try:
        upgrade(service.component, service.db)
        yield service
    finally:
        service.close()


@app.command()
def run(
    target: Annotated[list[str], typer.Option("--target", help="What to run; may be given more than once.")] = ["all"],  # noqa: B006  # Typer copies it
    list_targets: Annotated[bool, typer.Option("--list-targets", help="Print the targets and stop.")] = False,
) -> None:
    """Run the services: all of them in one process, or those that are named."""
    raise typer.Exit(cli_run.list_targets() if list_targets else cli_run.run(target))


@app.command()
def demo(
    out: Annotated[Path, typer.Option("--out", help="Folder for the documents.")] = Path("out/demo"),
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
    url: Annotated[str, typer.Option("--url", envvar="CAMI_URL", help="A running program; else one is started.")] = "",
    coordinator: Annotated[
        str, typer.Option("--coordinator", envvar="CAMI_COORDINATOR", help="A coordinator's sign-in link.")
    ] = "",
) -> None:
    """Drive the whole road over HTTP, as browsers would, and keep the documents."""
    from services import demo as road

    raise typer.Exit(road.main(out, as_json=as_json, url=url, coordinator=coordinator))


app.add_typer(projects_cli.app(lambda: open_service("projects")), name="programme", help="Programmes of Work.")
app.add_typer(matching_cli.app, name="match", help="Portfolios: which proposals to fund, and from which windows.")
app.add_typer(cli_events.app, name="events", help="The event bus: what is on it, what could not be handled.")
app.add_typer(cli_database.app, name="database", help="Databases of the services.")
app.add_typer(accounts_cli.app(lambda: open_service("accounts")), name="accounts", help="People and organisations.")
app.add_typer(cli_contracts.app, name="contracts", help="Schemas and documents generated from the contracts.")


app.command()(cli_backup.backup)
app.command()(cli_backup.restore)


@app.command("inventory")
def inventory(action: Annotated[str, typer.Argument(help="load")] = "load") -> None:
    """Load the shipped donor inventory; windows that people have edited stay as they are."""
    if action != "load":
        raise typer.BadParameter("the only action is: load")
    with open_service("donors") as service:
        cli_run.load_one(service)
