"""Taking turns: what one transaction of a service has written, the next one sees."""

from sqlmodel import Session

from services.chassis import postgres


def take(session: Session, service: str) -> None:
    """Wait until no other transaction of `service` has the turn. Held until this transaction ends.

    SQLite lets one write at a time anyway. On PostgreSQL, two processes could else handle a new window and a new
    proposal at the same moment, neither seeing the other, and their pair would never be judged.
    """
    postgres.lock(session.connection(), "turn", service)
