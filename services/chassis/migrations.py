"""Alembic, one history per service, run by the program itself at start.

Each service's `migrations/env.py` is three lines that call `run`. On SQLite the whole upgrade is one transaction, begun
IMMEDIATE, so that two processes that start at once upgrade one after the other and a crash leaves nothing half done.
"""

import shutil
from pathlib import Path
from threading import Lock
from typing import Any, Literal

import sqlalchemy as sa
from alembic import command, context
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData
from sqlmodel.sql.sqltypes import AutoString

from services.chassis.columns import UtcDateTime
from services.chassis.db import Database
from services.chassis.service import Component

UPGRADE_LOCK = 0x43414D49
"""Key of the PostgreSQL advisory lock that lets one process at a time upgrade a database."""
_ONE_AT_A_TIME = Lock()
"""Alembic's `op` and `context` belong to the process: two upgrades at once would write into each other's database."""


def run(metadata: MetaData) -> None:
    """Body of every `env.py`: run the migrations on the connection that `upgrade` has put into the configuration."""
    connection: Connection = context.config.attributes["connection"]
    context.configure(
        connection=connection, target_metadata=metadata, render_item=_render, transactional_ddl=True,
        render_as_batch=connection.dialect.name == "sqlite",
    )  # fmt: skip
    with context.begin_transaction():
        context.run_migrations()


def upgrade(component: Component, db: Database) -> None:
    """Bring the database of `component` to the newest revision; does nothing when it is there. Thread-safe."""
    with _ONE_AT_A_TIME, db.engine.connect() as connection:
        if db.is_sqlite:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": UPGRADE_LOCK})
        command.upgrade(_config(component, connection), "head")
        connection.commit()


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
