"""Stopped and started again: nothing is lost, nothing is there twice, nothing is handled twice."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.chassis.settings import Settings
from services.demo.browser import Browser
from services.registry import COMPONENTS
from tests.e2e.conftest import Prepared, town_of
from tests.e2e.people import Ngo, Town
from tests.e2e.program import Books, copied, running, until

SHORTLISTED, DISMISSED, EDITED, CLOSED = "gef-sgp-regular", "mbz", "rufford-follow", "iki-small"
REASON = "Too small for what they ask."
EVERY_TABLE = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"


@dataclass
class State:
    """What stood in the files, and what people saw, at one moment."""

    tables: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)
    bus: dict[str, int] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)


def state_of(books: Books, pages: dict[str, str]) -> State:
    """Every row of every table but sign-in links, which each start adds to; the length of every topic."""
    tables = {}
    for service in COMPONENTS:
        for (table,) in books.rows(service, EVERY_TABLE):
            if table not in ("sign_in_link", "person"):
                tables[f"{service}.{table}"] = sorted(books.rows(service, f'SELECT * FROM "{table}"'), key=repr)
    topics = {f"cami.{name}": len(books.events(f"cami.{name}")) for name in COMPONENTS}
    return State(tables, topics, pages)


def seen_by(town: Town, ngo: Ngo, proposal: str) -> dict[str, str]:
    """The words of the pages that matter, each as the person sees it who works with it."""
    coordinator = town.example("coordinator")
    ranking = f"/matching/proposals/{proposal}"
    looked_at: dict[str, Browser] = {
        f"/projects/proposals/{proposal}": ngo.browser,
        ranking: coordinator,
        f"{ranking}/windows/{SHORTLISTED}": coordinator,
        f"{ranking}/windows/{DISMISSED}": coordinator,
        f"{ranking}/windows/{CLOSED}": coordinator,
        f"/donors/windows/{EDITED}/history": coordinator,
        "/donors/windows": coordinator,
        "/projects/actions": coordinator,
    }
    pages = {}
    for path, browser in looked_at.items():
        browser.open(path)
        pages[path] = " ".join(str(browser.page.get_element_by_id("main").text_content()).split())
    return pages


def settled(books: Books) -> bool:
    """Whether every outbox is published and every inbox has what was meant for it."""
    waiting = sum(books.count(name, "outbox", "published_at IS NULL") for name in COMPONENTS)
    return waiting == 0 and lag_of(books) == 0


def lag_of(books: Books) -> int:
    """Messages on the bus that a service has not acknowledged yet."""
    from services.chassis.bus import open_bus
    from services.chassis.groups import groups_of

    bus = open_bus(books.settings)
    try:
        groups = [group for component in COMPONENTS.values() for group in groups_of(component)]
        return sum(sum(bus.lag(group).values()) for group in groups)
    finally:
        bus.close()


def work(town: Town, ngo: Ngo, proposal: str) -> None:
    """A day's work: submitted, decided, terms edited, a window closed."""
    coordinator = town.example("coordinator")
    ngo.submit(proposal)
    ranking = f"/matching/proposals/{proposal}/windows"
    until(lambda: is_there(coordinator, f"{ranking}/{SHORTLISTED}"), "the verdicts")
    for window, stage in ((SHORTLISTED, "shortlisted"), (DISMISSED, "dismissed")):
        coordinator.open(f"{ranking}/{window}")
        coordinator.post(coordinator.form("/decision"), {"stage": stage, "reason": REASON})
    coordinator.open(f"/donors/windows/{EDITED}/edit")
    change = {"amount_maximum": "125,000", "amount_maximum_known": "1", "reason": "They told us.", "step": "save"}
    coordinator.post(coordinator.form("/edit"), change)
    coordinator.open(f"/donors/windows/{CLOSED}")
    coordinator.post(coordinator.form("/close"), {"reason": "No more calls."})


def is_there(browser: Browser, path: str) -> bool:
    """Whether the page can be opened."""
    return browser._client.get(path).status_code == 200


@pytest.fixture(scope="module")
def lives(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[State, State, Path]]:
    """The state before a stop, and the one after the next start."""
    data_dir = copied(prepared.data_dir, tmp_path_factory.mktemp("restart") / "var")
    with running(data_dir) as first:
        town = town_of(first)
        ngo = town.sign_in(prepared.email)
        work(town, ngo, prepared.proposal)
        until(lambda: settled(first.books), "that everything is handled")
        before = state_of(first.books, seen_by(town, ngo, prepared.proposal))
        assert first.stop() == 0
    with running(data_dir) as second:
        assert httpx.get(f"{second.address}/readyz").status_code == 200
        until(lambda: settled(second.books), "that nothing is left")
        town = town_of(second)
        after = state_of(second.books, seen_by(town, town.sign_in(prepared.email), prepared.proposal))
        yield before, after, data_dir
        assert second.stop() == 0


def test_people_find_everything_as_they_left_it(lives: tuple[State, State, Path], prepared: Prepared) -> None:
    before, after, _ = lives
    assert after.pages == before.pages
    shown = " ".join(after.pages.values())
    assert REASON in shown
    assert "125,000" in shown
    assert "No more calls." in after.pages[f"/matching/proposals/{prepared.proposal}/windows/{CLOSED}"] + shown


def test_no_row_is_lost_and_none_is_there_twice(lives: tuple[State, State, Path]) -> None:
    before, after, _ = lives
    assert after.tables.keys() == before.tables.keys()
    for table, rows in before.tables.items():
        assert after.tables[table] == rows, table
    assert len(after.tables["donors.funding_window"]) == 69
    assert len(after.tables["projects.action"]) == 228
    assert len(after.tables["matching.pair"]) == 69


def test_nothing_is_told_again(lives: tuple[State, State, Path]) -> None:
    before, after, _ = lives
    assert after.bus == before.bus
    assert after.bus["cami.donors"] == 69 + 2
    assert after.bus["cami.projects"] == 228 + 1 + 1


def test_nothing_is_handled_again_and_nothing_is_parked(lives: tuple[State, State, Path]) -> None:
    _, after, _ = lives
    for service in COMPONENTS:
        assert after.tables[f"{service}.parked"] == []
        claimed = [row[1] for row in after.tables[f"{service}.inbox"]]
        assert len(claimed) == len(set(claimed)), service


def test_the_key_that_signs_sessions_outlives_a_start(lives: tuple[State, State, Path]) -> None:
    _, _, data_dir = lives
    assert (data_dir / "secret.key").stat().st_mode & 0o777 == 0o600
    assert Settings(data_dir=data_dir).key == (data_dir / "secret.key").read_text().strip()


def test_nobody_can_sign_in_with_what_stands_in_the_log(lives: tuple[State, State, Path]) -> None:
    _, _, data_dir = lives
    lines = (data_dir.parent / "var-all.log").read_text(encoding="utf-8").splitlines()
    links = [line for line in lines if "cami.access" in line and "/accounts/link/" in line]
    assert links
    assert all("/accounts/link/{token} " in line for line in links)
