"""Databases: what migrations make is what the models say, however often and by however many at once they are run."""

import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
import sqlalchemy as sa
from sqlalchemy import Constraint
from sqlalchemy.sql.schema import CheckConstraint, ForeignKeyConstraint, PrimaryKeyConstraint, UniqueConstraint

from services.chassis.db import Database
from services.chassis.errors import CamiError
from services.chassis.migrations import differences, upgrade
from services.chassis.service import Component
from services.registry import COMPONENTS
from tests.engines.postgres import PostgresServer

ROOT = Path(__file__).resolve().parents[2]
EACH = pytest.mark.parametrize("component", COMPONENTS.values(), ids=COMPONENTS)
KINDS = {PrimaryKeyConstraint: "pk", ForeignKeyConstraint: "fk", UniqueConstraint: "uq", CheckConstraint: "ck"}
ALSO_SCHEMAS = pytest.mark.parametrize("addresses", ["sqlite", "postgres", "schemas"], indirect=True)
CATALOGUE = (
    "SELECT table_name, column_name, data_type, is_nullable, column_default, character_maximum_length"
    " FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position",
    "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexname",
    "SELECT version_num FROM alembic_version",
)
UPGRADE_ALL = """
import sys
from services.chassis.db import Database
from services.chassis.migrations import upgrade
from services.registry import COMPONENTS
print("ready", flush=True)
sys.stdin.readline()
for name, component in COMPONENTS.items():
    db = Database(sys.argv[1].format(service=name))
    upgrade(component, db)
    db.close()
"""


@pytest.fixture(params=["sqlite", "postgres"])
def addresses(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of empty databases, with `{service}`: a file each, a database each, or all in one, each in its schema."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/{{service}}.sqlite3"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    if request.param == "schemas":
        shared = server.fresh("shared")
        yield shared + "?options=-csearch_path%3D{service}"
        server.drop(shared)
    else:
        url = server.fresh_each(COMPONENTS)
        yield url
        for name in COMPONENTS:
            server.drop(url.format(service=name))


@pytest.fixture
def db(addresses: str, component: Component) -> Iterator[Database]:
    """An empty database."""
    opened = Database(addresses.format(service=component.name))
    yield opened
    opened.close()


def schema_of(db: Database) -> list[str]:
    """Every table and index as the database itself writes it down, and the revision."""
    with db.engine.connect() as connection:
        if not db.is_sqlite:
            return [str(row) for query in CATALOGUE for row in connection.execute(sa.text(query))]
        made = connection.execute(sa.text("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, name"))
        revision = connection.execute(sa.text("SELECT version_num FROM alembic_version"))
        return [*made.scalars(), *revision.scalars()]


@ALSO_SCHEMAS
@EACH
def test_the_migrated_database_is_what_the_models_say(component: Component, db: Database) -> None:
    upgrade(component, db)
    assert differences(component, db) == []


@EACH
def test_an_upgrade_that_has_nothing_to_do_does_nothing(component: Component, db: Database) -> None:
    upgrade(component, db)
    before = schema_of(db)
    upgrade(component, db)
    assert schema_of(db) == before


@EACH
def test_rows_outlive_an_upgrade(component: Component, db: Database) -> None:
    upgrade(component, db)
    inbox = component.messaging.inbox
    row = {"consumer": "x", "event_id": "00000000000070008000000000000001", "type": "t", "handled_at": "2026-01-01"}
    with db.engine.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO inbox (consumer, event_id, type, handled_at)"
                " VALUES (:consumer, :event_id, :type, :handled_at)"
            ),
            row,
        )
    upgrade(component, db)
    with db.engine.connect() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(inbox)).scalar_one() == 1


@EACH
def test_threads_may_upgrade_at_once(component: Component, db: Database) -> None:
    together = Barrier(4)

    def work() -> None:
        together.wait()
        upgrade(component, db)

    with ThreadPoolExecutor(4) as threads:
        for done in [threads.submit(work) for _ in range(4)]:
            done.result()
    assert differences(component, db) == []


@ALSO_SCHEMAS
def test_threads_may_upgrade_different_databases_at_once(addresses: str) -> None:
    databases = {name: Database(addresses.format(service=name)) for name in COMPONENTS}
    together = Barrier(len(databases))

    def work(name: str) -> None:
        together.wait()
        upgrade(COMPONENTS[name], databases[name])

    try:
        with ThreadPoolExecutor(len(databases)) as threads:
            for done in [threads.submit(work, name) for name in databases]:
                done.result()
        for name, database in databases.items():
            assert differences(COMPONENTS[name], database) == [], name
    finally:
        for database in databases.values():
            database.close()


@ALSO_SCHEMAS
def test_processes_may_upgrade_at_once(addresses: str) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", UPGRADE_ALL, addresses], cwd=ROOT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        ) for _ in range(2)
    ]  # fmt: skip
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        _out, error = process.communicate(timeout=60)
        assert process.returncode == 0, error
    for name, component in COMPONENTS.items():
        database = Database(addresses.format(service=name))
        assert differences(component, database) == [], name
        database.close()


@EACH
def test_every_constraint_of_the_models_follows_the_naming_convention(component: Component) -> None:
    for table in component.metadata.tables.values():
        for constraint in table.constraints:
            assert str(constraint.name).startswith(f"{kind_of(constraint)}_{table.name}"), repr(constraint)
        for index in table.indexes:
            assert str(index.name).startswith(f"ix_{table.name}_"), repr(index)


@EACH
def test_every_constraint_in_the_database_has_its_name(component: Component, db: Database) -> None:
    upgrade(component, db)
    inspector = sa.inspect(db.engine)
    for table in component.metadata.tables:
        found = [inspector.get_pk_constraint(table), *inspector.get_foreign_keys(table)]
        found += [*inspector.get_unique_constraints(table), *inspector.get_check_constraints(table)]
        named = {str(each["name"]) for each in found}
        assert named == {str(one.name) for one in component.metadata.tables[table].constraints}, table
        for name in named:
            assert re.fullmatch(rf"(pk|fk|uq|ck)_{table}(_\w+)?", name), f"{table}: {name}"


def test_a_database_that_another_service_has_taken_is_refused(addresses: str) -> None:
    first, second = (COMPONENTS[name] for name in ("projects", "donors"))
    db = Database(addresses.format(service="projects"))
    upgrade(first, db)
    with pytest.raises(CamiError, match=r"CAMI_DATABASE_URL.*\{service\}"):
        upgrade(second, db)
    assert differences(first, db) == []
    db.close()


def test_a_database_that_is_missing_is_named_with_what_to_do(postgres_server: PostgresServer) -> None:
    component = COMPONENTS["projects"]
    db = Database(postgres_server.url.format(service="that_is_not_there"))
    with pytest.raises(CamiError, match=r"projects.*that_is_not_there.*CAMI_DATABASE_URL.*cami database create"):
        upgrade(component, db)


@EACH
def test_a_migration_does_not_lean_on_the_models_of_today(component: Component) -> None:
    for path in (component.migrations / "versions").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"^(from|import) (services|contracts|sqlmodel)\b", text, re.M), path.name


def kind_of(constraint: Constraint) -> str:
    """The prefix that the naming convention gives to this kind of constraint."""
    return next(prefix for kind, prefix in KINDS.items() if isinstance(constraint, kind))
