"""Proposals for reading: those of one organisation, and what the secretariat has been given."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_
from sqlmodel import Session, col, select

from contracts.events import ProposalSubmitted
from contracts.values import LocalizedText
from services.chassis.errors import NotFound
from services.chassis.paging import Page, page_number
from services.projects.rules.search import read_query
from services.projects.tables.proposals import ProposalRow, ProposalVersionRow

PAGE_SIZE: Final = 25


@dataclass(frozen=True)
class Filters:
    """What a coordinator asks to see; an empty field asks for nothing in particular."""

    words: str = ""
    statuses: tuple[str, ...] = ()
    """submitted, withdrawn."""
    species: tuple[str, ...] = ()
    states: tuple[str, ...] = ()

    @property
    def active(self) -> int:
        """How many filters narrow the list, apart from the words."""
        return len(self.statuses) + len(self.species) + len(self.states)


def own_proposal(session: Session, organisation_id: UUID, proposal_id: UUID) -> ProposalRow:
    """A proposal of that organisation. Raises NotFound for any other: it looks as if there were none."""
    row = session.get(ProposalRow, proposal_id)
    if row is None or row.organisation_id != organisation_id:
        raise NotFound(f"no proposal {proposal_id}")
    return row


def own_proposals(session: Session, organisation_id: UUID) -> list[ProposalRow]:
    """All proposals of an organisation, deleted ones too, the one changed last first."""
    found = select(ProposalRow).where(ProposalRow.organisation_id == organisation_id)
    return list(session.exec(found.order_by(col(ProposalRow.updated_at).desc(), col(ProposalRow.id).desc())))


def versions_of(session: Session, proposal_id: UUID) -> list[ProposalVersionRow]:
    """Every version that was submitted, the newest first."""
    found = select(ProposalVersionRow).where(ProposalVersionRow.proposal_id == proposal_id)
    return list(session.exec(found.order_by(col(ProposalVersionRow.version).desc())))


def version_of(session: Session, proposal_id: UUID, version: int | None = None) -> ProposalVersionRow:
    """One submitted version, by default the newest. Raises NotFound."""
    found = select(ProposalVersionRow).where(ProposalVersionRow.proposal_id == proposal_id)
    wanted = col(ProposalVersionRow.latest).is_(True) if version is None else col(ProposalVersionRow.version) == version
    row = session.exec(found.where(wanted)).first()
    if row is None:
        raise NotFound(f"proposal {proposal_id} has no version {version or ''}")
    return row


def said(row: ProposalVersionRow) -> ProposalSubmitted:
    """What was submitted."""
    return ProposalSubmitted.model_validate(row.payload)


def title_of(row: ProposalRow | ProposalVersionRow) -> LocalizedText:
    """The title, perhaps empty."""
    title: Any = row.title if isinstance(row, ProposalVersionRow) else row.texts.get("title")
    return LocalizedText.model_validate(title or {})


def submitted_proposals(session: Session, filters: Filters, asked_page: int) -> Page[ProposalVersionRow]:
    """The newest version of every proposal that was ever submitted, the latest submission first."""
    wanted = _wanted(filters)
    total = session.exec(select(func.count()).select_from(ProposalVersionRow).where(wanted)).one()
    number = page_number(asked_page, total, PAGE_SIZE)
    found = (
        select(ProposalVersionRow)
        .where(wanted)
        .order_by(col(ProposalVersionRow.submitted_at).desc(), col(ProposalVersionRow.proposal_id))
        .offset((number - 1) * PAGE_SIZE)
        .limit(PAGE_SIZE)
    )
    return Page(session.exec(found).all(), number, PAGE_SIZE, total)


def count_by_status(session: Session) -> dict[str, int]:
    """How many proposals are with the secretariat, and how many were taken back."""
    withdrawn = col(ProposalVersionRow.withdrawn_at).is_not(None)
    rows = session.exec(
        select(withdrawn, func.count()).where(col(ProposalVersionRow.latest).is_(True)).group_by(withdrawn)
    )
    return {"withdrawn" if taken_back else "submitted": count for taken_back, count in rows}


def facets_in_use(session: Session) -> dict[str, int]:
    """Codes of species and states among all proposals that were submitted, with how many proposals have each."""
    counts: dict[str, int] = {}
    for facets in session.exec(select(ProposalVersionRow.facets).where(col(ProposalVersionRow.latest).is_(True))):
        for code in facets.strip("|").split("|"):
            counts[code] = counts.get(code, 0) + 1
    return counts


def _wanted(filters: Filters) -> ColumnElement[bool]:
    conditions: list[Any] = [col(ProposalVersionRow.latest).is_(True)]
    query = read_query(filters.words)
    words = [*query.stems, *(f" {part} " for number in query.numbers for part in number.split("."))]
    conditions += [col(ProposalVersionRow.words).contains(word, autoescape=True) for word in words]
    if filters.statuses:
        withdrawn = col(ProposalVersionRow.withdrawn_at)
        one_of = {"submitted": withdrawn.is_(None), "withdrawn": withdrawn.is_not(None)}
        conditions.append(or_(*(one_of[status] for status in filters.statuses if status in one_of)))
    for codes in (filters.species, filters.states):
        if codes:
            conditions.append(or_(*(_has(code) for code in codes)))
    return and_(*conditions)


def _has(code: str) -> ColumnElement[bool]:
    return col(ProposalVersionRow.facets).contains(f"|{code}|", autoescape=True)
