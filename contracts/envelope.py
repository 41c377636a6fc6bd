"""CloudEvents 1.0 envelope around every payload.

`id` is the claim a consumer makes on an event; `subject` is the aggregate's id and the key that keeps its events in
order; `traceparent` (W3C Trace Context), `correlationid` and `causationid` tie an event to the request it came from.
"""

from datetime import UTC, datetime
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, ValidationError
from uuid_utils.compat import uuid7

from contracts.events import NAME_OF, NAMES, Payload

P = TypeVar("P", bound=Payload)
MOST_FAULTS: Final = 20
"""How many faults of an unreadable payload are told of."""


def new_id() -> UUID:
    """A fresh UUIDv7: unique, and ordered by the time of its making."""
    return uuid7()


class Event(BaseModel, Generic[P]):
    """One fact on the bus."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    id: UUID
    source: str
    """The producing service, `/cami/projects`."""
    type: str
    subject: str
    time: datetime
    dataschema: str
    traceparent: str = ""
    correlationid: str = ""
    causationid: str = ""
    data: P

    def headers(self) -> dict[str, str]:
        """CloudEvents attributes of the Kafka protocol binding, binary content mode (`ce_` headers)."""
        attributes = {
            "ce_specversion": "1.0", "ce_id": str(self.id), "ce_source": self.source, "ce_type": self.type,
            "ce_subject": self.subject, "ce_time": self.time.astimezone(UTC).isoformat(),
            "ce_dataschema": self.dataschema, "content-type": "application/json",
        }  # fmt: skip
        for name in ("traceparent", "correlationid", "causationid"):
            if value := getattr(self, name):
                attributes[f"ce_{name}"] = value
        return attributes

    def body(self) -> bytes:
        """The payload as UTF-8 JSON."""
        return self.data.model_dump_json().encode()


def wrap(
    data: P, *, source: str, subject: str, time: datetime,
    traceparent: str = "", correlationid: str = "", causationid: str = "",
) -> Event[P]:  # fmt: skip
    """Put `data` into a new envelope. Raises KeyError for a payload that `contracts.events.NAMES` does not list."""
    name = NAME_OF[type(data)]
    return Event(
        id=new_id(), source=f"/cami/{source}", type=name, subject=subject, time=time,
        dataschema=f"urn:{name.replace('.', ':')}", traceparent=traceparent,
        correlationid=correlationid, causationid=causationid, data=data,
    )  # fmt: skip


class UnknownEventType(Exception):
    """A well-formed event of a type that this reader does not know: to be counted and skipped."""


class UnreadableEvent(Exception):
    """A message that is no event we can read: to be parked, with the reason in the exception's text."""


def read(headers: dict[str, str], body: bytes) -> Event[Any]:
    """Read a message back. Raises UnknownEventType, or UnreadableEvent for missing attributes or a bad payload."""
    name = headers.get("ce_type", "")
    if not name or not headers.get("ce_id"):
        raise UnreadableEvent("the message lacks ce_type or ce_id")
    payload = NAMES.get(name)
    if payload is None:
        raise UnknownEventType(name)
    try:
        return Event(
            id=UUID(headers["ce_id"]), source=headers.get("ce_source", ""), type=name,
            subject=headers.get("ce_subject", ""), time=datetime.fromisoformat(headers["ce_time"]),
            dataschema=headers.get("ce_dataschema", ""), traceparent=headers.get("ce_traceparent", ""),
            correlationid=headers.get("ce_correlationid", ""), causationid=headers.get("ce_causationid", ""),
            data=payload.model_validate_json(body),
        )  # fmt: skip
    except ValidationError as error:  # without the values: it is logged, and they are what people have typed
        wrong = error.errors(include_url=False, include_context=False, include_input=False)
        told = [f"{'.'.join(map(str, each['loc'])) or 'payload'}: {each['msg']}" for each in wrong[:MOST_FAULTS]]
        told += ["..."] if len(wrong) > MOST_FAULTS else []
        raise UnreadableEvent(f"{name}: {'; '.join(told)}") from None
    except (ValueError, KeyError) as error:
        raise UnreadableEvent(f"{name}: {error}") from error
