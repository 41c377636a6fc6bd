"""A proposal's PDF by our pool against bare WeasyPrint on the same HTML, both warm."""

import json
import subprocess
import sys
import time
from statistics import median
from typing import Any

from services.chassis.pdf import PdfPool

ROUNDS = 5
BARE = """
import json, sys, time
from weasyprint import HTML
from weasyprint.text.fonts import FontConfiguration
html = json.loads(sys.stdin.readline())
fonts = FontConfiguration()
for line in sys.stdin:
    started = time.perf_counter()
    HTML(string=html).write_pdf(font_config=fonts, pdf_variant="pdf/ua-1")
    print(time.perf_counter() - started, flush=True)
"""


def measure(html: str, language: str, title: str) -> dict[str, Any]:
    """Median seconds of either, in turn, and the median of the ratios of the pairs."""
    pool = PdfPool(1, 120)
    bare = subprocess.Popen([sys.executable, "-c", BARE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert bare.stdin is not None
        bare.stdin.write(json.dumps(html) + "\n")
        pages = pool.render(html, language=language, title=title).pages
        _bare_seconds(bare)  # the first one warms up fonts, as ours just did
        pairs = []
        for _ in range(ROUNDS):
            started = time.perf_counter()
            pool.render(html, language=language, title=title)
            pairs.append((time.perf_counter() - started, _bare_seconds(bare)))
    finally:
        pool.close()
        bare.kill()
        bare.wait()
    return {
        "pages": pages, "ours_seconds": round(median(ours for ours, _ in pairs), 3),
        "bare_seconds": round(median(theirs for _, theirs in pairs), 3),
        "ratio": round(median(ours / theirs for ours, theirs in pairs), 3),
    }  # fmt: skip


def _bare_seconds(process: "subprocess.Popen[str]") -> float:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("go\n")
    process.stdin.flush()
    return float(process.stdout.readline())
