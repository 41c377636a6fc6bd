"""OpenTelemetry, for whoever sets its endpoint: every step of a trace becomes a span, sent by OTLP over HTTP.

The standard variables of OpenTelemetry hold (docs/operations.md); they are read by its own libraries, which are not
even imported without an endpoint. A service is a service to OpenTelemetry too, also where all of them are one process.
Spans carry names, addresses of routes and ids; never what people typed, so of an exception its class alone.
"""

import logging
import os
import platform
from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from services.chassis import tracing
from services.chassis.tracing import Trail

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor
    from opentelemetry.trace import Link, SpanContext
    from opentelemetry.trace import Span as OtelSpan
    from opentelemetry.trace import Tracer as OtelTracer

LOG = logging.getLogger("cami.telemetry")
ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
HOUSE: Final = "cami"


def is_wanted() -> bool:
    """Whether the environment names an endpoint, and does not say that it is all off."""
    off = os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    return not off and any(os.environ.get(name, "").strip() for name in ENDPOINTS)


def start() -> Callable[[], None]:
    """Send spans from now on, if that is wanted. Answers what ends it: what is still to be sent is sent first."""
    if not is_wanted():
        return lambda: None
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    processor = BatchSpanProcessor(OTLPSpanExporter())
    tracing.use(Tracer(processor))
    LOG.info("spans go to %s", next(value for name in reversed(ENDPOINTS) if (value := os.environ.get(name))))

    def stop() -> None:
        tracing.use(None)
        processor.shutdown()  # type: ignore[no-untyped-call]

    return stop


class Tracer:
    """Begins spans. Thread-safe. All services of the process share one processor; each has a resource of its own."""

    def __init__(self, processor: "SpanProcessor") -> None:
        self._processor = processor
        self._tracers: dict[str, OtelTracer] = {}
        self._lock = Lock()

    def __call__(self, name: str, kind: str, trail: Trail, links: Sequence[str]) -> "Span | None":
        """A span below the step that `trail` names; None for what nobody follows."""
        from opentelemetry.context import Context
        from opentelemetry.trace import NonRecordingSpan, SpanKind, set_span_in_context

        if not trail.followed and (trail.traceparent or not (links or kind == "server")):
            return None
        context = Context()
        if trail.traceparent:
            context = set_span_in_context(NonRecordingSpan(_context_of(trail.traceparent)), context)
        span = self._tracer(trail.service).start_span(
            name, context, SpanKind[kind.upper()], links=[_link(traceparent) for traceparent in links]
        )
        return Span(span)

    def _tracer(self, service: str) -> "OtelTracer":
        found = self._tracers.get(service)
        if found is None:
            with self._lock:
                found = self._tracers.setdefault(service, self._made_for(service))
        return found

    def _made_for(self, service: str) -> "OtelTracer":
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider

        named = os.environ.get("OTEL_SERVICE_NAME") or (f"{HOUSE}-{service}" if service else HOUSE)
        resource = Resource.create({
            "service.name": named, "service.namespace": HOUSE, "cami.service": service,
            "service.instance.id": f"{platform.node()}-{os.getpid()}",
        })  # fmt: skip
        provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        provider.add_span_processor(self._processor)
        return provider.get_tracer(HOUSE)


class Span:
    """One span under way."""

    def __init__(self, span: "OtelSpan") -> None:
        self._span = span
        context = span.get_span_context()
        self.traceparent = f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags):02x}"

    def describe(self, name: str | None, attributes: Mapping[str, Any]) -> None:
        """Give it a better name, and say more about it."""
        if name:
            self._span.update_name(name)
        self._span.set_attributes(attributes)

    def fail(self, error: BaseException | str) -> None:
        """Say that it went wrong."""
        from opentelemetry.trace import Status, StatusCode

        what = error if isinstance(error, str) else type(error).__name__
        self._span.set_attribute("error.type", what)
        self._span.set_status(Status(StatusCode.ERROR, what))

    def end(self) -> None:
        """It is over."""
        self._span.end()


def _context_of(traceparent: str) -> "SpanContext":
    from opentelemetry.trace import SpanContext, TraceFlags

    _version, trace, span, flags = traceparent.split("-")
    return SpanContext(int(trace, 16), int(span, 16), is_remote=True, trace_flags=TraceFlags(int(flags, 16)))


def _link(traceparent: str) -> "Link":
    from opentelemetry.trace import Link

    return Link(_context_of(traceparent))
