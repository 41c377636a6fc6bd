"""Portfolios beside greedy, plain HiGHS and CP-SAT at the same time limits: `python -m tests.bench portfolios`.

Each run is a process of its own, so that the libraries do not meet and each has the same two cores. Bars hold on two
cores that are idle; the load is printed with every line.
"""

import json
import os
import subprocess
import sys
from typing import Any, Final

from services.matching.portfolio.verify import faults
from tests.bench.portfolio_instances import make

SIZES: Final = (
    (60, 25, 5.0, 0.0, 228), (150, 69, 10.0, 0.005, 228), (400, 100, 30.0, 0.015, 500), (2000, 200, 60.0, 0.05, 2000),
)  # fmt: skip
"""Proposals, windows, seconds, the largest gap that is allowed, actions."""
KINDS: Final = ("tight", "loose", "very tight", "narrow grants")
RIVALS: Final = {"plain_highs": "highs", "cp_sat": "cpsat"}


def measure(*, sizes: int = len(SIZES), rivals: bool = True) -> list[dict[str, Any]]:
    """A row for each size and kind; printed as a table while it grows."""
    rows = []
    print(f"{'instance':28}{'limit':>6}{'bar':>7}{'ours':>10}{'gap':>8}{'greedy':>10}{'HiGHS (gap)':>20}"
          f"{'CP-SAT (gap)':>20}{'seconds':>9}{'load':>6}", file=sys.stderr)  # fmt: skip
    for proposals, windows, seconds, bar, actions in SIZES[:sizes]:
        for kind in KINDS:
            data = make(proposals, windows, kind, 1, actions)
            row = {"size": f"{proposals}x{windows}", "kind": kind, "limit": seconds, "bar_gap": bar}
            row |= _ours(data, seconds)
            for name, solver in RIVALS.items():
                row[name] = _rival(solver, data, seconds) if rivals else {}
            row["load"] = round(os.getloadavg()[0], 1)
            _print(row)
            rows.append(row)
    return rows


def _ours(data: dict[str, Any], seconds: float) -> dict[str, Any]:
    command = [sys.executable, "-m", "services", "match", "optimise", "-", "--time-limit", str(seconds), "--json"]
    answer = _run(command, data)
    wrong = faults(data, answer)
    if wrong:
        raise AssertionError(wrong)
    return {key: answer[key] for key in ("value", "bound", "gap", "greedy_value", "seconds", "status")}


def _rival(solver: str, data: dict[str, Any], seconds: float) -> dict[str, Any]:
    return _run([sys.executable, "-m", "tests.bench.portfolio_rivals", solver, str(seconds)], data)


def _run(command: list[str], data: dict[str, Any]) -> dict[str, Any]:
    ended = subprocess.run(command, input=json.dumps(data), capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def _print(row: dict[str, Any]) -> None:
    def other(found: dict[str, Any]) -> str:
        if not found:
            return "not installed"
        gap = max(0.0, found["bound"] - found["value"]) / found["bound"] if found["bound"] else 0.0
        return f"{found['value']:.2f} ({gap:.2%})"

    print(f"{row['size'] + ' ' + row['kind']:28}{row['limit']:6.0f}{row['bar_gap']:7.1%}{row['value']:10.2f}"
          f"{row['gap']:8.2%}{row['greedy_value']:10.2f}{other(row['plain_highs']):>20}{other(row['cp_sat']):>20}"
          f"{row['seconds']:9.1f}{row['load']:6.1f}", file=sys.stderr, flush=True)  # fmt: skip
