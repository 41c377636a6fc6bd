"""Migrations of accounts."""

from services.accounts.tables import Table
from services.chassis.migrations import run

run(Table.metadata)
