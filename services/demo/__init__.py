"""The demonstration: drives the whole road over HTTP, through the forms that a browser posts."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import typer

from services.accounts.component import COMPONENT as ACCOUNTS
from services.chassis.errors import CamiError
from services.chassis.service import Service
from services.chassis.settings import Settings
from services.demo.road import Road, Step
from services.demo.started import program


def main(out: Path, *, as_json: bool, url: str, coordinator: str = "") -> int:
    """Drive the road and print what happened; answers the exit status: 0, or 1 when anything was missing.

    `coordinator` is a sign-in link of a coordinator; without one somebody is invited, in the program's own database.
    """

    def say(step: Step) -> None:
        if not as_json:
            typer.echo(f"  {step.seconds:7.3f} s  {step.name}")

    steps: list[Step] = []
    files: list[str] = []
    try:
        with program(url) as (address, settings):
            road = Road(address, out, lambda: _accounts(settings), say, steps, files, link=coordinator)
            if not as_json:
                typer.echo(f"At {address}")
            road.drive()
    except (CamiError, httpx.HTTPError) as error:
        typer.secho(f"The road ends here: {error}", fg="red", err=True)
        return 1
    finally:
        if as_json:
            found = {"steps": [{"name": s.name, "seconds": s.seconds} for s in steps], "files": files}
            typer.echo(json.dumps(found, ensure_ascii=False))
    if not as_json:
        total = sum(step.seconds for step in steps)
        typer.echo(f"  {total:7.3f} s  in all, {len(steps)} steps; documents in {out}/:")
        for name in files:
            typer.echo(f"             {name}")
    return 0


@contextmanager
def _accounts(settings: Settings) -> Iterator[Service]:
    service = Service(ACCOUNTS, settings)
    try:
        yield service
    finally:
        service.close()
