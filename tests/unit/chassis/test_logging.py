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
    extra = {"trace": "4bf92f3577b34da6", "method": "GET", "path": "/matching", "status": 200, "ms": 3.1}
    logging.getLogger("cami.access").info("GET %s", "/matching «а»\nsecond", extra=extra)
    (line,) = stream.getvalue().splitlines()
    read = json.loads(line)
    assert read["message"] == "GET /matching «а»\nsecond"
    assert {name: read[name] for name in extra} == extra
    assert read["level"] == "INFO"
    assert read["at"].endswith("+00:00")


def test_text_lines_end_with_the_reference_that_error_pages_show() -> None:
    stream = lines_of("text")
    logging.getLogger("cami.web").error("something", extra={"trace": "4bf92f3577b34da6a3ce929d0e0e4736"})
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
