"""kill -9 between any two steps of an event's journey: after a new start the effect is there exactly once."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.chassis.faults import POINTS
from services.chassis.parked import count_waiting
from services.chassis.service import Service
from services.chassis.settings import Settings
from tests.conformance.helpers import ROOT, eventually
from tests.faults.parts import COUNTER, effects, open_part

LIMIT_SECONDS = 90


def run(folder: Path, notes: str, fault: str = "") -> int:
    """Run the program to its end and answer its exit status."""
    environment = os.environ | {"CAMI_TEST_FAULT": fault}
    return subprocess.run(
        [sys.executable, "-m", "tests.faults.program", str(folder), notes],
        cwd=ROOT, env=environment, timeout=LIMIT_SECONDS, check=False,
    ).returncode  # fmt: skip


@contextmanager
def counter_in(folder: Path) -> Iterator[Service]:
    """The counter's database, looked at from outside."""
    service = open_part(COUNTER, Settings(data_dir=folder))
    yield service
    service.close()


def assert_once_each(folder: Path, count: int) -> None:
    """Every note has had its effect exactly once, and nothing is parked."""
    with counter_in(folder) as counter:
        assert effects(counter) == {f"note {number}": 1 for number in range(count)}
        with counter.read() as session:
            assert count_waiting(session, COUNTER.messaging) == 0


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_a_step_and_started_again(tmp_path: Path, point: str) -> None:
    assert run(tmp_path, "2!", fault=f"{point}:2") == 137
    assert run(tmp_path, "2") == 0
    assert_once_each(tmp_path, 2)


def test_killed_from_outside_again_and_again(tmp_path: Path) -> None:
    count = 300
    for effects_before_the_kill in (5, 60, 150):
        with (
            subprocess.Popen([sys.executable, "-m", "tests.faults.program", str(tmp_path), f"{count}"], cwd=ROOT) as it,
            counter_in(tmp_path) as counter,
        ):
            eventually(lambda: len(effects(counter)) >= effects_before_the_kill, "some effects")  # noqa: B023
            it.kill()
    assert run(tmp_path, f"{count}") == 0
    assert_once_each(tmp_path, count)
