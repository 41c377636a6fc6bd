"""What every table of matching is declared on."""

from sqlalchemy.orm import registry
from sqlmodel import SQLModel

from services.chassis.db import named_metadata


class Table(SQLModel, registry=registry(metadata=named_metadata())):
    """Base of this service's tables."""
