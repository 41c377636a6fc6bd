"""Alembic calls this."""

from services.chassis.migrations import run
from services.matching.tables import Table

run(Table.metadata)
