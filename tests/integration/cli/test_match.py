"""`cami match optimise` as a person or a program calls it."""

import json
import subprocess
import sys
from pathlib import Path

from services.matching.portfolio.verify import faults
from tests.bench.portfolio_instances import make


def optimise(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "services", "match", "optimise", *arguments]
    return subprocess.run(command, input=given, capture_output=True, text=True, timeout=180)


def test_a_file_becomes_a_proven_plan(tmp_path: Path) -> None:
    data = make(15, 8, "tight", 1)
    path = tmp_path / "instance.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    ended = optimise(str(path), "--time-limit", "60", "--json", "--seed", "3")
    assert ended.returncode == 0, ended.stderr
    answer = json.loads(ended.stdout)
    assert list(answer) == ["grants", "value", "bound", "gap", "greedy_value", "seconds", "status"]
    assert faults(data, answer) == []
    assert answer["status"] == "optimal"
    told = optimise(str(path))
    assert told.returncode == 0
    assert "optimal, gap 0.00%" in told.stdout


def test_a_time_limit_leaves_a_plan_and_an_honest_gap_and_a_clean_end(tmp_path: Path) -> None:
    data = make(150, 69, "very tight", 1)
    ended = optimise("-", "--time-limit", "1", "--json", given=json.dumps(data))
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr == ""
    assert faults(data, json.loads(ended.stdout)) == []


def test_what_is_wrong_is_told_in_one_line_with_its_place(tmp_path: Path) -> None:
    data = make(3, 2, "tight", 1)
    data["windows"][1]["budget"] = -5
    ended = optimise("-", "--json", given=json.dumps(data))
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr.strip() == "cami: windows[1].budget: -5 is not between 0 and 1000000000000"


def test_wishes_that_no_plan_keeps_are_told_with_a_status_of_their_own() -> None:
    data = make(10, 4, "tight", 1)
    data |= {"must_fund": ["p1"], "must_not_fund": ["p1"]}
    ended = optimise("-", "--json", given=json.dumps(data))
    assert ended.returncode == 3
    assert "p1" in ended.stderr
    told = json.loads(ended.stdout)
    assert (told["status"], told["grants"]) == ("unattainable", None)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    ended = optimise(str(tmp_path / "none.json"))
    assert ended.returncode == 2
    assert "none.json cannot be read: No such file or directory" in ended.stderr


def test_help_does_not_load_the_solver() -> None:
    assert loaded("import services.cli") == {"services.registry"}


def test_the_command_loads_no_service() -> None:
    """It has a time limit to keep, and loading the services takes longer than many instances do."""
    code = (
        "import contextlib, io, sys, services.__main__ as program; sys.argv = ['cami', 'match', 'optimise', '--help']\n"
        "with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()): program.main()"
    )
    assert loaded(code) == set()


def loaded(code: str) -> set[str]:
    """Which of the modules that take long to load are there after this code."""
    code += (
        "\nimport sys; print(*{'highspy', 'services.matching.portfolio.solve', 'services.registry'} & {*sys.modules})"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr
    return set(ended.stdout.split())
