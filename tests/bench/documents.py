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
html = sys.stdin.read()
fonts = FontConfiguration()
HTML(string=html).write_pdf(font_config=fonts, pdf_variant="pdf/ua-1")
seconds = []
for _ in range(int(sys.argv[1])):
    started = time.perf_counter()
    HTML(string=html).write_pdf(font_config=fonts, pdf_variant="pdf/ua-1")
    seconds.append(time.perf_counter() - started)
print(json.dumps(seconds))
"""


def measure(html: str, language: str, title: str) -> dict[str, Any]:
    """Median seconds of either, and their ratio."""
    pool = PdfPool(1, 120)
    try:
        pages = pool.render(html, language=language, title=title).pages
        ours = []
        for _ in range(ROUNDS):
            started = time.perf_counter()
            pool.render(html, language=language, title=title)
            ours.append(time.perf_counter() - started)
    finally:
        pool.close()
    answer = subprocess.run(
        [sys.executable, "-c", BARE, str(ROUNDS)], input=html, capture_output=True, text=True, check=True
    )
    bare = json.loads(answer.stdout)
    return {
        "pages": pages, "ours_seconds": round(median(ours), 3), "bare_seconds": round(median(bare), 3),
        "ratio": round(median(ours) / median(bare), 3),
    }  # fmt: skip
