"""`make bench`: every figure beside its bar and its bare baseline. Prints what it does, and JSON last.

What needs no program, or takes many minutes, is only measured when it is named: `python -m tests.bench kernel
portfolios`.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil
from sqlmodel import select

from services.chassis.service import Service
from services.chassis.settings import Settings
from services.demo.started import start_program
from services.reports.component import COMPONENT as REPORTS
from services.reports.tables import DocumentRow
from tests.bench import (
    documents,
    events,
    fit,
    journey,
    kernel,
    messaging,
    on_kafka,
    pages,
    portfolios,
    postgres,
    programme,
    rebuild,
    recovery,
)

NAMED: dict[str, Callable[[], Any]] = {
    "fit": fit.measure, "kernel": kernel.measure, "portfolios": portfolios.measure, "programme": programme.measure,
}  # fmt: skip


def main(names: list[str]) -> None:
    """Run the measurements that are named; without names, all but these."""
    if names:
        print(json.dumps({name: NAMED[name]() for name in names}))
        return
    found: dict[str, Any] = {"cpus": os.cpu_count(), "python": sys.version.split()[0]}
    with TemporaryDirectory(prefix="cami-bench-") as folder:
        settings = Settings(data_dir=Path(folder))
        found["start"] = {"first_seconds": _start(settings), "second_seconds": _start(settings)}
        _say(found, "start")
        with start_program(settings) as address:
            found["memory"] = {"resident_megabytes_at_rest": _megabytes(settings)}
            _say(found, "memory")
            found["list_page"] = pages.measure(address) | {"bar_ratio_at_least": 0.5}
            _say(found, "list_page")
            found["submit_to_matches"] = journey.measure(address, settings) | {"bar_p50_ms": 150, "bar_p95_ms": 500}
            _say(found, "submit_to_matches")
            html, language, title = _proposal_html(address, settings)
        found["proposal_pdf"] = documents.measure(html, language, title) | {"bar_ratio_at_most": 1.3}
        _say(found, "proposal_pdf")
    found["fit"] = fit.measure()
    _say(found, "fit")
    found["relay"] = events.measure()
    _say(found, "relay")
    found["embedded_log"] = messaging.measure()
    _say(found, "embedded_log")
    found["postgres"] = postgres.measure()
    _say(found, "postgres")
    found["kafka"] = on_kafka.measure()
    _say(found, "kafka")
    found["rebuild"] = rebuild.measure()
    _say(found, "rebuild")
    found["recovery_seconds"] = recovery.measure()
    _say(found, "recovery_seconds")
    print(json.dumps(found))


def _say(found: dict[str, Any], name: str) -> None:
    print(f"{name}: {found[name]}", file=sys.stderr)


def _start(settings: Settings) -> float:
    started = time.perf_counter()
    with start_program(settings):
        return round(time.perf_counter() - started, 2)


def _megabytes(settings: Settings) -> int:
    """Resident memory of the program and its children after a few idle seconds."""
    time.sleep(3)
    for process in psutil.process_iter(["environ", "cmdline"]):
        environment = process.info["environ"] or {}
        if environment.get("CAMI_DATA_DIR") == str(settings.data_dir) and "services" in (process.info["cmdline"] or []):
            family = [process, *process.children(recursive=True)]
            return round(sum(member.memory_info().rss for member in family) / 1024 / 1024)
    raise RuntimeError("the program is not running")


def _proposal_html(address: str, settings: Settings) -> tuple[str, str, str]:
    """The HTML of a proposal's document, as the program itself composes it."""
    command = [sys.executable, "-m", "services", "demo", "--url", address, "--out", str(settings.data_dir / "out")]
    environment = dict(os.environ) | {"CAMI_DATA_DIR": str(settings.data_dir)}
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
    service = Service(REPORTS, settings)
    try:
        with service.read() as session:
            row = session.exec(select(DocumentRow).where(DocumentRow.kind == "proposal")).first()
            assert row is not None
            return row.html, row.language, row.title
    finally:
        service.close()


if __name__ == "__main__":
    main(sys.argv[1:])
