"""Who asks, and for which proposal. What is not theirs looks as if it were not there."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends

from services.chassis.errors import Forbidden, NotFound
from services.chassis.web import Visit, visit_of
from services.projects.commands.proposals import Actor
from services.projects.values.proposals import SECTIONS, Section

V = Annotated[Visit, Depends(visit_of("projects"))]
APPLICANTS: Final = ("applicant", "lead")
READERS: Final = ("applicant", "lead", "coordinator", "secretariat", "administrator")
HOME: Final = "/projects/proposals"


def actor_of(visit: Visit) -> Actor:
    """The applicant who asks. Raises Forbidden for a person without an organisation."""
    person = visit.person
    if person.organisation_id is None:
        raise Forbidden("only people of an organisation write proposals")
    return Actor(person.person_id, person.organisation_id, person.name, lead=person.has("lead"))


def applies(visit: Visit) -> bool:
    """Whether the person writes proposals for an organisation."""
    return visit.person.organisation_id is not None and visit.person.has(*APPLICANTS)


def coordinates(visit: Visit) -> bool:
    """Whether the person reads what all organisations have submitted."""
    return visit.person.has("coordinator", "secretariat")


def id_of(text: str) -> UUID:
    """The id in an address. Raises NotFound for what is none."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(f"{text[:40]!r} is no id") from None


def section_of(text: str) -> Section:
    """The section in an address. Raises NotFound for what is none."""
    for section in SECTIONS:
        if section == text:
            return section
    raise NotFound(f"there is no section {text[:40]!r}")


def url_of(proposal_id: UUID, *parts: object) -> str:
    """Address of a proposal's page."""
    return "/".join((HOME, str(proposal_id), *(str(part) for part in parts)))
