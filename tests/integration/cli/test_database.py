"""`cami database create`: what a server keeps is made by one command, and told when it is missing."""

import os
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import psycopg

from services.registry import COMPONENTS
from tests.engines.postgres import PostgresServer

ROOT = Path(__file__).resolve().parents[3]


def cami(folder: Path, *arguments: str, url: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "services", *arguments], cwd=ROOT, text=True, capture_output=True, timeout=120,
        env={**os.environ, "CAMI_DATA_DIR": str(folder), "CAMI_DATABASE_URL": url},
    )  # fmt: skip


def test_databases_are_made_once(postgres_server: PostgresServer, tmp_path: Path) -> None:
    prefix = f"made_{uuid4().hex[:8]}"
    url = postgres_server.url.replace("cami_{service}", prefix + "_{service}")
    missing = cami(tmp_path, "programme", "list", url=url)
    assert missing.returncode == 1
    assert missing.stderr.count("\n") == 1
    assert f"{prefix}_projects" in missing.stderr
    assert "CAMI_DATABASE_URL" in missing.stderr
    assert "cami database create" in missing.stderr
    first, second = (cami(tmp_path, "database", "create", url=url) for _ in range(2))
    assert sorted(first.stdout.splitlines()) == sorted(f"{name}: made" for name in COMPONENTS)
    assert sorted(second.stdout.splitlines()) == sorted(f"{name}: there already" for name in COMPONENTS)
    with psycopg.connect(postgres_server.dsn(f"{prefix}_projects")) as connection:
        assert connection.execute("SHOW lc_collate").fetchone() == ("C",)
    assert cami(tmp_path, "programme", "list", url=url).returncode == 0
    for name in COMPONENTS:
        postgres_server.drop(url.format(service=name))


def test_a_server_that_is_not_there_is_told_in_one_line(tmp_path: Path) -> None:
    made = cami(tmp_path, "database", "create", url="postgresql+psycopg://cami@127.0.0.1:1/cami_{service}")
    assert made.returncode == 1
    assert made.stderr.count("\n") == 1
    assert "CAMI_DATABASE_URL" in made.stderr


def test_files_need_no_making(tmp_path: Path) -> None:
    made = cami(tmp_path, "database", "create", "--target", "donors", url="sqlite:///{data_dir}/{service}.sqlite3")
    assert made.stdout == "donors: a file, made at the first start\n"
