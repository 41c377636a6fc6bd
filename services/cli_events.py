"""`cami events`: look at the bus, settle what could not be handled, make read copies anew."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

import typer

from services.chassis import parked as parked_messages
from services.chassis.bus import Bus, Message, open_bus
from services.chassis.errors import CamiError, NotFound
from services.chassis.migrations import upgrade
from services.chassis.rebuild import Report, rebuild
from services.chassis.service import Service
from services.chassis.settings import Settings
from services.cli_run import Bars, bars
from services.registry import ALL, choose

BEGINNING: Final = "beginning"
app = typer.Typer(no_args_is_help=True)


@contextmanager
def _bus() -> Iterator[Bus]:
    bus = open_bus(Settings())
    try:
        yield bus
    finally:
        bus.close()


@contextmanager
def _services(names: list[str]) -> Iterator[list[Service]]:
    settings = Settings()
    opened: list[Service] = []
    try:
        for component in choose(names):
            service = Service(component, settings)
            opened.append(service)
            upgrade(component, service.db)
        yield opened
    finally:
        for service in opened:
            service.close()


@app.command()
def tail(
    topic: Annotated[str, typer.Option(help="Only this topic, for instance cami.projects.")] = "",
    since: Annotated[str, typer.Option(help="Only from this moment on (ISO 8601, with its offset from UTC).")] = "",
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many at most.")] = 50,
    body: Annotated[bool, typer.Option("--body", help="Print payloads too.")] = False,
) -> None:
    """Print the newest events on the bus, or the first from a moment on, a line of JSON each in order of time."""
    moment = _moment(since)
    with _bus() as bus:
        found: list[Message] = []
        for name in [topic] if topic else bus.topics():
            if moment is not None:
                found += bus.read(name, since=moment, limit=limit)
            elif ends := bus.end_offsets(name):
                starts = {partition: max(0, end - limit) for partition, end in ends.items()}
                found += bus.read(name, from_offset=starts, limit=limit * len(ends))
        found.sort(key=lambda message: message.time)
        for message in found[:limit] if moment is not None else found[-limit:]:
            line = {
                "time": message.time.isoformat(), "topic": message.topic, "partition": message.partition,
                "offset": message.offset, "key": message.key, "type": message.headers.get("ce_type", ""),
                "id": message.headers.get("ce_id", ""),
            }  # fmt: skip
            if body:
                line["body"] = message.body.decode("utf-8", "replace")
            typer.echo(json.dumps(line, ensure_ascii=False))


@app.command()
def parked(service: Annotated[str, typer.Option(help="Only messages of this service.")] = ALL) -> None:
    """List messages that could not be handled, with the reason, a line of JSON each."""
    with _services([service]) as services:
        for each in services:
            with each.read() as session:
                waiting = parked_messages.waiting(session, each.component.messaging, limit=10_000)
            for message in waiting:
                typer.echo(
                    json.dumps(
                        {
                            "service": each.name, "id": str(message.id), "type": message.type, "key": message.key,
                            "topic": message.topic, "partition": message.partition, "offset": message.offset,
                            "parked_at": message.parked_at.isoformat(), "reason": message.reason,
                        },
                        ensure_ascii=False,
                    )
                )  # fmt: skip


@app.command()
def retry(
    message_id: Annotated[str, typer.Argument(help="Id of a parked message, as `cami events parked` prints it.")],
    discard: Annotated[str, typer.Option(help="Do not hand it in but set it aside for good, with this note.")] = "",
) -> None:
    """Hand a parked message to its service again, or set it aside."""
    try:
        wanted = UUID(message_id)
    except ValueError as error:
        raise CamiError(f"{message_id!r} is no id of a parked message") from error
    with _services([ALL]) as services:
        for service in services:
            try:
                if discard:
                    parked_messages.discard(service, wanted, discard)
                else:
                    parked_messages.replay(service, wanted)
            except NotFound:
                continue
            typer.echo("set aside" if discard else "replayed")
            return
    raise CamiError(f"no parked message has the id {wanted}")


@app.command()
def replay(
    service: Annotated[str, typer.Option(help="Whose read copies, for instance matching.")],
    from_: Annotated[
        str, typer.Option("--from", help="`beginning`, or the moment from which on to do events again (ISO 8601).")
    ] = BEGINNING,
    check: Annotated[bool, typer.Option("--check", help="Change nothing; exit status 1 if anything differs.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Make the read copies of a service anew from the log, while it runs, here or elsewhere."""
    since = None if from_ == BEGINNING else _moment(from_, "--from")
    with _services([service]) as services, _bus() as bus, bars() as display:
        if len(services) != 1:
            raise CamiError("--service: name one service")
        report = rebuild(services[0], bus, since=since, check=check, progress=Bars(display))
    typer.echo(json.dumps(_told(report)) if as_json else _said(report, check))
    raise typer.Exit(0 if report.equal or not check else 1)


def _told(report: Report) -> dict[str, Any]:
    return {
        "service": report.service, "equal": report.equal, "events": report.events, "lost": report.lost,
        "seconds": round(report.seconds, 2), "waited_seconds": round(report.waited_seconds, 3),
        "tables": {
            name: {
                kind: [[str(part) for part in key] for key in sorted(getattr(found, kind), key=str)]
                for kind in ("added", "changed", "removed")
            } for name, found in report.tables.items()
        },
    }  # fmt: skip


def _said(report: Report, check: bool) -> str:
    lines = [f"{report.service}: {report.events} events and steps done again in {report.seconds:.1f} s"]
    if report.lost:
        lines.append(f"  never handled before: {len(report.lost)}" + ("" if check else "; handed in now"))
    for name, found in report.tables.items():
        counts = f"{len(found.added)} added, {len(found.changed)} changed, {len(found.removed)} removed"
        lines.append(f"  {name:<16}{counts if len(found) else 'equal'}")
    if report.equal:
        lines.append("The copies are what the log makes of them.")
    elif check:
        lines.append("The copies are not what the log makes of them; without --check they are put right.")
    else:
        lines.append("The copies have been put right.")
    return "\n".join(lines)


def _moment(text: str, option: str = "--since") -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise CamiError(f"{option}: {text!r} is no moment; write it like 2026-11-22T09:00:00+00:00") from error
    if moment.tzinfo is None:
        raise CamiError(f"{option}: say the offset from UTC too, like 2026-11-22T09:00:00+00:00")
    return moment
