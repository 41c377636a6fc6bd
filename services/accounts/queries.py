"""The read side of accounts."""

from dataclasses import dataclass
from typing import Final

from sqlmodel import Session, col, func, select

from services.accounts import rules
from services.accounts.tables import OrganisationRow, PersonRow
from services.chassis.paging import Page, page_number
from services.chassis.security import User

PAGE_SIZE: Final = 50


@dataclass(frozen=True)
class Listed:
    """A person as the list of people shows them."""

    person: PersonRow
    organisation: str


def people_for(session: Session, user: User, asked_page: int = 1) -> Page[Listed]:
    """The people `user` may see: everybody for staff, else those of the own organisation; by organisation and name."""
    query = select(PersonRow, OrganisationRow).join(
        OrganisationRow, col(OrganisationRow.id) == col(PersonRow.organisation_id), isouter=True
    )
    count = select(func.count()).select_from(PersonRow)
    if not user.has(*rules.STAFF):
        query = query.where(col(PersonRow.organisation_id) == user.organisation_id)
        count = count.where(col(PersonRow.organisation_id) == user.organisation_id)
    total = session.exec(count).one()
    number = page_number(asked_page, total, PAGE_SIZE)
    ordered = query.order_by(col(OrganisationRow.name), col(PersonRow.name), col(PersonRow.id))
    rows = session.exec(ordered.offset((number - 1) * PAGE_SIZE).limit(PAGE_SIZE)).all()
    listed = [Listed(person, organisation.name if organisation else "") for person, organisation in rows]
    return Page(listed, number, PAGE_SIZE, total)


def organisations(session: Session) -> list[tuple[str, str]]:
    """(id, name) of every organisation, by name, for a form's choices."""
    rows = session.exec(select(OrganisationRow).order_by(col(OrganisationRow.name))).all()
    return [(str(row.id), row.name) for row in rows]
