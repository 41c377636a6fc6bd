"""What portfolios are measured against: the model as one would first write it, in HiGHS and in CP-SAT.

`python -m tests.bench.portfolio_rivals NAME SECONDS < instance.json` prints `{"value", "bound", "seconds"}`, `{}` where
the solver is not installed. Each runs in a process of its own: the two libraries do not bear each other.
"""

import json
import sys
import time
from collections import defaultdict
from fractions import Fraction
from typing import Any, Final

WORTH: Final = (1.0, 0.5, 0.25)
Pair = tuple[str, str]


def main(name: str, seconds: float) -> None:
    """Read an instance, solve it, print what was found."""
    data = json.load(sys.stdin)
    started = time.perf_counter()
    found = {"highs": _highs, "cpsat": _cpsat}[name](data, seconds)
    print(json.dumps(found | {"seconds": round(time.perf_counter() - started, 2)} if found else {}))


def _limits(data: dict[str, Any]) -> dict[Pair, tuple[int, int]]:
    """The least and the most that each eligible pair's grant may be, where there is such a grant."""
    proposals = {row["id"]: row for row in data["proposals"]}
    windows = {row["id"]: row for row in data["windows"]}
    found = {}
    for p, w in data["eligible"]:
        proposal, window = proposals[p], windows[w]
        most = int(proposal["cost"] / (1 + Fraction(str(window["cofinancing_ratio"]))))
        most = min(most, window["max_grant"], window["budget"], proposal["cost"] - proposal["confirmed_cofinancing"])
        least = max(1, window["min_grant"])
        if least <= most:
            found[p, w] = (least, most)
    return found


def _highs(data: dict[str, Any], seconds: float) -> dict[str, float]:
    import highspy

    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("time_limit", seconds)
    limits = _limits(data)
    funded = {row["id"]: highs.addBinary() for row in data["proposals"]}
    gives = {pair: highs.addBinary() for pair in limits}
    money = {pair: highs.addVariable(0, most) for pair, (_, most) in limits.items()}
    of_proposal, of_window = defaultdict(list), defaultdict(list)
    for pair, (least, most) in limits.items():
        of_proposal[pair[0]].append(pair)
        of_window[pair[1]].append(pair)
        highs.addConstr(money[pair] <= most * gives[pair])
        highs.addConstr(money[pair] >= least * gives[pair])
    for row in data["proposals"]:
        pairs, y = of_proposal[row["id"]], funded[row["id"]]
        need = max(0, row["cost"] - row["confirmed_cofinancing"])
        if need and not pairs:
            highs.addConstr(y <= 0)
        elif need:
            highs.addConstr(highs.qsum(money[pair] for pair in pairs) == need * y)
            highs.addConstr(highs.qsum(gives[pair] for pair in pairs) <= data["max_windows_per_proposal"] * y)
    for row in data["windows"]:
        if of_window[row["id"]]:
            highs.addConstr(highs.qsum(money[pair] for pair in of_window[row["id"]]) <= row["budget"])
    terms = []
    for action in data["actions"]:
        members = [funded[row["id"]] for row in data["proposals"] if action["id"] in row["actions"]]
        counted = [highs.addVariable(0, 1) for _ in WORTH[: len(members)]]
        if members:
            highs.addConstr(highs.qsum(counted) <= highs.qsum(members))
        terms += [action["weight"] * worth * one for worth, one in zip(WORTH, counted, strict=False)]
    highs.maximize(highs.qsum(terms))
    info = highs.getInfo()
    return {"value": info.objective_function_value, "bound": info.mip_dual_bound}


def _cpsat(data: dict[str, Any], seconds: float) -> dict[str, float]:
    try:
        from ortools.sat.python import cp_model
    except ImportError:
        return {}
    model = cp_model.CpModel()
    limits = _limits(data)
    funded = {row["id"]: model.new_bool_var("") for row in data["proposals"]}
    gives = {pair: model.new_bool_var("") for pair in limits}
    money = {pair: model.new_int_var(0, most, "") for pair, (_, most) in limits.items()}
    of_proposal, of_window = defaultdict(list), defaultdict(list)
    for pair, (least, _) in limits.items():
        of_proposal[pair[0]].append(pair)
        of_window[pair[1]].append(pair)
        model.add(money[pair] == 0).only_enforce_if(gives[pair].negated())
        model.add(money[pair] >= least).only_enforce_if(gives[pair])
        model.add_implication(gives[pair], funded[pair[0]])
    for row in data["proposals"]:
        pairs, y = of_proposal[row["id"]], funded[row["id"]]
        need = max(0, row["cost"] - row["confirmed_cofinancing"])
        if need:
            model.add(sum(money[pair] for pair in pairs) == need * y)
            model.add(sum(gives[pair] for pair in pairs) <= data["max_windows_per_proposal"])
    for row in data["windows"]:
        model.add(sum(money[pair] for pair in of_window[row["id"]]) <= row["budget"])
    terms = []
    for action in data["actions"]:
        members = [funded[row["id"]] for row in data["proposals"] if action["id"] in row["actions"]]
        counted = [model.new_bool_var("") for _ in WORTH[: len(members)]]
        model.add(sum(counted) <= sum(members))
        terms += [int(4 * action["weight"] * worth) * one for worth, one in zip(WORTH, counted, strict=False)]
    model.maximize(sum(terms))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 2
    status = solver.solve(model)
    value = solver.objective_value / 4 if status in (cp_model.OPTIMAL, cp_model.FEASIBLE) else 0.0
    return {"value": value, "bound": solver.best_objective_bound / 4}


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
