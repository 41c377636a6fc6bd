"""What happens to the inventory: load, decide, save, tell. Every change is a revision, and every revision is told."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session

from contracts import vocabulary
from contracts.events import WindowPublished
from contracts.windows import WindowTerms
from services.chassis.errors import Conflict, Invalid, NotFound
from services.chassis.i18n import N_
from services.chassis.service import Context, Routes
from services.donors import rules
from services.donors.commands import Author, CloseWindow, LoadInventory, ReopenWindow, ReviseTerms
from services.donors.problems import errors_of
from services.donors.tables import DonorRow, WindowRevisionRow, WindowRow

SHIPPED_BY: Final = Author("CAMI")
SHIPPED_FIRST: Final = N_("First entry in the shipped inventory.")
SHIPPED_AGAIN: Final = N_("Update of the shipped inventory.")
CHANGED_MEANWHILE: Final = "somebody has saved another revision meanwhile"


@dataclass(frozen=True)
class Loaded:
    """What loading did: how many windows are new, updated, or left as a person has made them."""

    added: int = 0
    updated: int = 0
    kept: int = 0


def load_inventory(context: Context, command: LoadInventory) -> Loaded:
    """Add and update shipped windows. One whose present revision a person made stays as it is."""
    added = updated = kept = 0
    for shipped in command.windows:
        row = context.session.get(WindowRow, shipped.window_id, with_for_update=True)
        if row is None:
            _write(context, None, shipped.model_copy(update={"revision": 1}), SHIPPED_BY, SHIPPED_FIRST)
            added += 1
        elif row.by_hand:
            kept += 1
        elif rules.changed(terms_of(row), shipped):
            terms = rules.stamped(terms_of(row), shipped, row.revision + 1)
            _write(context, row, terms, SHIPPED_BY, SHIPPED_AGAIN)
            updated += 1
    return Loaded(added, updated, kept)


def revise_terms(context: Context, command: ReviseTerms) -> WindowRow:
    """Save other terms as a new revision. The same command twice saves once; terms that say nothing new save nothing.

    Raises NotFound, Invalid for terms that contradict themselves, Conflict when somebody else was faster.
    """
    row = window_row(context.session, command.window_id)
    present = terms_of(row)
    nothing_new = not rules.changed(present, command.terms)
    just_saved = row.revision == command.revision + 1 and _maker(context.session, row) == command.author.person_id
    if nothing_new and just_saved:
        return row  # the second click of two
    if row.revision != command.revision:
        raise Conflict(CHANGED_MEANWHILE)
    if found := rules.problems(command.terms, rules.latest_today(context.now)):
        raise Invalid(errors_of(found))
    if nothing_new:
        return row
    terms = rules.stamped(present, command.terms, row.revision + 1)
    return _write(context, row, terms, command.author, command.reason)


def close_window(context: Context, command: CloseWindow) -> WindowRow:
    """Close a window; one that is closed stays so. Raises NotFound, or Conflict when its terms changed meanwhile."""
    row = window_row(context.session, command.window_id)
    if row.status == rules.CLOSED:
        return row
    if row.revision != command.revision:
        raise Conflict(CHANGED_MEANWHILE)
    terms = rules.closed(terms_of(row), command.reason, context.now.date())
    terms = rules.stamped(terms_of(row), terms, row.revision + 1)
    return _write(context, row, terms, command.author, command.reason)


def reopen_window(context: Context, command: ReopenWindow) -> WindowRow:
    """Open a closed window again; one that already has that status stays so. Raises NotFound or Conflict."""
    row = window_row(context.session, command.window_id)
    if row.status == command.status:
        return row
    if row.revision != command.revision or row.status != rules.CLOSED:
        raise Conflict(CHANGED_MEANWHILE)
    terms = rules.reopened(terms_of(row), command.status, command.reason, context.now.date())
    terms = rules.stamped(terms_of(row), terms, row.revision + 1)
    return _write(context, row, terms, command.author, command.reason)


def window_row(session: Session, window_id: str) -> WindowRow:
    """The window's row, locked for this transaction. Raises NotFound."""
    row = session.get(WindowRow, window_id, with_for_update=True)
    if row is None:
        raise NotFound(f"no window {window_id}")
    return row


def terms_of(row: WindowRow | WindowRevisionRow) -> WindowTerms:
    """The terms that a row holds."""
    return WindowTerms.model_validate(row.terms)


def _maker(session: Session, row: WindowRow) -> UUID | None:
    """Who made the present revision."""
    found = session.get(WindowRevisionRow, (row.id, row.revision))
    return found.person_id if found else None


def _write(context: Context, row: WindowRow | None, terms: WindowTerms, author: Author, reason: str) -> WindowRow:
    """Save `terms` as the present revision, put them into the history, and tell everybody."""
    changed = [] if row is None else rules.changed(terms_of(row), terms)
    _keep_donor(context.session, terms)
    kept = terms.model_dump(mode="json")
    values = {**_columns(terms), "terms": kept, "by_hand": author.person_id is not None, "changed_at": context.now}
    if row is None:
        row = WindowRow(id=terms.window_id, **values)
    else:
        for name, value in values.items():
            setattr(row, name, value)
    context.session.add(row)
    context.session.flush()
    context.session.add(
        WindowRevisionRow(
            window_id=terms.window_id, revision=terms.revision, terms=kept, changed=changed,
            person_id=author.person_id, changed_by=author.name, changed_at=context.now, reason=reason,
        )
    )  # fmt: skip
    payload = WindowPublished(terms=terms, changed=changed, changed_by=author.name, reason=reason)
    context.emit(payload, subject=terms.window_id)
    return row


def _keep_donor(session: Session, terms: WindowTerms) -> None:
    donor = session.get(DonorRow, terms.donor_id)
    if donor is None:
        donor = DonorRow(id=terms.donor_id, name=terms.donor_name)
    donor.name = terms.donor_name
    session.add(donor)
    session.flush()


def _columns(terms: WindowTerms) -> dict[str, Any]:
    """What lists filter, sort and search by."""
    species = {code: rules.answer_for(terms, code).value for code in vocabulary.codes("species")}
    states = {code: terms.countries.states.get(code, "unknown") for code in vocabulary.codes("states")}
    texts = [terms.donor_name, terms.name, terms.window_id, *terms.theme_words]
    texts += [version.text for version in terms.summary.versions.values()]
    texts += _labels("themes", terms.themes) + _labels("window_kinds", [terms.kind])
    named = [code for code, answer in terms.species.species.items() if answer == "yes"]
    texts += _labels("species", [*terms.species.preferred, *named])
    return {
        "donor_id": terms.donor_id, "revision": terms.revision, "name": terms.name, "kind": terms.kind,
        "fund": terms.fund, "status": terms.status, "cofinancing": terms.cofinancing.mode,
        "deadline": terms.call.deadline, "maximum_usd": _in_dollars(terms), "check_again": terms.check_again,
        "facets": {"states": {k: str(v) for k, v in states.items()}, "species": species, "themes": terms.themes},
        "words": "\n".join(texts).casefold(),
    }  # fmt: skip


def _labels(name: str, codes: Iterable[str]) -> list[str]:
    return [vocabulary.label(name, code, language) for code in codes for language in vocabulary.LANGUAGES]


def _in_dollars(terms: WindowTerms) -> Decimal | None:
    """The ceiling at planning rates: good enough to sort by, and never shown."""
    rate = vocabulary.planning_rates()[0].get(terms.amount.currency)
    if terms.amount.maximum is None or not rate:
        return None
    return (terms.amount.maximum / rate).quantize(Decimal("0.01"))


ROUTES: Routes = {}
"""Donors lives on nobody else's events."""
