"""The PostgreSQL of the tests: databases of its own, gone with whoever started it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.engines.postgres import FreshUrl, PostgresServer
from tests.needs import require

ROOT = Path(__file__).resolve().parents[3]
HOLD = """
import sys, time
from contextlib import ExitStack
from tests.engines.postgres import from_binaries
with ExitStack() as stack:
    print(from_binaries(stack), flush=True)
    time.sleep(600)
"""


def test_every_database_is_a_fresh_one(postgres: FreshUrl, postgres_server: PostgresServer) -> None:
    one, other = postgres("thing"), postgres("thing")
    assert one != other
    with psycopg.connect(one.replace("+psycopg", "")) as connection:
        connection.execute("CREATE TABLE thing (id int)")
        connection.execute("INSERT INTO thing VALUES (1)")
    with psycopg.connect(other.replace("+psycopg", "")) as connection:
        assert connection.execute("SELECT to_regclass('thing')").fetchone() == (None,)
    for url in (one, other):
        postgres_server.drop(url)


def test_the_server_ends_when_the_session_is_killed(tmp_path: Path) -> None:
    require("postgres")
    holder = subprocess.Popen([sys.executable, "-c", HOLD], cwd=ROOT, text=True, stdout=subprocess.PIPE)
    assert holder.stdout is not None
    url = holder.stdout.readline().strip().replace("+psycopg", "").replace("cami_{service}", "postgres")
    psycopg.connect(url).close()
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    holder.stdout.close()
    deadline = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            return
        if time.monotonic() > deadline:
            pytest.fail("it lives on")
        time.sleep(0.05)
