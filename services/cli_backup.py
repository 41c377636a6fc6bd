"""`cami backup` and `cami restore`."""

from pathlib import Path
from typing import Annotated

import typer

from services.backup.restoring import restore as restore_from
from services.backup.saving import save
from services.chassis.settings import Settings
from services.cli_run import Bars, bars


def backup(file: Annotated[Path, typer.Argument(help="The new file.", show_default=False)]) -> None:
    """Save all services, the event log and the signing key to one file, while the program runs."""
    with bars() as display:
        manifest = save(Settings(), file, Bars(display))
    lines = {name: member["lines"] for name, member in manifest["members"].items()}
    messages = sum(count for name, count in lines.items() if name.startswith("log/"))
    size = file.stat().st_size / 1_000_000
    typer.echo(
        f"Saved {len(manifest['services'])} services ({sum(lines.values()) - messages - 1} rows) and {messages} "
        f"messages to {file}, {size:.1f} MB. It holds the signing key: keep it where only you can read it."
    )


def restore(
    file: Annotated[Path, typer.Argument(help="What `cami backup` has written.", show_default=False)],
    replace: Annotated[bool, typer.Option("--replace", help="Throw away what is there.")] = False,
) -> None:
    """Restore a backup into the databases and the bus that the settings name; the program must not run meanwhile."""
    with bars() as display:
        notes = restore_from(Settings(), file, Bars(display), replace=replace)
    for note in notes:
        typer.secho(f"Note: {note}.", fg="yellow")
    typer.echo("Restored. The next start reads the log once more; nothing takes effect a second time.")
