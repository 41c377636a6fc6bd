"""The proof on a thread of its own: it lowers the bound, and may end with the best plan.

HiGHS takes the whole model as far as its root, whose cuts are worth much and whose nodes are slow. Branch and bound on
prices goes on from there, with these cuts. Where sets of windows cannot be listed, HiGHS goes on alone.
"""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import highspy
import numpy as np

from services.matching.portfolio.joint import Joint, cuts_of, joint_of
from services.matching.portfolio.model import Model, quiet
from services.matching.portfolio.pricing import Sets
from services.matching.portfolio.tree import Tree

KINDS = highspy.cb.HighsCallbackType
Amounts = Mapping[tuple[int, int], int]
ROOT_SHARE: Final = 0.5
"""The part of the time that is left which cuts may take."""
MOST_WALKED: Final = 1_000_000
"""More sets of windows than this are too many to be priced at every node."""
ANEW: Final = 0.75
"""A new start before the cuts are found is worth it when no more than this part of the gap is left."""


class Prover:
    """The proof of a model, in the background.

    `bound` falls as the search goes on and holds at every moment, for the model that was given. It starts from a plan,
    to discard what cannot be better; a much better plan is worth a new start, unless branch and bound on prices has
    begun, which only needs to be told.
    """

    def __init__(
        self, model: Model, start: Amounts, value: float, grid: float, sets: Sets | None,
        seconds_left: Callable[[], float],
    ) -> None:  # fmt: skip
        self.model = model
        self.bound = float("inf")
        self.found: dict[tuple[int, int], float] | None = None
        self.finished = False
        self._grid, self._seconds_left = grid, seconds_left
        self._first = model.values(start)
        self._value = self._began_with = value
        self._met = -float("inf")
        self._sets = sets if sets is not None and len(sets.owners) <= MOST_WALKED else None
        self._tree: Tree | None = None
        self.cuts: Joint | None = None
        self._began = 0.0
        self._until = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="portfolio-prover", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._began = time.monotonic()
        self._thread.start()

    @property
    def age(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._began

    def stop(self, patience: float) -> bool:
        """Ask it to end, and wait so many seconds; whether it has ended."""
        self._stop.set()
        self._thread.join(patience)
        return not self._thread.is_alive()

    def wait(self, seconds: float) -> None:
        """Wait for its end, but no longer than this."""
        self._thread.join(seconds)

    @property
    def running(self) -> bool:
        """Whether it is still at work."""
        return self._thread.is_alive()

    def met(self) -> list[tuple[int, int]]:
        """Pairs of proposals and windows that the relaxation of the last node uses; each node's are told once."""
        tree = self._tree
        if tree is None or tree.used is None:
            return []
        found, tree.used = tree.used, None
        pairs = self.model.problem.pairs
        return list(zip(pairs.proposal[found].tolist(), pairs.window[found].tolist(), strict=True))

    def told(self, value: float) -> bool:
        """A plan of this value is known; whether it is worth a new start."""
        self._value = max(self._value, value)
        tree = self._tree
        if tree is not None:
            tree.value = max(tree.value, value)
            return False
        return self._sets is None or self.bound - value <= ANEW * (self.bound - self._began_with)

    def _run(self) -> None:
        if self._sets is None:
            self._whole_model()
            return
        self._until = self._seconds_left() * (1 - ROOT_SHARE)
        self._whole_model()
        if not self.finished and not self._over():
            self._branches(self._sets)

    def _over(self) -> bool:
        return self._stop.is_set() or self._seconds_left() <= 0

    def _branches(self, sets: Sets) -> None:
        """Branch and bound on prices, with the cuts if there are any."""
        joint = joint_of(self.model)
        if self.cuts is not None:
            joint = joint.with_rows(self.cuts)
        self._value = max(self._value, self._met)
        tree = Tree(self.model, sets, joint, self._value, self._grid, self._over, self._lower)
        self._tree = tree
        self.told(self._value)
        self.finished = tree.run()
        self.found = tree.found if tree.found is not None else self.found

    def _whole_model(self) -> None:
        highs = quiet(self._seconds_left(), heuristics=False)
        if self._grid:
            highs.setOptionValue("mip_abs_gap", self._grid * 0.999)
        if self._sets is not None:
            # Cuts are in the columns of the model that HiGHS works on, so that has to be ours.
            highs.setOptionValue("presolve", "off")
            highs.setOptionValue("mip_max_nodes", 1)
        highs.passModel(self.model.lp)
        solution = highspy.HighsSolution()
        solution.col_value = self._first
        highs.setSolution(solution)
        highs.setCallback(self._called, None)
        highs.startCallback(KINDS.kCallbackMipInterrupt)
        if self._sets is not None:
            highs.startCallback(KINDS.kCallbackMipGetCutPool)
        if self._stop.is_set():
            return
        highs.run()
        info, status = highs.getInfo(), highs.getModelStatus()
        self._told_by_highs(float(info.mip_dual_bound), float(info.objective_function_value))
        if status == highspy.HighsModelStatus.kInfeasible:
            self.bound = -float("inf")
        values = np.array(highs.getSolution().col_value)
        if len(values) and status != highspy.HighsModelStatus.kInfeasible:
            self.found = dict(self.model.wanted(values))
        self.finished = status in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kInfeasible)

    def _called(self, kind: Any, _message: str, out: Any, into: Any, _data: object) -> None:
        """HiGHS asks, from its own thread."""
        if kind == KINDS.kCallbackMipGetCutPool:
            self.cuts = cuts_of(out)
            return
        late = self._sets is not None and (self.cuts is not None or self._seconds_left() < self._until)
        if late or self._stop.is_set():
            into.user_interrupt = True
        if kind == KINDS.kCallbackMipInterrupt:
            self._told_by_highs(float(out.mip_dual_bound), float(out.mip_primal_bound))

    def _told_by_highs(self, bound: float, met: float) -> None:
        """Its bound and its cuts keep only plans that are better than the best that it has met, so that counts too."""
        if np.isfinite(met):
            self._met = max(self._met, met)
        self._lower(max(bound, self._met))

    def _lower(self, bound: float) -> None:
        if np.isfinite(bound):
            self.bound = min(self.bound, bound)
