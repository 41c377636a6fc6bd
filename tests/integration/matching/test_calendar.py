"""What moves without an event: days pass, and terms that were read once are not read again."""

from datetime import UTC, date, datetime

import pytest
from sqlmodel import select

from contracts.windows import CallRule
from services.chassis.service import Service
from services.matching.handlers import catch_up, terms
from services.matching.tables import ActionPair
from tests.integration.matching.conftest import Pages
from tests.integration.matching.events import action, hand, imported, published, submitted
from tests.unit.matching.build import window

OPENS = CallRule(cycle="annual", opens=date(2026, 12, 1), deadline=date(2027, 3, 1), zone="Asia/Bishkek")
BEFORE, AFTER = datetime(2026, 11, 30, 17, 59, tzinfo=UTC), datetime(2026, 11, 30, 18, 1, tzinfo=UTC)


def verdicts(service: Service) -> list[str]:
    with service.read() as session:
        return list(session.exec(select(ActionPair.overall)))


@pytest.fixture
def opening(matching: Service) -> Service:
    """The service with one action, and a window that opens on a day that is known."""
    hand(matching, published(window("a", status="opens_later", call=OPENS)), action("3.1"), imported(1))
    assert verdicts(matching) == ["yes"]
    return matching


def test_an_opening_day_that_comes_without_an_event_is_noticed_for_actions_too(opening: Service) -> None:
    seen = []
    for moment in (BEFORE, AFTER, AFTER):
        opening.clock = lambda moment=moment: moment  # type: ignore[misc]
        with opening.work() as context:
            seen.append(catch_up(context))
    assert seen == [0, 1, 0]  # the day begins six hours earlier in Bishkek
    assert verdicts(opening) == ["unknown"]


def test_the_page_of_an_action_notices_it_before_it_shows_the_window(opening: Service, pages: Pages) -> None:
    opening.clock = lambda: AFTER
    pages.get("/matching/actions/3.1")
    assert verdicts(opening) == ["unknown"]


def test_terms_are_all_there_however_many_revisions_were_read_before(
    matching: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terms, "_LIMIT", 3)
    hand(matching, submitted(), *(published(window(name)) for name in "abcd"))
    for revision in range(2, 8):
        hand(matching, published(window("a", revision=revision)), submitted())
    with matching.read() as session:
        found = terms.all_terms(session)
    assert [(one.window_id, one.revision) for one in found] == [("a", 7), ("b", 1), ("c", 1), ("d", 1)]
