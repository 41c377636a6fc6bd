"""The whole model on a thread of its own: it lowers the bound, and may end with the proof."""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import highspy
import numpy as np

from services.matching.portfolio.model import Model, quiet

KINDS = highspy.cb.HighsCallbackType
Amounts = Mapping[tuple[int, int], int]


class Prover:
    """HiGHS on a model, in the background.

    `bound` falls as the search goes on and holds at every moment, for the model that was given. It starts from a plan,
    to discard what cannot be better; a much better plan is worth a new start.
    """

    def __init__(self, model: Model, start: Amounts, grid: float, seconds_left: Callable[[], float]) -> None:
        self.model = model
        self.bound = float("inf")
        self.found: dict[tuple[int, int], float] | None = None
        self.finished = False
        self._grid, self._seconds_left = grid, seconds_left
        self._first = model.values(start)
        self._began = 0.0
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

    @property
    def running(self) -> bool:
        """Whether it is still at work."""
        return self._thread.is_alive()

    def _run(self) -> None:
        highs = quiet(self._seconds_left(), heuristics=False)
        if self._grid:
            highs.setOptionValue("mip_abs_gap", self._grid * 0.999)
        highs.passModel(self.model.lp)
        solution = highspy.HighsSolution()
        solution.col_value = self._first
        highs.setSolution(solution)
        highs.setCallback(self._called, None)
        highs.startCallback(KINDS.kCallbackMipInterrupt)
        if self._stop.is_set():
            return
        highs.run()
        info, status = highs.getInfo(), highs.getModelStatus()
        self._lower(float(info.mip_dual_bound))
        if status == highspy.HighsModelStatus.kInfeasible:
            self.bound = -float("inf")
        values = np.array(highs.getSolution().col_value)
        if len(values) and status != highspy.HighsModelStatus.kInfeasible:
            self.found = dict(self.model.wanted(values))
        self.finished = status in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kInfeasible)

    def _called(self, kind: Any, _message: str, out: Any, into: Any, _data: object) -> None:
        """HiGHS asks, from its own thread."""
        if self._stop.is_set():
            into.user_interrupt = True
        if kind == KINDS.kCallbackMipInterrupt:
            self._lower(float(out.mip_dual_bound))

    def _lower(self, bound: float) -> None:
        if np.isfinite(bound):
            self.bound = min(self.bound, bound)
