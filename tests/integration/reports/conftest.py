"""What the tests of documents share: the service with read copies told by hand, and one PDF pool."""

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from pypdf import PdfReader
from starlette.testclient import TestClient

from contracts.envelope import Event
from contracts.events import WindowPublished
from contracts.windows import AmountRule, CountryRule, IntermediaryRule, SpeciesRule, WindowTerms
from services.chassis.i18n import load_catalogues
from services.chassis.pdf import PdfPool
from services.chassis.service import Service
from services.reports.component import COMPONENT
from services.reports.documents.environment import Composed
from services.reports.printer import Printer
from tests.conftest import MakeClient, MakeService
from tests.unit.reports.samples import action, event, judged, paired, proposal

WINDOW = "rufford-1"
Tell = Callable[..., None]
Printed = Callable[[Composed], PdfReader]


class LentPool(PdfPool):
    """A pool that outlives the services that use it."""

    def close(self) -> None:
        """Nothing: it is not theirs."""


@pytest.fixture(scope="session", autouse=True)
def _languages() -> None:
    """The words of documents in three languages."""
    load_catalogues([COMPONENT.locale])


@pytest.fixture
def reports(make_service: MakeService, pool: PdfPool) -> Service:
    """The service on a fresh database; its printer uses the pool of all tests."""
    return make_service(replace(COMPONENT, extras=lambda service: Printer(service, pool)))


@pytest.fixture
def tell(reports: Service) -> Tell:
    """Hands events to the service, each in a transaction of its own, as the consumer does."""

    def hand_over(*events: Event[Any]) -> None:
        for one in events:
            with reports.work(event=one) as context:
                COMPONENT.routes[type(one.data)](context, one)

    return hand_over


@pytest.fixture
def told(tell: Tell) -> None:
    """A proposal, a window and what matching says of the two."""
    tell(
        event(proposal()), event(action("9.2")), event(action("27.1")), event(WindowPublished(terms=window())),
        event(paired(WINDOW, ["9.2", "27.1"], count=19)), event(judged(WINDOW, 88)),
    )  # fmt: skip


@pytest.fixture
def pages(client: MakeClient, reports: Service) -> TestClient:
    """A browser on the pages of this service, with nobody signed in."""
    return client(COMPONENT)


@pytest.fixture(scope="session")
def pool() -> Iterator[PdfPool]:
    """One worker for all tests: starting one takes longer than most documents."""
    made = LentPool(1, 120)
    yield made
    PdfPool.close(made)


@pytest.fixture(scope="session")
def printed(pool: PdfPool) -> Printed:
    """Renders a document and reads it back; the engine must have nothing to say against it."""

    def render(composed: Composed) -> PdfReader:
        rendered = pool.render(composed.html, language=composed.language, title=composed.title)
        assert rendered.warnings == ()
        return PdfReader(io.BytesIO(rendered.pdf))

    return render


def text_of(pdf: PdfReader) -> str:
    """All text, with every kind of space made a plain one and hyphenation undone."""
    text = "\n".join(page.extract_text() for page in pdf.pages)
    return " ".join(text.replace("-\n", "").split())


def window(**changes: Any) -> WindowTerms:
    """A small grant with something known and something not."""
    values: dict[str, Any] = {
        "window_id": WINDOW, "revision": 1, "donor_id": "rufford", "donor_name": "Rufford Foundation",
        "name": "First small grant", "kind": "foundation", "status": "open",
        "amount": AmountRule(maximum=7000, currency="GBP", maximum_known=False),
        "countries": CountryRule(basis="list", states={"KAZ": "yes", "UZB": "yes", "RUS": "unknown"}),
        "species": SpeciesRule(basis="any"), "intermediary": IntermediaryRule(who="Grants director"),
        "url": "https://example.org/grants", "unverified": "Whether the ceiling still holds.",
    }  # fmt: skip
    return WindowTerms(**(values | changes))
