"""Alembic, one history per service, run by the program itself at start.

Each service's `migrations/env.py` is three lines that call `run`. On SQLite the whole upgrade is one transaction, begun
IMMEDIATE, so that two processes that start at once upgrade one after the other and a crash leaves nothing half done.
On PostgreSQL it is one transaction too, behind an advisory lock of the service's own schema: services that share a
database neither wait for each other nor take each other's revision for their own.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, Final, Literal

import sqlalchemy as sa
from alembic import command, context
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData
from sqlalchemy.exc import OperationalError
from sqlmodel.sql.sqltypes import AutoString

from services.chassis import postgres
from services.chassis.columns import UtcDateTime
from services.chassis.db import Database
from services.chassis.errors import CamiError
from services.chassis.service import Component

PATIENCE: Final = "5min"
"""How long an upgrade waits on PostgreSQL for another one, or for a table that is being read."""
_ONE_AT_A_TIME = Lock()
"""Alembic's `op` and `context` belong to the process: two upgrades at once would write into each other's database."""


def run(metadata: MetaData) -> None:
    """Body of every `env.py`: run the migrations on the connection that `upgrade` has put into the configuration."""
    connection: Connection = context.config.attributes["connection"]
    context.configure(
        connection=connection, target_metadata=metadata, render_item=_render, transactional_ddl=True,
        render_as_batch=connection.dialect.name == "sqlite", version_table_schema=_schema_of(connection),
        include_name=lambda name, _kind, _parents: name != "alembic_version",
    )  # fmt: skip
    with context.begin_transaction():
        context.run_migrations()


def upgrade(component: Component, db: Database) -> None:
    """Bring the database of `component` to the newest revision; does nothing when it is there. Thread-safe.

    On PostgreSQL the schema that the URL's search path names first is made if it is missing. Raises CamiError with
    what to do when the database cannot be opened, is that of another service, or has been changed by a later program.
    """
    with _ONE_AT_A_TIME, _connected(component, db) as connection:
        _begin(db, connection)
        found = revision_of(connection)
        if found is not None and not knows_revision(component, found):
            raise CamiError(
                f"CAMI_DATABASE_URL: the database of {component.name} is at revision {found}, which this program does "
                "not know: it is another service's (put {service} into the URL so that each has its own), or it has "
                "been used by a later version of the program"
            )
        command.upgrade(_config(component, connection), "head")
        missing = set(component.metadata.tables) - set(sa.inspect(connection).get_table_names())
        if missing:
            raise CamiError(
                f"CAMI_DATABASE_URL: the database of {component.name} is another service's already (it has no table "
                f"{min(missing)}); put {{service}} into the URL so that each has its own"
            )
        connection.commit()


@contextmanager
def made_anew(component: Component, db: Database, revision: str) -> Iterator[Connection]:
    """For restoring: the block fills empty tables as they were at `revision`; then they are brought up to date.

    All that was there is dropped. One transaction: at the end of the block everything is there, or nothing has changed.
    Raises CamiError when the database cannot be opened.
    """
    with _ONE_AT_A_TIME, _connected(component, db) as connection:
        _begin(db, connection)
        found = sa.MetaData()
        found.reflect(connection)
        found.drop_all(connection)
        command.upgrade(_config(component, connection), revision)
        made = sa.MetaData()
        made.reflect(connection)
        for table in reversed(made.sorted_tables):
            if table.name != "alembic_version":
                connection.execute(sa.delete(table))  # what a migration itself may have put there
        yield connection
        command.upgrade(_config(component, connection), "head")
        connection.commit()


def revision_of(connection: Connection) -> str | None:
    """The revision that a database is at; None for one that has never been used."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return MigrationContext.configure(connection).get_current_revision()


def newest_revision(component: Component) -> str:
    """The revision that this program brings a database to."""
    (head,) = ScriptDirectory(str(component.migrations)).get_heads()
    return head


def knows_revision(component: Component, revision: str) -> bool:
    """Whether this program can bring a database of that revision up to date."""
    return any(script.revision == revision for script in ScriptDirectory(str(component.migrations)).walk_revisions())


def differences(component: Component, db: Database) -> list[Any]:
    """What the models have and the migrated database has not, or the other way round; empty when they are equal."""
    with db.engine.connect() as connection:
        migration = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(migration, component.metadata))


def write_revision(component: Component, db: Database, message: str) -> list[Path]:
    """Write a new revision that takes the newest to the present models; for developers. Answers the files."""
    template = component.migrations / "script.py.mako"  # Alembic looks for it here and nowhere else
    shutil.copyfile(Path(__file__).with_name("script.py.mako"), template)
    try:
        with db.engine.connect() as connection:
            number = len(list((component.migrations / "versions").glob("*.py"))) + 1
            config = _config(component, connection)
            scripts = command.revision(config, message, autogenerate=True, rev_id=f"{number:04d}")
    finally:
        template.unlink()
    found = scripts if isinstance(scripts, list) else [scripts]
    return [Path(script.path) for script in found if script is not None]


@contextmanager
def _connected(component: Component, db: Database) -> Iterator[Connection]:
    try:
        connection = db.engine.connect()
    except OperationalError as error:
        if db.is_sqlite:
            raise  # its own words say more, and name the file
        reason = str(error.orig).strip().splitlines()[-1]
        raise CamiError(
            f"the database of {component.name} cannot be opened ({reason}); see CAMI_DATABASE_URL. "
            "If it has not been made yet: cami database create"
        ) from error
    with connection:
        yield connection


def _begin(db: Database, connection: Connection) -> None:
    """Begin the one transaction of an upgrade, alone with the database."""
    if db.is_sqlite:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        return
    connection.execute(sa.text(
        f"SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0;"
        f" SET LOCAL lock_timeout = '{PATIENCE}'"
    ))  # fmt: skip
    _take_schema(connection)


def _take_schema(connection: Connection) -> None:
    """Wait until nobody else upgrades this schema; make it if it is missing."""
    path = [name.strip().strip('"') for name in connection.execute(sa.text("SHOW search_path")).scalar_one().split(",")]
    schema = next((name for name in path if name and name != "$user"), "public")
    postgres.lock(connection, "upgrade", schema)
    known = connection.execute(sa.text("SELECT 1 FROM pg_namespace WHERE nspname = :name"), {"name": schema}).scalar()
    if known is None:
        connection.execute(sa.schema.CreateSchema(schema))
    # SQLAlchemy asked before the schema was there.
    connection.dialect.default_schema_name = connection.execute(sa.text("SELECT current_schema()")).scalar()


def _schema_of(connection: Connection) -> str | None:
    """Where the revision is kept: a service must not find that of another one further on in its search path."""
    return connection.dialect.default_schema_name if connection.dialect.name == "postgresql" else None


def _config(component: Component, connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(component.migrations))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config


def _render(kind: str, item: Any, _autogen: Any) -> str | Literal[False]:
    """Migrations name plain SQLAlchemy types: they must still run when our own classes have moved."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, AutoString):
        return f"sa.String(length={item.length})" if item.length else "sa.String()"
    return False
