"""Portfolios beside greedy, plain HiGHS and CP-SAT at the same time limits: `python -m tests.bench portfolios`.

Each run is a process of its own, so that the libraries do not meet and each has the same two cores. Bars hold on two
cores that are idle; the load is printed with every line. All of it takes a quarter of an hour. CP-SAT is no dependency:
`CAMI_BENCH_ORTOOLS` may name a Python that has it.
"""

import json
import os
import subprocess
import sys
import time
from typing import Any, Final

from services.matching.portfolio.verify import faults
from tests.bench.portfolio_instances import STYLES, make, styled

SIZES: Final = (
    (60, 25, 5.0, 0.0, 228), (150, 69, 10.0, 0.005, 228), (400, 100, 30.0, 0.015, 500), (2000, 200, 60.0, 0.05, 2000),
)  # fmt: skip
"""Proposals, windows, seconds, the largest gap that is allowed, actions."""
KINDS: Final = ("tight", "loose", "very tight", "narrow grants")
STYLED_UP_TO: Final = 150
"""Proposals of the largest size at which the other styles are measured too: they would double the time."""
RIVALS: Final = {"plain_highs": "highs", "cp_sat": "cpsat"}
LATE: Final = 0.5
"""Seconds that the whole command may take beyond its limit."""


def measure(*, sizes: int = len(SIZES), rivals: bool = True) -> list[dict[str, Any]]:
    """A row for each size and kind; printed as a table while it grows, with the bars met at its foot."""
    rows = []
    print(f"{'instance':24}{'limit':>6}{'bar':>7}{'ours':>10}{'gap':>8}{'bar is':>9}{'greedy':>10}{'HiGHS (gap)':>20}"
          f"{'CP-SAT (gap)':>20}{'command':>9}{'load':>6}", file=sys.stderr)  # fmt: skip
    for proposals, windows, seconds, bar, actions in SIZES[:sizes]:
        for kind in KINDS + (STYLES if proposals <= STYLED_UP_TO else ()):
            data = styled(proposals, windows, kind, 1) if kind in STYLES else make(proposals, windows, kind, 1, actions)
            row: dict[str, Any] = {"size": f"{proposals}x{windows}", "kind": kind, "limit": seconds, "bar_gap": bar}
            row |= _ours(data, seconds)
            for name, solver in RIVALS.items():
                row[name] = _rival(solver, data, seconds) if rivals else {}
            row["met"] = row["gap"] <= bar + 1e-9 and row["value"] >= row["greedy_value"]
            row["in_time"] = row["command_seconds"] <= seconds + LATE
            row["no_worse_than_rivals"] = all(
                not row[name] or (row["value"] >= row[name]["value"] - 1e-6 and row["gap"] <= _gap(row[name]) + 1e-4)
                for name in RIVALS
            )
            row["load"] = round(os.getloadavg()[0], 1)
            _print(row)
            rows.append(row)
    for key, words in (("met", "bars met"), ("in_time", "in time"), ("no_worse_than_rivals", "no worse than rivals")):
        print(f"{words}: {sum(row[key] for row in rows)} of {len(rows)}", file=sys.stderr)
    return rows


def _ours(data: dict[str, Any], seconds: float) -> dict[str, Any]:
    command = [sys.executable, "-m", "services", "match", "optimise", "-", "--time-limit", str(seconds), "--json"]
    started = time.perf_counter()
    answer = _run(command, data)
    took = round(time.perf_counter() - started, 2)
    wrong = faults(data, answer)
    if wrong:
        raise AssertionError(wrong)
    kept = ("value", "bound", "gap", "greedy_value", "seconds", "status")
    return {key: answer[key] for key in kept} | {"command_seconds": took}


def _rival(solver: str, data: dict[str, Any], seconds: float) -> dict[str, Any]:
    python = os.environ.get("CAMI_BENCH_ORTOOLS", sys.executable) if solver == "cpsat" else sys.executable
    return _run([python, "-m", "tests.bench.portfolio_rivals", solver, str(seconds)], data)


def _run(command: list[str], data: dict[str, Any]) -> dict[str, Any]:
    ended = subprocess.run(command, input=json.dumps(data), capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def _gap(found: dict[str, Any]) -> float:
    return max(0.0, found["bound"] - found["value"]) / found["bound"] if found["bound"] else 0.0


def _print(row: dict[str, Any]) -> None:
    def other(found: dict[str, Any]) -> str:
        return f"{found['value']:.2f} ({_gap(found):.2%})" if found else "not installed"

    print(f"{row['size'] + ' ' + row['kind']:24}{row['limit']:6.0f}{row['bar_gap']:7.1%}{row['value']:10.2f}"
          f"{row['gap']:8.2%}{'met' if row['met'] else 'not met':>9}{row['greedy_value']:10.2f}"
          f"{other(row['plain_highs']):>20}{other(row['cp_sat']):>20}"
          f"{row['command_seconds']:9.1f}{row['load']:6.1f}", file=sys.stderr, flush=True)  # fmt: skip
