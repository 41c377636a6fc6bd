"""Log lines: plain text for people, JSON lines for machines. Each carries the trail of the work that it belongs to.

Nothing that was typed into a form, no cookie and no query string is logged: the access line holds the path alone, and
the parameters of a failed statement are left out.
"""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any, Final, TextIO

from services.chassis.settings import Settings
from services.chassis.tracing import here

TRAIL: Final = ("service", "trace", "span", "correlation", "causation", "group", "event", "type")
"""Fields of a JSON line that say where the work comes from; those that are unknown are left out."""
EXTRAS: Final = ("method", "path", "status", "ms", "topic", "partition", "offset", "outcome")
"""Fields of some lines."""


def configure(settings: Settings, stream: TextIO | None = None) -> None:
    """Send every log line of the process to `stream` (standard error), in the form the settings ask for."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines() if settings.log_format == "json" else TextLines())
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(settings.log_level.upper())
    # Their INFO lines tell of every font, every poll, and of a start that the program announces itself.
    for noisy in ("uvicorn", "fontTools", "weasyprint", "kafka", "httpx", "python_multipart", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


class _Lines(logging.Formatter):
    """What both forms share."""

    def formatException(self, ei: Any) -> str:  # the standard library’s name
        """The traceback, without the values that a failed statement carried."""
        error = ei[1]
        while error is not None:
            if hasattr(error, "hide_parameters"):
                error.hide_parameters = True
            error = error.__cause__ or error.__context__
        return super().formatException(ei)


class TextLines(_Lines):
    """`2026-11-22 09:14:02 INFO cami.access GET /matching 200 3.1 ms [4bf92f3577b3]`"""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s", "%Y-%m-%d %H:%M:%S")

    def formatMessage(self, record: logging.LogRecord) -> str:
        """The line; the first twelve digits of the trace id are what error pages show as reference."""
        line = super().formatMessage(record)
        trace = here().trace
        return f"{line} [{trace[:12]}]" if trace else line


class JsonLines(_Lines):
    """One JSON object a line: `at` in UTC, `level`, `logger`, `message`, the trail, and the figures of a request.

    docs/operations.md lists the fields; they are as stable as the names of events.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname, "logger": record.name, "message": record.getMessage(),
        }  # fmt: skip
        trail = here()
        line |= {name: value for name in TRAIL if (value := getattr(trail, name))}
        line |= {name: value for name in EXTRAS if (value := getattr(record, name, None)) is not None}
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)
