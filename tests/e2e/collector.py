"""A collector of OpenTelemetry, as small as it can be: it takes spans by OTLP over HTTP and reads their protobuf."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True)
class Seen:
    """One span as it came over the line; ids in hexadecimal digits."""

    service: str
    name: str
    kind: int
    trace: str
    id: str
    parent: str
    links: tuple[tuple[str, str], ...]
    """(trace, span) of each."""
    attributes: dict[str, str]
    failed: bool


@dataclass
class Collector:
    """What has come so far."""

    address: str
    _spans: list[Seen] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def take(self, body: bytes) -> None:
        """Read one request. Raises DecodeError for what is no such thing."""
        request = ExportTraceServiceRequest.FromString(body)
        for resource in request.resource_spans:
            named = {each.key: each.value.string_value for each in resource.resource.attributes}
            for scope in resource.scope_spans:
                for span in scope.spans:
                    seen = Seen(
                        named["service.name"], span.name, span.kind, span.trace_id.hex(), span.span_id.hex(),
                        span.parent_span_id.hex(),
                        tuple((link.trace_id.hex(), link.span_id.hex()) for link in span.links),
                        {each.key: each.value.string_value or str(each.value.int_value) for each in span.attributes},
                        span.status.code == 2,
                    )  # fmt: skip
                    with self._lock:
                        self._spans.append(seen)

    @property
    def spans(self) -> list[Seen]:
        """All spans so far."""
        with self._lock:
            return list(self._spans)


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector on a free port of this machine."""
    collector = Collector("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            fits = self.path == "/v1/traces" and self.headers["content-type"] == "application/x-protobuf"
            if fits:
                collector.take(body)
            self.send_response(200 if fits else 400)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    collector.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
