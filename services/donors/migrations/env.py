"""Migrations of donors."""

from services.chassis.migrations import run
from services.donors.tables import Table

run(Table.metadata)
