"""How a run of the tests is shared out, and what its workers share."""

import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid4

import psutil
import pytest

from tests.engines import run
from tests.engines.shares import group_of, place

ROOT = Path(__file__).resolve().parents[2]
MUCH = 64 * 1024**3
A_RUN = """
import subprocess, sys
from tests.engines import run
run._begin()
with run.lifeline() as lifeline:
    engine = subprocess.Popen(["cat"], stdin=lifeline)
run.lasts("engine", engine.pid)
left = subprocess.Popen(["sleep", "600"])
print(run.folder(), engine.pid, left.pid, flush=True)
sys.stdin.readline()
print(run._end(), flush=True)
"""


@pytest.mark.parametrize(
    ("cores", "memory", "wanted"),
    [(1, MUCH, 2), (2, MUCH, 2), (6, MUCH, 6), (64, MUCH, 8), (4, 5 * 1024**3, 2), (4, 0, 1)],
)  # fmt: skip
def test_there_is_a_worker_for_each_core_as_far_as_memory_goes(cores: int, memory: int, wanted: int) -> None:
    assert run.workers(cores, memory) == wanted


def test_tests_of_a_file_stay_together_and_the_clusters_go_first() -> None:
    cluster = {
        group_of(f"tests/e2e/cluster/{name}") for name in ("test_road.py::test_a", "test_cluster.py::test_b[x/y]")
    }
    assert cluster == {"tests/e2e/cluster"}
    files = ["tests/unit/test_a.py", "tests/e2e/test_road.py", "tests/faults/test_rounds.py", *cluster]
    assert [group_of(f"{file}::test_it[1]") for file in files[:-1]] == files[:-1]
    assert sorted(files, key=place) == list(reversed(files))


def test_what_is_made_once_is_made_by_one_of_many_workers() -> None:
    name = f"test-{uuid4().hex}"
    told = "import os; from tests.engines import run; print(run.once('NAME', lambda: str(os.getpid())))"
    command = [sys.executable, "-c", told.replace("NAME", name)]
    workers = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    answers = {worker.communicate()[0].strip() for worker in workers}
    assert len(answers) == 1
    assert int(answers.pop()) in {worker.pid for worker in workers}


def begun() -> tuple[subprocess.Popen[str], Path, list[int]]:
    """A run with an engine, and with a process that somebody has forgotten."""
    command = [sys.executable, "-c", A_RUN]
    leader = subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert leader.stdout is not None
    folder, *pids = leader.stdout.readline().split()
    return leader, Path(folder), [int(pid) for pid in pids]


def test_the_end_of_a_run_is_the_end_of_all_that_it_has_started() -> None:
    leader, folder, (engine, left) = begun()
    said, _ = leader.communicate("end\n")
    assert said == f"['sleep 600 ({left})']\n"
    assert not psutil.pid_exists(engine)
    assert not psutil.pid_exists(left)
    assert not folder.exists()


def test_engines_end_with_a_run_that_is_killed() -> None:
    leader, _, (engine, left) = begun()
    leader.kill()
    leader.wait()
    deadline = time.monotonic() + 60
    while psutil.pid_exists(engine) and psutil.Process(engine).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline, "the engine goes on"
        time.sleep(0.02)
    psutil.Process(left).kill()
