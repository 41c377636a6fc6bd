"""Log lines carry the trace and never what people typed."""

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from services.chassis.logging import configure
from services.chassis.settings import Settings
from services.chassis.tracing import Trail, following, here, step, trail_of

TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """Give the root logger back its handlers and level."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def lines_of(form: str) -> io.StringIO:
    """Where log lines of this form now go."""
    stream = io.StringIO()
    configure(Settings(data_dir=Path("unused"), log_format=form), stream)
    return stream


def test_json_lines() -> None:
    stream = lines_of("json")
    extra = {"method": "GET", "path": "/matching", "status": 200, "ms": 3.1}
    logging.getLogger("cami.access").info("GET %s", "/matching «а»\nsecond", extra=extra)
    (line,) = stream.getvalue().splitlines()
    read = json.loads(line)
    assert read["message"] == "GET /matching «а»\nsecond"
    assert {name: read[name] for name in extra} == extra
    assert read["level"] == "INFO"
    assert read["at"].endswith("+00:00")
    assert set(read) == {"at", "level", "logger", "message", *extra}


def test_json_lines_say_where_the_work_comes_from() -> None:
    stream = lines_of("json")
    event = {
        "ce_id": "0199", "ce_type": "cami.projects.proposal.submitted.v1", "ce_traceparent": TRACEPARENT,
        "ce_correlationid": TRACEPARENT[3:35], "ce_causationid": "0198",
    }  # fmt: skip
    with following(trail_of(event, service="matching", group="matching.projects")):
        logging.getLogger("cami.consumer").warning("later")
        with step("handle", "consumer", here()) as work:
            logging.getLogger("cami.matching").info("in the handler")
    logging.getLogger("cami").info("afterwards")
    consumer, handler, afterwards = map(json.loads, stream.getvalue().splitlines())
    known = {
        "service": "matching", "group": "matching.projects", "trace": TRACEPARENT[3:35],
        "correlation": TRACEPARENT[3:35], "causation": "0198", "event": "0199",
        "type": "cami.projects.proposal.submitted.v1",
    }  # fmt: skip
    assert {name: consumer.get(name) for name in known} == known
    assert {name: handler.get(name) for name in known} == known
    assert (consumer["span"], handler["span"]) == (TRACEPARENT[36:52], work.trail.span)
    assert not {*known, "span"} & set(afterwards)


def test_text_lines_end_with_the_reference_that_error_pages_show() -> None:
    stream = lines_of("text")
    with following(Trail(TRACEPARENT)):
        logging.getLogger("cami.web").error("something")
    logging.getLogger("cami").debug("not shown")
    assert stream.getvalue().rstrip().endswith("ERROR cami.web something [4bf92f3577b3]")


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_values_of_a_failed_statement_are_left_out(form: str) -> None:
    stream = lines_of(form)
    typed = " ".join(["what", "she", "typed"])  # put together here, as a traceback shows the line that raises
    try:
        try:
            raise OperationalError("INSERT INTO note VALUES (?)", (typed,), Exception("disk full"))
        except OperationalError as error:
            raise RuntimeError("could not keep it") from error
    except RuntimeError:
        logging.getLogger("cami.web").exception("unexpected")
    assert "could not keep it" in stream.getvalue()
    assert "disk full" in stream.getvalue()
    assert typed not in stream.getvalue()
