"""Donors with their windows."""

from dataclasses import dataclass
from itertools import groupby

from sqlmodel import Session

from contracts import vocabulary
from services.donors.queries.selection import Entry
from services.donors.queries.windows import entries


@dataclass(frozen=True)
class Donor:
    """A donor and what it offers."""

    id: str
    name: str
    windows: tuple[Entry, ...]


def donors(session: Session) -> list[tuple[str, list[Donor]]]:
    """(kind, donors whose windows are mainly of that kind), kinds and names in order."""

    def by_donor(entry: Entry) -> tuple[str, str, str]:
        return entry.donor_name.casefold(), entry.donor_id, entry.donor_name

    found = []
    for (_sort, donor_id, name), windows in groupby(sorted(entries(session), key=by_donor), key=by_donor):
        ordered = sorted(windows, key=lambda entry: entry.name.casefold())
        found.append(Donor(donor_id, name, tuple(ordered)))
    kinds = vocabulary.codes("window_kinds")
    by_kind = {kind: [donor for donor in found if donor.windows[0].kind == kind] for kind in kinds}
    other = [donor for donor in found if donor.windows[0].kind not in kinds]
    return [(kind, there) for kind, there in [*by_kind.items(), ("other", other)] if there]
