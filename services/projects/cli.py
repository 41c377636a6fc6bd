"""`cami programme ...`: importing a Programme of Work from its text, and listing those that are kept."""

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated, Any, Final, NoReturn

import typer

from services.chassis.errors import Conflict
from services.chassis.service import Service
from services.projects.catalogue import read_facts
from services.projects.commands.programmes import ImportProgramme
from services.projects.handlers.programmes import Kept, import_programme
from services.projects.programme import NotAProgramme, Programme, parse_programme
from services.projects.programme.model import PRIORITIES
from services.projects.queries.programmes import heads, programme_of

OpenService = Callable[[], AbstractContextManager[Service]]
"""Opens the projects service on its database, migrated; closes it at the end of the block."""
REFUSED: Final = 2
"""Exit code when a file is not taken."""
LARGEST: Final = 8_000_000
"""Bytes of the largest file that is read."""
MOST_PLACES: Final = 12
"""Places that are named for one kind of oddity."""


def app(open_service: OpenService) -> typer.Typer:
    """The commands `import` and `list`; `open_service` is only called when the database is needed."""
    commands = typer.Typer(help="Programmes of Work: import one from its text, list those that are kept.")

    @commands.command("import")
    def import_(
        file: Annotated[str, typer.Argument(help="The resolution's text (UTF-8), or - for standard input.")],
        dry_run: Annotated[bool, typer.Option("--dry-run", help="Read the file and write nothing.")] = False,
        as_json: Annotated[bool, typer.Option("--json", help="Print what was read as JSON.")] = False,
    ) -> None:
        """Read a Programme of Work from the text of its resolution and keep it beside the others.

        A file that is no programme, or holds a line that is not understood, is refused as a whole, with exit code 2.
        """
        found = _programme(file)
        kept = None if dry_run else _import(open_service, found, "standard input" if file == "-" else Path(file).name)
        if as_json:
            typer.echo(json.dumps(_as_json(found, kept), ensure_ascii=False, indent=1))
        else:
            typer.echo("\n".join([*_summary(found), *_outcome(kept)]))

    @commands.command("list")
    def list_(as_json: Annotated[bool, typer.Option("--json", help="Print the list as JSON.")] = False) -> None:
        """List the Programmes of Work that are kept, the newest first."""
        with open_service() as service, service.read() as session:
            views = [programme_of(session, head) for head in heads(session)]
        rows = [
            {
                "id": view.id, "start": view.start, "end": view.end, "actions": len(view.actions),
                "sections": len(view.sections), "revision": view.revision,
                "source": view.source_name or view.reference,
            }
            for view in views
        ]  # fmt: skip
        if as_json:
            typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        elif not rows:
            typer.echo(
                "No Programme of Work is kept yet. `cami run` loads the shipped one, `import` reads one from a file."
            )
        for row in [] if as_json else rows:
            counts = f"{row['sections']} sections, {row['actions']} actions, revision {row['revision']}"
            typer.echo(f"{row['id']}  {row['start']}–{row['end']}  {counts}  {row['source']}")

    return commands


def _programme(file: str) -> Programme:
    try:
        with sys.stdin.buffer if file == "-" else Path(file).open("rb") as stream:
            raw = stream.read(LARGEST + 1)
    except IsADirectoryError:
        _refuse(f"{file} is a folder. Name the text file of a resolution.")
    except OSError as error:
        _refuse(f"{file} cannot be read: {error.strerror or error}.")
    if len(raw) > LARGEST:
        _refuse(f"{file} is larger than {LARGEST:,} bytes: that is no Programme of Work.")
    if b"\0" in raw:
        _refuse(f"{file} is not a text file. Save the resolution as plain text in UTF-8 first.")
    try:
        return parse_programme(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        number = raw.count(b"\n", 0, error.start) + 1
        _refuse(f"{file} is not UTF-8 text: line {number} holds other bytes. Save it as UTF-8 first.")
    except NotAProgramme as error:
        _refuse(
            f"{file} is refused, nothing was written.",
            f"line {error.line_number}: {error.reason}",
            f"    {error.line}",
        )


def _import(open_service: OpenService, found: Programme, source_name: str) -> Kept:
    try:
        with open_service() as service:
            command = ImportProgramme(read_facts(found.as_json()), source_name)
            return service.run(lambda context: import_programme(context, command))
    except Conflict as error:
        _refuse(f"The programme does not hold together, nothing was written: {error}")


def _refuse(*lines: str) -> NoReturn:
    for line in lines:
        typer.echo(line, err=True)
    raise typer.Exit(REFUSED)


def _as_json(found: Programme, kept: Kept | None) -> dict[str, Any]:
    content = found.as_json()
    if kept is not None:
        content["imported"] = {
            "programme_id": kept.programme_id, "added": kept.added, "changed": kept.changed, "removed": kept.removed,
        }  # fmt: skip
    return content


def _summary(found: Programme) -> Iterable[str]:
    listed = sum(one.listed for one in found.species)
    parties = sum(one.party for one in found.range_states)
    yield f"Programme of Work {found.period[0]}–{found.period[1]}"
    yield f"  parts           {len(found.parts)}"
    yield f"  sections        {len(found.sections)}"
    yield f"  actions         {len(found.actions)}"
    yield f"  species         {listed} listed by the Convention, {len(found.species) - listed} not"
    yield f"  range states    {len(found.range_states)}, {parties} of them Parties"
    priorities = Counter(action.priority for action in found.actions)
    named = ((code or "none").replace("_", " to ") + f" {priorities[code]}" for code in (*PRIORITIES, None))
    yield "  priorities      " + ", ".join(named)
    yield f"  parties named   {len({code for action in found.actions for code in action.responsible})}"
    places: defaultdict[str, list[str]] = defaultdict(list)
    for anomaly in found.anomalies:
        places[anomaly.code].append(anomaly.where)
    yield f"Oddities in the source: {len(found.anomalies)}" + (" (--json gives the details)" if places else "")
    for code, where in sorted(places.items(), key=lambda item: -len(item[1])):
        more = f" and {len(where) - MOST_PLACES} more" if len(where) > MOST_PLACES else ""
        yield f"  {len(where):>3}  {code.replace('_', ' ')}: {', '.join(where[:MOST_PLACES])}{more}"


def _outcome(kept: Kept | None) -> Iterable[str]:
    if kept is None:
        return ["Nothing was written: this was a dry run."]
    if not kept.added + kept.changed + kept.removed:
        return [f"Kept as {kept.programme_id}: nothing has changed."]
    return [f"Kept as {kept.programme_id}: {kept.added} actions new, {kept.changed} changed, {kept.removed} dropped."]
