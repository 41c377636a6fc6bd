"""Versions of the weights, newest first, and the names of what a preview moves."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from contracts.values import LocalizedText
from services.matching import shipped
from services.matching.rules.weights import PointChange, Weights, changes_between
from services.matching.tables import ProposalCopy, WeightsVersion, WindowCopy


@dataclass(frozen=True)
class Version:
    """One version of the weights, and how it differs from the one that was in force before it."""

    number: int
    points: Mapping[str, int]
    changes: tuple[PointChange, ...]
    same_as: int | None = None
    put_by: str = ""
    """Empty for a version that the program ships with."""
    put_at: datetime | None = None
    pairs: int = 0


def versions(session: Session) -> list[Version]:
    """Every version, newest first: those that people have put in force, then those that the program ships with."""
    rows = session.execute(select(WeightsVersion).order_by(col(WeightsVersion.number))).scalars().all()
    data: dict[int, Mapping[str, Any]] = {n: shipped.weights_data(n) for n in range(1, shipped.WEIGHTS_VERSION + 1)}
    found = [
        Version(number, Weights.from_data(one).proposal, tuple(changes_between(data.get(number - 1, one), one)))
        for number, one in data.items()
    ]
    for row in rows:
        data[row.number] = row.data
        found.append(
            Version(
                row.number, Weights.from_data(row.data).proposal,
                tuple(changes_between(data[row.based_on], row.data)), row.same_as, row.put_by, row.put_at, row.pairs,
            )
        )  # fmt: skip
    return sorted(found, key=lambda version: -version.number)


@dataclass(frozen=True)
class Names:
    """What proposals and windows are called, by their ids."""

    proposals: Mapping[str, tuple[str, LocalizedText]]
    """(reference, title)."""
    windows: Mapping[str, tuple[str, str]]
    """(name, donor's name)."""


def names(session: Session, proposals: Collection[str], windows: Collection[str]) -> Names:
    """The names of those asked for."""
    of_proposals = select(col(ProposalCopy.proposal_id), col(ProposalCopy.reference), col(ProposalCopy.title)).where(
        col(ProposalCopy.proposal_id).in_([UUID(one) for one in proposals])
    )
    of_windows = select(col(WindowCopy.window_id), col(WindowCopy.name), col(WindowCopy.donor_name)).where(
        col(WindowCopy.window_id).in_(list(windows))
    )
    return Names(
        {str(row[0]): (row[1], LocalizedText.model_validate(row[2])) for row in session.execute(of_proposals)},
        {row[0]: (row[1], row[2]) for row in session.execute(of_windows)},
    )
