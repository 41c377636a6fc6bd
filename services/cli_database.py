"""`cami database`: make the databases that services live in, where a server keeps them."""

from typing import Annotated

import typer

from services.chassis.postgres import create_database
from services.chassis.settings import Settings
from services.registry import ALL, choose

app = typer.Typer(no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Databases of the services."""


@app.command("create")
def create(
    target: Annotated[list[str], typer.Option("--target", help="Whose; may be given more than once.")] = [ALL],  # noqa: B006  # Typer copies it
) -> None:
    """Make the PostgreSQL databases that CAMI_DATABASE_URL names; those that are there stay as they are."""
    settings = Settings()
    for component in choose(target):
        url = settings.database_url_of(component.name)
        if url.startswith("sqlite"):
            typer.echo(f"{component.name}: a file, made at the first start")
        else:
            typer.echo(f"{component.name}: {'made' if create_database(url) else 'there already'}")
