"""`make test-faults`: rounds of faults until the time is up, on files and on servers in turn; then the report.

Settings of the run: FAULTS_MINUTES (10), FAULTS_SEED (of the clock), FAULTS_ENGINES (embedded,servers: what this
machine has), FAULTS_ROUND_SECONDS (120: how long faults go on in a round).
"""

import os
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.faults import engines, rounds
from tests.needs import LACKS

REPORT: Final = Path("out/faults/report.json")


def main() -> int:
    """Play rounds; answers the exit status."""
    minutes = float(os.environ.get("FAULTS_MINUTES", "10"))
    seed = int(os.environ.get("FAULTS_SEED") or time.time())
    faulty_seconds = float(os.environ.get("FAULTS_ROUND_SECONDS", "120"))
    chosen = _chosen()
    until = time.monotonic() + minutes * 60
    played: list[rounds.Round] = []
    for name in cycle(chosen):
        left = until - time.monotonic()
        if played and left < 60:
            break
        print(f"Round {len(played) + 1}: {name}, seed {seed + len(played)}", flush=True)
        with TemporaryDirectory(prefix="cami-faults-") as folder:
            played.append(
                rounds.play(
                    Path(folder),
                    chosen[name](),
                    seed + len(played),
                    say=_say,
                    most_seconds=min(faulty_seconds, max(left - 60, 0)),
                )
            )
        for wrong in (played[-1].findings.losses, played[-1].findings.duplicates, played[-1].findings.differences):
            for one in wrong:
                _say(f"  WRONG {one}")
        told = rounds.write(played, REPORT)
    print(f"\n{rounds.table(told)}\n\nThe report lies in {REPORT}.")
    return 0 if all(one.findings.clean for one in played) else 1


def _chosen() -> dict[str, Callable[[], AbstractContextManager[engines.Engines]]]:
    known = {"embedded": engines.files, "servers": engines.servers}
    asked = [name for name in os.environ.get("FAULTS_ENGINES", "").replace(",", " ").split() if name]
    if asked:
        return {name: known[name] for name in asked}
    lacking = [reason for name in ("kafka", "postgres") if (reason := LACKS[name]())]
    for reason in lacking:
        print(f"Only on files: {reason}")
    return {"embedded": engines.files} if lacking else known


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
