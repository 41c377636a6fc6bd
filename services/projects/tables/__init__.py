"""Rows of this service, by subject. Importing this package makes its metadata complete."""

from services.projects.tables import organisations, programmes, proposals
from services.projects.tables.base import MESSAGING, Table

__all__ = ["MESSAGING", "Table", "organisations", "programmes", "proposals"]
