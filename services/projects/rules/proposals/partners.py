"""Partners that are registered organisations: known by their names."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from services.projects.values.proposals import Partner, Partners


@dataclass(frozen=True)
class Registered:
    """As much of a registered organisation's profile as a partner needs."""

    organisation_id: UUID
    name: str
    kind: str
    country: str


def folded(name: str) -> str:
    """A name as it is compared: without regard to case and to how often one pressed the space bar."""
    return " ".join(name.split()).casefold()


def recognised(partners: Partners, registered: Iterable[Registered]) -> Partners:
    """The partners, each with the organisation of that name; it also fills in the kind and the country left empty.

    A name that two organisations share is neither's.
    """
    by_name: dict[str, list[Registered]] = {}
    for one in registered:
        by_name.setdefault(folded(one.name), []).append(one)
    return replace(
        partners, lines=tuple(_recognised(line, by_name.get(folded(line.name), [])) for line in partners.lines)
    )


def _recognised(line: Partner, found: list[Registered]) -> Partner:
    if len(found) != 1:
        return replace(line, organisation_id=None)
    profile = found[0]
    return replace(
        line, organisation_id=profile.organisation_id, kind=line.kind or profile.kind,
        country=line.country or profile.country,
    )  # fmt: skip
