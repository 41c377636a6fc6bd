"""The compact mixed-integer model of a problem, built as arrays and passed to HiGHS in one call.

Columns, in this order: y (proposal is funded), z (pair gives), x (what the pair gives beyond its least, in `unit`
dollars), u (the next funded proposal on an action counts). All but x are at most 1; y and z are whole.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import highspy
import numpy as np

from services.matching.portfolio.problem import Flags, Floats, Ints, Pairs, Problem

INFINITE: Final = highspy.kHighsInf
UNITS: Final = 1000.0
"""The largest grant is this many units, which keeps the coefficients near one another."""


@dataclass(slots=True)
class Rows:
    """Rows of a model being gathered: entries and limits."""

    row: list[Any]
    column: list[Any]
    value: list[Any]
    lower: list[Any]
    upper: list[Any]
    count: int = 0

    @classmethod
    def none(cls) -> "Rows":
        """No rows yet."""
        return cls([], [], [], [], [])

    def add(self, lower: Any, upper: Any, *entries: tuple[Any, Any, Any]) -> None:
        """As many rows as `lower` and `upper` have members; each of `entries` is (row among these, column, value)."""
        for row, column, value in entries:
            self.row.append(np.asarray(row, dtype=np.int64) + self.count)
            self.column.append(np.asarray(column, dtype=np.int64))
            self.value.append(np.broadcast_to(np.asarray(value, dtype=np.float64), np.shape(row)))
        self.lower.append(np.asarray(lower, dtype=np.float64))
        self.upper.append(np.asarray(upper, dtype=np.float64))
        self.count += len(self.lower[-1])


@dataclass(frozen=True, slots=True)
class Model:
    """A problem as HiGHS takes it, and where its columns are."""

    problem: Problem
    lp: Any
    unit: float
    y: Ints
    z: Ints
    x: Ints
    u: Ints
    u_action: Ints
    u_step: Ints
    own_rows: int
    """So many of the first rows are each of one proposal alone."""

    def wanted(self, values: Floats) -> Mapping[tuple[int, int], float]:
        """The pairs that give in a solution, with dollars."""
        funded = np.zeros(len(self.problem.need), dtype=bool)
        funded[self.problem.candidates[values[self.y] > 0.5]] = True
        pairs = self.problem.pairs
        gives = (values[self.z] > 0.5) & funded[pairs.proposal]
        dollars = values[self.x][gives] * self.unit + pairs.low[gives]
        return dict(
            zip(zip(pairs.proposal[gives].tolist(), pairs.window[gives].tolist(), strict=True), dollars, strict=True)
        )

    def values(self, amounts: Mapping[tuple[int, int], int]) -> Floats:
        """A solution from grants: what HiGHS starts from."""
        found = np.zeros(self.lp.num_col_, dtype=np.float64)
        pairs, funded = self.problem.pairs, {p for p, _ in amounts}
        found[self.y] = [float(p in funded) for p in self.problem.candidates.tolist()]
        money = np.array(
            [amounts.get(pair, 0) for pair in zip(pairs.proposal.tolist(), pairs.window.tolist(), strict=True)],
            dtype=np.float64,
        )
        found[self.z] = money > 0
        found[self.x] = np.where(money > 0, money - pairs.low, 0) / self.unit
        found[self.u] = self.counted(funded)
        return found

    def counted(self, funded: Iterable[int]) -> Flags:
        """Which steps of coverage, in the order of u, these proposals bring."""
        counts = self.problem.counts.copy()
        for p in funded:
            counts[list(self.problem.actions[p])] += 1
        return np.asarray(counts[self.u_action] > self.u_step)


def limits_of(pairs: Pairs) -> Mapping[tuple[int, int], tuple[int, int]]:
    """The least and the most dollars of every pair."""
    keys = zip(pairs.proposal.tolist(), pairs.window.tolist(), strict=True)
    return dict(zip(keys, zip(pairs.low.tolist(), pairs.high.tolist(), strict=True), strict=True))


def model_of(problem: Problem, held: Ints | None = None) -> Model:
    """The model. Proposals that are `held` are funded by all of their pairs: only the amounts may change."""
    pairs, candidates = problem.pairs, problem.candidates
    proposals, size = len(candidates), len(pairs)
    unit = max(1.0, float(pairs.high.max(initial=1)) / UNITS)
    y = np.arange(proposals)
    z = proposals + np.arange(size)
    x = proposals + size + np.arange(size)
    place = np.full(len(problem.need), -1)
    place[candidates] = y
    of = place[pairs.proposal]
    steps, cover_action, cover_proposal = coverage(problem, place)
    u = proposals + 2 * size + np.arange(len(steps))
    rows = Rows.none()
    low, high = pairs.low / unit, pairs.high / unit
    here = np.arange(size)
    wide = np.flatnonzero(high > low)
    row, none = np.arange(len(wide)), np.zeros(len(wide))
    rows.add(np.full(len(wide), -INFINITE), none, (row, x[wide], 1.0), (row, z[wide], (low - high)[wide]))
    rows.add(np.full(size, -INFINITE), np.zeros(size), (here, z, 1.0), (here, y[of], -1.0))
    rows.add(
        np.zeros(proposals), np.zeros(proposals),
        (of, x, 1.0), (of, z, low), (y, y, -problem.need[candidates] / unit),
    )  # fmt: skip
    rows.add(np.full(proposals, -INFINITE), np.zeros(proposals), (of, z, 1.0), (y, y, -float(problem.most)))
    fewest = _fewest(problem, of)
    several = np.flatnonzero(fewest > 1)
    number = np.full(proposals, -1)
    number[several] = np.arange(len(several))
    among = number[of] >= 0
    rows.add(
        np.zeros(len(several)), np.full(len(several), INFINITE),
        (number[of[among]], z[among], 1.0), (number[several], several, -fewest[several]),
    )  # fmt: skip
    own_rows = rows.count
    _window_rows(rows, problem, unit, z, x)
    for group in problem.groups:
        rows.add([1.0], [INFINITE], (np.zeros(len(group), dtype=np.int64), place[group], 1.0))
    actions, row_of_step = np.unique(steps[:, 0], return_inverse=True)
    row_of = np.full(len(problem.weights), -1)
    row_of[actions.astype(np.int64)] = np.arange(len(actions))
    rows.add(
        np.full(len(actions), -INFINITE), np.zeros(len(actions)),
        (row_of_step, u, 1.0), (row_of[cover_action], cover_proposal, -1.0),
    )  # fmt: skip
    cost = np.zeros(proposals + 2 * size + len(steps))
    cost[u] = steps[:, 2]
    upper = np.ones(len(cost))
    upper[x] = high - low
    lower = np.zeros(len(cost))
    lower[place[problem.forced]] = 1.0
    if held is not None:
        lower[z[np.isin(pairs.proposal, held)]] = 1.0
    lp = pass_model(rows, cost, (lower, upper), np.concatenate([y, z]))
    return Model(problem, lp, unit, y, z, x, u, steps[:, 0].astype(np.int64), steps[:, 1].astype(np.int64), own_rows)


def _fewest(problem: Problem, of: Ints) -> Floats:
    """For each candidate how many windows it takes at least: so many of the largest grants reach its need."""
    high = problem.pairs.high
    order = np.lexsort((-high, of))
    first = np.searchsorted(of[order], np.arange(len(problem.candidates)))
    before = np.cumsum(high[order]) - high[order]
    before -= np.repeat(before[first], np.diff(np.append(first, len(high))))
    short = before < problem.need[problem.pairs.proposal[order]]
    return np.bincount(of[order], weights=short, minlength=len(problem.candidates)).astype(np.float64)


def _window_rows(rows: Rows, problem: Problem, unit: float, z: Ints, x: Ints) -> None:
    """Budgets; and where they bind the smallest grants, the same for these alone, and how many of them fit."""
    pairs = problem.pairs
    windows, at = np.unique(pairs.window, return_inverse=True)
    budget = problem.budget[windows]
    rows.add(np.full(len(windows), -INFINITE), budget / unit, (at, x, 1.0), (at, z, pairs.low / unit))
    fits, crowded = np.zeros(len(windows)), np.zeros(len(windows), dtype=bool)
    for number in range(len(windows)):
        smallest = np.sort(pairs.low[at == number])
        fits[number] = int(np.searchsorted(np.cumsum(smallest), budget[number], side="right"))
        crowded[number] = fits[number] < len(smallest)
    number_of = np.cumsum(crowded) - 1
    among = crowded[at]
    many = int(crowded.sum())
    row = number_of[at[among]]
    rows.add(np.full(many, -INFINITE), budget[crowded] / unit, (row, z[among], pairs.low[among] / unit))
    rows.add(np.full(many, -INFINITE), fits[crowded], (row, z[among], 1.0))


def coverage(problem: Problem, place: Ints) -> tuple[Floats, Ints, Ints]:
    """What counts for actions: rows (action, step, worth) and, beside them, which proposals address which actions."""
    addressed: dict[int, list[int]] = {}
    for p in problem.candidates.tolist():
        for action in problem.actions[p]:
            addressed.setdefault(action, []).append(int(place[p]))
    steps = []
    cover: list[tuple[int, int]] = []
    for action, members in sorted(addressed.items()):
        worth = problem.steps(action)[: len(members)]
        first = int(problem.counts[action])
        steps += [(action, first + number, value) for number, value in enumerate(worth)]
        cover += [(action, member) for member in members] if worth else []
    flat = np.array(cover, dtype=np.int64).reshape(-1, 2)
    return np.array(steps, dtype=np.float64).reshape(-1, 3), flat[:, 0], flat[:, 1]


def pass_model(rows: Rows, cost: Floats, limits: tuple[Floats, Floats], whole: Ints) -> Any:
    """The HiGHS model of these rows and columns, to be maximised."""
    row = np.concatenate(rows.row) if rows.row else np.array([], dtype=np.int64)
    column = np.concatenate(rows.column) if rows.column else np.array([], dtype=np.int64)
    value = np.concatenate(rows.value) if rows.value else np.array([])
    order = np.lexsort((row, column))
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(cost), rows.count
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = cost, *limits
    lp.row_lower_ = np.concatenate(rows.lower)
    lp.row_upper_ = np.concatenate(rows.upper)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = np.concatenate([[0], np.cumsum(np.bincount(column, minlength=len(cost)))])
    lp.a_matrix_.index_ = row[order]
    lp.a_matrix_.value_ = value[order]
    if len(whole):
        kinds = np.full(len(cost), highspy.HighsVarType.kContinuous, dtype=object)
        kinds[whole] = highspy.HighsVarType.kInteger
        lp.integrality_ = kinds.tolist()
    return lp


def quiet(seconds: float, *, heuristics: bool = True) -> Any:
    """A HiGHS that prints nothing, uses one thread and stops in time.

    Without its own searches for plans it proves two to four times as quickly; ours finds the plans.
    """
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("time_limit", max(0.01, float(seconds)))
    highs.setOptionValue("mip_rel_gap", 0.0)
    highs.setOptionValue("mip_abs_gap", 1e-6)
    highs.setOptionValue("mip_detect_symmetry", False)
    highs.setOptionValue("mip_allow_restart", False)
    if not heuristics:
        highs.setOptionValue("mip_heuristic_effort", 0.0)
        for name in ("rins", "rens", "root_reduced_cost"):
            highs.setOptionValue(f"mip_heuristic_run_{name}", False)
    else:
        # Where plans are looked for, most of the work would go into choosing branches well, into further searches of
        # the same kind and into keeping cuts that no longer bind.
        highs.setOptionValue("mip_pscost_minreliable", 0)
        highs.setOptionValue("mip_lp_age_limit", 3)
        for name in ("rins", "root_reduced_cost"):
            highs.setOptionValue(f"mip_heuristic_run_{name}", False)
    return highs


def interrupt_when(highs: Any, over: Callable[[], bool]) -> None:
    """Let a branch and bound end as soon as `over` says so."""

    def called(_kind: Any, _message: str, _out: Any, into: Any, _data: object) -> None:
        if over():
            into.user_interrupt = True

    highs.setCallback(called, None)
    highs.startCallback(highspy.cb.HighsCallbackType.kCallbackMipInterrupt)
