"""Many at once: of those who revise the same terms one is first, and the inventory is loaded once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier

from contracts.envelope import new_id
from services.chassis.errors import Conflict
from services.chassis.service import Service
from services.donors import handlers, queries
from services.donors.commands import Author, ReviseTerms
from services.donors.component import COMPONENT
from tests.integration.donors.conftest import published
from tests.support import outbox_of

AT_ONCE = 6


def test_of_many_who_revise_the_same_terms_one_is_first(donors: Service) -> None:
    with donors.read() as session:
        present = queries.window(session, "mbz").terms

    def revise(number: int) -> bool:
        terms = present.model_copy(update={"name": f"{present.name} {number}"})
        command = ReviseTerms("mbz", present.revision, terms, "A better name.", Author(f"Person {number}", new_id()))
        try:
            donors.run(lambda context: handlers.revise_terms(context, command))
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(AT_ONCE) as threads:
        assert sum(threads.map(revise, range(AT_ONCE))) == 1
    told = [event.data.terms for event in published(donors, "mbz")]
    with donors.read() as session:
        assert queries.window(session, "mbz").terms == told[-1]
    assert [terms.revision for terms in told] == [present.revision, present.revision + 1]


def test_replicas_that_start_at_once_load_the_inventory_once(make_service: Callable[..., Service]) -> None:
    one = make_service(COMPONENT)
    with closing(Service(COMPONENT, one.settings)) as other:
        together = Barrier(2)

        def load(service: Service) -> None:
            together.wait(30)
            service.load(lambda *_: None)

        with ThreadPoolExecutor(2) as threads:
            list(threads.map(load, (one, other)))
    subjects = [event.subject for event in outbox_of(one)]
    assert len(subjects) == len(set(subjects)) > 50
