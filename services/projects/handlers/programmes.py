"""Keeping and publishing Programmes of Work: load what is known, complete what was read, save it, tell the others."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from contracts.events import ProgrammeImported
from services.chassis.errors import Conflict
from services.chassis.service import Context, Progress, Service
from services.projects.catalogue import edition_of, load_catalogue, shipped_folders
from services.projects.commands.programmes import ImportProgramme, LoadCatalogue
from services.projects.handlers.programme_rows import known_before, known_from, rows_of, stored_facts, write_rows
from services.projects.rules.programmes import complete, fingerprint, inconsistencies, published
from services.projects.tables.programmes import ProgrammeRow
from services.projects.values.programmes import Catalogue

Step = Callable[[int, int], None]
"""Told (how many actions are published, how many there are to publish)."""


@dataclass(frozen=True)
class Kept:
    """What was done to a programme: how many actions it has, and how many of them were new, changed or dropped."""

    programme_id: str
    actions: int
    added: int = 0
    changed: int = 0
    removed: int = 0


def load_shipped(service: Service, progress: Progress) -> None:
    """Load the programmes that the project ships, each in a transaction of its own; nothing is done the second time."""
    for folder in shipped_folders():
        edition = edition_of(folder)
        if _edition(service, folder.name) == edition:
            continue
        command = LoadCatalogue(load_catalogue(folder), edition)

        catalogue = command.catalogue

        def step(done: int, total: int, years: str = f"{catalogue.start}–{catalogue.end}") -> None:
            progress(f"Loading the Programme of Work {years}", done, total)

        try:
            with service.work() as context:
                load_programme(context, command, step)
        except Conflict:
            # Another process of this service may have started at the same time and been first.
            if _edition(service, folder.name) != edition:
                raise


def load_programme(context: Context, command: LoadCatalogue, step: Step = lambda _done, _total: None) -> Kept:
    """Keep a shipped programme. Facts that somebody imported stay; our texts are brought up to date in any case."""
    catalogue = command.catalogue
    row = context.session.get(ProgrammeRow, catalogue.id, with_for_update=True)
    if row is not None and row.edition == command.edition:
        return Kept(catalogue.id, len(catalogue.actions))
    about = {"edition": command.edition, "reference": catalogue.reference, "reference_url": catalogue.reference_url}
    if row is not None and row.imported:
        catalogue = complete(stored_facts(context.session, row), known_from(catalogue))
    return _keep(context, catalogue, about, step)


def import_programme(context: Context, command: ImportProgramme) -> Kept:
    """Keep the programme that a file describes, beside any other; texts of ours that it already has stay.

    Raises Conflict for facts that do not hold together.
    """
    if faults := inconsistencies(command.facts):
        raise Conflict("; ".join(faults))
    # What another import of the same programme writes meanwhile, this one must see.
    context.session.get(ProgrammeRow, command.facts.programme_id, with_for_update=True)
    catalogue = complete(command.facts, known_before(context.session, command.facts.programme_id))
    return _keep(context, catalogue, {"source_name": command.source_name[:400], "imported": True})


def _keep(
    context: Context, catalogue: Catalogue, about: dict[str, Any], step: Step = lambda _done, _total: None
) -> Kept:
    """Write what differs from what is kept; emit an event for each action that does, then one for the whole."""
    session = context.session
    payloads = {action.facts.id: published(catalogue, action) for action in catalogue.actions}
    rows = rows_of(catalogue, payloads)
    digest = fingerprint([one for table in rows.values() for one in table])
    row = session.get(ProgrammeRow, catalogue.id)
    if row is None:
        row = ProgrammeRow(
            id=catalogue.id, start=catalogue.start, end=catalogue.end, title=catalogue.title.model_dump(mode="json"),
            content_hash="", revision=0, updated_at=context.now,
        )  # fmt: skip
    for name, value in about.items():
        setattr(row, name, value)
    session.add(row)
    if row.content_hash == digest:
        return Kept(catalogue.id, len(payloads))
    row.content_hash, row.revision, row.updated_at = digest, row.revision + 1, context.now
    session.flush()
    written = write_rows(session, catalogue.id, rows)
    fresh = {*written.added, *written.changed}
    emitted = 0
    for action_id, payload in payloads.items():
        if action_id in fresh:
            context.emit(payload.model_copy(update={"revision": row.revision}), subject=f"{catalogue.id}/{action_id}")
            emitted += 1
            step(emitted, len(fresh))
    context.emit(
        ProgrammeImported(
            programme_id=catalogue.id, revision=row.revision, start=catalogue.start, end=catalogue.end,
            actions=len(payloads), sections=len(catalogue.sections), action_ids=list(payloads),
        ),
        subject=catalogue.id,
    )  # fmt: skip
    return Kept(catalogue.id, len(payloads), len(written.added), len(written.changed), len(written.removed))


def _edition(service: Service, programme_id: str) -> str:
    with service.read() as session:
        return session.scalar(select(col(ProgrammeRow.edition)).where(col(ProgrammeRow.id) == programme_id)) or ""
