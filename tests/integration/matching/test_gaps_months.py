"""The map of past months; what is told of windows that close; actions in order of how orphaned they are."""

import re
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import event
from sqlalchemy import select as sa_select

from contracts.windows import CallRule
from services.chassis.service import Service
from services.matching.commands import DecidePair
from services.matching.handlers import decide_pair
from services.matching.queries import gaps as queries
from services.matching.queries.pursuits import pursuits
from services.matching.rules.decisions import Decision
from services.matching.rules.gaps import NOW as EVER
from services.matching.rules.gaps import Pursued, pleas_from, standing_lives
from services.matching.tables import ProposalLife
from tests.integration.matching.conftest import OTHER_NGO, Pages
from tests.integration.matching.events import NOW, PROGRAMME, action, hand, imported, published, submitted, withdrawn
from tests.integration.matching.mapping import LONE, NGO, SHARED, at, inventory, propose, table_of
from tests.integration.matching.pursuing import move, moves, pursuit, undo
from tests.unit.matching.build import window


@pytest.fixture
def year(pages: Pages) -> Pages:
    """One proposal of July, with a donor in September and awarded in November; one of August, withdrawn in October."""
    inventory(pages.service)
    lone = submitted(LONE, states=["KAZ"], organisation=OTHER_NGO, submitted_at=at(8), reference="CAMI-12")
    propose(pages.service, SHARED, "3.1", "9.1", states=["KGZ"], organisation=NGO, submitted_at=at(7))
    propose(pages.service, LONE, "3.2", states=["KAZ"], organisation=OTHER_NGO, submitted_at=at(8))
    for month, stage, amount in ((9, "submitted", 9000), (11, "awarded", 8000)):
        pages.service.clock = lambda month=month: at(month)  # type: ignore[misc]
        move(pages.service, SHARED, stage, amount, day=at(month).date())  # type: ignore[arg-type]
    hand(pages.service, withdrawn(lone).model_copy(update={"withdrawn_at": at(10)}))
    pages.service.clock = lambda: NOW
    return pages


def months_of(page: str) -> dict[str, list[int]]:
    """Month -> funded, pending, pursued, proposed, orphaned, all."""
    rows = re.findall(r'<tr>\s*<th scope="row">.*?>([^<]+)</a></th>(.*?)</tr>', page, re.S)
    return {
        name.replace("\N{NO-BREAK SPACE}", " "): [int(n) for n in re.findall(r'data-label="[^"]+">(\d+)</td>', cells)]
        for name, cells in rows
    }


def test_each_month_is_what_was_known_by_its_end(year: Pages) -> None:
    assert months_of(year.get("/matching/gaps/history")) == {
        "Now": [2, 0, 0, 0, 2, 4],
        "October 2026": [0, 2, 0, 0, 2, 4],
        "September 2026": [0, 2, 0, 1, 1, 4],
        "August 2026": [0, 0, 0, 3, 1, 4],
        "July 2026": [0, 0, 0, 2, 2, 4],
    }
    of_one = months_of(year.get("/matching/gaps/history?priority=low"))
    assert of_one["September 2026"] == [0, 1, 0, 0, 0, 1]
    page = year.get("/matching/gaps/history")
    assert page.count("<svg viewBox") == 5
    assert "0 at the end of July 2026, 2 by now; the most was 2." in page.replace("\N{NO-BREAK SPACE}", " ")


def test_the_map_of_a_month_is_the_map_of_its_end(year: Pages) -> None:
    august = table_of(year.get("/matching/gaps?month=2026-08&measure=proposed"))
    assert august.figure("3", "Kazakhstan") == "1"
    assert august.rows["all"][-1] == "3"
    page = year.get("/matching/gaps?month=2026-09&measure=pending")
    assert table_of(page).rows["all"][-1] == "2"
    assert "September 2026" in page.replace("\N{NO-BREAK SPACE}", " ")
    assert "Windows that close unused</h2>" not in page
    assert "CAMI-12" in year.get("/matching/gaps/cell?month=2026-08&section=3")
    assert "CAMI-12" not in year.get("/matching/gaps/cell?section=3")
    money = table_of(year.get("/matching/gaps?month=2026-10&measure=asked"))
    assert money.rows["all"][-1] == "9"
    assert table_of(year.get("/matching/gaps?measure=awarded")).rows["all"][-1] == "8"
    assert "month=2027-01" in year.get("/matching/gaps?month=2027-01"), "a month to come is not understood"


def test_the_map_of_now_knows_the_pursuits_that_the_board_knows(year: Pages) -> None:
    service = year.service

    def both() -> tuple[object, object]:
        with service.read() as session:
            lives = queries.lives(session, PROGRAMME)
            stood = [life for life in standing_lives(lives, EVER) if life.action_ids]
            known: dict[UUID, tuple[Pursued, ...]] = {}
            for one in pursuits(session):
                if one.live:
                    own = Pursued(one.window_id, one.stage, one.amount_usd)
                    known[one.proposal_id] = (*known.get(one.proposal_id, ()), own)
            return queries.pleas(session, lives), pleas_from(stood, known)

    def decide(stage: str) -> None:
        with service.work() as context:
            decide_pair(context, DecidePair(SHARED, "b", Decision(stage, "why"), UUID(int=7), "C"))  # type: ignore[arg-type]

    now, board = both()
    assert now == board
    decide("shortlisted")
    assert both()[0] == both()[1]
    move(service, SHARED, "contacted", window_id="b")
    decide("dismissed")
    assert both()[0] == both()[1]
    last = pursuit(service, SHARED)
    assert last is not None
    assert last.move_id is not None
    undo(service, SHARED, last.move_id)
    now, board = both()
    assert now == board
    assert now[0].standing == "pending"  # type: ignore[index]
    assert len(moves(service)) == 4


def test_versions_are_kept_whatever_order_they_come_in(matching: Service) -> None:
    first, second = (submitted(SHARED, version=number, submitted_at=at(5 + number)) for number in (1, 2))
    hand(matching, withdrawn(second), second, first, first)
    with matching.read() as session:
        rows = session.execute(sa_select(ProposalLife).order_by(ProposalLife.version)).scalars().all()  # type: ignore[arg-type]
        assert [(row.version, row.submitted_at, row.withdrawn_at) for row in rows] == [
            (1, at(6), None), (2, at(7), NOW),
        ]  # fmt: skip
        assert [life.version for life in standing_lives(queries.lives(session, PROGRAMME), at(8))] == [2]
        assert standing_lives(queries.lives(session, PROGRAMME), EVER) == []


def test_a_proposal_for_another_programme_is_not_on_this_map(year: Pages) -> None:
    propose(year.service, LONE, "3.2", states=["KAZ"], version=2, programme_id="cami-2027-2032")
    assert table_of(year.get("/matching/gaps?measure=proposed")).rows["all"][-1] == "0"


def test_reading_the_map_takes_as_many_queries_however_many_proposals(pages: Pages) -> None:
    inventory(pages.service)

    def queries_of_one_page() -> int:
        seen: list[str] = []
        with pages.service.read() as session:
            engine = session.get_bind()

        def count(_c: object, _k: object, statement: str, *_rest: object) -> None:
            seen.append(statement)

        event.listen(engine, "before_cursor_execute", count)
        pages.get("/matching/gaps")
        pages.get("/matching/gaps/cell")
        event.remove(engine, "before_cursor_execute", count)
        return len(seen)

    propose(pages.service, SHARED, "3.1", states=["KGZ"])
    few = queries_of_one_page()
    for number in range(200, 212):
        propose(pages.service, UUID(int=number), "3.1", "3.2", states=["KGZ", "KAZ"])
    assert queries_of_one_page() == few


def test_windows_that_close_unused_are_told_until_somebody_asks(pages: Pages) -> None:
    call = CallRule(cycle="annual", deadline=date(2027, 1, 31))
    hand(
        pages.service, published(window("a", name="Small Grant", call=call)), action("3.1"), action("3.2"),
        imported(2), submitted(SHARED, states=["KGZ"]),
    )  # fmt: skip
    assert "No such window closes within this time." in pages.get("/matching/gaps")
    page = pages.get("/matching/gaps?days=90")
    assert "Small Grant" in page
    assert '<a href="/matching/actions/3.2">3.2</a>' in page, "no other window could pay for it"
    assert '<a href="/matching/actions/3.1">3.1</a>' not in page, "it is proposed"
    move(pages.service, SHARED, "contacted")
    assert "No such window closes within this time." in pages.get("/matching/gaps?days=90")


def test_actions_stand_in_order_of_how_orphaned_they_are(year: Pages) -> None:
    def order(page: str) -> list[str]:
        return list(dict.fromkeys(re.findall(r'href="/matching/actions/([\d.]+)"', page)))

    assert order(year.get("/matching/actions?sort=orphaned")) == ["3.2", "31.5", "3.1", "9.1"]
    assert order(year.get("/matching/actions?funding=orphaned")) == ["3.2", "31.5"]
    assert order(year.get("/matching/actions?funding=funded&sort=number")) == ["3.1", "9.1"]
    hand(year.service, action("3.3"), imported(5))
    page = year.get("/matching/windows/a")
    assert order(page) == ["3.3", "3.1", "3.2", "31.5"], "by priority, and the orphaned before the funded"
    assert page.count('class="standing standing--orphaned"') == 3


def test_an_actions_page_names_the_five_kinds_of_windows(year: Pages) -> None:
    page = year.get("/matching/actions/3.1")
    for kind in ("gef", "trust_fund", "bilateral", "foundation", "private_sector"):
        assert f'id="kind-{kind}"' in page
    assert page.count("No window of this kind could pay for it at present.") == 4
    assert "standing--funded" in page
