"""Rows of this service, by subject."""

from services.projects.tables.base import MESSAGING, Table

__all__ = ["MESSAGING", "Table"]
