"""Messages for the counter, made by hand, and what it makes of them."""

from collections.abc import Callable
from dataclasses import replace
from uuid import uuid4

from contracts.envelope import Event, wrap
from contracts.events import ProposalWithdrawn
from services.chassis import parked
from services.chassis.bus import Message
from services.chassis.service import Context, Service
from tests.faults.parts import COUNTER


def message(text: str, service: Service, **headers: str) -> Message:
    """A message about a note; `headers` replace those of the event."""
    data = ProposalWithdrawn(proposal_id=uuid4(), reference=text, version=1, withdrawn_at=service.clock())
    event = wrap(data, source="writer", subject=str(data.proposal_id), time=service.clock())
    return Message("cami.projects", 0, 0, event.subject, event.headers() | headers, event.body(), event.time)


def waiting(service: Service) -> list[parked.ParkedMessage]:
    """What is parked."""
    with service.read() as session:
        return list(parked.waiting(session, COUNTER.messaging))


def routed(service: Service, handler: Callable[[Context, Event[ProposalWithdrawn]], None]) -> Service:
    """The same service with another handler."""
    return Service(replace(COUNTER, routes={ProposalWithdrawn: handler}), service.settings, db=service.db)
