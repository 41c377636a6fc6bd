"""Two services, as small as they can be: one has notes written to it, the other counts what it hears of them."""

from collections import Counter
from pathlib import Path
from uuid import UUID, uuid5

from fastapi import APIRouter
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel, select

from contracts.envelope import Event
from contracts.events import ProposalWithdrawn
from services.chassis.db import named_metadata
from services.chassis.messaging import messaging_tables
from services.chassis.service import Component, Context, Routes, Service
from services.chassis.settings import Settings

NOTES = UUID("6b1c7d5e-0c57-4d0f-9a53-0d6f3a3f7a10")
"""Namespace of the notes' ids."""


class WriterTable(SQLModel, registry=registry(metadata=named_metadata())):
    """Base of the writer's tables."""


class NoteRow(WriterTable, table=True):
    """What somebody has written."""

    __tablename__ = "note"

    text: str = Field(primary_key=True)


class CounterTable(SQLModel, registry=registry(metadata=named_metadata())):
    """Base of the counter's tables."""


class EffectRow(CounterTable, table=True):
    """One effect of one event. Nothing but the inbox keeps it from being there twice."""

    __tablename__ = "effect"

    id: int | None = Field(default=None, primary_key=True)
    text: str


def write_note(context: Context, text: str) -> bool:
    """What a form asks for; False if that note stands already, so that a form may be sent again."""
    if context.session.get(NoteRow, text):
        return False
    context.session.add(NoteRow(text=text))
    proposal_id = uuid5(NOTES, text)
    context.emit(
        ProposalWithdrawn(proposal_id=proposal_id, reference=text, version=1, withdrawn_at=context.now),
        subject=str(proposal_id),
    )
    return True


def on_withdrawn(context: Context, event: Event[ProposalWithdrawn]) -> None:
    """The effect. A text that begins with `bad` fails."""
    if event.data.reference.startswith("bad"):
        raise ValueError(f"no good: {event.data.reference}")
    context.session.add(EffectRow(text=event.data.reference))


def component(name: str, base: type[SQLModel], routes: Routes) -> Component:
    """A component with no pages."""
    here = Path(__file__).parent
    return Component(
        name=name, metadata=base.metadata, messaging=messaging_tables(base.metadata), migrations=here,
        router=APIRouter(), templates=here, locale=here, routes=routes,
    )  # fmt: skip


WRITER = component("writer", WriterTable, {})
COUNTER = component("counter", CounterTable, {ProposalWithdrawn: on_withdrawn})


def open_part(part: Component, settings: Settings) -> Service:
    """The service, with its tables made."""
    service = Service(part, settings)
    part.metadata.create_all(service.db.engine)
    return service


def effects(counter: Service) -> dict[str, int]:
    """Text -> how often it has had its effect."""
    with counter.read() as session:
        return dict(Counter(session.exec(select(EffectRow.text))))
