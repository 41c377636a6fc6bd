"""The markup of every page, parsed strictly, with data on it, in three languages."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import html5lib
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from contracts.vocabulary import LANGUAGES
from services.chassis.runner import Program
from services.chassis.service import Service
from services.demo.browser import Browser
from tests.e2e.people import Town
from tests.e2e.program import until
from tests.e2e.sights import NO_PAGE, PAGES, World, make_world, sights
from tests.house.test_access import ROUTES

XHTML = "{http://www.w3.org/1999/xhtml}"


@pytest.fixture(scope="module")
def world(house: Program, app: FastAPI) -> Iterator[World]:
    """The house with people in it, each at a browser that speaks to the application directly."""
    clients: list[TestClient] = []

    def browser() -> Browser:
        made = Browser("http://testserver")
        made._client.close()
        clients.append(TestClient(app, headers={"accept": "text/html"}))
        made._client = clients[-1]  # type: ignore[assignment]  # the same methods
        return made

    @contextmanager
    def accounts() -> Iterator[Service]:
        yield house.services["accounts"]

    yield make_world(Town(browser, accounts), until)
    for client in clients:
        client.close()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("place", range(len(PAGES)), ids=[f"{who} {route}" for who, route, _ in PAGES])
def test_the_markup_is_without_a_fault(world: World, place: int, language: str) -> None:
    sight = sights(world)[place]
    client = world.people[sight.who]._client
    client.get(f"/language/{language}", follow_redirects=False)
    answer = client.get(sight.path, follow_redirects=False)
    assert answer.status_code == sight.status
    page = html5lib.HTMLParser(strict=True).parse(answer.text)  # raises at the first fault
    assert page.get("lang") == language
    elements = list(page.iter())
    of = by_name(elements)
    assert len(of("h1")) == 1
    assert of("title")[0].text.strip()
    ids = [element.get("id") for element in elements if element.get("id")]
    assert len(ids) == len(set(ids)), sorted(name for name in set(ids) if ids.count(name) > 1)
    assert not [element for element in elements if element.get("style") is not None]
    assert not [name for element in elements for name in element.attrib if name.startswith("on")]
    assert all(script.get("src") for script in of("script"))
    assert not of("style")
    known = set(ids)
    for element in elements:
        for name in ("for", "aria-labelledby", "aria-describedby", "aria-controls"):
            assert set((element.get(name) or "").split()) <= known, f"{name}={element.get(name)!r} leads nowhere"
        href = element.get("href") or ""
        if href.startswith("#") and element.tag == f"{XHTML}a":
            assert href[1:] in known or href == "#", f"{href} leads nowhere"
    for form in of("form"):
        if form.get("method") == "post":
            assert [field for field in form.iter(f"{XHTML}input") if field.get("name") == "csrf"], form.get("action")


def test_every_page_is_looked_at() -> None:
    seen = {route.split("?")[0] for _, route, _ in PAGES}
    for method, route, _who in ROUTES:
        if method != "GET" or NO_PAGE.search(route):
            continue
        shape = re.compile("/".join("[^/]+" if part.startswith("{") else re.escape(part) for part in route.split("/")))
        assert any(shape.fullmatch(path) for path in seen), f"no sight of {route}"


def by_name(elements: list[html5lib.treebuilders.base.Node]) -> Callable[[str], list[html5lib.treebuilders.base.Node]]:
    """A look-up of elements by their names."""
    return lambda name: [element for element in elements if element.tag == f"{XHTML}{name}"]
