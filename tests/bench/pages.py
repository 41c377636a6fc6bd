"""A list page against a bare FastAPI and Jinja2 page of the same HTML, each in a process of its own, in turn."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from tests.bench.load import run

BARE = """
import sys
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates

templates = Jinja2Templates(directory=sys.argv[1])
rows = open(sys.argv[1] + "/rows.html", encoding="utf-8").read().split("<!--row-->")
app = FastAPI()

@app.get("/list", response_class=HTMLResponse)
async def page(request: Request):
    return templates.TemplateResponse(request, "page.html", {"rows": rows})

uvicorn.run(app, port=int(sys.argv[2]), log_level="error", access_log=False, loop="uvloop", http="httptools")
"""
ROUNDS = 3


def measure(address: str, path: str = "/projects/actions") -> dict[str, Any]:
    """Requests per second of our list page and of the bare one (medians of several rounds), and their ratio."""
    page = httpx.get(address + path, headers={"accept": "text/html", "accept-encoding": "identity"}).text
    with TemporaryDirectory() as folder, _bare(Path(folder), page) as bare:
        assert len(httpx.get(bare).text) == len(page)
        rounds = []
        for _ in range(ROUNDS):
            ours = run(address + path).per_second
            theirs = run(bare).per_second
            rounds.append((ours, theirs, ours / theirs))
    return {
        "page": path, "bytes": len(page.encode()), "ours_per_second": round(median(r[0] for r in rounds)),
        "bare_per_second": round(median(r[1] for r in rounds)), "ratio": round(median(r[2] for r in rounds), 3),
    }  # fmt: skip


@contextmanager
def _bare(folder: Path, page: str) -> Iterator[str]:
    """Serve `page` bare: its list rows are looped over, the rest is the template's own text."""
    head, *rows = page.split("<li")
    (folder / "rows.html").write_text("<!--row-->".join("<li" + row for row in rows), encoding="utf-8")
    template = "{% raw %}" + head + "{% endraw %}{% for row in rows %}{{ row|safe }}{% endfor %}"
    (folder / "page.html").write_text(template, encoding="utf-8")
    (folder / "bare.py").write_text(BARE, encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, str(folder / "bare.py"), str(folder), str(port)])
    try:
        for _ in range(200):
            try:
                httpx.get(f"http://127.0.0.1:{port}/list")
                break
            except httpx.TransportError:
                time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/list"
    finally:
        process.terminate()
        process.wait(10)
