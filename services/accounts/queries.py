"""The read side of accounts."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from services.accounts import rules
from services.accounts.tables import OrganisationRow, PersonRow
from services.chassis.security import User


@dataclass(frozen=True)
class Listed:
    """A person as the list of people shows them."""

    person: PersonRow
    organisation: str


def people_for(session: Session, user: User) -> list[Listed]:
    """The people `user` may see: everybody for staff, else those of the own organisation; by organisation and name."""
    query = select(PersonRow, OrganisationRow).join(
        OrganisationRow, col(OrganisationRow.id) == col(PersonRow.organisation_id), isouter=True
    )
    if not user.has(*rules.STAFF):
        query = query.where(col(PersonRow.organisation_id) == user.organisation_id)
    rows = session.exec(query.order_by(col(OrganisationRow.name), col(PersonRow.name))).all()
    return [Listed(person, organisation.name if organisation else "") for person, organisation in rows]


def organisations(session: Session) -> list[tuple[str, str]]:
    """(id, name) of every organisation, by name, for a form's choices."""
    rows = session.exec(select(OrganisationRow).order_by(col(OrganisationRow.name))).all()
    return [(str(row.id), row.name) for row in rows]
