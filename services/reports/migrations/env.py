"""Migrations of reports."""

from services.chassis.migrations import run
from services.reports.tables import Table

run(Table.metadata)
