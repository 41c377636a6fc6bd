"""Windows as pages show them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Text, cast, select
from sqlmodel import Session, col

from contracts.windows import WindowTerms
from services.chassis.errors import NotFound
from services.donors import rules
from services.donors.queries.selection import Entry, Found, Selection, find
from services.donors.tables import DonorRow, WindowRevisionRow, WindowRow


@dataclass(frozen=True)
class Revision:
    """One entry of a window's history."""

    number: int
    changed: tuple[str, ...]
    changed_by: str
    person_id: UUID | None
    changed_at: datetime
    reason: str


@dataclass(frozen=True)
class WindowView:
    """A window with its history, newest first."""

    terms: WindowTerms
    changed_at: datetime
    history: tuple[Revision, ...]

    @property
    def is_closed(self) -> bool:
        """Whether it takes no more applications."""
        return self.terms.status == rules.CLOSED


@dataclass(frozen=True)
class Difference:
    """Two successive revisions of a window: what the later one changed."""

    revision: Revision
    before: WindowTerms
    after: WindowTerms


def entries(session: Session) -> list[Entry]:
    """What choosing needs to know of every window."""
    row, donor = WindowRow, DonorRow
    found = session.execute(
        select(
            col(row.id), col(row.name), col(row.donor_id), col(donor.name), col(row.kind), col(row.fund),
            col(row.status), col(row.cofinancing), col(row.deadline), col(row.maximum_usd), col(row.check_again),
            col(row.facets), col(row.words),
        ).join(donor, col(donor.id) == col(row.donor_id))
    )  # fmt: skip
    return [Entry(*values) for values in found]


def windows(session: Session, selection: Selection, today: date) -> tuple[Found, list[WindowTerms]]:
    """What `selection` finds, and the terms of the windows on its page."""
    found = find(entries(session), selection, today)
    terms = terms_of(session, [entry.id for entry in found.page])
    return found, [terms[entry.id] for entry in found.page]


def terms_of(session: Session, window_ids: Iterable[str]) -> dict[str, WindowTerms]:
    """The present terms of some windows."""
    # As text: pydantic reads JSON several times faster than it reads what another reader has made of it.
    text = cast(col(WindowRow.terms), Text)
    rows = session.execute(select(col(WindowRow.id), text).where(col(WindowRow.id).in_(list(window_ids))))
    return {window_id: WindowTerms.model_validate_json(terms) for window_id, terms in rows}


def window(session: Session, window_id: str) -> WindowView:
    """One window with its history. Raises NotFound."""
    row = session.get(WindowRow, window_id)
    if row is None:
        raise NotFound(f"no window {window_id}")
    rows = session.execute(
        select(WindowRevisionRow)
        .where(col(WindowRevisionRow.window_id) == window_id)
        .order_by(col(WindowRevisionRow.revision).desc())
    ).scalars()
    return WindowView(WindowTerms.model_validate(row.terms), row.changed_at, tuple(_revision(one) for one in rows))


def terms_at(session: Session, window_id: str, revision: int) -> WindowTerms:
    """The terms of a window as they stood at one revision. Raises NotFound."""
    row = session.get(WindowRevisionRow, (window_id, revision))
    if row is None:
        raise NotFound(f"window {window_id} has no revision {revision}")
    return WindowTerms.model_validate(row.terms)


def differences(session: Session, window_id: str) -> list[Difference]:
    """What each revision changed, newest first; the first revision of all is no difference. Raises NotFound."""
    rows = list(
        session.execute(
            select(WindowRevisionRow)
            .where(col(WindowRevisionRow.window_id) == window_id)
            .order_by(col(WindowRevisionRow.revision).desc())
        ).scalars()
    )
    if not rows:
        raise NotFound(f"no window {window_id}")
    terms = [WindowTerms.model_validate(row.terms) for row in rows]
    later = zip(rows, terms, strict=True)
    return [Difference(_revision(row), before, after) for (row, after), before in zip(later, terms[1:], strict=False)]


def status_before_closing(session: Session, window_id: str) -> str:
    """The status that a closed window had last before it was closed; `unknown` when it never had another."""
    rows = session.execute(
        select(col(WindowRevisionRow.terms))
        .where(col(WindowRevisionRow.window_id) == window_id)
        .order_by(col(WindowRevisionRow.revision).desc())
    ).scalars()
    statuses = (str(terms["status"]) for terms in rows)
    return next((status for status in statuses if status != rules.CLOSED), "unknown")


def _revision(row: WindowRevisionRow) -> Revision:
    return Revision(row.revision, tuple(row.changed), row.changed_by, row.person_id, row.changed_at, row.reason)
