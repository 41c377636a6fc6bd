"""One click, and all that it leads to, in every process: the same trace in events, log lines and spans."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from contracts.envelope import Event, read
from services.chassis.settings import Settings
from tests.e2e.collector import Collector, Seen, collecting
from tests.e2e.conftest import Prepared, town_of
from tests.e2e.program import Running, copied, running, until

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SUBMITTED, JUDGED = "cami.projects.proposal.submitted.v1", "cami.matching.proposal.judged.v1"
RENDERED = "cami.reports.document.rendered.v1"
TARGETS = (("accounts", "projects", "donors"), ("matching",), ("reports",))
SERVER, PRODUCER, CONSUMER = 2, 4, 5


@dataclass(frozen=True)
class Journey:
    """What was left of it."""

    events: dict[str, Event[Any]]
    """Type -> the event."""
    lines: list[dict[str, Any]]
    """All log lines of all processes."""
    spans: list[Seen]

    def span(self, name: str, service: str) -> Seen:
        """The one span of that name in our trace."""
        (found,) = [each for each in self.spans if (each.name, each.service, each.trace) == (name, service, TRACE)]
        return found


@pytest.fixture(scope="module")
def journey(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    """A lead whose browser is traced submits a proposal and has it printed; each part runs in a process of its own."""
    data_dir: Path = copied(prepared.data_dir, tmp_path_factory.mktemp("traced") / "var")
    with collecting() as collector, ExitStack() as stack:
        others = {
            "CAMI_LOG_FORMAT": "json", "OTEL_EXPORTER_OTLP_ENDPOINT": collector.address,
            "OTEL_BSP_SCHEDULE_DELAY": "200",
        }  # fmt: skip
        front, judging, printing = [stack.enter_context(running(data_dir, "", each, others)) for each in TARGETS]
        browser = town_of(front).sign_in(prepared.email).browser
        proposal = prepared.proposal
        browser._client.headers["traceparent"] = f"00-{TRACE}-{SPAN}-01"
        browser.open(f"/projects/proposals/{proposal}/check")
        browser.post(browser.form("/submit"))
        until(lambda: printing.books.count("reports", "verdict") == 69, "the copy of reports")
        browser._client.base_url = printing.address
        browser.open(f"/reports/proposals/{proposal}")
        browser.post(browser.form("/print"), {"language": "en"})
        until(lambda: front.books.events("cami.reports"), "the document")
        assert [each.stop() for each in (front, judging, printing)] == [0, 0, 0]
        yield Journey(events_of(front), lines_of(front, judging, printing), spans_of(collector))


def events_of(program: Running) -> dict[str, Event[Any]]:
    """The events of our trace."""
    topics = [f"cami.{name}" for targets in TARGETS for name in targets]
    events = [read(message.headers, message.body) for topic in topics for message in program.books.events(topic)]
    return {event.type: event for event in events if event.traceparent[3:35] == TRACE}


def lines_of(*programs: Running) -> list[dict[str, Any]]:
    """The log lines, as JSON; what is said before logging begins is no line of it."""
    lines = [line for program in programs for line in program.said().splitlines()]
    return [json.loads(line) for line in lines if line.startswith("{")]


def spans_of(collector: Collector) -> list[Seen]:
    """All that was sent; the processes have ended and have sent all they had."""
    return collector.spans


def test_events_form_a_chain_back_to_the_click(journey: Journey) -> None:
    assert set(journey.events) == {SUBMITTED, JUDGED, RENDERED}
    submitted, judged, rendered = (journey.events[name] for name in (SUBMITTED, JUDGED, RENDERED))
    assert {event.correlationid for event in journey.events.values()} == {TRACE}
    assert submitted.causationid == TRACE, "the request"
    assert judged.causationid == str(submitted.id)
    assert rendered.causationid == TRACE, "the request to print"
    steps = [event.traceparent for event in journey.events.values()]
    assert len(set(steps)) == 3, "each was written by a step of its own"
    assert all(step.endswith("-01") for step in steps)


def test_log_lines_of_every_part_carry_the_trace(journey: Journey) -> None:
    ours = [line for line in journey.lines if line.get("trace") == TRACE]
    assert {line["correlation"] for line in ours} == {TRACE}
    told = {(line["logger"], line.get("service"), line.get("type")) for line in ours}
    assert {
        ("cami.access", "projects", None), ("cami.relay", "projects", SUBMITTED),
        ("cami.consumer", "matching", SUBMITTED), ("cami.consumer", "reports", SUBMITTED),
        ("cami.relay", "matching", JUDGED), ("cami.consumer", "reports", JUDGED),
        ("cami.access", "reports", None), ("cami.relay", "reports", RENDERED),
    } <= told  # fmt: skip
    handled = next(line for line in ours if line.get("group") == "matching.projects")
    submitted = journey.events[SUBMITTED]
    assert (handled["event"], handled["causation"]) == (str(submitted.id), TRACE)
    assert {"topic", "partition", "offset", "ms", "span", "at", "level"} <= set(handled)
    assert handled["outcome"] == "handled"
    ids = {str(event.id) for event in journey.events.values()}
    assert all(line["trace"] == TRACE for line in journey.lines if line.get("event") in ids)


def test_the_answer_names_the_trace(journey: Journey) -> None:
    posts = [line for line in journey.lines if line["logger"] == "cami.access" and line["method"] == "POST"]
    assert {line["status"] for line in posts if line["trace"] == TRACE} == {303}


def test_spans_hang_together_across_processes(journey: Journey) -> None:
    post = journey.span("POST /projects/proposals/{proposal_id}/submit", "cami-projects")
    assert (post.kind, post.parent) == (SERVER, SPAN)
    assert post.attributes["http.response.status_code"] == "303"
    judging = journey.span(f"handle {SUBMITTED}", "cami-matching")
    assert (judging.kind, judging.parent) == (CONSUMER, post.id)
    assert judging.attributes["messaging.consumer.group.name"] == "matching.projects"
    copying = journey.span(f"handle {SUBMITTED}", "cami-reports")
    assert copying.parent == post.id
    heard = journey.span(f"handle {JUDGED}", "cami-reports")
    assert heard.parent == judging.id
    assert journey.events[JUDGED].traceparent == f"00-{TRACE}-{judging.id}-01"


def test_a_publication_is_linked_to_what_it_publishes(journey: Journey) -> None:
    post = journey.span("POST /projects/proposals/{proposal_id}/submit", "cami-projects")
    linked = [each for each in journey.spans if (TRACE, post.id) in each.links]
    assert [(each.name, each.service, each.kind) for each in linked] == [
        ("publish projects", "cami-projects", PRODUCER)
    ]  # fmt: skip
    assert linked[0].trace != TRACE


def test_a_document_hangs_below_the_request_for_it(journey: Journey) -> None:
    printing = journey.span("print a proposal", "cami-reports")
    asked = next(each for each in journey.spans if each.id == printing.parent)
    assert asked.name == "POST /reports/proposals/{proposal_id}/print"
    assert journey.span("render PDF", "cami-reports").parent == printing.id


def test_what_nobody_asked_for_is_not_sent(journey: Journey) -> None:
    """The inventory and the Programme had been loaded before; only requests begin traces."""
    roots = [each for each in journey.spans if not each.parent]
    assert {each.kind for each in roots} <= {SERVER, PRODUCER}
    assert all(each.links for each in roots if each.kind == PRODUCER)
    assert not any(each.failed for each in journey.spans)


def test_without_an_endpoint_nothing_is_imported() -> None:
    import subprocess
    import sys

    code = (
        "import sys, services.cli, services.chassis.telemetry as t; t.start()();"
        "print([name for name in sys.modules if name.startswith(('opentelemetry.sdk', 'opentelemetry.exporter'))])"
    )
    settings = {"PATH": "", "CAMI_DATA_DIR": str(Settings.model_fields["data_dir"].default)}
    said = subprocess.run([sys.executable, "-c", code], env=settings, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
