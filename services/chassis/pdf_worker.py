"""The process that renders documents: `python -m services.chassis.pdf_worker FD`, started by `services.chassis.pdf`.

It speaks over the socket FD: a configuration, an answer "ready", and then one request and one answer at a time. It ends
when the other side is gone, when nothing was asked for a while, or when a document takes so long that nobody waits.
"""

import contextlib
import io
import json
import logging
import mimetypes
import resource
import signal
import sys
from collections import OrderedDict
from collections.abc import Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

SCHEME: Final = "cami:"
MAX_DATA_URI: Final = 2_000_000
"""Characters of the longest `data:` URI that is let in."""
MAX_MEMORY: Final = 3 * 1024**3
"""Address space of a worker, in bytes: a document that wants more fails, and the machine does not."""
VARIANT: Final = "pdf/ua-1"
"""Tagged for assistive technology (ISO 14289-1)."""


class Refused(FatalURLFetchingError):  # type: ignore[misc]  # the engine has no type hints
    """A resource that no document may take. Fatal, so that it is never merely left out of the page."""


class AllowListFetcher(URLFetcher):  # type: ignore[misc]
    """Reads `cami:NAME/path` from the folder NAME and short `data:` URIs; refuses everything else."""

    def __init__(self, roots: Mapping[str, Path]) -> None:
        super().__init__(allowed_protocols={"data"}, allow_redirects=False, fail_on_errors=True)
        self._roots = {name: Path(path).resolve() for name, path in roots.items()}
        self.refused: Refused | None = None
        """The first refusal in this document: inside an SVG picture the engine swallows even fatal errors."""

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        """Answer the resource at `url`. Raises Refused."""
        try:
            return self._allowed(url, headers)
        except Refused as error:
            self.refused = self.refused or error
            raise

    def _allowed(self, url: str, headers: Mapping[str, str] | None) -> URLFetcherResponse:
        if url[:5].lower() == "data:":
            if len(url) > MAX_DATA_URI:
                raise Refused(f"a data: URI of {len(url)} characters is too long")
            return super().fetch(url, headers)
        if not url.startswith(SCHEME):
            raise Refused(f"documents may not load {url[:200]}")
        name, _, path = unquote(url.removeprefix(SCHEME)).partition("/")
        root = self._roots.get(name)
        file = (root / path).resolve() if root else None
        if root is None or file is None or not file.is_relative_to(root) or not file.is_file():
            raise Refused(f"there is no resource {url[:200]}")
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        return URLFetcherResponse(url, file.read_bytes(), {"Content-Type": kind})


class _Warnings(logging.Handler):
    """Collects what the engine says about one document."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the first few dozen; one cause may repeat itself on every page."""
        if len(self.lines) < 50:
            self.lines.append(record.getMessage()[:500])


class Renderer:
    """The engine with what is worth keeping between documents: fonts and parsed style sheets."""

    def __init__(self, roots: Mapping[str, Path]) -> None:
        self._fetcher = AllowListFetcher(roots)
        self._fonts = FontConfiguration()
        self._sheets: OrderedDict[str, CSS] = OrderedDict()
        self._warnings = _Warnings()
        logging.getLogger("weasyprint").addHandler(self._warnings)

    def render(self, request: Mapping[str, Any]) -> tuple[bytes, dict[str, Any]]:
        """The PDF, and its number of pages with the engine's warnings. Raises Refused, or whatever the engine does."""
        self._warnings.lines, self._fetcher.refused = [], None
        html = HTML(string=request["html"], url_fetcher=self._fetcher, base_url=None)
        html.etree_element.attrib.setdefault("lang", request["language"])
        document = html.render(
            font_config=self._fonts, stylesheets=[self._sheet(text) for text in request["stylesheets"]],
            pdf_variant=VARIANT,
        )  # fmt: skip
        document.metadata.title = request["title"]
        target = io.BytesIO()
        document.write_pdf(target, pdf_variant=VARIANT, pdf_identifier=bytes.fromhex(request["identifier"]))
        if self._fetcher.refused:
            raise self._fetcher.refused
        return target.getvalue(), {"pages": len(document.pages), "warnings": self._warnings.lines}

    def _sheet(self, text: str) -> CSS:
        sheet = self._sheets.pop(text, None)
        if sheet is None:
            sheet = CSS(string=text, font_config=self._fonts, url_fetcher=self._fetcher)
        self._sheets[text] = sheet
        while len(self._sheets) > 8:
            self._sheets.popitem(last=False)
        return sheet


def serve(line: Connection) -> None:
    """Answer requests until there are no more."""
    config = json.loads(line.recv_bytes())
    renderer = Renderer({name: Path(path) for name, path in config["resources"].items()})
    line.send_bytes(b"ready")
    while line.poll(config["idle_seconds"]):
        request = json.loads(line.recv_bytes())
        # The caller ends us when the time is up. Should it have died itself, the alarm does.
        signal.setitimer(signal.ITIMER_REAL, config["timeout_seconds"] * 1.5 + 5)
        body = b""
        answer: dict[str, Any]
        try:
            body, answer = renderer.render(request)
        except Refused as error:
            answer = {"refused": str(error)}
        except Exception as error:
            logging.getLogger(__name__).exception("a document failed")
            answer = {"failed": f"{type(error).__name__}: {error}"[:500]}
        signal.setitimer(signal.ITIMER_REAL, 0)
        line.send_bytes(json.dumps(answer).encode())
        line.send_bytes(body)


def main() -> None:
    """Serve on the socket whose number is the only argument."""
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    with Connection(int(sys.argv[1])) as line, contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        serve(line)


if __name__ == "__main__":
    main()
