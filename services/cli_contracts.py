"""`cami contracts`: what is generated from the contracts and from the JSON APIs, and whether it is up to date."""

import json
from pathlib import Path
from typing import Any, Final

import typer
from fastapi import FastAPI

from contracts import generate
from contracts.events import NAMES
from services.registry import COMPONENTS

app = typer.Typer(no_args_is_help=True)

OPENAPI: Final = Path(generate.__file__).parent / "openapi"


@app.command()
def write() -> None:
    """Write schemas, AsyncAPI document, event catalogue and OpenAPI documents anew where they differ."""
    changed = generate.write()
    OPENAPI.mkdir(exist_ok=True)
    for path, content in openapi_documents().items():
        if not path.exists() or path.read_text(encoding="utf-8") != content:
            path.write_text(content, encoding="utf-8")
            changed.append(path)
    for path in changed:
        typer.echo(f"written: {path.name}")
    if not changed:
        typer.echo("nothing to write: everything is up to date")


@app.command()
def check() -> None:
    """Fail when a generated file is out of date or a change would break a reader."""
    problems = generate.problems()
    for path, content in openapi_documents().items():
        if not path.exists() or path.read_text(encoding="utf-8") != content:
            problems.append(f"contracts/openapi/{path.name} is out of date; run: make contracts")
    for problem in problems:
        typer.secho(problem, fg="red", err=True)
    if problems:
        raise typer.Exit(1)
    typer.echo(f"contracts: {len(NAMES)} events, every generated file is up to date")


def openapi_documents() -> dict[Path, str]:
    """The OpenAPI document of each service that has a JSON API: its paths under `/<service>/api/`."""
    documents = {}
    app_of_all = FastAPI()
    for component in COMPONENTS.values():
        app_of_all.include_router(component.router)
    whole = app_of_all.openapi()
    for name in COMPONENTS:
        paths = {path: item for path, item in whole["paths"].items() if path.startswith(f"/{name}/api/")}
        if paths:
            content: dict[str, Any] = {
                "openapi": whole["openapi"],
                "info": {"title": f"CAMI Funding: {name}", "version": "1.0.0"},
                "paths": paths,
                "components": whole.get("components", {}),
            }
            documents[OPENAPI / f"{name}.json"] = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
    return documents
