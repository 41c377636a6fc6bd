"""Spans: begun for what is followed, failed without the words of people, sent only where somebody asked for them."""

from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from services.chassis import telemetry, tracing
from services.chassis.tracing import Trail, new_traceparent, step
from services.chassis.web.edge import _route_of

GIVEN = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.fixture
def sent() -> Iterator[InMemorySpanExporter]:
    """What would be sent."""
    exporter = InMemorySpanExporter()
    tracing.use(telemetry.Tracer(SimpleSpanProcessor(exporter)))
    yield exporter
    tracing.use(None)


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [({}, False), ({"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, False),
     ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"}, True),
     ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c:4318/v1/traces"}, True),
     ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "OTEL_SDK_DISABLED": "TRUE"}, False)],
)  # fmt: skip
def test_it_is_wanted_where_an_endpoint_is_set(
    environment: dict[str, str], wanted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (*telemetry.ENDPOINTS, "OTEL_SDK_DISABLED"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert telemetry.is_wanted() is wanted


def test_spans_of_a_trace_hang_together(sent: InMemorySpanExporter) -> None:
    with step("POST", "server", Trail(GIVEN, service="projects")) as request:
        request.describe("POST /projects", {"http.response.status_code": 303})
        with step("handle", "consumer", Trail(request.trail.traceparent, service="matching")) as handler:
            assert handler.trail.trace == request.trail.trace == GIVEN[3:35]
    inner, outer = sent.get_finished_spans()
    assert (inner.name, outer.name) == ("handle", "POST /projects")
    assert outer.parent is not None
    assert f"{outer.parent.span_id:016x}" == GIVEN[36:52]
    assert inner.parent is not None
    assert inner.parent.span_id == outer.context.span_id
    assert (inner.resource.attributes["service.name"], outer.resource.attributes["service.name"]) == (
        "cami-matching", "cami-projects",
    )  # fmt: skip


def test_a_request_without_a_trace_is_a_root(sent: InMemorySpanExporter) -> None:
    with step("GET", "server", Trail()) as request:
        assert request.trail.correlation == request.trail.trace
    (span,) = sent.get_finished_spans()
    assert span.parent is None
    assert f"{span.context.trace_id:032x}" == request.trail.trace


@pytest.mark.parametrize(
    ("kind", "trail"),
    [("consumer", Trail()), ("producer", Trail()), ("consumer", Trail(new_traceparent())),
     ("server", Trail(GIVEN[:-2] + "00"))],
)  # fmt: skip
def test_what_nobody_follows_is_not_sent(sent: InMemorySpanExporter, kind: str, trail: Trail) -> None:
    with step("quiet", kind, trail) as work:
        assert tracing.is_traceparent(work.trail.traceparent)
        assert not work.trail.followed
    assert sent.get_finished_spans() == ()


def test_a_failure_is_told_without_its_words(sent: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError, match="typed"), step("POST", "server", Trail(GIVEN)):
        raise ValueError("what she typed")
    (span,) = sent.get_finished_spans()
    assert not span.status.is_ok
    assert "typed" not in span.to_json()
    assert span.attributes is not None
    assert span.attributes["error.type"] == "ValueError"


def test_a_name_of_its_own_may_be_given(sent: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_SERVICE_NAME", "funding-test")
    with step("GET", "server", Trail(GIVEN, service="donors")):
        pass
    (span,) = sent.get_finished_spans()
    assert span.resource.attributes["service.name"] == "funding-test"
    assert span.resource.attributes["cami.service"] == "donors"


@pytest.mark.parametrize(
    ("path", "declared", "route"),
    [("/donors/windows/x", "/donors/windows/{id}", "/donors/windows/{id}"),
     ("/projects/proposals/7/submit", "/proposals/{id}/submit", "/projects/proposals/{id}/submit"),
     ("/static/1/css/a.css", "/static/{path:path}", "/static/{path:path}"), ("/", "/", "/"),
     ("/made/up", None, "none")],
)  # fmt: skip
def test_the_whole_route_is_named(path: str, declared: str | None, route: str) -> None:
    class Route:
        path = declared

    assert _route_of({"path": path, "route": Route() if declared else None}) == route
