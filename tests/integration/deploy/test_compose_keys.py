"""Compose's first start: keys made once, a role and a database for each service, and nobody in another's."""

import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from services.chassis.db import Database
from services.chassis.settings import Settings
from services.registry import COMPONENTS
from tests.engines.postgres import PostgresServer

COMPOSE = Path(__file__).parents[3] / "deploy" / "compose"
FILES = {"secret.key": 0o600, "pgpass": 0o600, "roles": 0o444, "superuser": 0o444}


def make_keys(folder: Path) -> dict[str, str]:
    subprocess.run(["sh", str(COMPOSE / "keys.sh"), str(folder), "127.0.0.1"], check=True)
    return {path.name: path.read_text("ascii") for path in folder.iterdir()}


def test_keys_are_made_once_and_for_their_readers_alone(tmp_path: Path) -> None:
    first = make_keys(tmp_path)
    assert set(first) == set(FILES)
    for name, mode in FILES.items():
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == mode
    assert make_keys(tmp_path) == first, "a second start keeps what the databases know"
    assert Settings.model_validate({"data_dir": tmp_path, "secret_key": ""}).key == first["secret.key"]
    words = [line.rpartition(" ")[2] for line in first["roles"].splitlines()] + [
        first["secret.key"],
        first["superuser"],
    ]
    assert len(set(words)) == len(COMPONENTS) + 2
    assert all(len(word) == 64 for word in words)


def test_what_is_lost_before_the_last_step_is_made_anew(tmp_path: Path) -> None:
    first = make_keys(tmp_path)
    (tmp_path / "superuser").unlink()
    second = make_keys(tmp_path)
    assert second["roles"] != first["roles"]
    assert second["secret.key"] == first["secret.key"], "sessions go on"


@pytest.fixture
def server(postgres_server: PostgresServer) -> Iterator[PostgresServer]:
    if shutil.which("psql") is None:
        pytest.skip("there is no psql (apt-get install postgresql-client)")
    yield postgres_server
    for service in COMPONENTS:
        postgres_server.execute("DROP DATABASE IF EXISTS {name} WITH (FORCE)", name=f"keyed_{service}")
        postgres_server.execute("DROP ROLE IF EXISTS {name}", name=f"keyed_{service}")


def test_each_service_reaches_its_own_database_and_no_other(server: PostgresServer, tmp_path: Path) -> None:
    """Names differ from the real ones, so that no other test of this server is in the way; the scripts are the same."""
    make_keys(tmp_path)
    address = urlsplit(server.dsn("postgres"))
    roles, passfile = tmp_path / "roles.here", tmp_path / "pgpass"
    roles.write_text((tmp_path / "roles").read_text("ascii").replace("cami_", "keyed_"), "ascii")
    entries = passfile.read_text("ascii").replace("cami_", "keyed_").replace(":5432:", f":{address.port}:")
    entries = entries.replace("127.0.0.1", str(address.hostname))
    passfile.write_text(entries, "ascii")
    environment = os.environ | {
        "PGHOST": str(address.hostname), "PGPORT": str(address.port), "PGPASSWORD": str(address.password),
        "POSTGRES_USER": str(address.username), "CAMI_ROLES_FILE": str(roles),
    }  # fmt: skip
    subprocess.run([str(COMPOSE / "databases.sh")], check=True, env=environment)

    pattern = f"postgresql+psycopg://keyed_{{service}}@{address.hostname}:{address.port}/keyed_{{service}}"
    settings = Settings.model_validate({"database_url": f"{pattern}?passfile={passfile}"})
    for service in COMPONENTS:
        database = Database.of(settings, service)
        with database.write() as session:
            connection = session.connection()
            assert connection.exec_driver_sql("SELECT current_user").scalar() == f"keyed_{service}"
            assert connection.exec_driver_sql("SHOW server_encoding").scalar() == "UTF8"
            collation = "SELECT datcollate FROM pg_database WHERE datname = current_database()"
            assert connection.exec_driver_sql(collation).scalar() == "C"
            connection.exec_driver_sql("CREATE TABLE mine (id integer)")
        database.engine.dispose()
    lines = dict(line.split(" ") for line in roles.read_text("ascii").splitlines())
    own = server.dsn("keyed_donors").replace(
        f"{address.username}:{address.password}", f"keyed_matching:{lines['keyed_matching']}"
    )
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(own)
    lost = own.replace(lines["keyed_matching"], "guess").replace("keyed_donors", "keyed_matching")
    with pytest.raises(psycopg.OperationalError, match="authentication failed"):
        psycopg.connect(lost)
