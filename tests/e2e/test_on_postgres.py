"""The whole program on PostgreSQL, with the embedded log: the road of the demo, a kill, and all is still there."""

import json
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from services.demo.neighbours import NEIGHBOURS
from services.registry import COMPONENTS
from tests.e2e.program import ROOT, Running, running, until, without_settings
from tests.engines.postgres import PostgresServer


def count(server: PostgresServer, database: str, query: str) -> int:
    """What `query` counts in a database."""
    with psycopg.connect(server.dsn(database)) as connection:
        found = connection.execute(query).fetchone()
    assert found is not None
    return int(found[0])


def test_the_road_on_postgresql_and_nothing_lost_by_a_kill(postgres_server: PostgresServer, tmp_path: Path) -> None:
    url = postgres_server.fresh_each(COMPONENTS)
    names = {name: url.format(service=name).rsplit("/", 1)[1] for name in COMPONENTS}
    others = {"CAMI_DATABASE_URL": url}
    program = Running(tmp_path / "data", others=others)
    try:
        demo = subprocess.run(
            [sys.executable, "-m", "services", "demo", "--json", "--url", program.address, "--out", tmp_path / "out"],
            cwd=ROOT, text=True, capture_output=True, timeout=300, env=without_settings() | others
            | {"CAMI_DATA_DIR": str(tmp_path / "data")},
        )  # fmt: skip
        assert demo.returncode == 0, demo.stderr
        assert len(json.loads(demo.stdout)["files"]) == 7
    finally:
        program.end()  # by kill -9
    submitted = count(postgres_server, names["projects"], "SELECT count(*) FROM proposal_version")
    judged = count(postgres_server, names["matching"], "SELECT count(*) FROM pair")
    assert submitted == 1 + sum(len(neighbour.proposals) for neighbour in NEIGHBOURS)
    with running(tmp_path / "data", others=others):
        waiting = "SELECT count(*) FROM outbox WHERE published_at IS NULL"
        until(lambda: not any(count(postgres_server, name, waiting) for name in names.values()), "all is published")
        assert count(postgres_server, names["projects"], "SELECT count(*) FROM proposal_version") == submitted
        assert count(postgres_server, names["matching"], "SELECT count(*) FROM pair") == judged
    assert not any(count(postgres_server, name, "SELECT count(*) FROM parked") for name in names.values())
    assert not list((tmp_path / "data").glob("[!e]*.sqlite3")), "only the log of events is a file"
    for name in COMPONENTS:
        postgres_server.drop(url.format(service=name))


def test_a_database_that_is_missing_ends_the_start_with_one_line(
    postgres_server: PostgresServer, tmp_path: Path
) -> None:  # fmt: skip
    url = postgres_server.url.replace("cami_{service}", "nowhere_{service}")
    with pytest.raises(AssertionError, match="cami database create"):
        Running(tmp_path / "data", others={"CAMI_DATABASE_URL": url})
