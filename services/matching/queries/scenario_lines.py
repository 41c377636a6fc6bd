"""What the form of a scenario lists: windows and proposals, a page of them at a time.

Everything that a whole list is searched and ordered by is one light query. What costs more is asked of the lines of
one page alone: an installation may have thousands of proposals.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, col

from contracts.values import LocalizedText
from services.matching.handlers.terms import all_terms
from services.matching.queries.portfolios import awards, candidates, judged
from services.matching.queries.pursuits import pursuits
from services.matching.rules.portfolios import Changes, basis_of, ceiling, floor, in_usd
from services.matching.shipped import blending, rates
from services.matching.tables import LIVE, Pair, ProposalCopy


@dataclass(frozen=True)
class WindowLine:
    """A window that a scenario can change. Amounts are whole US dollars at planning rates."""

    window_id: str
    name: str
    donor_name: str
    smallest: int
    largest: int | None
    pairs: int
    """Proposals that no rule refuses."""

    def found_by(self, words: Sequence[str]) -> bool:
        """Whether all of the words, in small letters, stand in its names."""
        text = f"{self.name} {self.donor_name} {self.window_id}".casefold()
        return all(word in text for word in words)


@dataclass(frozen=True)
class ProposalLine:
    """A proposal that a scenario can wish for."""

    proposal_id: UUID
    reference: str
    title: LocalizedText
    organisation: str

    def found_by(self, words: Sequence[str]) -> bool:
        """Whether all of the words, in small letters, stand in its reference, title (in any language) or applicant."""
        titles = " ".join(version.text for version in self.title.versions.values())
        text = f"{self.reference} {self.organisation} {titles}".casefold()
        return all(word in text for word in words)


@dataclass(frozen=True)
class Offered:
    """What there is to change."""

    windows: Sequence[WindowLine]
    """Those that fit more proposals first."""
    proposals: Sequence[ProposalLine]


@dataclass(frozen=True)
class Size:
    """What a proposal needs in whole US dollars, and how many windows count for it."""

    need: int
    pairs: int


def offered(session: Session) -> Offered:
    """Today's windows and proposals."""
    counts = _proposals_of_windows(session)
    windows = []
    for one in all_terms(session):
        if one.window_id in blending().preparation:
            continue
        rule = one.amount
        smallest = in_usd(rule.minimum, rule.currency, rates(), ROUND_CEILING) if rule.minimum is not None else None
        largest = in_usd(rule.maximum, rule.currency, rates(), ROUND_FLOOR) if rule.maximum is not None else None
        windows.append(
            WindowLine(one.window_id, one.name, one.donor_name, smallest or 0, largest, counts.get(one.window_id, 0))
        )
    windows.sort(key=lambda one: (-one.pairs, one.donor_name.casefold(), one.name.casefold()))
    query = select(
        col(ProposalCopy.proposal_id), col(ProposalCopy.reference), col(ProposalCopy.title),
        col(ProposalCopy.organisation_name),
    ).where(LIVE)  # fmt: skip
    proposals = [
        ProposalLine(proposal_id, reference, LocalizedText.model_validate(title), organisation)
        for proposal_id, reference, title, organisation in session.execute(
            query.order_by(col(ProposalCopy.reference), col(ProposalCopy.proposal_id))
        )
    ]
    return Offered(windows, proposals)


def sizes(session: Session, proposal_ids: Collection[UUID]) -> Mapping[UUID, Size]:
    """The need of some proposals, and how many windows a plan of today would count for each."""
    if not proposal_ids:
        return {}
    pursued = pursuits(session)
    declined = {(one.proposal_id, one.window_id) for one in pursued if one.stage == "declined"}
    granted: defaultdict[UUID, Decimal] = defaultdict(Decimal)
    for award in awards(pursued):
        granted[award.proposal_id] += award.amount
    today = Changes()
    pairs = Counter(
        one.proposal_id
        for one in judged(session, declined, proposal_ids)
        if not one.set_aside and basis_of(one, today) is not None
    )
    return {
        one.proposal_id: Size(max(0, ceiling(one.requested) - floor(granted[one.proposal_id])), pairs[one.proposal_id])
        for one in candidates(session, proposal_ids)
    }


def _proposals_of_windows(session: Session) -> dict[str, int]:
    query = (
        select(col(Pair.window_id), func.count())
        .join(ProposalCopy, col(ProposalCopy.proposal_id) == col(Pair.proposal_id))
        .where(LIVE, col(Pair.overall) != "not_eligible")
        .group_by(col(Pair.window_id))
    )
    return {row[0]: row[1] for row in session.execute(query)}
