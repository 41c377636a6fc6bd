"""Migrations of projects."""

from services.chassis.migrations import run
from services.projects.tables import Table

run(Table.metadata)
