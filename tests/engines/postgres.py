"""A real PostgreSQL for the tests: in a container where Docker answers, else from the binaries of this machine.

Started when the first test asks for it, on a free port and in a folder of its own; it ends with the session, also when
that is killed: the script that holds it sees its standard input end.
"""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import psycopg
import pytest
from psycopg import sql

from tests.engines.docker import docker_answers
from tests.needs import require

SCRIPT: Final = Path(__file__).resolve().parents[2] / "deploy" / "postgres" / "postgres.sh"
IMAGE: Final = "postgres:15"
TRIES: Final = 5
"""How often a free port is looked for: another program may take it before the server does."""

FreshUrl = Callable[[str], str]


class PostgresServer:
    """A running server. `url` holds `{service}` where the database's name ends."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._numbers = count(1)

    def execute(self, query: str, **names: str) -> None:
        """Run one statement outside of a transaction, with names of databases filled in."""
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL(query).format(**{key: sql.Identifier(name) for key, name in names.items()}))

    def dsn(self, database: str) -> str:
        """The address of a database as the driver alone wants it."""
        return self.url.replace("+psycopg", "").replace("cami_{service}", database)

    def new_name(self, beginning: str) -> str:
        """A name that no other database of this session has."""
        return f"{beginning}_{next(self._numbers)}"

    def fresh(self, name: str, template: str = "template0") -> str:
        """The SQLAlchemy URL of a database that did not exist before; `name` begins its name."""
        database = self.new_name(name)
        self.create(database, template)
        return self.url.replace("cami_{service}", database)

    def fresh_each(self, names: Iterable[str]) -> str:
        """The URL, with `{service}`, of an empty database for each of `names`."""
        prefix = self.new_name("each")
        for name in names:
            self.create(f"{prefix}_{name}")
        return self.url.replace("cami_{service}", f"{prefix}_{{service}}")

    def drop(self, url: str) -> None:
        """Remove a database that `fresh` has made, whoever is connected to it."""
        self.execute("DROP DATABASE IF EXISTS {old} WITH (FORCE)", old=url.rsplit("/", 1)[1])

    def create(self, database: str, template: str = "template0") -> None:
        """Make a database of that very name."""
        # Copying files is the faster of the two ways to make a database when the template is small and at rest.
        strategy = " STRATEGY FILE_COPY" if self._knows_strategies else ""
        like_sqlite = " LC_COLLATE 'C' LC_CTYPE 'C'" if template == "template0" else ""
        self.execute(f"CREATE DATABASE {{new}} TEMPLATE {{old}}{like_sqlite}{strategy}", new=database, old=template)

    @property
    def _knows_strategies(self) -> bool:
        if not hasattr(self, "_version"):
            with psycopg.connect(self.dsn("postgres")) as connection:
                self._version = connection.info.server_version
        return self._version >= 150000


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One server for the session."""
    require("postgres")
    with ExitStack() as stack:
        url = _in_a_container(stack) if docker_answers() else from_binaries(stack)
        yield PostgresServer(url)


@pytest.fixture(scope="session")
def postgres(postgres_server: PostgresServer) -> FreshUrl:
    """Makes databases: called with a name, it answers the URL of a fresh, empty one."""
    return postgres_server.fresh


def _in_a_container(stack: ExitStack) -> str:
    from testcontainers.community.postgres import PostgresContainer

    container: Any = PostgresContainer(IMAGE, username="cami", password="cami", dbname="postgres", driver="psycopg")
    container.with_command("postgres -c fsync=off -c max_connections=300")
    stack.enter_context(container)
    host, port = container.get_container_host_ip(), container.get_exposed_port(5432)
    return f"postgresql+psycopg://{quote('cami')}:{quote('cami')}@{host}:{port}/cami_{{service}}"


def from_binaries(stack: ExitStack, *, fsync: bool = False) -> str:
    """Start a server from the binaries of this machine and answer its URL; it ends with `stack`.

    `fsync`: whether commits wait for the disk.
    """
    folder = Path(tempfile.mkdtemp(prefix="cami-postgres-"))
    folder.chmod(0o711)  # the user that the server runs as must be able to pass
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    for _ in range(TRIES):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        held = subprocess.Popen(
            ["sh", str(SCRIPT), "hold", str(folder / "data"), str(port), "remove"], text=True, start_new_session=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env={**os.environ, "POSTGRES_FSYNC": "on" if fsync else "off"},
        )  # fmt: skip
        assert held.stdin is not None
        assert held.stdout is not None
        if url := held.stdout.readline().strip():
            stack.callback(held.wait, timeout=60)
            stack.callback(held.stdin.close)
            return url
        held.wait(timeout=60)
    pytest.fail(f"PostgreSQL did not start within {TRIES} tries", pytrace=False)
