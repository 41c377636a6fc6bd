"""What is behind a cell: its actions, with who has proposed them, who is asked for money, and who could pay."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlmodel import Session

from services.matching.pages.gaps.looking import View
from services.matching.queries import gaps as queries
from services.matching.queries.gaps import Known, Titled
from services.matching.rules.gaps import NOTHING, OUTSIDE, ActionGap, Standing, Sums, orphan_key
from services.matching.words import name_of_window

NAMED = 3
"""So many windows that could pay are named."""


@dataclass(frozen=True)
class Chased:
    """A pursuit of a proposal, named."""

    window_id: str
    window: str
    stage: str
    usd: Decimal | None


@dataclass(frozen=True)
class Addressing:
    """A proposal that addresses an action."""

    proposal: Titled
    standing: Standing
    pursuits: list[Chased]


@dataclass(frozen=True)
class Behind:
    """One action of a cell."""

    known: Known
    standing: Standing
    money: Sums
    proposals: list[Addressing]
    others: int
    """Proposals that the reader may not see."""
    payers: list[tuple[str, str]]
    """(window, name) of some that could pay."""
    more: int
    """How many more could."""


def gaps_in(view: View, section: int | None, column: str | None) -> list[ActionGap]:
    """The actions of a cell, most orphaned first; those of a row, of a column or of the whole map for None."""
    found = [
        gap
        for gap in view.gaps
        if (section is None or gap.need.section == section)
        and (column is None or column in gap.in_column or column in gap.money)
    ]
    return sorted(found, key=lambda gap: (*_key(gap, column), gap.need.sort_key))


def _key(gap: ActionGap, column: str | None) -> tuple[int, int, int]:
    return orphan_key(standing_in(gap, column), gap.need.weight, len(gap.payers_in(column)))


def standing_in(gap: ActionGap, column: str | None) -> Standing:
    """How far it has come there; in all where the column is none that it names."""
    return gap.in_column.get(column, gap.standing) if column else gap.standing


def behind(
    session: Session, view: View, gaps: list[ActionGap], column: str | None, organisation: UUID | None
) -> list[Behind]:  # fmt: skip
    """What is behind some actions. Proposals, and who is asked, are for staff and for whose proposals they are."""
    known = queries.titled(session, [one for gap in gaps for one in gap.pleas])
    names = {key: name_of_window(*name) for key, name in queries.window_names(session).items()}
    rows = []
    for gap in gaps:
        here = [one for one, places in gap.pleas.items() if column is None or column in places]
        seen = [known[one] for one in here if one in known and _may_see(view, known[one], organisation)]
        windows = sorted(gap.payers_in(None if column == OUTSIDE else column), key=lambda one: names.get(one, one))
        rows.append(
            Behind(
                view.known[gap.need.action_id], standing_in(gap, column),
                gap.sums if column is None else gap.money.get(column, NOTHING),
                [
                    Addressing(one, view.pleas[one.proposal_id].standing, _chased(view, one.proposal_id, names))
                    for one in sorted(seen, key=lambda one: one.reference)
                ],
                len(here) - len(seen), [(one, names.get(one, one)) for one in windows[:NAMED]],
                max(0, len(windows) - NAMED),
            )
        )  # fmt: skip
    return rows


def _may_see(view: View, proposal: Titled, organisation: UUID | None) -> bool:
    return view.staff or (organisation is not None and proposal.organisation_id == organisation)


def _chased(view: View, proposal: UUID, names: Mapping[str, str]) -> list[Chased]:
    if not view.staff:
        return []
    pursuits = view.pleas[proposal].pursuits
    return [Chased(one.window_id, names.get(one.window_id, one.window_id), one.stage, one.usd) for one in pursuits]
