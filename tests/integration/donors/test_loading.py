"""The shipped inventory arrives once, is updated, and never overwrites what a person has written."""

from decimal import Decimal
from uuid import UUID

from contracts.windows import WindowTerms
from services.chassis.migrations import differences
from services.chassis.service import Service
from services.donors import handlers, queries, shipped
from services.donors.commands import Author, LoadInventory, ReviseTerms
from services.donors.component import COMPONENT
from tests.integration.donors.conftest import published
from tests.support import outbox_of


def test_the_migrated_tables_are_those_of_the_models(donors: Service) -> None:
    assert differences(COMPONENT, donors.db) == []


def test_loading_twice_tells_everybody_once(donors: Service) -> None:
    told: list[tuple[int, int]] = []
    shipped.load(donors, lambda _what, done, total: told.append((done, total)))
    assert told[-1] == (69, 69)
    events = outbox_of(donors)
    assert len(events) == len({event.subject for event in events}) == 69


def test_a_shipped_update_becomes_a_revision_unless_a_person_has_changed_the_window(donors: Service) -> None:
    by_id = {terms.window_id: terms for terms in shipped.shipped_windows()}
    ours, theirs = by_id["mbz"], by_id["ptes"]

    def raised(terms: WindowTerms) -> WindowTerms:
        return terms.model_copy(update={"amount": terms.amount.model_copy(update={"maximum": Decimal(99_000)})})

    edited = theirs.model_copy(update={"notes": "Called them today."})
    with donors.work() as context:
        author = Author("Camille", UUID(int=7))
        handlers.revise_terms(context, ReviseTerms("ptes", 1, edited, "A call.", author))
    with donors.work() as context:
        update = LoadInventory((raised(ours), raised(theirs)))
        loaded = handlers.load_inventory(context, update)
    assert (loaded.added, loaded.updated, loaded.kept) == (0, 1, 1)
    with donors.read() as session:
        assert queries.window(session, "mbz").terms.amount.maximum == Decimal(99_000)
        kept = queries.window(session, "ptes").terms
    assert (kept.amount.maximum, kept.notes) == (Decimal(20_000), "Called them today.")
    assert published(donors, "mbz")[-1].data.changed == ["amount"]
