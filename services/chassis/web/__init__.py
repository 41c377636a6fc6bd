"""Pages: the application factory, a visit, and who may make it. Services import from here."""

from services.chassis.security import User, clear_session, issue_session, safe_next
from services.chassis.web.access import PUBLIC, SIGNED_IN, Access, access_table, allow
from services.chassis.web.app import create_app
from services.chassis.web.state import Check
from services.chassis.web.visit import Visit, visit_of

__all__ = [
    "PUBLIC",
    "SIGNED_IN",
    "Access",
    "Check",
    "User",
    "Visit",
    "access_table",
    "allow",
    "clear_session",
    "create_app",
    "issue_session",
    "safe_next",
    "visit_of",
]
