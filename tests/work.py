"""How much work a call is, counted instead of timed: a busy machine takes longer, but does nothing else."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

HANG_SECONDS: Final = 60
"""Seconds of the processor after which a call that takes less than one of them is said to hang."""


def work_of(action: Callable[[], object], *, characters: bool = True) -> int:
    """How many functions `action` calls, in Python and in C, and how many characters those in Python are given.

    Without `characters`, only the calls.

    What one call in C does with its text is not seen: a regular expression that goes back and forth over one line is
    only caught by `within_reason`.
    """
    work = 0

    def count(frame: FrameType, event: str, _: Any) -> None:
        nonlocal work
        if event == "c_call":
            work += 1
        elif event == "call":
            names = frame.f_code.co_varnames[: frame.f_code.co_argcount] if characters else ()
            work += 1 + sum(_characters(frame.f_locals.get(name)) for name in names)

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        action()
    finally:
        sys.setprofile(before)
    return work


def _characters(value: object) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, list) and value and isinstance(value[0], str):
        return sum(map(len, value))
    return 0


def grows_with(size: int, work: Callable[[int], int]) -> float:
    """How many times the work from 2 to 4 `size` is the work from 1 to 2: 2 in proportion, 4 with the square.

    What is done once, however little there is, does not count, nor what is only done the first time.
    """
    work(size)
    small, middle, large = work(size), work(2 * size), work(4 * size)
    return (large - middle) / max(middle - small, 1)


@contextmanager
def within_reason() -> Iterator[None]:
    """Ends what hangs, with an AssertionError: it has kept a processor to itself for HANG_SECONDS."""

    def hangs(*_: object) -> None:
        raise AssertionError(f"it hangs: no end after {HANG_SECONDS} seconds of the processor")

    before = signal.signal(signal.SIGPROF, hangs)
    signal.setitimer(signal.ITIMER_PROF, HANG_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
