"""A setting that cannot be right is told in one line that names it, and never by a traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


def run(tmp_path: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "CAMI_DATA_DIR": str(tmp_path / "var"), "CAMI_PORT": "0", **settings}
    return subprocess.run(
        [sys.executable, "-m", "services", *arguments], env=environment, capture_output=True, text=True, timeout=120
    )


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("CAMI_PORT", "abc", "CAMI_PORT=abc"), ("CAMI_PORT", "70000", "CAMI_PORT=70000"),
        ("CAMI_LOG_LEVEL", "chatty", "CAMI_LOG_LEVEL=chatty"), ("CAMI_BUS_URL", "pigeon:x", "'pigeon'"),
        ("CAMI_DATABASE_URL", "nonsense", "CAMI_DATABASE_URL"), ("CAMI_DATA_DIR", "/dev/null/x", "/dev/null/x"),
        ("CAMI_HOST", "no.such.host.invalid", "no.such.host.invalid"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_told(tmp_path: Path, name: str, value: str, said: str) -> None:
    ended = run(tmp_path, "run", "--target=accounts", **{name: value})
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    (line,) = ended.stderr.strip().splitlines()
    assert line.startswith("cami: ")
    assert said in line


def test_a_command_beside_the_program_makes_the_folder_it_needs(tmp_path: Path) -> None:
    ended = run(tmp_path, "programme", "list")
    assert ended.returncode == 0, ended.stderr
    assert (tmp_path / "var" / "projects.sqlite3").is_file()
