"""What ties a piece of work to what caused it, from a person's click to the last event that it sets off.

A *trail* names the trace (W3C Trace Context), the request that began it (correlation) and the event at hand. It stands
in a context variable: log lines read it, events that are emitted carry it on. A *step* is one piece of work on the way
(a request, a handler, a publication, a document); it is told to OpenTelemetry if that is wanted (see `telemetry`), and
costs next to nothing if not. The last two digits of a traceparent say whether anybody follows the trace: requests are
followed, what the program does of its own accord (loading its data) is not.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from random import getrandbits
from typing import Any, Final, NamedTuple, Protocol

_TRACEPARENT: Final = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})")


class Trail(NamedTuple):
    """Where a piece of work comes from. Empty texts are unknown."""

    traceparent: str = ""
    correlation: str = ""
    """Id of the request that all of it began with."""
    causation: str = ""
    """Id of what caused the event at hand: another event, or the request."""
    service: str = ""
    group: str = ""
    event: str = ""
    type: str = ""

    @property
    def trace(self) -> str:
        """The trace id, 32 hexadecimal digits."""
        return self.traceparent[3:35]

    @property
    def span(self) -> str:
        """Id of this step in the trace, 16 hexadecimal digits."""
        return self.traceparent[36:52]

    @property
    def followed(self) -> bool:
        """Whether somebody asked for the trace to be recorded."""
        return is_followed(self.traceparent)


class Span(Protocol):
    """A step as OpenTelemetry is told of it."""

    traceparent: str

    def describe(self, name: str | None, attributes: Mapping[str, Any]) -> None:
        """Give it a better name, and say more about it."""

    def fail(self, error: BaseException | str) -> None:
        """Say that it went wrong."""

    def end(self) -> None:
        """It is over."""


class Tracer(Protocol):
    """What begins spans; its `kind` is server, producer, consumer or internal, its `links` are traceparents."""

    def __call__(self, name: str, kind: str, trail: Trail, links: Sequence[str]) -> Span | None:
        """Begin one below the step that `trail` names; None for what nobody follows."""


class Step:
    """One piece of work, while it is under way."""

    def __init__(self, trail: Trail, span: Span | None) -> None:
        self.trail = trail
        self._span = span

    def describe(self, name: str | None, attributes: Mapping[str, Any]) -> None:
        """Tell OpenTelemetry more: a better name, attributes by the names of its conventions."""
        if self._span is not None:
            self._span.describe(name, attributes)

    def fail(self, error: BaseException | str) -> None:
        """It went wrong, though no exception leaves the step."""
        if self._span is not None:
            self._span.fail(error)


_trail: ContextVar[Trail | None] = ContextVar("cami_trail", default=None)
_NOWHERE: Final = Trail()
_tracer: Tracer | None = None


def use(tracer: Tracer | None) -> None:
    """From now on tell `tracer` of every step; None: nobody."""
    global _tracer
    _tracer = tracer


def here() -> Trail:
    """The trail of the work at hand; an empty one if it has none."""
    return _trail.get() or _NOWHERE


@contextmanager
def following(trail: Trail) -> Iterator[Trail]:
    """Within the block, in this thread or task, `trail` is where the work comes from."""
    token = _trail.set(trail)
    try:
        yield trail
    finally:
        _trail.reset(token)


@contextmanager
def step(name: str, kind: str, trail: Trail, *, links: Sequence[str] = ()) -> Iterator[Step]:
    """A piece of work that follows `trail`. Within the block the trail goes on from this step.

    A person's request (kind `server`) that continues no trace begins one, and gives its id to all that it causes.
    """
    tracer, asked = _tracer, kind == "server"
    span = tracer(name, kind, trail, links) if tracer is not None else None
    traceparent = span.traceparent if span is not None else next_traceparent(trail.traceparent, followed=asked)
    correlation = traceparent[3:35] if asked else trail.correlation
    onward = Trail(traceparent, correlation, *trail[2:])
    token = _trail.set(onward)
    try:
        yield Step(onward, span)
    except BaseException as error:
        if span is not None:
            span.fail(error)
        raise
    finally:
        _trail.reset(token)
        if span is not None:
            span.end()


def is_traceparent(text: str) -> bool:
    """Whether `text` is a header of W3C Trace Context that can be gone on from."""
    return _TRACEPARENT.fullmatch(text) is not None


def is_followed(traceparent: str) -> bool:
    """Whether its trace is to be recorded (the flag `sampled`)."""
    return traceparent[-1:] in "13579bdf" and len(traceparent) == 55


def new_traceparent(*, followed: bool = False) -> str:
    """The beginning of a trace."""
    return f"00-{_random(128):032x}-{_random(64):016x}-{'01' if followed else '00'}"


def next_traceparent(traceparent: str, *, followed: bool = False) -> str:
    """The next step of the trace; the beginning of one, `followed` or not, if `traceparent` is none."""
    if not is_traceparent(traceparent):
        return new_traceparent(followed=followed)
    return f"{traceparent[:36]}{_random(64):016x}{traceparent[52:]}"


def _random(bits: int) -> int:
    """Ids are to be unique, not secret; none of them may be 0."""
    return getrandbits(bits) or 1


def trail_of(headers: Mapping[str, str], *, service: str, group: str = "") -> Trail:
    """The trail of a message on the bus; what its headers lack is empty."""
    traceparent = headers.get("ce_traceparent", "")
    return Trail(
        traceparent if is_traceparent(traceparent) else "",
        headers.get("ce_correlationid", ""), headers.get("ce_causationid", ""),
        service, group, headers.get("ce_id", ""), headers.get("ce_type", ""),
    )  # fmt: skip
